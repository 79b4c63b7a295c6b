import { and, getTableColumns, gt, type SQL, sql } from 'drizzle-orm'
import { readSealing } from '../audit/store.ts'
import type { Database } from '../db/database.ts'
import { codeList, idList, instant } from '../db/sql.ts'
import { dossiers, events, seals } from '../db/tables.ts'
import type { DossierState } from '../dossiers/dossier.ts'
import { replay } from '../dossiers/fold.ts'
import { readEventsUntil } from '../dossiers/store.ts'
import { groupedBy } from '../grouped.ts'
import { Refusal } from '../refusal.ts'
import { dayOf, formatDate, formatInstant, MINUTE } from '../sla/date.ts'
import type { Clock, Flow } from './flows.ts'
import { type FlowQuery, type FlowSums, isKept, sumFlowsOver, sumFlowsWithout, touching } from './query.ts'

/** How things stood at an instant: by what had happened, or by what had been recorded. */
export type Past = { readonly at: Date; readonly by: Clock }

/** As many dossiers as are folded anew at a time. */
const PORTION = 1000

/** Clocks of servers differ by a little: what happened later than an instant was recorded hardly earlier. */
const SLACK_MS = MINUTE

/** As many events as may have come since an instant for how things stood to be asked: their dossiers are folded anew. */
const MOST_SINCE = 500_000

const wasRecordedSince = ({ at }: Past): SQL =>
  sql`${events.recordedAt} > ${instant(new Date(at.getTime() - SLACK_MS))}`

/** The events that came since. */
const isSince = (past: Past): SQL => {
  const time = past.by === 'effective' ? events.effectiveAt : events.recordedAt
  return sql`${wasRecordedSince(past)} and ${time} > ${instant(past.at)}`
}

/**
 * Refuses `too_much_happened_since`, before anything is read that grows with it. The seals say how many events the days
 * after that instant's have; only those of days not sealed yet are counted. (All of them counted up to a limit, the
 * planner would walk through all events that there are to those of the last year.)
 */
export const boundPast = async (db: Database, { at }: Past, most = MOST_SINCE): Promise<void> => {
  const { sealedUntil } = await readSealing(db)
  const [sealed] = await db
    .select({ events: sql<number>`coalesce(sum(${seals.events}), 0)`.mapWith(Number) })
    .from(seals)
    .where(gt(seals.day, formatDate(dayOf(at.getTime()))))
  const from = new Date(Math.max(at.getTime(), sealedUntil.getTime()))
  const unsealed = sql`(select from ${events} where ${events.recordedAt} > ${instant(from)} limit ${most + 1}) as unsealed`
  if (Number(sealed?.events) + (await db.$count(unsealed)) > most) {
    throw new Refusal('too_much_happened_since', { asOf: formatInstant(at), limit: most })
  }
}

/**
 * The dossiers to which something happened since, the number of the first event of that, and whether a correction is
 * among them: nothing else moves a dossier to another agency.
 */
const touchedSince = (past: Past): SQL => sql`
  select ${events.dossierId} as id, min(${events.number}) as first, bool_or(${events.type} = 'corrected') as corrected
  from ${events} where ${isSince(past)} group by 1`

/** Dossiers `d` to which nothing happened since: their rows tell how they stood. */
export const untouchedSince = (past: Past): SQL =>
  sql`not exists (select from ${events} where ${events.dossierId} = d.id and ${isSince(past)})`

const COLUMNS = Object.entries(getTableColumns(dossiers)).map(([name, { name: column }]) => [name, column] as const)

/** Dossiers' states as a relation of the shape of their table. */
export const asDossiers = (states: readonly (DossierState & { id: number })[]): SQL => {
  const rows = states.map((state) =>
    Object.fromEntries(COLUMNS.map(([name, column]) => [column, state[name as keyof DossierState]])),
  )
  return sql`jsonb_populate_recordset(null::dossiers, ${JSON.stringify(rows)}::jsonb)`
}

/** A dossier to which something happened since, and the number of the first event of that. */
export type Touched = { id: number; first: number }

/**
 * The dossiers touched since that are, or were then, of some agencies (`null`: all), from after one of them up to
 * another, in the order of their ids. Bounded by `boundPast`. Whose they are is looked up one by one: joined, the
 * planner would rather walk through all dossiers that there are.
 */
export const readTouched = (
  db: Database,
  past: Past,
  agencies: readonly string[] | null,
  afterId = 0,
  lastId = Number.MAX_SAFE_INTEGER,
): Promise<Touched[]> => {
  const theirs = (codes: readonly string[]): SQL => sql`
    select d.receiving_agency = any(${codeList(codes)}) or d.resolving_agency = any(${codeList(codes)})
    from ${dossiers} d where d.id = touched.id`
  return db
    .select({ id: sql<number>`id`.mapWith(Number), first: sql<number>`first`.mapWith(Number) })
    .from(sql`(${touchedSince(past)}) as touched`)
    .where(
      and(
        sql`id > ${afterId} and id <= ${lastId}`,
        agencies === null ? undefined : sql`(corrected or (${theirs(agencies)}))`,
      ),
    )
    .orderBy(sql`id`)
}

/** Dossiers as they stood; those that were not there yet are left out. */
export const statesOf = async (
  db: Database,
  past: Past,
  touched: readonly Touched[],
): Promise<(DossierState & { id: number })[]> => {
  const ids = touched.flatMap(({ id, first }) => (first > 1 ? [id] : []))
  const history = groupedBy(await readEventsUntil(db, ids, past.at, past.by), ({ dossierId }) => dossierId)
  return [...history].map(([id, trail]) => ({ ...replay(trail), id }))
}

/** Dossiers as they stood, in the order of their ids; `until` is the last id that was looked at. */
export type StatesAt = { states: (DossierState & { id: number })[]; until: number }

/** The dossiers of `readTouched` as they stood, portion by portion. */
export async function* statesAt(db: Database, past: Past, touched: readonly Touched[]): AsyncGenerator<StatesAt> {
  for (let from = 0; from < touched.length; from += PORTION) {
    const portion = touched.slice(from, from + PORTION)
    yield { states: await statesOf(db, past, portion), until: Number(portion.at(-1)?.id) }
  }
}

/** As many dossiers may stand otherwise by now for the totals to be the shorter way to how things stood. */
const MOST_APART = 250_000

const facts = (source: SQL, where: SQL | undefined): SQL =>
  sql`(select 1 as sign, f.* from ${source} d cross join lateral figure_facts(d) f where ${where})`

/** The dossiers of which something was recorded since, whenever it happened. */
const readRecorded = async (db: Database, past: Past): Promise<number[]> => {
  const rows = await db.selectDistinct({ id: events.dossierId }).from(events).where(wasRecordedSince(past))
  return rows.map(({ id }) => id)
}

/**
 * The sums as things stood, at one snapshot: what few dossiers stand otherwise by now are taken out of the totals and
 * put in again as they stood; where they are many, the rows that stand so still are counted one by one.
 */
export const sumPastFlows = <F extends Flow>(
  db: Database,
  query: FlowQuery<F>,
  past: Past,
  most = MOST_APART,
): Promise<FlowSums<F>[]> =>
  db.transaction(
    async (tx) => {
      // What had happened by then may have been recorded later: it is in the totals by that clock, of a later time.
      const isMixed = past.by !== query.clock
      await boundPast(tx, past)
      const touched = await readTouched(tx, past, query.scope.each)
      const apart = isMixed ? await readRecorded(tx, past) : touched.map(({ id }) => id)
      const isShorter = isKept(query) && apart.length <= most
      const sums = isShorter ? await sumFlowsWithout(tx, query, apart) : []
      if (isMixed || !isShorter) {
        const some = isShorter ? sql`d.id = any(${idList(apart)})` : undefined
        const rows = facts(sql`${dossiers}`, and(some, untouchedSince(past), touching(query)))
        sums.push(...(await sumFlowsOver(tx, query, rows)))
      }
      for await (const { states } of statesAt(tx, past, touched)) {
        sums.push(...(await sumFlowsOver(tx, query, facts(asDossiers(states), touching(query)))))
      }
      return sums
    },
    { isolationLevel: 'repeatable read', accessMode: 'read only' },
  )
