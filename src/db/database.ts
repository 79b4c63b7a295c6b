import { fileURLToPath } from 'node:url'
import { sql } from 'drizzle-orm'
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core'

/** What every store works with: PostgreSQL, or PGlite, which is PostgreSQL inside this process. */
export type Database = PgDatabase<PgQueryResultHKT>

/** How a pool of connections stands: how many there are, how many of them are idle, and who waits for one. */
export type PoolLoad = {
  readonly pool: string
  readonly max: number
  readonly total: number
  readonly idle: number
  readonly waiting: number
}

export type Connection = {
  readonly db: Database
  /** Every pool to a server; none where the database is embedded, on one connection. */
  readonly pools: () => readonly PoolLoad[]
  /** Brings the tables up to date; safe when several instances start at once. */
  readonly migrate: () => Promise<void>
  readonly close: () => Promise<void>
}

export const MIGRATIONS = { migrationsFolder: fileURLToPath(new URL('../../migrations', import.meta.url)) }

/** Resolves when the database answers. */
export const ping = async (db: Database): Promise<void> => {
  await db.execute(sql`select 1`)
}
