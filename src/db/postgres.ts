import { drizzle } from 'drizzle-orm/node-postgres'
import { migrate } from 'drizzle-orm/node-postgres/migrator'
import pg from 'pg'
import { type Connection, MIGRATIONS } from './database.ts'

/** Held while migrating, so that instances which start together take turns. */
const MIGRATION_LOCK = 7_268_331

/** How long a statement may run before PostgreSQL gives it up: a bound, far above any honest query. */
const STATEMENT_TIMEOUT_MS = 60_000

/** How long an idle connection is kept: a new one has to learn the tables first, which takes a report's time tenfold. */
const IDLE_TIMEOUT_MS = 600_000

/** How long to wait for a connection, new or from the pool, before the request fails. */
const CONNECT_TIMEOUT_MS = 10_000

export const connectPostgres = (
  connectionString: string,
  poolMax: number,
  onIdleError: (error: Error) => void,
): Connection => {
  const pool = new pg.Pool({
    connectionString,
    max: poolMax,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    // Compiling a long statement takes PostgreSQL longer than running it: 6 of 9 seconds for all flags of a province's
    // quarter, and a second for a report that then answers in milliseconds.
    // Starting helpers for a statement of some 50 ms takes longer than it; what walks over millions of rows gains by them.
    options: '-c jit=off -c parallel_setup_cost=100000',
  })
  // A connection that dies while idle is replaced at the next use; unheard, its error would end the process.
  pool.on('error', onIdleError)
  return {
    db: drizzle({ client: pool }),
    pools: () => [
      { pool: 'main', max: poolMax, total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount },
    ],
    migrate: async () => {
      const client = await pool.connect()
      try {
        // What a large table needs once may take longer than any request's statement.
        await client.query('set statement_timeout = 0')
        await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK])
        await migrate(drizzle({ client }), MIGRATIONS)
      } finally {
        // Ends the session, and with it the lock, whatever happened.
        client.release(true)
      }
    },
    close: () => pool.end(),
  }
}
