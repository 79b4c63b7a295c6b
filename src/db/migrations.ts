import { sql } from 'drizzle-orm'
import { readMigrationFiles } from 'drizzle-orm/migrator'
import { type Database, MIGRATIONS } from './database.ts'

/** How a database stands to the migrations of this program. */
export type Migrations = {
  readonly applied: number
  readonly pending: number
  /** Those that this program does not know: a newer one was here. */
  readonly unknown: number
}

/** When each migration that the database has seen was written, as the migrator keeps it. */
const readApplied = async (db: Database): Promise<number[]> => {
  const [known] = await db
    .select({ isThere: sql<boolean>`to_regclass('drizzle.__drizzle_migrations') is not null` })
    .from(sql`(select) as one`)
  if (!known?.isThere) return []
  const writtenAt = sql<number>`created_at`.mapWith(Number)
  const rows = await db.select({ writtenAt }).from(sql`drizzle.__drizzle_migrations`)
  return rows.map(({ writtenAt }) => writtenAt)
}

/** Compares by the times of the journal, as the migrator does: it applies what is newer than the last it applied. */
export const readMigrations = async (db: Database): Promise<Migrations> => {
  const applied = await readApplied(db)
  const written = readMigrationFiles(MIGRATIONS).map(({ folderMillis }) => folderMillis)
  const last = Math.max(0, ...applied)
  return {
    applied: applied.length,
    pending: written.filter((at) => at > last).length,
    unknown: applied.filter((at) => !written.includes(at)).length,
  }
}
