import { answersPerSecond } from './client.ts'
import { median, type Row, say, whole } from './report.ts'
import type { Side } from './servers.ts'

export const CONNECTIONS = 32
const ROUNDS = 5
const ROUND_SECONDS = 4
const WARM_UP_SECONDS = 4

/** One load put to ours and to the floor by turns: the texts of the requests of a side. */
export type Sides = {
  name: string
  target: number | undefined
  requestOf: (side: 'ours' | 'bare') => (connection: number, n: number) => string
}

/** Answers a second of both sides in rounds, each first in every other one, and the median of their ratios. */
export const measure = async (ours: Side, bare: Side, { name, target, requestOf }: Sides): Promise<Row> => {
  const shoot = (side: 'ours' | 'bare', seconds: number): Promise<number> =>
    answersPerSecond((side === 'ours' ? ours : bare).address, CONNECTIONS, seconds, requestOf(side))
  await shoot('ours', WARM_UP_SECONDS)
  await shoot('bare', WARM_UP_SECONDS)
  const rounds: { ours: number; bare: number }[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const oursFirst = round % 2 === 0
    const first = await shoot(oursFirst ? 'ours' : 'bare', ROUND_SECONDS)
    const second = await shoot(oursFirst ? 'bare' : 'ours', ROUND_SECONDS)
    const pair = oursFirst ? { ours: first, bare: second } : { ours: second, bare: first }
    rounds.push(pair)
    say(`  ${name}: ${whole(pair.ours)} against ${whole(pair.bare)}, ${(pair.ours / pair.bare).toFixed(2)}`)
  }
  const ratio = median(rounds.map((pair) => pair.ours / pair.bare))
  return {
    name,
    ours: `${whole(median(rounds.map((pair) => pair.ours)))}/s`,
    floor: `${whole(median(rounds.map((pair) => pair.bare)))}/s`,
    ratio: ratio.toFixed(2),
    ...(target === undefined ? {} : { target: `>= ${target}`, met: ratio >= target }),
  }
}
