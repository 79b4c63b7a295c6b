import { KINDS, type Kind } from './asked.ts'

/** What became of the requests of some kind; times in milliseconds from when they were due, of those accepted. */
export type Told = { offered: number; accepted: number; refused: number; failed: number; p50: number; p99: number }

export type Fate = 'accepted' | 'refused' | 'failed'

type Count = { accepted: number[]; refused: number; failed: number }

const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0

const told = (counts: readonly Count[]): Told => {
  const times = counts.flatMap(({ accepted }) => accepted).toSorted((a, b) => a - b)
  const sum = (of: 'refused' | 'failed') => counts.reduce((total, count) => total + count[of], 0)
  const [refused, failed] = [sum('refused'), sum('failed')]
  const offered = times.length + refused + failed
  return { offered, accepted: times.length, refused, failed, p50: quantile(times, 0.5), p99: quantile(times, 0.99) }
}

/** Counts by kind. */
export const openTally = () => {
  const counts: Record<Kind, Count> = {
    intake: { accepted: [], refused: 0, failed: 0 },
    move: { accepted: [], refused: 0, failed: 0 },
    overdue: { accepted: [], refused: 0, failed: 0 },
    ratio: { accepted: [], refused: 0, failed: 0 },
  }
  return {
    note: (kind: Kind, fate: Fate, ms: number): void => {
      if (fate === 'accepted') counts[kind].accepted.push(ms)
      else counts[kind][fate] += 1
    },
    sums: () => ({
      all: told(Object.values(counts)),
      kinds: {
        intake: told([counts.intake]),
        move: told([counts.move]),
        overdue: told([counts.overdue]),
        ratio: told([counts.ratio]),
      } satisfies Record<Kind, Told>,
    }),
  }
}

export const kindsTold = (kinds: Readonly<Record<Kind, Told>>): string =>
  KINDS.map((kind) => `${kind} ${Math.round(kinds[kind].p99)}`).join(', ')
