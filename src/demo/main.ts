import { runDemo } from './demo.ts'
import { readOptions } from './options.ts'

const stop = new AbortController()
process.once('SIGINT', () => stop.abort(new Error('Đã dừng · stopped')))
process.once('SIGTERM', () => stop.abort(new Error('Đã dừng · stopped')))

try {
  const failed = await runDemo(readOptions(process.argv.slice(2)), {
    print: console.log,
    screen: process.stderr,
    line: { fetch, signal: stop.signal },
    server: process.env.DATABASE_URL || undefined,
  })
  process.exitCode = failed === 0 ? 0 : 1
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
