import { inArray, type SQL, sql } from 'drizzle-orm'
import type { Database } from '../db/database.ts'
import { dossiers } from '../db/tables.ts'
import type { Flow } from './flows.ts'
import { asDossiers, boundPast, type Past, readTouched, statesOf, type Touched } from './past.ts'
import { contributions, type FlowQuery } from './query.ts'

/** A dossier that counts otherwise than it did, and the number of the first event since. */
export type ChangedDossier = Touched & { code: string }

/** As many dossiers as are compared at a time. */
const PORTION = 500

const readContributions = async (db: Database, query: FlowQuery<Flow>, source: SQL): Promise<Map<number, string>> => {
  const rows = await db
    .select({ id: sql<number>`id`.mapWith(Number), counts: sql<string>`counts` })
    .from(sql`(${contributions(query, source)}) as counted`)
  return new Map(rows.map(({ id, counts }) => [id, counts]))
}

const rows = (ids: readonly number[]): SQL => sql`(select * from ${dossiers} where ${inArray(dossiers.id, [...ids])})`

/**
 * The first dossiers, in the order of their ids, that enter otherwise into what is asked than they did at an instant.
 * Refuses `too_much_happened_since`.
 */
export const changedSince = async (
  db: Database,
  query: FlowQuery<Flow>,
  past: Past,
  most: number,
): Promise<ChangedDossier[]> => {
  await boundPast(db, past)
  const touched = await readTouched(db, past, query.scope.each)
  const changed: Touched[] = []
  for (let from = 0; from < touched.length && changed.length < most; from += PORTION) {
    const some = touched.slice(from, from + PORTION)
    const then = await readContributions(db, query, asDossiers(await statesOf(db, past, some)))
    const now = await readContributions(db, query, rows(some.map(({ id }) => id)))
    changed.push(...some.filter(({ id }) => now.get(id) !== then.get(id)))
  }
  const first = new Map(changed.slice(0, most).map((one) => [one.id, one.first]))
  const found = await db
    .select({ id: dossiers.id, code: dossiers.code })
    .from(dossiers)
    .where(inArray(dossiers.id, [...first.keys()]))
    .orderBy(dossiers.id)
  return found.map(({ id, code }) => ({ id, code, first: Number(first.get(id)) }))
}
