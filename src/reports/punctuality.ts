import { ratio, type Share } from './share.ts'

/** Which due date a finish is measured against: the one in force, or the first that was given. */
export const PROMISES = ['current', 'first'] as const
export type Promised = (typeof PROMISES)[number]

/** Counts of one group over a period; all but `refused` are of dossiers that were received. */
export type PunctualityCounts = {
  /** Received before the period and still open when it began. */
  carriedOver: number
  receivedDesk: number
  receivedPost: number
  receivedOnline: number
  early: number
  onTime: number
  lateWithApology: number
  lateWithoutApology: number
  /** Refused at intake: never received, so in no sum with the others. */
  refused: number
  withdrawn: number
  stopped: number
  pendingInTime: number
  pendingOverdue: number
  /** Waiting for the citizen: the clock stands still. */
  pendingWaiting: number
}

export const NO_PUNCTUALITY: PunctualityCounts = {
  carriedOver: 0,
  receivedDesk: 0,
  receivedPost: 0,
  receivedOnline: 0,
  early: 0,
  onTime: 0,
  lateWithApology: 0,
  lateWithoutApology: 0,
  refused: 0,
  withdrawn: 0,
  stopped: 0,
  pendingInTime: 0,
  pendingOverdue: 0,
  pendingWaiting: 0,
}

export const PUNCTUALITY_NAMES = Object.keys(NO_PUNCTUALITY) as readonly (keyof PunctualityCounts)[]

export const sumPunctuality = (all: readonly PunctualityCounts[]): PunctualityCounts => {
  const sum = { ...NO_PUNCTUALITY }
  for (const counts of all) for (const name of PUNCTUALITY_NAMES) sum[name] += counts[name]
  return sum
}

export const receivedInPeriod = ({ receivedDesk, receivedPost, receivedOnline }: PunctualityCounts): number =>
  receivedDesk + receivedPost + receivedOnline

export const late = ({ lateWithApology, lateWithoutApology }: PunctualityCounts): number =>
  lateWithApology + lateWithoutApology

export const resolved = (counts: PunctualityCounts): number => counts.early + counts.onTime + late(counts)

export const pending = ({ pendingInTime, pendingOverdue, pendingWaiting }: PunctualityCounts): number =>
  pendingInTime + pendingOverdue + pendingWaiting

/** What came in and neither went out nor is still there; anything but 0 is an error in the counts. */
export const unaccounted = (counts: PunctualityCounts): number =>
  counts.carriedOver + receivedInPeriod(counts) - resolved(counts) - counts.withdrawn - counts.stopped - pending(counts)

/** On time of those resolved: the rate that public-service portals show. */
export const onTimeOfResolved = (counts: PunctualityCounts): Share => ({
  numerator: counts.early + counts.onTime,
  denominator: resolved(counts),
})

/** On time of those received, carried over ones too (Nghị định 61/2018 Đ.30; Quyết định 766/QĐ-TTg). */
export const onTimeOfReceived = (counts: PunctualityCounts): Share => ({
  numerator: counts.early + counts.onTime,
  denominator: counts.carriedOver + receivedInPeriod(counts),
})

const rate = (share: Share) => ({ ...share, ratio: ratio(share) })

/**
 * The figures of one group. A first promise is kept or broken, and "early" is told of the due date in force
 * alone: by the first one it is `null`, and `onTime` counts early ones too.
 */
export const punctualityFigures = (counts: PunctualityCounts, promise: Promised) => ({
  carriedOver: counts.carriedOver,
  received: {
    desk: counts.receivedDesk,
    post: counts.receivedPost,
    online: counts.receivedOnline,
    total: receivedInPeriod(counts),
  },
  resolved: {
    early: promise === 'first' ? null : counts.early,
    onTime: promise === 'first' ? counts.early + counts.onTime : counts.onTime,
    late: late(counts),
    lateWithApology: counts.lateWithApology,
    lateWithoutApology: counts.lateWithoutApology,
    total: resolved(counts),
  },
  refused: counts.refused,
  withdrawn: counts.withdrawn,
  stopped: counts.stopped,
  pending: {
    inTime: counts.pendingInTime,
    overdue: counts.pendingOverdue,
    waiting: counts.pendingWaiting,
    total: pending(counts),
  },
  rates: {
    onTimeOfResolved: rate(onTimeOfResolved(counts)),
    onTimeOfReceived: rate(onTimeOfReceived(counts)),
  },
  remainder: unaccounted(counts),
})
