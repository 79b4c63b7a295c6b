import { parseArgs } from 'node:util'
import { runCommand, withDatabase } from '../command.ts'
import { numberKeysOf } from './key-file.ts'
import { newNumberKey } from './keys.ts'
import { longAgo, purge, rotate } from './tools.ts'

/** `new-key`, `rotate`, and `purge --older-than days [--dry-run]`. */
await runCommand(async () => {
  const { values, positionals } = parseArgs({
    options: { 'older-than': { type: 'string' }, 'dry-run': { type: 'boolean', default: false } },
    allowPositionals: true,
  })
  switch (positionals[0]) {
    case 'new-key':
      console.log(newNumberKey())
      return true
    case 'rotate':
      return withDatabase((db, settings) => rotate(db, numberKeysOf(settings), console.log))
    case 'purge': {
      const closedBefore = longAgo(values['older-than'], new Date())
      await withDatabase((db) => purge(db, closedBefore, values['dry-run'], console.log))
      return true
    }
    default:
      throw new Error('Say new-key, rotate, or purge.')
  }
})
