import { Agent, request } from 'node:http'
import { median, type Row } from './report.ts'
import { KEY } from './servers.ts'

/** Asks for a path and answers the body. */
export type Ask = (path: string) => Promise<string>

export const headers = { authorization: `Bearer ${KEY}` }

/** Asks a server over one connection that is kept. */
export const asker = (address: string): Ask => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  return (path) =>
    new Promise((resolve, reject) => {
      const asked = request(`${address}${path}`, { agent, headers }, (answer) => {
        const chunks: Buffer[] = []
        answer.on('data', (chunk: Buffer) => chunks.push(chunk))
        answer.on('end', () => {
          const body = Buffer.concat(chunks).toString()
          if (answer.statusCode === 200) resolve(body)
          else reject(new Error(`${path}: ${answer.statusCode} ${body}`))
        })
      })
      asked.on('error', reject).end()
    })
}

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const began = performance.now()
  await work()
  return performance.now() - began
}

/** What ours has to keep to: so many milliseconds, or so many times the floor. */
export type Bounds = { ms?: number; factor?: number }

const targetOf = ({ ms, factor }: Bounds, ours: number, ratio: number): Pick<Row, 'target' | 'met'> => {
  const parts = [ms === undefined ? [] : `<= ${ms} ms`, factor === undefined ? [] : `<= ${factor}x`].flat()
  if (parts.length === 0) return {}
  return { target: parts.join(', '), met: ours <= (ms ?? Infinity) && ratio <= (factor ?? Infinity) }
}

/**
 * Turns, and how many of them are enough once a minute has passed: what is slow is not asked a hundred times. In each
 * turn ours is asked `burst` times, of which the median counts, where its floor takes so long that all is cold after it.
 */
export type Turns = { warmUp: number; turns: number; enough: number; burst?: number }

const PATIENCE_MS = 60_000

/** Ours and its floor by turns, each first in every other one: the medians of both and of their ratio. */
export const compare = async (
  name: string,
  { ours, floor }: { ours: () => Promise<unknown>; floor: () => Promise<unknown> },
  bounds: Bounds,
  { warmUp, turns, enough, burst = 1 }: Turns,
): Promise<Row> => {
  const timedOurs = async (): Promise<number> => {
    const took: number[] = []
    while (took.length < burst) took.push(await timed(ours))
    return median(took)
  }
  const times: { ours: number; floor: number }[] = []
  const patientUntil = performance.now() + PATIENCE_MS
  for (let turn = 0; turn < warmUp + turns; turn++) {
    if (times.length >= enough && performance.now() > patientUntil) break
    const oursFirst = turn % 2 === 0
    const first = await (oursFirst ? timedOurs() : timed(floor))
    const second = await (oursFirst ? timed(floor) : timedOurs())
    if (turn >= warmUp || performance.now() > patientUntil)
      times.push(oursFirst ? { ours: first, floor: second } : { ours: second, floor: first })
  }
  const took = median(times.map((pair) => pair.ours))
  const ratio = median(times.map((pair) => pair.ours / pair.floor))
  return {
    name,
    ours: `${took.toFixed(2)} ms`,
    floor: `${median(times.map((pair) => pair.floor)).toFixed(2)} ms`,
    ratio: ratio.toPrecision(3),
    ...targetOf(bounds, took, ratio),
  }
}
