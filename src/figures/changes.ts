import { inArray, type SQL, sql } from 'drizzle-orm'
import type { Database } from '../db/database.ts'
import { dossiers } from '../db/tables.ts'
import type { Flow } from './flows.ts'
import { asDossiers, type Past, statesAt, touchedSince } from './past.ts'
import { contributions, type FlowQuery } from './query.ts'

/** A dossier that counts otherwise than it did, and the number of the first event since. */
export type ChangedDossier = { id: number; code: string; first: number }

/** As many dossiers as are compared at a time. */
const PORTION = 500

const readContributions = async (db: Database, query: FlowQuery<Flow>, source: SQL): Promise<Map<number, string>> => {
  const rows = await db
    .select({ id: sql<number>`id`.mapWith(Number), counts: sql<string>`counts` })
    .from(sql`(${contributions(query, source)}) as counted`)
  return new Map(rows.map(({ id, counts }) => [id, counts]))
}

const rows = (ids: readonly number[]): SQL => sql`(select * from ${dossiers} where ${inArray(dossiers.id, [...ids])})`

/** The dossiers that enter otherwise into what is asked than they did at an instant, in the order of their ids. */
export const changedSince = (
  db: Database,
  query: FlowQuery<Flow>,
  past: Past,
  most: number,
): Promise<ChangedDossier[]> =>
  db.transaction(
    async (tx) => {
      const touched = await tx
        .select({
          id: sql<number>`touched.id`.mapWith(Number),
          first: sql<number>`touched.first`.mapWith(Number),
          code: dossiers.code,
        })
        .from(sql`(${touchedSince(past)}) as touched`)
        .innerJoin(dossiers, sql`${dossiers.id} = touched.id`)
        .orderBy(sql`touched.id`)
      const then = new Map<number, string>()
      for await (const { states } of statesAt(tx, past)) {
        for (const [id, counts] of await readContributions(tx, query, asDossiers(states))) then.set(id, counts)
      }
      const changed: ChangedDossier[] = []
      for (let from = 0; from < touched.length && changed.length < most; from += PORTION) {
        const some = touched.slice(from, from + PORTION)
        const now = await readContributions(tx, query, rows(some.map(({ id }) => id)))
        changed.push(...some.filter(({ id }) => now.get(id) !== then.get(id)))
      }
      return changed.slice(0, most)
    },
    { isolationLevel: 'repeatable read', accessMode: 'read only' },
  )
