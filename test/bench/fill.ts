import { drizzle } from 'drizzle-orm/node-postgres'
import pg from 'pg'
import { sealNextDay } from '../../src/audit/sealing.ts'
import { buildTotals } from '../../src/figures/checking.ts'
import { WRITE_LIVES } from './lives.ts'
import { type Promised, writePromises } from './promises.ts'
import { COMMUNES, districtOf } from './province.ts'
import { say, whole } from './report.ts'
import { stripped } from './stripped.ts'
import { inTurns } from './turns.ts'

/** Connections that write side by side: one for each core. */
const WRITERS = 2

/** Dossiers in a statement: few enough for memory, and for the table to stand in the order of receipt. */
const SLICE = 50_000

const SETTINGS = `
  set synchronous_commit = off; set work_mem = '256MB'; set maintenance_work_mem = '1GB'; set jit = off;
  set max_parallel_workers_per_gather = 0; set max_parallel_maintenance_workers = 1`

const opened = async (url: string): Promise<pg.Client> => {
  const client = new pg.Client(url)
  await client.connect()
  await client.query(SETTINGS)
  return client
}

/** How long a step took, told as it ends. */
const told = async <T>(step: string, work: () => Promise<T>): Promise<T> => {
  const began = performance.now()
  const result = await work()
  say(`  ${step}: ${((performance.now() - began) / 1000).toFixed(1)} s`)
  return result
}

const writeDossiers = (
  clients: readonly pg.Client[],
  size: number,
  { moments, procedures }: Promised,
  now: Date,
): Promise<void> => {
  const slices = Array.from({ length: Math.ceil(size / SLICE) }, (_, i) => i)
  const known = [size, moments, procedures, COMMUNES, COMMUNES.map(districtOf), COMMUNES.length, now.toISOString()]
  return inTurns(clients, slices, async (client, slice) => {
    // Each slice is the same in every run, whoever takes it.
    await client.query('select setseed($1)', [1 / (slice + 2)])
    await client.query(WRITE_LIVES, [slice * SLICE + 1, Math.min((slice + 1) * SLICE, size), ...known])
  })
}

/**
 * Seals each day that is over, as the background does: it would else begin with years of them while we measure. Years
 * of days one after another are worth an index that a day a night is not.
 */
const sealAll = async (client: pg.Client, now: Date): Promise<void> => {
  const db = drizzle({ client })
  await client.query('create index bench_recorded on events (recorded_at)')
  while (await sealNextDay(db, now)) {}
  await client.query('drop index bench_recorded')
}

/**
 * Fills an empty database with dossiers up to yesterday, each promised as intake would have, with the trail whose fold
 * it is, its days sealed.
 */
export const fill = async (url: string, size: number, now: Date): Promise<void> => {
  const first = await opened(url)
  const others = await Promise.all(Array.from({ length: WRITERS - 1 }, () => opened(url)))
  const clients = [first, ...others] as const
  const db = drizzle({ client: first })
  try {
    const promised = await told('promises', () => writePromises(first, db, size, now))
    await told('indexes, keys, vacuum and all', () =>
      stripped(clients, () =>
        told(`${whole(size)} dossiers with their events`, () => writeDossiers(clients, size, promised, now)),
      ),
    )
    await first.query('drop table bench_promises')
    await first.query(`select setval(pg_get_serial_sequence('dossiers', 'id'), $1)`, [size])
    await told('seals', () => sealAll(first, now))
    await told('totals', () => buildTotals(db))
    await told('vacuum', () => first.query('vacuum analyze'))
  } finally {
    await Promise.all(clients.map((client) => client.end()))
  }
}
