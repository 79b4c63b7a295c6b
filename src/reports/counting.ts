import type { Database } from '../db/database.ts'
import { CHANNELS } from '../dossiers/dossier.ts'
import {
  type Clock,
  type Flow,
  LIFE_FLOWS,
  type LifeFlow,
  lifeFlow,
  receivedFlow,
  requestedFlow,
  returnedFlow,
} from '../figures/flows.ts'
import { type Half, halfAt } from '../figures/half.ts'
import { CHANNEL_ENTRIES, lifeEntries } from '../figures/ledger.ts'
import { type Past, sumPastFlows } from '../figures/past.ts'
import { type FlowQuery, type FlowScope, type FlowSums, sumFlows } from '../figures/query.ts'
import { groupedBy } from '../grouped.ts'
import { type Counts, NO_COUNTS, sumCounts } from './definitions.ts'
import { type Grouping, type TimeGroup, timeGroups } from './grouping.ts'
import type { YearKind } from './period.ts'
import type { Promised, PunctualityCounts } from './punctuality.ts'

/** What a report counts. `until` is not included; `past` is how things stood then, otherwise as they stand at `asOf`. */
export type Asked = {
  scope: FlowScope
  from: Date
  until: Date
  asOf: Date
  past: Past | null
  groupBy: Grouping | undefined
  /** In which kind of year months and quarters are meant. */
  year: YearKind
  /** The group of an agency, or of a procedure. */
  groupOf: (agency: string, procedure: string) => string
  /** Only these; `null` means all. */
  procedures: readonly string[] | null
  withoutSameDay: boolean
  withoutOnline: boolean
}

const isTime = (groupBy: Grouping | undefined): groupBy is 'month' | 'quarter' =>
  groupBy === 'month' || groupBy === 'quarter'

const isByProcedure = (groupBy: Grouping | undefined): boolean => groupBy === 'procedure' || groupBy === 'field'

const queryOf = <F extends Flow>(
  asked: Asked,
  read: Pick<FlowQuery<F>, 'flows' | 'entries' | 'clock' | 'opening'>,
): FlowQuery<F> => ({
  ...read,
  scope: asked.scope,
  from: asked.from,
  until: asked.until,
  asOf: asked.asOf,
  by: asked.groupBy === 'agency' ? 'agency' : isByProcedure(asked.groupBy) ? 'procedure' : null,
  byHalf: isTime(asked.groupBy),
  procedures: asked.procedures,
  withoutSameDay: asked.withoutSameDay,
})

const readFlows = <F extends Flow>(db: Database, asked: Asked, query: FlowQuery<F>): Promise<FlowSums<F>[]> =>
  asked.past ? sumPastFlows(db, query, asked.past) : sumFlows(db, query)

/** The groups of time from the period's first half to its last that has begun. */
export const timesOf = ({ from, until, asOf, groupBy, year }: Asked): readonly TimeGroup[] => {
  const last = halfAt(new Date(Math.min(until.getTime() - 1, asOf.getTime())))
  return isTime(groupBy) ? timeGroups(halfAt(from), last, groupBy, year) : []
}

const collected = <T>(pairs: readonly (readonly [string, T])[], sum: (all: readonly T[]) => T): Map<string, T> => {
  const groups = groupedBy(pairs, ([key]) => key)
  return new Map([...groups].map(([key, some]) => [key, sum(some.map(([, value]) => value))]))
}

const RETURNED = CHANNELS.flatMap((intake) => CHANNELS.map((by) => returnedFlow(intake, by)))
const CHANNEL_FLOWS = [...CHANNELS.map(receivedFlow), ...CHANNELS.map(requestedFlow), ...RETURNED] as const

/** What came in online, in a channel report that leaves it out. */
const NO_ONLINE_INTAKE = {
  receivedOnline: 0,
  requestedOnline: 0,
  returnedOnlineByDesk: 0,
  returnedOnlineByPost: 0,
  returnedOnlineByOnline: 0,
} as const

/** What a channel report sums. */
export const channelQuery = (asked: Asked): FlowQuery<(typeof CHANNEL_FLOWS)[number]> =>
  queryOf(asked, {
    flows: asked.withoutOnline ? CHANNEL_FLOWS.filter((flow) => !(flow in NO_ONLINE_INTAKE)) : CHANNEL_FLOWS,
    entries: CHANNEL_ENTRIES,
    clock: 'effective',
    opening: false,
  })

/** The stocks that one promise alone asks for: what falls overdue by the other must not be looked for (`upcoming`). */
const STOCKS: Readonly<Record<Promised, readonly LifeFlow[]>> = {
  current: ['overdue', 'waiting'],
  first: ['firstOverdue', 'firstWaiting'],
}

/** What a report of punctuality sums, by a clock and a promise. */
export const lifeQuery = (asked: Asked, clock: Clock, promise: Promised): FlowQuery<Flow> =>
  queryOf<Flow>(asked, {
    flows: LIFE_FLOWS.filter((flow) => !STOCKS[promise === 'first' ? 'current' : 'first'].includes(flow)).map((flow) =>
      lifeFlow(flow, clock),
    ),
    entries: lifeEntries(clock),
    clock,
    opening: true,
  })

type ChannelSums = FlowSums<(typeof CHANNEL_FLOWS)[number]>

/** What happened in a group's time: receipts and returns. */
const happened = (sums: ChannelSums): Counts => ({
  ...NO_COUNTS,
  received: { desk: sums.receivedDesk, post: sums.receivedPost, online: sums.receivedOnline },
  returned: {
    desk: { desk: sums.returnedDeskByDesk, post: sums.returnedDeskByPost, online: sums.returnedDeskByOnline },
    post: { desk: sums.returnedPostByDesk, post: sums.returnedPostByPost, online: sums.returnedPostByOnline },
    online: { desk: sums.returnedOnlineByDesk, post: sums.returnedOnlineByPost, online: sums.returnedOnlineByOnline },
  },
  postRequested: sums.requestedDesk + sums.requestedPost + sums.requestedOnline,
  eitherLeg: sums.receivedPost,
})

/** The postal return legs of what was received in the period: they belong to the group of the receipt. */
const legsOf = (sums: ChannelSums): Counts => ({
  ...NO_COUNTS,
  eitherLeg: sums.returnedDeskByPost + sums.returnedOnlineByPost,
  bothLegs: sums.returnedPostByPost,
})

/**
 * Counts a period's dossiers by group, at one snapshot. A dossier belongs to the agency that received it; a return leg
 * counts when, and in the period in which, the result was really handed to the post.
 */
export const countChannels = async (db: Database, asked: Asked): Promise<Map<string, Counts>> => {
  const rows = await readFlows(db, asked, channelQuery(asked))
  const first = halfAt(asked.from)
  const times = new Map(timesOf(asked).flatMap(({ key, halves }) => halves.map((half) => [half, key] as const)))
  const keyOf = ({ agency, procedure }: ChannelSums, half: Half): string =>
    times.get(half) ?? asked.groupOf(agency, procedure)
  const pairs = rows.flatMap((row) => {
    const sums = asked.withoutOnline ? { ...row, ...NO_ONLINE_INTAKE } : row
    const counted = [[keyOf(sums, sums.half), happened(sums)] as const]
    return sums.since < first ? counted : [...counted, [keyOf(sums, sums.since), legsOf(sums)] as const]
  })
  // A month in which nothing happened is told, too.
  const empty = [...new Set(times.values())].map((key) => [key, NO_COUNTS] as const)
  return collected([...empty, ...pairs], sumCounts)
}

type LifeSums = Record<LifeFlow, number>

const finished = (sums: LifeSums): number => sums.early + sums.onTime + sums.late + sums.lateApologized

const sumLives = (all: readonly LifeSums[]): LifeSums =>
  Object.fromEntries(
    LIFE_FLOWS.map((flow) => [flow, all.reduce((sum, one) => sum + one[flow], 0)]),
  ) as unknown as LifeSums

/** What a group's time shows: what flowed in it, and what stood at its beginning and at its end. */
const punctualityOf = (before: LifeSums, within: LifeSums, promise: Promised): PunctualityCounts => {
  const after = sumLives([before, within])
  const isFirst = promise === 'first'
  const kept = finished(within) - within.broken - within.brokenApologized
  const [overdue, waiting] = isFirst ? [after.firstOverdue, after.firstWaiting] : [after.overdue, after.waiting]
  return {
    carriedOver: before.open,
    receivedDesk: within.takenDesk,
    receivedPost: within.takenPost,
    receivedOnline: within.takenOnline,
    early: isFirst ? 0 : within.early,
    onTime: isFirst ? kept : within.onTime,
    lateWithApology: isFirst ? within.brokenApologized : within.lateApologized,
    lateWithoutApology: isFirst ? within.broken : within.late,
    refused: within.refused,
    withdrawn: within.withdrawn,
    stopped: within.stopped,
    pendingInTime: after.open - overdue - waiting,
    pendingOverdue: overdue,
    pendingWaiting: waiting,
  }
}

/** The sums of one clock, by the plain names of their flows. */
const plainly = (row: FlowSums<Flow>, clock: Clock): LifeSums =>
  Object.fromEntries(LIFE_FLOWS.map((flow) => [flow, row[lifeFlow(flow, clock)] ?? 0])) as unknown as LifeSums

/**
 * Counts what agencies resolved, by group, at one snapshot: by which clock it happened, judged by which promise. Time
 * groups follow each other: what one leaves pending the next one carries over.
 */
export const countLives = async (
  db: Database,
  asked: Asked,
  clock: Clock,
  promise: Promised,
): Promise<{ whole: PunctualityCounts; groups: Map<string, PunctualityCounts> }> => {
  const rows = await readFlows(db, asked, lifeQuery(asked, clock, promise))
  const first = halfAt(asked.from)
  const split = (some: readonly FlowSums<Flow>[]) => {
    const lives = some.map((row) => ({ half: row.half, sums: plainly(row, clock) }))
    const of = (isIn: (half: Half) => boolean) =>
      sumLives(lives.flatMap(({ half, sums }) => (isIn(half) ? [sums] : [])))
    return { before: of((half) => half < first), within: of((half) => half >= first), of }
  }
  const { before, within, of } = split(rows)
  const whole = punctualityOf(before, within, promise)
  if (isTime(asked.groupBy)) {
    let stood = before
    const groups = timesOf(asked).map(({ key, halves }) => {
      const then = of((half) => halves.includes(half))
      const counts = punctualityOf(stood, then, promise)
      stood = sumLives([stood, then])
      return [key, counts] as const
    })
    return { whole, groups: new Map(groups) }
  }
  const grouped = groupedBy(rows, ({ agency, procedure }) => asked.groupOf(agency, procedure))
  const groups = [...grouped].map(([key, some]) => {
    const { before, within } = split(some)
    return [key, punctualityOf(before, within, promise)] as const
  })
  return { whole, groups: new Map(groups) }
}
