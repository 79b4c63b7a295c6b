import { crowd } from './crowding.ts'
import { fill } from './fill.ts'
import type { Outcome } from './generator.ts'
import { withProvince } from './province.ts'
import { type Row, say, whole } from './report.ts'
import { type Side, startOurs, stop } from './servers.ts'
import { kindsTold } from './tally.ts'

/** Enough for lists and ratios to have something to look through. */
const DOSSIERS = 50_000

/** Within this, nobody at a desk notices the machine. */
const RATED_P99_MS = 100

const SEARCH = { first: 200, growth: 1.4, warmUpSeconds: 1, seconds: 3, halvings: 2, most: 10 }
const SHOWN = { warmUpSeconds: 2, seconds: 10 }

const LOADS = [0.5, 1, 2, 4] as const

/** What a crowd is to be borne with: four times the rated load. */
const MOST_P99_RATIO = 3
const LEAST_THROUGHPUT_RATIO = 0.9

type Measured = Outcome & { rate: number; acceptedPerSecond: number }

const measured = async (
  { address }: Side,
  rate: number,
  { warmUpSeconds, seconds }: { warmUpSeconds: number; seconds: number },
): Promise<Measured> => {
  const outcome = await crowd({ address, rate, warmUpSeconds, seconds })
  if (outcome.failure !== null) throw new Error(outcome.failure)
  const { offered, accepted, refused, p50, p99 } = outcome.all
  const perSecond = (count: number) => whole(count / seconds)
  say(
    `  ${whole(rate)}/s offered (${perSecond(offered)} came): ${perSecond(accepted)}/s accepted, ${perSecond(refused)}/s refused, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms (${kindsTold(outcome.kinds)})`,
  )
  return { ...outcome, rate, acceptedPerSecond: accepted / seconds }
}

/** Tried once more where it was not: a pause of the machine is not what is looked for. */
const isBorne = async (side: Side, rate: number): Promise<boolean> => {
  const tried = async (): Promise<boolean> => {
    const { all } = await measured(side, rate, SEARCH)
    return all.refused === 0 && all.p99 <= RATED_P99_MS
  }
  return (await tried()) || (await tried())
}

/** The highest rate at which nobody is refused and nearly nobody notices; first in steps, then between the last two. */
const findRated = async (side: Side): Promise<number> => {
  let [borne, tooMuch]: [number, number | undefined] = [0, undefined]
  let rate = SEARCH.first
  for (let step = 0; step < SEARCH.most && tooMuch === undefined; step++) {
    if (await isBorne(side, rate)) borne = rate
    else tooMuch = rate
    rate *= SEARCH.growth
  }
  if (borne === 0) throw new Error(`not even ${SEARCH.first}/s are borne: something else keeps this machine busy`)
  for (let halving = 0; halving < SEARCH.halvings && tooMuch !== undefined; halving++) {
    const middle = (borne + tooMuch) / 2
    if (await isBorne(side, middle)) borne = middle
    else tooMuch = middle
  }
  return borne
}

/** The most that is accepted a second: what is left where twice the rated load is asked for. */
export const findPeak = async (side: Side): Promise<number> => {
  const rated = await findRated(side)
  const { acceptedPerSecond } = await measured(side, 2 * rated, SHOWN)
  return Math.max(rated, acceptedPerSecond)
}

const rowOf = (load: number, { rate, all, kinds, acceptedPerSecond }: Measured): Row => ({
  name: `crowd, ${load} × the rated load: ${whole(rate)}/s offered`,
  ours: `${whole(acceptedPerSecond)}/s accepted`,
  note: `${whole((all.refused / all.offered) * 100)} % refused; p50 ${all.p50.toFixed(1)} ms, p99 ${all.p99.toFixed(1)} ms (${kindsTold(kinds)})`,
})

/** A server under measurement on a province of its own. */
export const withCrowded = <T>(serverAddress: string, work: (side: Side, url: string) => Promise<T>): Promise<T> =>
  withProvince(serverAddress, async (url) => {
    await fill(url, DOSSIERS, new Date())
    const side = await startOurs(url)
    try {
      return await work(side, url)
    } finally {
      await stop(side)
    }
  })

/**
 * Intakes, moves, overdue lists and ratios in an open loop: the rated load, and how the service does at half of it, at
 * it, and at twice and four times as much.
 */
export const benchCrowd = (serverAddress: string): Promise<Row[]> =>
  withCrowded(serverAddress, async (side) => {
    const rated = await findRated(side)
    const curve: Measured[] = []
    for (const load of LOADS) curve.push(await measured(side, load * rated, SHOWN))
    const [, one, , four] = curve
    if (!one || !four) throw new RangeError('the curve has four points')
    const peak = Math.max(...curve.map(({ acceptedPerSecond }) => acceptedPerSecond))
    const slower = four.all.p99 / one.all.p99
    const kept = four.acceptedPerSecond / peak
    return [
      ...curve.map((point, i) => rowOf(LOADS[i] ?? 0, point)),
      {
        name: 'p99 at four times the rated load',
        ours: `${four.all.p99.toFixed(1)} ms`,
        floor: `${one.all.p99.toFixed(1)} ms`,
        ratio: slower.toFixed(2),
        target: `<= ${MOST_P99_RATIO}`,
        met: slower <= MOST_P99_RATIO,
        note: 'floor: at the rated load',
      },
      {
        name: 'accepted at four times the rated load',
        ours: `${whole(four.acceptedPerSecond)}/s`,
        floor: `${whole(peak)}/s`,
        ratio: kept.toFixed(2),
        target: `>= ${LEAST_THROUGHPUT_RATIO}`,
        met: kept >= LEAST_THROUGHPUT_RATIO,
        note: 'floor: the most that were accepted',
      },
    ]
  })
