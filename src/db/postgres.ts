import { drizzle } from 'drizzle-orm/node-postgres'
import { migrate } from 'drizzle-orm/node-postgres/migrator'
import pg from 'pg'
import type { NamedPool } from './connect.ts'
import { type Connection, type Database, MIGRATIONS } from './database.ts'
import { outageOf } from './failure.ts'

/** Held while migrating, so that instances which start together take turns. */
const MIGRATION_LOCK = 7_268_331

/** How much longer than a statement may run its answer is waited for: a server that is cut off says nothing at all. */
const ANSWER_WITHIN_MS = 5000

/** How long a transaction may wait for this process: one that is stopped or cut off must not hold its locks. */
const IDLE_IN_TRANSACTION_MS = 60_000

/** How long an idle connection is kept: a new one has to learn the tables first, which takes a report's time tenfold. */
const IDLE_TIMEOUT_MS = 600_000

/** How long to wait for a connection, new or from the pool, before the request fails. */
const CONNECT_TIMEOUT_MS = 10_000

/**
 * Compiling a long statement takes PostgreSQL longer than running it: 6 of 9 seconds for all flags of a province's
 * quarter, and a second for a report that then answers in milliseconds.
 * Starting helpers for a statement of some 50 ms takes longer than it; what walks over millions of rows gains by them.
 */
const OPTIONS = '-c jit=off -c parallel_setup_cost=100000'

const migrated = async (connectionString: string): Promise<void> => {
  // A connection of its own: what a large table needs once may take longer than any request's statement.
  const client = new pg.Client({ connectionString, options: OPTIONS, keepAlive: true })
  await client.connect()
  try {
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK])
    await migrate(drizzle({ client }), MIGRATIONS)
  } finally {
    // Ends the session, and with it the lock, whatever happened.
    await client.end()
  }
}

/**
 * Transactions that always give their connection back, and never one that is broken: drizzle's own keep it for ever where
 * it dies before the transaction has begun, until the pool is empty.
 */
const transactionsOf =
  (pool: pg.Pool): Database['transaction'] =>
  async (work, config) => {
    const client = await pool.connect()
    try {
      const result = await drizzle({ client }).transaction(work, config)
      client.release()
      return result
    } catch (error) {
      client.release(outageOf(error) === 'database_unavailable')
      throw error
    }
  }

export const connectPostgres = (
  connectionString: string,
  { name, max, timeoutS }: NamedPool,
  onIdleError: (error: Error) => void,
): Connection => {
  const statementTimeoutMs = timeoutS * 1000
  const pool = new pg.Pool({
    connectionString,
    max,
    statement_timeout: statementTimeoutMs,
    query_timeout: statementTimeoutMs + ANSWER_WITHIN_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    options: OPTIONS,
  })
  // A connection that dies while idle is replaced at the next use; unheard, its error would end the process.
  pool.on('error', onIdleError)
  // So would that of one which dies between two statements of a transaction: the next of them fails.
  pool.on('connect', (client) => client.on('error', () => undefined))
  return {
    db: Object.assign(drizzle({ client: pool }), { transaction: transactionsOf(pool) }),
    pools: () => [{ pool: name, max, total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }],
    migrate: () => migrated(connectionString),
    close: () => pool.end(),
  }
}
