import { fileURLToPath } from 'node:url'
import { PGlite } from '@electric-sql/pglite'
import { drizzle as drizzlePostgres } from 'drizzle-orm/node-postgres'
import { migrate as migratePostgres } from 'drizzle-orm/node-postgres/migrator'
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core'
import { drizzle as drizzlePglite } from 'drizzle-orm/pglite'
import { migrate as migratePglite } from 'drizzle-orm/pglite/migrator'
import pg from 'pg'

/** What every store works with: PostgreSQL, or PGlite, which is PostgreSQL inside this process. */
export type Database = PgDatabase<PgQueryResultHKT>

export type Connection = {
  readonly db: Database
  /** Brings the tables up to date; safe when several instances start at once. */
  readonly migrate: () => Promise<void>
  readonly close: () => Promise<void>
}

const MIGRATIONS = { migrationsFolder: fileURLToPath(new URL('../../migrations', import.meta.url)) }

/** Held while migrating, so that instances which start together take turns. */
const MIGRATION_LOCK = 7_268_331

/** How long a statement may run before PostgreSQL gives it up: a bound, far above any honest query. */
const STATEMENT_TIMEOUT_MS = 60_000

export const connectPostgres = (
  connectionString: string,
  poolMax: number,
  onIdleError: (error: Error) => void,
): Connection => {
  const pool = new pg.Pool({ connectionString, max: poolMax, statement_timeout: STATEMENT_TIMEOUT_MS })
  // A connection that dies while idle is replaced at the next use; unheard, its error would end the process.
  pool.on('error', onIdleError)
  return {
    db: drizzlePostgres({ client: pool }),
    migrate: async () => {
      const client = await pool.connect()
      try {
        await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK])
        await migratePostgres(drizzlePostgres({ client }), MIGRATIONS)
      } finally {
        // Ends the session, and with it the lock, whatever happened.
        client.release(true)
      }
    },
    close: () => pool.end(),
  }
}

/** @param client opened on a folder, or in memory. One process at a time may use a folder. */
export const connectEmbedded = (client: PGlite): Connection => {
  const db = drizzlePglite({ client })
  return { db, migrate: () => migratePglite(db, MIGRATIONS), close: () => client.close() }
}

export const openEmbedded = async (folder?: string): Promise<Connection> => connectEmbedded(await PGlite.create(folder))
