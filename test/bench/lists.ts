import { drizzle } from 'drizzle-orm/node-postgres'
import pg from 'pg'
import { buildApp } from '../../src/app.ts'
import { DAY } from '../../src/sla/date.ts'
import { depsOn } from '../support/desk.ts'
import { asker, type Bounds, compare, headers } from './asking.ts'
import { COMMUNES, PROVINCE } from './province.ts'
import { type Row, say } from './report.ts'
import { startOurs, stop } from './servers.ts'

const POOL = 10
const TURNS = { warmUp: 10, turns: 100, enough: 3 }

/** A list, with what it has to keep to where a target holds for it. */
type List = { name: string; path: string; bounds?: Bounds }

const [LARGEST, SMALLEST] = [COMMUNES[0], COMMUNES.at(-1)]

const listsAt = (now: Date): readonly List[] => {
  const yearAgo = new Date(now.getTime() - 365 * DAY).toISOString()
  return [
    { name: 'overdue, 50 of a commune', path: `/v1/overdue?agency=${LARGEST}`, bounds: { ms: 10 } },
    { name: 'overdue, 50 of the province', path: `/v1/overdue?agency=${PROVINCE}`, bounds: { ms: 20 } },
    {
      name: 'overdue summary of the province',
      path: `/v1/overdue/summary?agency=${PROVINCE}`,
      bounds: { ms: 100 },
    },
    { name: 'due soon, 50 of the province', path: `/v1/overdue?agency=${PROVINCE}&punctuality=due_soon` },
    { name: 'overdue a year ago, 50 of a commune', path: `/v1/overdue?agency=${LARGEST}&asOf=${yearAgo}` },
    { name: 'overdue a year ago, 50 of the province', path: `/v1/overdue?agency=${PROVINCE}&asOf=${yearAgo}` },
    {
      name: 'overdue summary of the province a year ago',
      path: `/v1/overdue/summary?agency=${PROVINCE}&asOf=${yearAgo}`,
    },
    { name: 'late, 50 of a commune', path: `/v1/overdue?agency=${LARGEST}&punctuality=late` },
    { name: 'late, 50 of the province', path: `/v1/overdue?agency=${PROVINCE}&punctuality=late` },
    {
      name: 'late as recorded, 50 of a commune',
      path: `/v1/overdue?agency=${LARGEST}&punctuality=late&by=recorded`,
    },
    { name: 'dossiers, 50 of a large commune', path: `/v1/dossiers?agency=${LARGEST}` },
    { name: 'dossiers, 50 of a small commune', path: `/v1/dossiers?agency=${SMALLEST}` },
    { name: 'open dossiers of a small commune', path: `/v1/dossiers?agency=${SMALLEST}&status=received` },
  ]
}

type Statement = { text: string; values: unknown[] }

/** The statements by which the application answers from dossiers and their trail, as it puts them to the database. */
const statementsOf = async (pool: pg.Pool, path: string): Promise<readonly Statement[]> => {
  const seen: Statement[] = []
  const db = drizzle({ client: pool, logger: { logQuery: (text, values) => seen.push({ text, values }) } })
  const app = await buildApp(depsOn(db))
  const { statusCode, body } = await app.inject({ url: path, headers })
  await app.close()
  if (statusCode !== 200) throw new Error(`${path}: ${statusCode} ${body}`)
  return seen.filter(({ text }) => /from "(?:dossiers|events)"/.test(text))
}

/** The lists of a filled database, asked for over HTTP; the floor are the same statements on a pool as large. */
export const benchLists = async (url: string): Promise<Row[]> => {
  const pool = new pg.Pool({ connectionString: url, max: POOL })
  const ours = await startOurs(url)
  const ask = asker(ours.address)
  try {
    const rows: Row[] = []
    for (const { name, path, bounds = {} } of listsAt(new Date())) {
      const statements = await statementsOf(pool, path)
      const bare = async () => {
        for (const statement of statements) await pool.query({ ...statement, rowMode: 'array' })
      }
      const row = await compare(name, { ours: () => ask(path), floor: bare }, bounds, TURNS)
      say(`  ${row.name}: ${row.ours} against ${row.floor}, ${row.ratio}`)
      rows.push(row)
    }
    return rows
  } finally {
    await stop(ours)
    await pool.end()
  }
}
