import { and, asc, eq, inArray, sql } from 'drizzle-orm'
import type { Database } from '../db/database.ts'
import { targets } from '../db/tables.ts'
import type { Target } from './share.ts'

export type StoredTarget = typeof targets.$inferSelect

export const saveTarget = async (db: Database, target: StoredTarget): Promise<void> => {
  await db
    .insert(targets)
    .values(target)
    .onConflictDoUpdate({ target: [targets.agency, targets.year], set: target })
}

/** The targets that any of these agencies has in a year. */
export const readTargets = async (
  db: Database,
  agencies: readonly string[],
  year: number,
): Promise<ReadonlyMap<string, Target>> => {
  const rows = await db
    .select()
    .from(targets)
    .where(and(inArray(targets.agency, [...agencies]), eq(targets.year, year)))
  return new Map(rows.map(({ agency, percent, comparison }) => [agency, { percent, comparison }]))
}

/** A page of targets in the order of agency and year, after one of them. */
export const pageOfTargets = (
  db: Database,
  agencies: readonly string[] | null,
  after: readonly [agency: string, year: number],
  limit: number,
): Promise<StoredTarget[]> =>
  db
    .select()
    .from(targets)
    .where(
      and(
        agencies === null ? undefined : inArray(targets.agency, [...agencies]),
        sql`(${targets.agency}, ${targets.year}) > (${after[0]}, ${after[1]})`,
      ),
    )
    .orderBy(asc(targets.agency), asc(targets.year))
    .limit(limit)
