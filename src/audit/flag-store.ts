import { type SQL, sql } from 'drizzle-orm'
import type { Database } from '../db/database.ts'
import { events } from '../db/tables.ts'
import { moment } from './flags/flag.ts'
import { FLAG_NAMES, FLAGS, type FlagName } from './flags/registry.ts'
import { relations } from './flags/relations.ts'
import type { Within } from './flags/within.ts'

/** Something that a flag found: at an agency, in a dossier or, where it stands for many, in none. */
export type Finding = {
  dossier: string | null
  /** `null` where it concerns everyone: a day of the calendar. */
  agency: string | null
  at: Date
  key: string
  facts: Readonly<Record<string, string | number | null>>
}

/** By flag. */
export type Counts = ReadonlyMap<string, number>

/** After this finding: in the order of their instants, then of their keys. */
export type Position = readonly [at: Date, key: string]

/** What some flags have found, in one statement and so at one snapshot. */
const found = (names: readonly FlagName[], within: Within): SQL => {
  const finds = names.map((name) => sql`select ${name}::text as flag, f.* from (${FLAGS[name].find(within)}) f`)
  return sql`(${relations(within)} ${sql.join(finds, sql` union all `)}) as found`
}

/** How much each of some flags has found. */
const countFindings = async (db: Database, names: readonly FlagName[], within: Within): Promise<Counts> => {
  const rows = await db
    .select({ flag: sql<string>`flag`, count: sql<number>`count(*)`.mapWith(Number) })
    .from(found(names, within))
    .groupBy(sql`flag`)
  return new Map(rows.map(({ flag, count }) => [flag, count]))
}

/** A page of what a flag has found, in order. */
const pageOfFindings = (
  db: Database,
  name: FlagName,
  within: Within,
  after: Position | undefined,
  limit: number,
): Promise<Finding[]> =>
  db
    .select({
      dossier: sql<string | null>`dossier`,
      agency: sql<string | null>`agency`,
      at: sql`at`.mapWith(events.effectiveAt),
      key: sql<string>`key`,
      facts: sql<Finding['facts']>`facts`,
    })
    .from(found([name], within))
    .where(after && sql`(at, key) > (${moment(after[0])}, ${after[1]})`)
    .orderBy(sql`at`, sql`key`)
    .limit(limit)

/** One snapshot for what is read together. */
const atOnce = <T>(db: Database, read: (tx: Database) => Promise<T>): Promise<T> =>
  db.transaction(read, { isolationLevel: 'repeatable read', accessMode: 'read only' })

/** How much each flag has found; those that found nothing are left out. */
export const readCounts = (db: Database, within: Within): Promise<Counts> =>
  atOnce(db, (tx) => countFindings(tx, FLAG_NAMES, within))

/** A page of what a flag has found, and how much that is in all. */
export const readFindings = (
  db: Database,
  flag: FlagName,
  within: Within,
  after: Position | undefined,
  limit: number,
): Promise<{ counts: Counts; findings: Finding[] }> =>
  atOnce(db, async (tx) => ({
    counts: await countFindings(tx, [flag], within),
    findings: await pageOfFindings(tx, flag, within, after, limit),
  }))
