import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import pg from 'pg'
import { dayNumber, startOfDay } from '../../src/sla/date.ts'
import { headers } from './asking.ts'
import { PROVINCE } from './province.ts'
import { median, type Row, say, whole } from './report.ts'
import { type Side, startOurs, stop } from './servers.ts'

const TURNS = 3

/** Kept to if either holds: so many rows a second, or so much of `COPY … TO STDOUT` of the same rows. */
const ROWS_A_SECOND = 100_000
const OF_COPY = 0.5

const MEGABYTE = 1024 * 1024
const PAGE = 4096
const LINE_END = 10

/** The columns of an evidence file that stand in the row. */
const COLUMNS = [
  ...['code', 'procedure_code', 'receiving_agency', 'resolving_agency', 'intake_channel', 'return_channel'],
  ...['returned_channel', 'received_at', 'received_recorded_at', 'due_on', 'first_due_at', 'finished_at', 'closed_at'],
  ...['closed_recorded_at', 'returned_at', 'status'],
]

/** What a process holds in memory now. */
const heldBy = ({ process: { pid } }: Side): number =>
  Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * PAGE

type Streamed = { lines: number; most: number }

/** Reads a file to its end, as fast as it comes; answers its lines, and the most that the server held meanwhile. */
const streamed = (ours: Side, path: string): Promise<Streamed> =>
  new Promise((resolve, reject) => {
    const asked = request(`${ours.address}${path}`, { headers }, (answer) => {
      const seen: Streamed = { lines: 0, most: heldBy(ours) }
      answer.on('data', (chunk: Buffer) => {
        for (let at = chunk.indexOf(LINE_END); at >= 0; at = chunk.indexOf(LINE_END, at + 1)) seen.lines++
        seen.most = Math.max(seen.most, heldBy(ours))
      })
      answer.on('end', () => (answer.statusCode === 200 ? resolve(seen) : reject(new Error(`${answer.statusCode}`))))
      answer.on('error', reject)
    })
    asked.on('error', reject).end()
  })

type Turn = { rows: number; ours: number; floor: number; grown: number }

/** A file and its floor by turns, after one that warms up. */
const inTurns = async (ours: Side, client: pg.Client, path: string, copy: string): Promise<Turn[]> => {
  const turns: Turn[] = []
  for (let turn = 0; turn <= TURNS; turn++) {
    const held = heldBy(ours)
    const began = performance.now()
    const { lines, most } = await streamed(ours, path)
    const between = performance.now()
    await client.query(copy)
    const [took, floor] = [(between - began) / 1000, (performance.now() - between) / 1000]
    const rows = lines - 1
    say(`  ${whole(rows)} rows: ${whole(rows / took)} against ${whole(rows / floor)} a second`)
    if (turn > 0) turns.push({ rows, ours: rows / took, floor: rows / floor, grown: most - held })
  }
  return turns
}

const rowOf = (name: string, turns: readonly Turn[]): Row => {
  const rate = median(turns.map((one) => one.ours))
  const ratio = median(turns.map((one) => one.ours / one.floor))
  return {
    name: `evidence of ${whole(turns[0]?.rows ?? 0)} dossiers as CSV, ${name}`,
    ours: `${whole(rate)} rows/s`,
    floor: `${whole(median(turns.map((one) => one.floor)))} rows/s`,
    ratio: ratio.toFixed(2),
    target: `>= ${whole(ROWS_A_SECOND)} or ${OF_COPY}`,
    met: rate >= ROWS_A_SECOND || ratio >= OF_COPY,
    note: `memory + ${whole(Math.max(...turns.map(({ grown }) => grown)) / MEGABYTE)} MB`,
  }
}

/**
 * The dossiers that a province received in a year, as a file, asked for as things stand and as a report's own link asks,
 * which names its moment; the floor is `COPY … TO STDOUT` of the same rows.
 */
export const benchEvidence = async (url: string): Promise<Row[]> => {
  const client = new pg.Client(url)
  await client.connect()
  const ours = await startOurs(url)
  const now = new Date()
  const year = now.getFullYear() - 1
  const [from, until] = [year, year + 1].map((one) => new Date(startOfDay(dayNumber(`${one}-01-01`))).toISOString())
  const copy = `copy (select ${COLUMNS} from dossiers where received_at >= '${from}' and received_at < '${until}' order by id)
    to stdout with (format csv)`
  const path = `/v1/reports/channel-ratio/evidence?agency=${PROVINCE}&period=${year}&figure=received.total&format=csv`
  const linked = `${path}&asOf=${now.toISOString()}&asOfBy=recorded`
  try {
    return [
      rowOf('now', await inTurns(ours, client, path, copy)),
      rowOf("by a report's link", await inTurns(ours, client, linked, copy)),
    ]
  } finally {
    await stop(ours)
    await client.end()
  }
}
