import { readSettings, type Settings } from './config.ts'
import { connect } from './db/connect.ts'
import type { Database } from './db/database.ts'
import { reasonOf } from './db/failure.ts'

/** Runs a command that answers whether all was well; what it throws is said in a line, and no more. */
export const runCommand = async (run: () => Promise<boolean>): Promise<void> => {
  try {
    process.exitCode = (await run()) ? 0 : 1
  } catch (error) {
    console.error(reasonOf(error))
    process.exitCode = 1
  }
}

/** Works on the database of the settings, migrated, and leaves no connection to it. */
export const withDatabase = async <T>(work: (db: Database, settings: Settings) => Promise<T>): Promise<T> => {
  const settings = readSettings(process.env)
  const connection = await connect(settings, console.error)
  try {
    await connection.migrate()
    return await work(connection.db, settings)
  } finally {
    await connection.close()
  }
}
