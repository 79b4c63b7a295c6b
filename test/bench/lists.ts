import { Agent, request } from 'node:http'
import { drizzle } from 'drizzle-orm/node-postgres'
import pg from 'pg'
import { buildApp } from '../../src/app.ts'
import { referenceSource } from '../../src/reference.ts'
import { DAY } from '../../src/sla/date.ts'
import { fill } from './fill.ts'
import { COMMUNES, PROVINCE, withProvince } from './province.ts'
import { median, type Row, say, whole } from './report.ts'
import { KEY, startOurs, stop } from './servers.ts'

const POOL = 10
const REQUESTS = 100
const WARM_UP = 10
const TARGET_MS = 20
const TARGET_FACTOR = 2

/** A list; `bounded` where a target holds for it. */
type List = { name: string; path: string; bounded: boolean }

const [LARGEST, SMALLEST] = [COMMUNES[0], COMMUNES.at(-1)]

const listsAt = (now: Date): readonly List[] => {
  const yearAgo = new Date(now.getTime() - 365 * DAY).toISOString()
  const nineMonths = `${now.getUTCFullYear() - 1}-9M`
  return [
    { name: 'overdue, 50 of a commune', path: `/v1/overdue?agency=${LARGEST}`, bounded: true },
    { name: 'overdue, 50 of the province', path: `/v1/overdue?agency=${PROVINCE}`, bounded: true },
    {
      name: 'overdue a year ago, 50 of a commune',
      path: `/v1/overdue?agency=${LARGEST}&asOf=${yearAgo}`,
      bounded: false,
    },
    {
      name: 'overdue a year ago, 50 of the province',
      path: `/v1/overdue?agency=${PROVINCE}&asOf=${yearAgo}`,
      bounded: false,
    },
    { name: 'late, 50 of a commune', path: `/v1/overdue?agency=${LARGEST}&punctuality=late`, bounded: false },
    { name: 'late, 50 of the province', path: `/v1/overdue?agency=${PROVINCE}&punctuality=late`, bounded: false },
    {
      name: 'late as recorded, 50 of a commune',
      path: `/v1/overdue?agency=${LARGEST}&punctuality=late&by=recorded`,
      bounded: false,
    },
    { name: 'overdue summary of the province', path: `/v1/overdue/summary?agency=${PROVINCE}`, bounded: false },
    { name: 'dossiers, 50 of a large commune', path: `/v1/dossiers?agency=${LARGEST}`, bounded: false },
    { name: 'dossiers, 50 of a small commune', path: `/v1/dossiers?agency=${SMALLEST}`, bounded: false },
    {
      name: 'open dossiers of a small commune',
      path: `/v1/dossiers?agency=${SMALLEST}&status=received`,
      bounded: false,
    },
    {
      name: 'postal ratio of the province, nine months',
      path: `/v1/reports/channel-ratio?agency=${PROVINCE}&period=${nineMonths}&year=calendar`,
      bounded: false,
    },
  ]
}

type Statement = { text: string; values: unknown[] }
type Ask = (path: string) => Promise<string>

const headers = { authorization: `Bearer ${KEY}` }

const asker = (address: string): Ask => {
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

/** The statements by which the application answers from dossiers and their trail, as it puts them to the database. */
const statementsOf = async (pool: pg.Pool, path: string): Promise<readonly Statement[]> => {
  const seen: Statement[] = []
  const db = drizzle({ client: pool, logger: { logQuery: (text, values) => seen.push({ text, values }) } })
  const app = await buildApp({ db, now: () => new Date(), reference: referenceSource(db) })
  const { statusCode, body } = await app.inject({ url: path, headers })
  await app.close()
  if (statusCode !== 200) throw new Error(`${path}: ${statusCode} ${body}`)
  return seen.filter(({ text }) => /from "(?:dossiers|events)"/.test(text))
}

const measure = async (ask: Ask, pool: pg.Pool, list: List): Promise<Row> => {
  const statements = await statementsOf(pool, list.path)
  const bare = async () => {
    for (const statement of statements) await pool.query({ ...statement, rowMode: 'array' })
  }
  const times: { ours: number; bare: number }[] = []
  for (let turn = 0; turn < WARM_UP + REQUESTS; turn++) {
    const oursFirst = turn % 2 === 0
    const first = await timed(oursFirst ? () => ask(list.path) : bare)
    const second = await timed(oursFirst ? bare : () => ask(list.path))
    if (turn >= WARM_UP) times.push(oursFirst ? { ours: first, bare: second } : { ours: second, bare: first })
  }
  const ours = median(times.map((pair) => pair.ours))
  const ratio = median(times.map((pair) => pair.ours / pair.bare))
  return {
    name: list.name,
    ours: `${ours.toFixed(2)} ms`,
    floor: `${median(times.map((pair) => pair.bare)).toFixed(2)} ms`,
    ratio: ratio.toFixed(2),
    ...(list.bounded
      ? { target: `<= ${TARGET_MS} ms, <= ${TARGET_FACTOR}x`, met: ours <= TARGET_MS && ratio <= TARGET_FACTOR }
      : {}),
  }
}

/** The lists of a filled database, asked for over HTTP; the floor are the same statements on a pool as large. */
export const measureLists = async (url: string, now: Date): Promise<Row[]> => {
  const pool = new pg.Pool({ connectionString: url, max: POOL })
  const ours = await startOurs(url)
  try {
    const rows: Row[] = []
    for (const list of listsAt(now)) {
      const row = await measure(asker(ours.address), pool, list)
      say(`  ${row.name}: ${row.ours} against ${row.floor}, ${row.ratio}`)
      rows.push(row)
    }
    return rows
  } finally {
    await stop(ours)
    await pool.end()
  }
}

export const benchLists = (serverAddress: string, size: number): Promise<Row[]> =>
  withProvince(serverAddress, async (url) => {
    const now = new Date()
    const pool = new pg.Pool({ connectionString: url, max: 1 })
    try {
      say(`  filling in ${whole(size)} dossiers`)
      await fill(url, drizzle({ client: pool }), size, now)
    } finally {
      await pool.end()
    }
    return measureLists(url, now)
  })
