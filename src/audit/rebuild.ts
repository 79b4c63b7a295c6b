import { isDeepStrictEqual } from 'node:util'
import { asc, eq, gt, inArray } from 'drizzle-orm'
import type { Database } from '../db/database.ts'
import { dossiers, earlierStandings, events } from '../db/tables.ts'
import type { DossierState } from '../dossiers/dossier.ts'
import { apply } from '../dossiers/fold.ts'
import { LISTED } from '../dossiers/query.ts'
import { type EarlierStanding, standingLeft, type TrailedEvent } from '../dossiers/store.ts'
import { groupedBy } from '../grouped.ts'

type Row = DossierState & { id: number; head: string }

/** A dossier whose row, or earlier standings, were not what its events say, in which columns, and whether they are now. */
export type Difference = { code: string; columns: readonly string[]; isRight: boolean }

export type Rebuilt = { dossiers: number; differences: readonly Difference[]; lastId: number | null }

type Projection = { row: Row; standings: readonly EarlierStanding[] }

const ROWS = { ...LISTED, head: dossiers.head }

const PAGE = 1000

/** What the events of a dossier make of it; nothing where they are gone. */
const project = (id: number, history: readonly TrailedEvent[]): Projection | undefined => {
  let state: DossierState | undefined
  const standings: EarlierStanding[] = []
  for (const event of history) {
    const next = apply(state ?? null, event)
    const left = state && standingLeft({ ...state, id }, next)
    if (left) standings.push(left)
    state = next
  }
  return state && { row: { ...state, id, head: String(history.at(-1)?.hash) }, standings }
}

/** Members that are `undefined` are not there, as the database keeps JSON. */
const asKept = (value: unknown): unknown =>
  value instanceof Date ? value.getTime() : JSON.parse(JSON.stringify(value))

const differingColumns = (row: Row, projected: Row): string[] =>
  Object.entries(row).flatMap(([name, value]) =>
    isDeepStrictEqual(asKept(value), asKept(projected[name as keyof Row])) ? [] : [name],
  )

/** The first promise is not written: what it was changed to stays to be seen, and the database refuses it anyway. */
const FIRST_PROMISE: readonly string[] = ['firstDueAt', 'firstLateFrom']

/** Puts a dossier right while nobody moves it; answers whether it could be. */
const putRight = (db: Database, id: number): Promise<boolean> =>
  db.transaction(async (tx) => {
    const [row] = await tx.select(ROWS).from(dossiers).where(eq(dossiers.id, id)).for('update')
    const history = await tx.select().from(events).where(eq(events.dossierId, id)).orderBy(asc(events.number))
    const projected = project(id, history as TrailedEvent[])
    if (!row || !projected) return false
    const columns = differingColumns(row, projected.row)
    const right = Object.entries(projected.row).filter(
      ([name]) => columns.includes(name) && !FIRST_PROMISE.includes(name),
    )
    if (right.length > 0) await tx.update(dossiers).set(Object.fromEntries(right)).where(eq(dossiers.id, id))
    await tx.delete(earlierStandings).where(eq(earlierStandings.dossierId, id))
    if (projected.standings.length > 0) await tx.insert(earlierStandings).values([...projected.standings])
    return !columns.some((name) => FIRST_PROMISE.includes(name))
  })

/** A page of dossiers with all that they are compared with, at one moment. */
const readPage = (db: Database, afterId: number, page: number) =>
  db.transaction(
    async (tx) => {
      const rows = await tx
        .select(ROWS)
        .from(dossiers)
        .where(gt(dossiers.id, afterId))
        .orderBy(asc(dossiers.id))
        .limit(page)
      const ids = rows.map(({ id }) => id)
      const trail = await tx
        .select()
        .from(events)
        .where(inArray(events.dossierId, ids))
        .orderBy(asc(events.dossierId), asc(events.number))
      const stood = await tx
        .select()
        .from(earlierStandings)
        .where(inArray(earlierStandings.dossierId, ids))
        .orderBy(asc(earlierStandings.dossierId), asc(earlierStandings.number))
      return {
        rows,
        histories: groupedBy(trail as TrailedEvent[], ({ dossierId }) => dossierId),
        standings: groupedBy(stood, ({ dossierId }) => dossierId),
      }
    },
    { isolationLevel: 'repeatable read', accessMode: 'read only' },
  )

/**
 * Replays all events of the next dossiers after an id and compares each row with what they say; with `repair`, what
 * differs is written anew, but for a changed first promise and for what has no events left.
 */
export const rebuildPage = async (db: Database, afterId: number, repair: boolean, page = PAGE): Promise<Rebuilt> => {
  const { rows, histories, standings } = await readPage(db, afterId, page)
  const differences: Difference[] = []
  for (const row of rows) {
    const projected = project(row.id, histories.get(row.id) ?? [])
    const columns = projected ? differingColumns(row, projected.row) : ['events']
    const sameStandings = isDeepStrictEqual(standings.get(row.id) ?? [], projected?.standings ?? [])
    if (!sameStandings) columns.push('earlier_standings')
    if (columns.length === 0) continue
    differences.push({ code: row.code, columns, isRight: repair && (await putRight(db, row.id)) })
  }
  return { dossiers: rows.length, differences, lastId: rows.length < page ? null : Number(rows.at(-1)?.id) }
}
