import { and, getTableColumns, type SQL, sql } from 'drizzle-orm'
import type { Database } from '../db/database.ts'
import { dossiers, events } from '../db/tables.ts'
import type { DossierState } from '../dossiers/dossier.ts'
import { replay } from '../dossiers/fold.ts'
import { readEventsUntil } from '../dossiers/store.ts'
import { groupedBy } from '../grouped.ts'
import { MINUTE } from '../sla/date.ts'
import type { Clock, Flow } from './flows.ts'
import { type FlowQuery, type FlowSums, idList, isKept, sumFlowsOver, sumFlowsWithout, touching } from './query.ts'

/** How things stood at an instant: by what had happened, or by what had been recorded. */
export type Past = { readonly at: Date; readonly by: Clock }

/** As many dossiers as are folded anew at a time. */
const PORTION = 1000

/** Clocks of servers differ by a little: what happened later than an instant was recorded hardly earlier. */
const SLACK_MS = MINUTE

const wasRecordedSince = ({ at }: Past): SQL =>
  sql`${events.recordedAt} > ${new Date(at.getTime() - SLACK_MS).toISOString()}::timestamptz`

/** The dossiers to which something happened since, and the number of the first event of that. */
export const touchedSince = (past: Past): SQL => {
  const time = past.by === 'effective' ? events.effectiveAt : events.recordedAt
  return sql`
    select ${events.dossierId} as id, min(${events.number}) as first from ${events}
    where ${wasRecordedSince(past)} and ${time} > ${past.at.toISOString()}::timestamptz
    group by 1`
}

/** Those, and all others of which something was recorded since. */
const recordedSince = (past: Past): SQL =>
  sql`select distinct ${events.dossierId} as id from ${events} where ${wasRecordedSince(past)}`

/** Dossiers `d` to which nothing happened since: their rows tell how they stood. */
export const untouchedSince = (past: Past): SQL =>
  sql`not exists (select from (${touchedSince(past)}) t where t.id = d.id)`

const COLUMNS = Object.entries(getTableColumns(dossiers)).map(([name, { name: column }]) => [name, column] as const)

/** Dossiers' states as a relation of the shape of their table. */
export const asDossiers = (states: readonly (DossierState & { id: number })[]): SQL => {
  const rows = states.map((state) =>
    Object.fromEntries(COLUMNS.map(([name, column]) => [column, state[name as keyof DossierState]])),
  )
  return sql`jsonb_populate_recordset(null::dossiers, ${JSON.stringify(rows)}::jsonb)`
}

/** Dossiers as they stood, in the order of their ids; `until` is the last id that was looked at. */
export type StatesAt = { states: (DossierState & { id: number })[]; until: number }

/**
 * The dossiers to which something has happened since, as they stood: portion by portion, in the order of their ids,
 * from after one of them up to another. Those that were not there yet are left out.
 */
export async function* statesAt(
  db: Database,
  past: Past,
  afterId = 0,
  lastId = Number.MAX_SAFE_INTEGER,
): AsyncGenerator<StatesAt> {
  let after = afterId
  for (;;) {
    const rows = await db
      .select({ id: sql<number>`id`.mapWith(Number) })
      .from(sql`(${touchedSince(past)}) as touched`)
      .where(sql`first > 1 and id > ${after} and id <= ${lastId}`)
      .orderBy(sql`id`)
      .limit(PORTION)
    const last = rows.at(-1)
    if (!last) return
    after = last.id
    const ids = rows.map(({ id }) => id)
    const history = groupedBy(await readEventsUntil(db, ids, past.at, past.by), ({ dossierId }) => dossierId)
    yield { states: [...history].map(([id, trail]) => ({ ...replay(trail), id })), until: after }
  }
}

/** As many dossiers may stand otherwise by now for the totals to be the shorter way to how things stood. */
const MOST_APART = 50_000

const facts = (source: SQL, where: SQL | undefined): SQL =>
  sql`(select 1 as sign, f.* from ${source} d cross join lateral figure_facts(d) f where ${where})`

/**
 * The dossiers that the totals do not hold as they stood; `undefined` where they are too many. What had happened by
 * then may have been recorded later, and is in the totals by that clock although it belongs to a later time.
 */
const standingOtherwise = async (
  db: Database,
  past: Past,
  isMixed: boolean,
  most: number,
): Promise<number[] | undefined> => {
  const rows = await db
    .select({ id: sql<number>`id`.mapWith(Number) })
    .from(sql`(${isMixed ? recordedSince(past) : touchedSince(past)}) as since`)
    .limit(most + 1)
  return rows.length > most ? undefined : rows.map(({ id }) => id)
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
      const isMixed = past.by !== query.clock
      const apart = isKept(query) ? await standingOtherwise(tx, past, isMixed, most) : undefined
      const sums = apart ? await sumFlowsWithout(tx, query, apart) : []
      if (isMixed || !apart) {
        const some = and(apart && sql`d.id = any(${idList(apart)})`, untouchedSince(past), touching(query))
        sums.push(...(await sumFlowsOver(tx, query, facts(sql`${dossiers}`, some))))
      }
      for await (const { states } of statesAt(tx, past)) {
        sums.push(...(await sumFlowsOver(tx, query, facts(asDossiers(states), touching(query)))))
      }
      return sums
    },
    { isolationLevel: 'repeatable read', accessMode: 'read only' },
  )
