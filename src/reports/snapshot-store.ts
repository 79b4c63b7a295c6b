import { and, asc, desc, eq, gt, gte, inArray, isNotNull, lte, type SQL, sql } from 'drizzle-orm'
import { sha256 } from '../audit/chain.ts'
import type { Database } from '../db/database.ts'
import { reportSnapshots, seals } from '../db/tables.ts'

export type StoredSnapshot = typeof reportSnapshots.$inferSelect

/** The seal that an agency's trail rests on. */
export type SealedHead = { agency: string; day: string; hash: string }

export const addSnapshot = async (db: Database, snapshot: StoredSnapshot): Promise<boolean> =>
  (await db.insert(reportSnapshots).values(snapshot).onConflictDoNothing().returning({ id: reportSnapshots.id }))
    .length === 1

export const findSnapshot = async (db: Database, id: string): Promise<StoredSnapshot | undefined> =>
  (await db.select().from(reportSnapshots).where(eq(reportSnapshots.id, id)))[0]

export const findSnapshotByRequest = async (
  db: Database,
  keyId: string,
  idempotencyKey: string,
): Promise<StoredSnapshot | undefined> =>
  (
    await db
      .select()
      .from(reportSnapshots)
      .where(and(eq(reportSnapshots.keyId, keyId), eq(reportSnapshots.idempotencyKey, idempotencyKey)))
  )[0]

const { id, takenAt, agency, hash, content } = reportSnapshots

/** A page of snapshots, newest first, after one of them; `agencies` null means all. */
export const pageOfSnapshots = (
  db: Database,
  agencies: readonly string[] | null,
  after: readonly [takenAt: string, id: string] | undefined,
  limit: number,
) =>
  db
    .select({
      id,
      takenAt,
      agency,
      hash,
      report: sql<string>`${content}::json->>'report'`,
      parameters: sql<Record<string, unknown>>`${content}::json->'parameters'`,
    })
    .from(reportSnapshots)
    .where(
      and(
        agencies === null ? undefined : and(isNotNull(agency), inArray(agency, [...agencies])),
        after && sql`(${takenAt}, ${id}) < (${after[0]}::timestamptz, ${after[1]})`,
      ),
    )
    .orderBy(desc(takenAt), desc(id))
    .limit(limit)

/** How many reports a key has frozen since an instant. */
export const countSnapshotsSince = (db: Database, keyId: string, since: Date): Promise<number> =>
  db.$count(reportSnapshots, and(eq(reportSnapshots.keyId, keyId), gte(takenAt, since)))

/** The newest seal of each agency up to a day, in the order of their codes; none where no day is sealed. */
export const newestSeals = async (db: Database, sealedTo: string | null): Promise<SealedHead[]> =>
  sealedTo === null
    ? []
    : db
        .selectDistinctOn([seals.agency], { agency: seals.agency, day: seals.day, hash: seals.hash })
        .from(seals)
        .where(lte(seals.day, sealedTo))
        .orderBy(seals.agency, desc(seals.day))

/**
 * One hash over the newest seals of all agencies, whichever of them sealed the events that a report rests on: SHA-256,
 * in hex, over a line `agency day hash` for each, ended by a line feed, the lines in the order of their bytes. Whoever
 * sees the whole system can tell it from `GET /v1/audit/seals`; to others it gives no agency away.
 */
export const sealsRoot = (heads: readonly SealedHead[]): string =>
  sha256(
    heads
      .map(({ agency, day, hash }) => `${agency} ${day} ${hash}\n`)
      .toSorted()
      .join(''),
  )

/** Snapshots in the order of their ids, after one of them, with what their hashes are over. */
export const pageOfContents = (db: Database, after: string, limit: number) =>
  db.select({ id, hash, content }).from(reportSnapshots).where(gt(id, after)).orderBy(asc(id)).limit(limit)

/** How many of some seals stand no more as they did. */
export const countLostSeals = (db: Database, heads: readonly SealedHead[]): Promise<number> => {
  const given: SQL = sql`jsonb_to_recordset(${JSON.stringify(heads)}::jsonb) as head(agency text, day date, hash text)`
  return db.$count(
    given,
    sql`not exists (select from ${seals} where ${seals.agency} = head.agency and ${seals.day} = head.day and ${seals.hash} = head.hash)`,
  )
}
