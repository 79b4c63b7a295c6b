import { and, eq, gt, inArray, isNull, lt, ne, or, sql } from 'drizzle-orm'
import type { Database } from '../db/database.ts'
import { apiKeys, keySecrets } from '../db/tables.ts'
import { SCOPES } from './caller.ts'
import type { OpeningKey } from './key.ts'

export type StoredKey = typeof apiKeys.$inferSelect
export type StoredSecret = typeof keySecrets.$inferSelect

/** All keys that were not revoked, once for each of their secrets. */
export const readOpeningKeys = (db: Database): Promise<OpeningKey[]> =>
  db
    .select({
      id: apiKeys.id,
      name: apiKeys.name,
      scopes: apiKeys.scopes,
      agency: apiKeys.agency,
      createdAt: apiKeys.createdAt,
      expiresAt: apiKeys.expiresAt,
      revokedAt: apiKeys.revokedAt,
      hash: keySecrets.hash,
      endsAt: keySecrets.endsAt,
    })
    .from(keySecrets)
    .innerJoin(apiKeys, eq(apiKeys.id, keySecrets.key))
    .where(isNull(apiKeys.revokedAt))

/** A page of keys in the order of their ids; `agencies` null means all. */
export const pageOfKeys = (
  db: Database,
  agencies: readonly string[] | null,
  after: string,
  limit: number,
): Promise<StoredKey[]> =>
  db
    .select()
    .from(apiKeys)
    .where(and(gt(apiKeys.id, after), agencies === null ? undefined : inArray(apiKeys.agency, [...agencies])))
    .orderBy(apiKeys.id)
    .limit(limit)

export const addSecret = async (db: Database, secret: typeof keySecrets.$inferInsert): Promise<void> => {
  await db.insert(keySecrets).values(secret)
}

/** Adds a key with its first secret. */
export const addKey = async (
  db: Database,
  { hash, ...key }: typeof apiKeys.$inferInsert & { hash: string },
  request: Partial<Pick<StoredSecret, 'idempotencyKey' | 'requestHash' | 'salt'>> = {},
): Promise<void> => {
  const { id, createdAt, createdBy = null } = key
  await db.insert(apiKeys).values(key)
  await addSecret(db, { hash, key: id, createdAt, createdBy, ...request })
}

export const findSecretByRequest = async (
  db: Database,
  createdBy: string,
  idempotencyKey: string,
): Promise<StoredSecret | undefined> =>
  (
    await db
      .select()
      .from(keySecrets)
      .where(and(eq(keySecrets.createdBy, createdBy), eq(keySecrets.idempotencyKey, idempotencyKey)))
  )[0]

export const findKey = async (db: Database, id: string): Promise<StoredKey | undefined> =>
  (await db.select().from(apiKeys).where(eq(apiKeys.id, id)))[0]

/** How many of a key's secrets work at an instant. */
export const countOpenSecrets = (db: Database, key: string, now: Date): Promise<number> =>
  db.$count(keySecrets, and(eq(keySecrets.key, key), or(isNull(keySecrets.endsAt), gt(keySecrets.endsAt, now))))

/** Lets a key's secrets end, unless they end earlier anyway. */
export const endSecrets = async (db: Database, key: string, endsAt: Date): Promise<void> => {
  await db
    .update(keySecrets)
    .set({ endsAt })
    .where(and(eq(keySecrets.key, key), or(isNull(keySecrets.endsAt), gt(keySecrets.endsAt, endsAt))))
}

/** Forgets those of a key's secrets that ended before an instant. */
export const forgetSecrets = async (db: Database, key: string, endedBefore: Date): Promise<void> => {
  await db.delete(keySecrets).where(and(eq(keySecrets.key, key), lt(keySecrets.endsAt, endedBefore)))
}

/** The first revocation stands; revoking again changes nothing. */
export const revokeKey = async (db: Database, id: string, revokedAt: Date, revokedBy: string): Promise<void> => {
  await db
    .update(apiKeys)
    .set({ revokedAt, revokedBy })
    .where(and(eq(apiKeys.id, id), isNull(apiKeys.revokedAt)))
}

/** Notes when keys were last used; what another instance saw later stays. */
export const saveLastUses = async (db: Database, uses: ReadonlyMap<string, Date>): Promise<void> => {
  const given = JSON.stringify([...uses].map(([id, at]) => ({ id, at })))
  // Locked in one order, so that instances that note the same keys wait for each other instead of in a circle.
  await db.execute(sql`
    with given as (select * from jsonb_to_recordset(${given}::jsonb) as given(id text, at timestamptz)),
      held as (
        select ${apiKeys.id} from ${apiKeys} where ${apiKeys.id} in (select id from given)
        order by ${apiKeys.id} for no key update
      )
    update ${apiKeys} set last_used_at = greatest(${apiKeys.lastUsedAt}, given.at)
    from held join given using (id) where ${apiKeys.id} = held.id`)
}

export const BOOTSTRAP = 'key_bootstrap'

/** Makes the key of the settings the bootstrap key, with all rights, in place of any before it. */
export const saveBootstrapKey = async (db: Database, hash: string, now: Date): Promise<void> => {
  const key = { name: 'bootstrap', scopes: SCOPES, agency: null, createdAt: now, expiresAt: null, revokedAt: null }
  await db
    .insert(apiKeys)
    .values({ id: BOOTSTRAP, ...key })
    .onConflictDoUpdate({ target: apiKeys.id, set: { ...key, revokedBy: null } })
  await db.delete(keySecrets).where(and(eq(keySecrets.key, BOOTSTRAP), ne(keySecrets.hash, hash)))
  await db.insert(keySecrets).values({ hash, key: BOOTSTRAP, createdAt: now }).onConflictDoNothing()
}
