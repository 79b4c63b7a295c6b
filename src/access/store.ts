import { and, eq, gt, inArray, isNull } from 'drizzle-orm'
import type { Database } from '../db/database.ts'
import { apiKeys } from '../db/tables.ts'
import { SCOPES } from './caller.ts'
import type { ApiKey } from './key.ts'

export type StoredKey = typeof apiKeys.$inferSelect

export const readLiveKeys = (db: Database): Promise<ApiKey[]> =>
  db.select().from(apiKeys).where(isNull(apiKeys.revokedAt))

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

export const addKey = async (db: Database, key: typeof apiKeys.$inferInsert): Promise<boolean> => {
  const added = await db.insert(apiKeys).values(key).onConflictDoNothing().returning({ id: apiKeys.id })
  return added.length === 1
}

export const findKeyByRequest = async (
  db: Database,
  createdBy: string,
  idempotencyKey: string,
): Promise<StoredKey | undefined> =>
  (
    await db
      .select()
      .from(apiKeys)
      .where(and(eq(apiKeys.createdBy, createdBy), eq(apiKeys.idempotencyKey, idempotencyKey)))
  )[0]

export const findKey = async (db: Database, id: string): Promise<StoredKey | undefined> =>
  (await db.select().from(apiKeys).where(eq(apiKeys.id, id)))[0]

/** The first revocation stands; revoking again changes nothing. */
export const revokeKey = async (db: Database, id: string, revokedAt: Date): Promise<void> => {
  await db
    .update(apiKeys)
    .set({ revokedAt })
    .where(and(eq(apiKeys.id, id), isNull(apiKeys.revokedAt)))
}

const BOOTSTRAP = 'key_bootstrap'

/** Makes the key of the settings the bootstrap key, with all rights, in place of any before it. */
export const saveBootstrapKey = async (db: Database, hash: string, now: Date): Promise<void> => {
  const key = { name: 'bootstrap', hash, scopes: SCOPES, agency: null, createdAt: now, revokedAt: null }
  await db
    .insert(apiKeys)
    .values({ id: BOOTSTRAP, ...key })
    .onConflictDoUpdate({ target: apiKeys.id, set: key })
}
