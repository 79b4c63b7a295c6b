import { type SQL, sql } from 'drizzle-orm'
import { type Clock, columnOf, type Flow, type LifeFlow, lifeFlow } from './flows.ts'

/**
 * What a dossier's facts `f` (`figure_facts`) enter into the ledger: of which agency, at which instant, as which flow,
 * how much. `since` is the instant of the receipt where a flow is a return. An entry whose instant or flow is null is
 * none. Every figure of every report is a sum of these.
 */
export type Entry = { agency: SQL; at: SQL; since?: SQL; flow: SQL; n: 1 | -1 }

const RECEIVING = sql`f.receiving_agency`
const RESOLVING = sql`f.resolving_agency`

const capital = (channel: SQL): SQL => sql`initcap(${channel})`

/** Of the agency that received: receipts and returns, by their channels. */
export const CHANNEL_ENTRIES: readonly Entry[] = [
  { agency: RECEIVING, at: sql`f.received_at`, flow: sql`'received' || ${capital(sql`f.intake_channel`)}`, n: 1 },
  {
    agency: RECEIVING,
    at: sql`f.received_at`,
    flow: sql`case when f.post_requested then 'requested' || ${capital(sql`f.intake_channel`)} end`,
    n: 1,
  },
  {
    agency: RECEIVING,
    at: sql`f.returned_at`,
    since: sql`f.received_at`,
    flow: sql`'returned' || ${capital(sql`f.intake_channel`)} || 'By' || ${capital(sql`f.returned_channel`)}`,
    n: 1,
  },
]

/** The instants and judgements of one clock. */
const timesOf = (clock: Clock) =>
  clock === 'effective'
    ? { received: sql`f.received_at`, closed: sql`f.closed_at`, outcome: sql`f.outcome`, broken: sql`f.broken` }
    : {
        received: sql`f.received_recorded_at`,
        closed: sql`f.closed_recorded_at`,
        outcome: sql`f.recorded_outcome`,
        broken: sql`f.recorded_broken`,
      }

/** Of the agency that resolves: what it took, how that ended, and what was overdue or waiting meanwhile, by a clock. */
export const lifeEntries = (clock: Clock): readonly Entry[] => {
  const { received, closed, outcome, broken } = timesOf(clock)
  const named = (flow: LifeFlow): SQL => sql.raw(`'${lifeFlow(flow, clock)}'`)
  const taken = clock === 'effective' ? sql`'taken'` : sql`'recordedTaken'`
  const entry = (at: SQL, flow: SQL, n: 1 | -1 = 1): Entry => ({ agency: RESOLVING, at, flow, n })
  /** Into a stock at one instant and out of it at another, unless it would be out before it came in. */
  const stock = (flow: LifeFlow, from: SQL, until: SQL, when: SQL): readonly Entry[] => {
    const isIn = sql`case when ${when} and ${received} is not null and (${until} is null or ${from} < ${until}) then ${named(flow)} end`
    return [entry(from, isIn), entry(until, isIn, -1)]
  }
  // `greatest` and `least` pass over what is null.
  const from = (at: SQL): SQL => sql`greatest(${received}, ${at})`
  return [
    entry(received, sql`${taken} || ${capital(sql`f.intake_channel`)}`),
    entry(
      closed,
      sql`case ${outcome}
        when 'early' then ${named('early')} when 'on_time' then ${named('onTime')}
        when 'late' then case when f.apologized then ${named('lateApologized')} else ${named('late')} end
        when 'withdrawn' then ${named('withdrawn')} when 'stopped' then ${named('stopped')}
        when 'refused' then ${named('refused')} end`,
    ),
    entry(
      closed,
      sql`case when ${broken} then case when f.apologized then ${named('brokenApologized')} else ${named('broken')} end end`,
    ),
    ...stock('open', received, closed, sql`true`),
    ...stock('overdue', from(sql`f.overdue_from`), closed, sql`f.overdue_from is not null`),
    ...stock(
      'waiting',
      from(sql`f.waiting_since`),
      closed,
      sql`f.waiting_since is not null and f.overdue_from is null`,
    ),
    ...stock('firstOverdue', from(sql`f.first_late_from`), closed, sql`f.first_late_from is not null`),
    ...stock(
      'firstWaiting',
      from(sql`f.waiting_since`),
      sql`least(${closed}, f.first_late_from)`,
      sql`f.waiting_since is not null`,
    ),
  ]
}

/** All that the totals hold. */
export const ALL_ENTRIES: readonly Entry[] = [
  ...CHANNEL_ENTRIES,
  ...lifeEntries('effective'),
  ...lifeEntries('recorded'),
]

/** The entries `e` of facts `f`, to be joined with them. */
export const entriesOf = (entries: readonly Entry[]): SQL => {
  const rows = entries.map(
    ({ agency, at, since, flow, n }) =>
      sql`(${agency}, ${at}, ${since ?? sql`null::timestamptz`}, ${flow}, ${sql.raw(String(n))})`,
  )
  return sql`(values ${sql.join(rows, sql`, `)}) as e(agency, at, since, flow, n)`
}

/** An entry counts if it has an instant and a flow. */
export const IS_ENTRY = sql`e.at is not null and e.flow is not null`

/** Sums of `n` by flow, each in a column of its own: rows of flows turned into the shape of the totals. */
export const asColumns = (flows: readonly Flow[]): SQL =>
  sql.join(
    flows.map(
      (flow) =>
        sql`coalesce(sum(n) filter (where flow = ${sql.raw(`'${flow}'`)}), 0)::int as ${sql.identifier(columnOf(flow))}`,
    ),
    sql`, `,
  )

export const columns = (flows: readonly Flow[], write: (column: SQL) => SQL = (column) => column): SQL =>
  sql.join(
    flows.map((flow) => write(sql.identifier(columnOf(flow)) as unknown as SQL)),
    sql`, `,
  )
