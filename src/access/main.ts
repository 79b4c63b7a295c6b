import { readSettings } from '../config.ts'
import { connect } from '../db/connect.ts'
import { referenceSource } from '../reference.ts'
import { keysCommand } from './tools.ts'

/** `create`, `list`, `rotate` and `revoke`, on the database of the settings. */
const run = async (): Promise<void> => {
  const connection = await connect(readSettings(process.env), console.error)
  try {
    await connection.migrate()
    const { db } = connection
    const deps = { db, now: () => new Date(), reference: referenceSource(db) }
    await keysCommand(deps, process.argv.slice(2), console.log)
  } finally {
    await connection.close()
  }
}

try {
  await run()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
