import { parseArgs } from 'node:util'
import { runCommand, withDatabase } from '../command.ts'
import { rebuild, verify } from './tools.ts'

/** `verify [--from day] [--to day]` and `rebuild [--check]`. */
await runCommand(() => {
  const { values, positionals } = parseArgs({
    options: { from: { type: 'string' }, to: { type: 'string' }, check: { type: 'boolean', default: false } },
    allowPositionals: true,
  })
  return withDatabase((db) =>
    positionals[0] === 'rebuild' ? rebuild(db, values.check, console.log) : verify(db, values, new Date(), console.log),
  )
})
