import { runCommand } from '../command.ts'
import { runDemo } from './demo.ts'
import { readOptions } from './options.ts'

const stop = new AbortController()
process.once('SIGINT', () => stop.abort(new Error('Đã dừng · stopped')))
process.once('SIGTERM', () => stop.abort(new Error('Đã dừng · stopped')))

await runCommand(async () => {
  const failed = await runDemo(readOptions(process.argv.slice(2)), {
    print: console.log,
    screen: process.stderr,
    line: { fetch, signal: stop.signal },
    server: process.env.DATABASE_URL || undefined,
  })
  return failed === 0
})
