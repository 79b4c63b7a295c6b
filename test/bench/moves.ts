import { codeOf, multiply, takeIn } from './copies.ts'
import { withProvince } from './province.ts'
import type { Row } from './report.ts'
import { measure, type Sides } from './rounds.ts'
import { KEY, startBare, startOurs, stop } from './servers.ts'

const TARGET = 0.6

/** More than two sides can move in all their rounds. */
const DOSSIERS_A_MOVE = 400_000

const MOVES = [
  { move: 'finish', body: '{}' },
  {
    move: 'request-supplement',
    body: JSON.stringify({ missing: 'Bản sao giấy chứng sinh', ground: 'Nghị định 61/2018/NĐ-CP Đ.17' }),
  },
] as const

/** Each request moves a dossier that nobody has moved yet. */
const sidesOf = ({ move, body }: (typeof MOVES)[number], first: number): Sides => {
  let next = first
  const head = [
    'host: localhost',
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    `authorization: Bearer ${KEY}`,
  ].join('\r\n')
  return {
    name: move,
    target: TARGET,
    requestOf: () => () => {
      next += 1
      return `POST /v1/dossiers/${codeOf(next)}/${move} HTTP/1.1\r\n${head}\r\n\r\n${body}`
    },
  }
}

/**
 * Moves over HTTP by 32 connections, ours and the floor by turns, each of a dossier of its own; the floor is a bare
 * route that updates one row and inserts one event by one prepared statement.
 */
export const benchMoves = (serverAddress: string): Promise<Row[]> =>
  withProvince(serverAddress, async (url) => {
    const ours = await startOurs(url)
    const bare = await startBare(url)
    try {
      await multiply(url, await takeIn(ours), MOVES.length * DOSSIERS_A_MOVE)
      const rows: Row[] = []
      for (const [place, move] of MOVES.entries()) {
        rows.push(await measure(ours, bare, sidesOf(move, place * DOSSIERS_A_MOVE)))
      }
      return rows
    } finally {
      await stop(ours)
      await stop(bare)
    }
  })
