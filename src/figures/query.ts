import { createHash } from 'node:crypto'
import { and, type SQL, sql } from 'drizzle-orm'
import type { Database } from '../db/database.ts'
import { codeList, idList, instant } from '../db/sql.ts'
import { dossiers, figureChanges, figureTotals } from '../db/tables.ts'
import { startOfDay } from '../sla/date.ts'
import { type Clock, columnOf, type Flow } from './flows.ts'
import { firstDayOf, type Half, halfAt } from './half.ts'
import { asColumns, type Entry, entriesOf, IS_ENTRY } from './ledger.ts'

/** Whose dossiers are counted: agencies with all below them, and agencies by themselves. */
export type FlowScope = {
  readonly whole: readonly string[]
  readonly own: readonly string[]
  /** All of them one by one; `null` means every agency. */
  readonly each: readonly string[] | null
}

/** What is summed, of whom, over which time. `until` is not included; nothing later than `asOf` is counted. */
export type FlowQuery<F extends Flow> = {
  readonly flows: readonly F[]
  readonly entries: readonly Entry[]
  /** Which of their instants the entries go by. */
  readonly clock: Clock
  readonly scope: FlowScope
  readonly from: Date
  readonly until: Date
  readonly asOf: Date
  /** Whether what came before `from` is summed, too, for the stock at its beginning. */
  readonly opening: boolean
  readonly by: 'agency' | 'procedure' | null
  /** Whether each half month stands by itself. */
  readonly byHalf: boolean
  /** Only dossiers of these procedures, or not of a same-day term. */
  readonly procedures: readonly string[] | null
  readonly withoutSameDay: boolean
}

/**
 * Sums of a group. `half` is the first of the period, or of the entries themselves where each half stands by itself;
 * one before the period's first is all that came earlier. `since` is the same for the receipts of what was returned.
 */
export type FlowSums<F extends Flow> = Readonly<Record<F, number>> & {
  readonly agency: string
  readonly procedure: string
  readonly half: Half
  readonly since: Half
}

const isEdgeAt = (at: Date): boolean => startOfDay(firstDayOf(halfAt(at))) === at.getTime()

/** The first instant that is not counted any more. */
const end = ({ until, asOf }: FlowQuery<Flow>): Date => new Date(Math.min(until.getTime(), asOf.getTime() + 1))

const keys = ({ by }: FlowQuery<Flow>, agency: SQL, procedure: SQL): SQL => sql`
  ${by === 'agency' ? agency : sql`''`} as agency, ${by === 'procedure' ? procedure : sql`''`} as procedure`

/** A half as its group's key. */
const bucket = ({ from, byHalf }: FlowQuery<Flow>, half: SQL, isEarlier: SQL): SQL => {
  const first = halfAt(from)
  return sql`case when ${isEarlier} then ${first - 1}::int else ${byHalf ? half : sql`${first}::int`} end`
}

const ofKind = ({ procedures, withoutSameDay }: FlowQuery<Flow>, procedure: SQL, sameDay: SQL): SQL | undefined =>
  and(
    procedures === null ? undefined : sql`${procedure} = any(${codeList(procedures)})`,
    withoutSameDay ? sql`not ${sameDay}` : undefined,
  )

const PROCEDURE = sql`f.procedure_code`

/** Sums over facts themselves, entry by entry; `sign` as in `figure_changes`. */
const overFacts = (query: FlowQuery<Flow>, facts: SQL, from: Date | null, until: Date): SQL => {
  const { scope } = query
  const entered = sql`
    select ${keys(query, sql`e.agency`, PROCEDURE)},
      ${bucket(query, sql`figure_half(e.at)`, sql`e.at < ${instant(query.from)}`)} as half,
      ${bucket(query, sql`figure_half(coalesce(e.since, e.at))`, sql`coalesce(e.since, e.at) < ${instant(query.from)}`)} as since,
      e.flow, f.sign * e.n as n
    from ${facts} f cross join lateral ${entriesOf(query.entries)}
    where ${and(
      IS_ENTRY,
      from === null ? undefined : sql`e.at >= ${instant(from)}`,
      sql`e.at < ${instant(until)}`,
      scope.each === null ? undefined : sql`e.agency = any(${codeList(scope.each)})`,
      ofKind(query, PROCEDURE, sql`f.same_day`),
    )}`
  return sql`select agency, procedure, half, since, ${asColumns(query.flows)} from (${entered}) entered group by 1, 2, 3, 4`
}

/**
 * What open dossiers will enter between an instant and the end of its half: they fall overdue, nothing else lies in
 * the future. Taken away from the totals where those are asked for in the middle of a half.
 */
const upcoming = (query: FlowQuery<Flow>, until: Date, next: Date, apart: SQL | undefined): SQL => {
  const judged = query.flows.some((flow) => /first/i.test(flow)) ? sql`d.first_late_from` : sql`d.overdue_from`
  const facts = sql`(
    select -1 as sign, f.* from ${dossiers} d cross join lateral figure_facts(d) f
    where ${and(
      sql`d.closed_at is null and ${judged} >= ${instant(until)} and ${judged} < ${instant(next)}`,
      query.scope.each === null ? undefined : sql`d.resolving_agency = any(${codeList(query.scope.each)})`,
      apart && sql`d.id <> all(${apart})`,
    )})`
  return overFacts(query, facts, until, next)
}

/** Whether the totals reach beyond what is asked for. */
const hasUpcoming = (query: FlowQuery<Flow>): boolean => query.opening && !isEdgeAt(end(query))

/**
 * Sums from the totals and from what has not been folded into them yet, at one snapshot; `without` what some dossiers
 * count for now.
 */
const overTotals = (query: FlowQuery<Flow>, without: readonly number[] = []): SQL => {
  const { whole, own } = query.scope
  const first = halfAt(query.from)
  const until = end(query)
  const last = halfAt(new Date(until.getTime() - 1))
  const next = new Date(startOfDay(firstDayOf(last + 1)))
  const sums = sql.join(
    query.flows.map((flow) => sql`sum(${sql.identifier(columnOf(flow))})::int as ${sql.identifier(columnOf(flow))}`),
    sql`, `,
  )
  const totals = sql`
    select ${keys(query, sql`agency`, sql`procedure_code`)}, ${bucket(query, sql`half`, sql`half < ${first}`)} as half,
      ${bucket(query, sql`since`, sql`since < ${first}`)} as since, ${sums}
    from ${figureTotals}
    where ${and(
      sql`(agency = any(${codeList(whole)}) ${own.length === 0 ? sql`` : sql`or agency = any(${codeList(own)}) and not below`})`,
      query.opening ? undefined : sql`half >= ${first}`,
      sql`half <= ${last}`,
      ofKind(query, sql`procedure_code`, sql`same_day`),
    )}
    group by 1, 2, 3, 4`
  const unfolded = overFacts(query, sql`${figureChanges}`, query.opening ? null : query.from, next)
  const parts = [totals, unfolded]
  const apart = without.length === 0 ? undefined : idList(without)
  if (apart) {
    const facts = sql`(select -1 as sign, f.* from ${dossiers} d cross join lateral figure_facts(d) f
      where d.id = any(${apart}))`
    parts.push(overFacts(query, facts, query.opening ? null : query.from, next))
  }
  if (hasUpcoming(query)) parts.push(upcoming(query, until, next, apart))
  return sql.join(parts, sql` union all `)
}

/** The dossiers that can have an entry in the period, or stood open at its beginning. */
export const touching = (query: FlowQuery<Flow>): SQL => {
  const [from, until] = [instant(query.from), instant(end(query))]
  const { each } = query.scope
  return query.opening
    ? sql`coalesce(d.received_at, d.closed_at) < ${until} and (d.closed_at is null or d.closed_at >= ${from}
        or d.closed_recorded_at >= ${from})
        ${each === null ? sql`` : sql`and d.resolving_agency = any(${codeList(each)})`}`
    : sql`(d.received_at >= ${from} and d.received_at < ${until} or d.returned_at >= ${from} and d.returned_at < ${until})
        ${each === null ? sql`` : sql`and d.receiving_agency = any(${codeList(each)})`}`
}

/** Sums over dossiers one by one: where a period does not begin and end with half months. */
const overDossiers = (query: FlowQuery<Flow>): SQL =>
  overFacts(
    query,
    sql`(select 1 as sign, f.* from ${dossiers} d cross join lateral figure_facts(d) f where ${touching(query)})`,
    query.opening ? null : query.from,
    end(query),
  )

/** Whether the totals can answer: the period begins with a half month, and ends with one or has not ended yet. */
export const isKept = ({ from, until, asOf }: FlowQuery<Flow>): boolean =>
  isEdgeAt(from) && (isEdgeAt(until) || until > asOf)

/**
 * The name of a statement over the totals, by all that its text depends on: those of other times and agencies share a
 * plan on each connection, which takes longer to make than to run. None where open dossiers are looked through, too:
 * how many there are is for each plan to ask.
 */
const nameOf = (query: FlowQuery<Flow>): string | undefined => {
  if (hasUpcoming(query)) return undefined
  const { flows, scope, opening, by, byHalf, procedures, withoutSameDay } = query
  const shape = [flows, scope.own.length > 0, scope.each === null, opening, by, byHalf, procedures === null]
  const text = JSON.stringify([...shape, withoutSameDay])
  return `flows_${createHash('sha256').update(text).digest('base64url')}`
}

const run = async <F extends Flow>(
  db: Database,
  query: FlowQuery<F>,
  sums: SQL,
  name?: string,
): Promise<FlowSums<F>[]> => {
  const counts = Object.fromEntries(
    query.flows.map((flow) => [flow, sql<number>`sum(${sql.identifier(columnOf(flow))})`.mapWith(Number)]),
  ) as Record<F, SQL<number>>
  const group = {
    agency: sql<string>`agency`,
    procedure: sql<string>`procedure`,
    half: sql<number>`half`,
    since: sql<number>`since`,
  }
  const select = db
    .select({ ...group, ...counts })
    .from(sql`(${sums}) as sums`)
    .groupBy(sql`1, 2, 3, 4`)
  const rows = await (name === undefined ? select : select.prepare(name).execute())
  return rows as unknown as FlowSums<F>[]
}

/** What is counted now: from the totals, at the cost of some rows a group; dossier by dossier in odd periods. */
export const sumFlows = <F extends Flow>(db: Database, query: FlowQuery<F>): Promise<FlowSums<F>[]> =>
  isKept(query) ? run(db, query, overTotals(query), nameOf(query)) : run(db, query, overDossiers(query))

/** The same over facts given as a relation. */
export const sumFlowsOver = <F extends Flow>(db: Database, query: FlowQuery<F>, facts: SQL): Promise<FlowSums<F>[]> =>
  run(db, query, overFacts(query, facts, query.opening ? null : query.from, end(query)))

/** The same from the totals, without what some dossiers count for now. */
export const sumFlowsWithout = <F extends Flow>(
  db: Database,
  query: FlowQuery<F>,
  without: readonly number[],
): Promise<FlowSums<F>[]> => run(db, query, overTotals(query, without))

/**
 * What each dossier of a relation enters into what is asked, as a text that is equal where it is the same: its own
 * part of each of the sums.
 */
export const contributions = (query: FlowQuery<Flow>, source: SQL): SQL => {
  const { scope, flows, from, opening } = query
  const entered = sql`
    select d.id, ${keys(query, sql`e.agency`, PROCEDURE)},
      ${bucket(query, sql`figure_half(e.at)`, sql`e.at < ${instant(from)}`)} as half,
      ${bucket(query, sql`figure_half(coalesce(e.since, e.at))`, sql`coalesce(e.since, e.at) < ${instant(from)}`)} as since,
      e.flow, e.n
    from ${source} d cross join lateral figure_facts(d) f cross join lateral ${entriesOf(query.entries)}
    where ${and(
      IS_ENTRY,
      sql`e.flow = any(${codeList(flows)})`,
      opening ? undefined : sql`e.at >= ${instant(from)}`,
      sql`e.at < ${instant(end(query))}`,
      scope.each === null ? undefined : sql`e.agency = any(${codeList(scope.each)})`,
      ofKind(query, PROCEDURE, sql`f.same_day`),
    )}`
  const part = sql`concat_ws(' ', agency, procedure, half, since, flow, n)`
  return sql`
    select id, string_agg(${part}, ',' order by ${part}) as counts
    from (
      select id, agency, procedure, half, since, flow, sum(n) as n from (${entered}) entered
      group by 1, 2, 3, 4, 5, 6 having sum(n) <> 0
    ) parts
    group by id`
}
