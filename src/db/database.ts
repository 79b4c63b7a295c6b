import { fileURLToPath } from 'node:url'
import { sql } from 'drizzle-orm'
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core'

/** What every store works with: PostgreSQL, or PGlite, which is PostgreSQL inside this process. */
export type Database = PgDatabase<PgQueryResultHKT>

export type Connection = {
  readonly db: Database
  /** Brings the tables up to date; safe when several instances start at once. */
  readonly migrate: () => Promise<void>
  readonly close: () => Promise<void>
}

export const MIGRATIONS = { migrationsFolder: fileURLToPath(new URL('../../migrations', import.meta.url)) }

/** Resolves when the database answers. */
export const ping = async (db: Database): Promise<void> => {
  await db.execute(sql`select 1`)
}
