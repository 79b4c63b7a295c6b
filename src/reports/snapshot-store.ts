import { and, desc, eq, inArray, isNotNull, type SQL, sql } from 'drizzle-orm'
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

/** The newest seal of each agency; null means all. */
export const newestSeals = (db: Database, agencies: readonly string[] | null): Promise<SealedHead[]> =>
  db
    .selectDistinctOn([seals.agency], { agency: seals.agency, day: seals.day, hash: seals.hash })
    .from(seals)
    .where(agencies === null ? undefined : inArray(seals.agency, [...agencies]))
    .orderBy(seals.agency, desc(seals.day))

/** How many of some seals stand no more as they did. */
export const countLostSeals = (db: Database, heads: readonly SealedHead[]): Promise<number> => {
  const given: SQL = sql`jsonb_to_recordset(${JSON.stringify(heads)}::jsonb) as head(agency text, day date, hash text)`
  return db.$count(
    given,
    sql`not exists (select from ${seals} where ${seals.agency} = head.agency and ${seals.day} = head.day and ${seals.hash} = head.hash)`,
  )
}
