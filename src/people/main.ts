import { parseArgs } from 'node:util'
import { readSettings } from '../config.ts'
import { connect } from '../db/connect.ts'
import { numberKeysOf } from './key-file.ts'
import { newNumberKey } from './keys.ts'
import { longAgo, purge, rotate } from './tools.ts'

/** `new-key`, `rotate`, and `purge --older-than days [--dry-run]`, on the database of the settings. */
const run = async (): Promise<boolean> => {
  const { values, positionals } = parseArgs({
    options: { 'older-than': { type: 'string' }, 'dry-run': { type: 'boolean', default: false } },
    allowPositionals: true,
  })
  const [work] = positionals
  if (work === 'new-key') {
    console.log(newNumberKey())
    return true
  }
  if (work !== 'rotate' && work !== 'purge') throw new Error('Say new-key, rotate, or purge.')
  const closedBefore = work === 'purge' ? longAgo(values['older-than'], new Date()) : undefined
  const settings = readSettings(process.env)
  const connection = await connect(settings, console.error)
  try {
    if (closedBefore === undefined) {
      const keys = numberKeysOf(settings)
      await connection.migrate()
      return await rotate(connection.db, keys, console.log)
    }
    await connection.migrate()
    await purge(connection.db, closedBefore, values['dry-run'], console.log)
    return true
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
