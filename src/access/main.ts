import { runCommand, withDatabase } from '../command.ts'
import { referenceSource } from '../reference.ts'
import { keysCommand } from './tools.ts'

/** `create`, `list`, `rotate` and `revoke`. */
await runCommand(() =>
  withDatabase(async (db) => {
    const deps = { db, now: () => new Date(), reference: referenceSource(db) }
    await keysCommand(deps, process.argv.slice(2), console.log)
    return true
  }),
)
