import { parseArgs } from 'node:util'
import { readSettings } from '../config.ts'
import { connect } from '../db/connect.ts'
import { rebuild, verify } from './tools.ts'

/** `verify [--from day] [--to day]` and `rebuild [--check]`, on the database of the settings. */
const run = async (): Promise<boolean> => {
  const { values, positionals } = parseArgs({
    options: { from: { type: 'string' }, to: { type: 'string' }, check: { type: 'boolean', default: false } },
    allowPositionals: true,
  })
  const connection = await connect(readSettings(process.env), console.error)
  try {
    await connection.migrate()
    return positionals[0] === 'rebuild'
      ? await rebuild(connection.db, values.check, console.log)
      : await verify(connection.db, values, new Date(), console.log)
  } finally {
    await connection.close()
  }
}

try {
  process.exitCode = (await run()) ? 0 : 1
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
