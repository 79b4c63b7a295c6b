import { readFile } from 'node:fs/promises'
import pg from 'pg'
import { findPeak, withCrowded } from './crowd.ts'
import { crowd } from './crowding.ts'
import type { Outcome } from './generator.ts'
import { type Row, say, whole } from './report.ts'
import type { Side } from './servers.ts'
import { kindsTold } from './tally.ts'

/** How much of its peak the service is loaded with. */
const SHARE = 0.7

const SLICE_SECONDS = 60

/** Memory and times of the last third against those of the first: what grows by more is not flat. */
const MOST_GROWTH = 1.25

type Slice = Outcome & { memoryMiB: number }

/** Resident memory of a process, as Linux tells it. */
const memoryOf = async ({ process: child }: Side): Promise<number> => {
  const status = await readFile(`/proc/${child.pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

const growthOf = (values: readonly number[]): number => {
  const third = Math.max(1, Math.floor(values.length / 3))
  return mean(values.slice(-third)) / mean(values.slice(0, third))
}

/** Of the codes that were acknowledged, how many the database does not hold. */
const missing = async (client: pg.Client, taken: readonly string[]): Promise<number> => {
  const { rows } = await client.query<{ missing: number }>(
    `select count(*)::int as missing from unnest($1::text[]) told (code)
     where not exists (select from dossiers d where d.code = told.code)`,
    [taken],
  )
  return rows[0]?.missing ?? taken.length
}

/** How many dossiers and moves the database holds that were recorded since. */
const recordedSince = async (client: pg.Client, since: Date): Promise<{ intakes: number; moves: number }> => {
  const { rows } = await client.query<{ intakes: number; moves: number }>(
    `select count(*) filter (where number = 1)::int as intakes, count(*) filter (where number > 1)::int as moves
     from events where recorded_at >= $1`,
    [since],
  )
  return rows[0] ?? { intakes: 0, moves: 0 }
}

const sumOf = (slices: readonly Slice[], of: (slice: Slice) => number): number =>
  slices.reduce((sum, slice) => sum + of(slice), 0)

const flat = (name: string, unit: string, values: readonly number[]): Row => {
  const growth = growthOf(values)
  return {
    name,
    ours: `${whole(Math.min(...values))} to ${whole(Math.max(...values))} ${unit}`,
    ratio: growth.toFixed(2),
    target: `<= ${MOST_GROWTH}`,
    met: growth <= MOST_GROWTH,
    note: 'ratio: the last third to the first',
  }
}

/** Slices of load, one after another, at the same rate; each tells how it went. */
const soak = async (side: Side, rate: number, minutes: number): Promise<Slice[]> => {
  const slices: Slice[] = []
  for (let minute = 1; minute <= minutes; minute++) {
    const order = { address: side.address, rate, warmUpSeconds: minute === 1 ? 5 : 1, seconds: SLICE_SECONDS }
    const outcome = await crowd(order)
    const slice = { ...outcome, memoryMiB: await memoryOf(side) }
    const { accepted, refused, failed, p50, p99 } = slice.all
    say(
      `  minute ${minute}: ${whole(accepted)} accepted, ${refused} refused, ${failed} failed, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms (${kindsTold(slice.kinds)}), ${whole(slice.memoryMiB)} MiB`,
    )
    if (slice.failure !== null) say(`  ${slice.failure}`)
    slices.push(slice)
  }
  return slices
}

/**
 * Mixed load at seven tenths of the peak, for minutes: memory and times by the minute, errors, and
 * what was acknowledged against what the database holds.
 */
export const benchSoak = (serverAddress: string, minutes: number): Promise<Row[]> =>
  withCrowded(serverAddress, async (side, url) => {
    const rate = Math.floor(SHARE * (await findPeak(side)))
    const client = new pg.Client(url)
    await client.connect()
    try {
      const since = new Date()
      const slices = await soak(side, rate, minutes)
      const taken = slices.flatMap((slice) => slice.taken)
      const moves = sumOf(slices, (slice) => slice.moves)
      const lost = await missing(client, taken)
      const recorded = await recordedSince(client, since)
      const failed = sumOf(slices, ({ all }) => all.failed)
      return [
        {
          name: `soak, ${minutes} minutes at ${whole(rate)}/s`,
          ours: `${whole(sumOf(slices, ({ all }) => all.accepted))} accepted`,
          target: '0 failed',
          met: failed === 0 && slices.every(({ failure }) => failure === null),
          note: `${failed} failed, ${sumOf(slices, ({ all }) => all.refused)} refused`,
        },
        flat(
          'memory',
          'MiB',
          slices.map(({ memoryMiB }) => memoryMiB),
        ),
        flat(
          'p99 by the minute',
          'ms',
          slices.map(({ all }) => all.p99),
        ),
        {
          name: 'acknowledged intakes',
          ours: whole(taken.length),
          floor: whole(recorded.intakes),
          target: '0 lost or doubled',
          met: lost === 0 && new Set(taken).size === taken.length && recorded.intakes === taken.length,
          note: `${lost} lost; floor: recorded meanwhile`,
        },
        {
          name: 'acknowledged moves',
          ours: whole(moves),
          floor: whole(recorded.moves),
          target: '0 lost or doubled',
          met: recorded.moves === moves,
          note: 'floor: recorded meanwhile',
        },
      ]
    } finally {
      await client.end()
    }
  })
