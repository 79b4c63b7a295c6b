import { type SQL, sql } from 'drizzle-orm'
import { instant } from '../db/sql.ts'
import { CHANNELS, type Channel } from '../dossiers/dossier.ts'
import type { Clock } from '../figures/flows.ts'
import type { Definition } from './definitions.ts'
import type { ReportName } from './evidence-link.ts'
import type { Promised } from './punctuality.ts'

/**
 * Which dossiers are behind a number, told of facts `f` (`figure_facts`). These are definitions of their own, not the
 * ledger's entries, so that each list also checks the number that it belongs to.
 */

/** From an instant on and before another: of a group, and, for legs that count until its end, of the whole period. */
export type Times = { from: Date; until: Date; periodFrom: Date; periodUntil: Date }

export type FigureQuery = {
  definition: Definition
  by?: Clock | undefined
  promise?: Promised | undefined
}

/** A dossier counts once for each of these that holds. */
export type Counted = readonly SQL[]

type Figure = (times: Times, query: FigureQuery) => Counted
type Condition = (times: Times, query: FigureQuery) => SQL

const within = (at: SQL, from: Date, until: Date): SQL => sql`${at} >= ${instant(from)} and ${at} < ${instant(until)}`
const either = (...conditions: readonly SQL[]): SQL => sql`((${sql.join([...conditions], sql`) or (`)}))`
const both = (...conditions: readonly SQL[]): SQL => sql`((${sql.join([...conditions], sql`) and (`)}))`
const not = (condition: SQL): SQL => sql`(${condition}) is not true`

const once =
  (condition: Condition): Figure =>
  (times, query) => [condition(times, query)]

const anyOf =
  (...conditions: readonly Condition[]): Condition =>
  (times, query) =>
    either(...conditions.map((condition) => condition(times, query)))

// Of the agency that received.

const came = (channel?: Channel): Condition => {
  const through = channel === undefined ? undefined : sql`f.intake_channel = ${channel}`
  return ({ from, until }) => {
    const received = within(sql`f.received_at`, from, until)
    return through ? both(received, through) : received
  }
}

const went =
  (by?: Channel, intake?: Channel): Condition =>
  ({ from, until }) =>
    both(
      within(sql`f.returned_at`, from, until),
      by === undefined ? sql`f.returned_channel is not null` : sql`f.returned_channel = ${by}`,
      ...(intake === undefined ? [] : [sql`f.intake_channel = ${intake}`]),
    )

/** Handed to the post before the whole period ends, whatever part of it the receipt is in. */
const backByPost: Condition = ({ periodFrom, periodUntil }) =>
  both(within(sql`f.returned_at`, periodFrom, periodUntil), sql`f.returned_channel = 'post'`)

const BY_POST = sql`f.intake_channel = 'post'`

const NUMERATORS: Readonly<Record<Definition, Figure>> = {
  intake: once(came('post')),
  return: once(went('post')),
  either: once((times, query) => both(came()(times, query), either(BY_POST, backByPost(times, query)))),
  both: once((times, query) => both(came()(times, query), BY_POST, backByPost(times, query))),
  legs: (times, query) => [came('post')(times, query), went('post')(times, query)],
}

const DENOMINATORS: Readonly<Record<Definition, Figure>> = {
  intake: once(came()),
  return: once(went()),
  either: once(came()),
  both: once(came()),
  legs: (times, query) => [came()(times, query), went()(times, query)],
}

const byChannel = (path: string, of: (channel?: Channel) => Condition): Record<string, Figure> => ({
  ...Object.fromEntries(CHANNELS.map((channel) => [`${path}.${channel}`, once(of(channel))])),
  [`${path}.total`]: once(of()),
})

const CHANNEL_FIGURES: Readonly<Record<string, Figure>> = {
  numerator: (times, query) => NUMERATORS[query.definition](times, query),
  denominator: (times, query) => DENOMINATORS[query.definition](times, query),
  ...byChannel('received', came),
  ...byChannel('returned', went),
  postRequested: once((times, query) => both(came()(times, query), sql`f.post_requested`)),
  ...Object.fromEntries(
    CHANNELS.flatMap((intake) => CHANNELS.map((by) => [`matrix.${intake}.${by}`, once(went(by, intake))])),
  ),
}

// Of the agency that resolves.

const timesOf = (by: Clock | undefined) =>
  by === 'recorded'
    ? {
        received: sql`f.received_recorded_at`,
        closed: sql`f.closed_recorded_at`,
        outcome: sql`f.recorded_outcome`,
        broken: sql`f.recorded_broken`,
      }
    : { received: sql`f.received_at`, closed: sql`f.closed_at`, outcome: sql`f.outcome`, broken: sql`f.broken` }

const taken =
  (channel?: Channel): Condition =>
  ({ from, until }, { by }) =>
    both(
      within(timesOf(by).received, from, until),
      ...(channel === undefined ? [] : [sql`f.intake_channel = ${channel}`]),
    )

const openAt = (at: Date, by: Clock | undefined): SQL => {
  const { received, closed } = timesOf(by)
  return both(sql`${received} < ${instant(at)}`, sql`${closed} is null or ${closed} >= ${instant(at)}`)
}

/** A period that lies ahead begins with what is open now. */
const carriedOver: Condition = ({ from, periodUntil }, { by }) =>
  openAt(new Date(Math.min(from.getTime(), periodUntil.getTime())), by)

const closedAs =
  (...outcomes: readonly string[]): Condition =>
  ({ from, until }, { by }) => {
    const { closed, outcome } = timesOf(by)
    const all = sql.join(
      outcomes.map((one) => sql`${one}`),
      sql`, `,
    )
    return both(within(closed, from, until), sql`${outcome} in (${all})`)
  }

const finished = closedAs('early', 'on_time', 'late')

/** Finished late, or after the first promise. */
const late: Condition = (times, query) =>
  query.promise === 'first'
    ? both(finished(times, query), sql`${timesOf(query.by).broken}`)
    : closedAs('late')(times, query)

const apologized: Condition = (times, query) => both(late(times, query), sql`f.apologized`)
const unapologized: Condition = (times, query) => both(late(times, query), sql`not f.apologized`)

/** Finished and not late. */
const kept: Condition = (times, query) =>
  query.promise === 'first'
    ? both(finished(times, query), not(sql`${timesOf(query.by).broken}`))
    : closedAs('early', 'on_time')(times, query)

const onTime: Condition = (times, query) =>
  query.promise === 'first' ? kept(times, query) : closedAs('on_time')(times, query)

const pending: Condition = ({ until }, { by }) => openAt(until, by)
const isLate = (until: Date, promise: Promised | undefined): SQL =>
  promise === 'first' ? sql`f.first_late_from < ${instant(until)}` : sql`f.overdue_from < ${instant(until)}`

/** Waiting for the citizen; one that was overdue before is so still. */
const isWaiting = (until: Date, promise: Promised | undefined): SQL => {
  const notLate = promise === 'first' ? not(isLate(until, promise)) : sql`f.overdue_from is null`
  return both(sql`f.waiting_since < ${instant(until)}`, notLate)
}

const overdue: Condition = (times, query) => both(pending(times, query), isLate(times.until, query.promise))
const waiting: Condition = (times, query) => both(pending(times, query), isWaiting(times.until, query.promise))
const inTime: Condition = (times, query) =>
  both(pending(times, query), not(isLate(times.until, query.promise)), not(isWaiting(times.until, query.promise)))

const PUNCTUALITY_FIGURES: Readonly<Record<string, Figure>> = {
  carriedOver: once(carriedOver),
  ...byChannel('received', taken),
  'resolved.early': once(closedAs('early')),
  'resolved.onTime': once(onTime),
  'resolved.late': once(late),
  'resolved.lateWithApology': once(apologized),
  'resolved.lateWithoutApology': once(unapologized),
  'resolved.total': once(finished),
  refused: once(closedAs('refused')),
  withdrawn: once(closedAs('withdrawn')),
  stopped: once(closedAs('stopped')),
  'pending.inTime': once(inTime),
  'pending.overdue': once(overdue),
  'pending.waiting': once(waiting),
  'pending.total': once(pending),
  'rates.onTimeOfResolved.numerator': once(kept),
  'rates.onTimeOfResolved.denominator': once(finished),
  'rates.onTimeOfReceived.numerator': once(kept),
  'rates.onTimeOfReceived.denominator': once(anyOf(carriedOver, taken())),
}

/** The columns of the official forms, by their keys (`form-columns.ts`). */
const FORM_COLUMNS: Readonly<Record<string, Condition>> = {
  received: anyOf(carriedOver, taken()),
  receivedOnline: taken('online'),
  carriedOver,
  resolved: finished,
  early: closedAs('early'),
  onTime: closedAs('on_time'),
  pending,
  pendingInTime: anyOf(inTime, waiting),
  pendingOverdue: overdue,
  withdrawn: closedAs('withdrawn'),
  stopped: closedAs('stopped'),
}

const FORM_06A_COLUMNS: Readonly<Record<string, Condition>> = {
  ...FORM_COLUMNS,
  receivedDeskAndPost: anyOf(taken('desk'), taken('post')),
  late,
  difference: closedAs('withdrawn', 'stopped'),
}

const FORM_07A_COLUMNS: Readonly<Record<string, Condition>> = {
  ...FORM_COLUMNS,
  receivedDesk: taken('desk'),
  receivedPost: taken('post'),
  lateWithApology: apologized,
  lateWithoutApology: unapologized,
  refused: closedAs('refused'),
}

const byPath = (columns: Readonly<Record<string, Condition>>): Readonly<Record<string, Figure>> =>
  Object.fromEntries(Object.entries(columns).map(([key, condition]) => [`values.${key}`, once(condition)]))

/** Every number that dossiers stand behind, by its path in the report's answer. */
export const FIGURES: Readonly<Record<ReportName, Readonly<Record<string, Figure>>>> = {
  'channel-ratio': CHANNEL_FIGURES,
  punctuality: PUNCTUALITY_FIGURES,
  'ii-06a': byPath(FORM_06A_COLUMNS),
  '07a': byPath(FORM_07A_COLUMNS),
}

/** The paths of a report's figures. Against the first promise nothing is told to be early. */
export const figuresOf = (report: ReportName, promise?: Promised): readonly string[] =>
  Object.keys(FIGURES[report]).filter((path) => promise !== 'first' || path !== 'resolved.early')

/** How often each dossier counts. */
export const timesCounted = (counted: Counted): SQL =>
  counted.length === 1
    ? sql`1`
    : sql.join(
        counted.map((condition) => sql`coalesce((${condition})::int, 0)`),
        sql` + `,
      )

export const isCounted = (counted: Counted): SQL => either(...counted)
