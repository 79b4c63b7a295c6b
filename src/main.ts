import { readSettings } from './config.ts'
import { reasonOf } from './db/failure.ts'
import { serve } from './serve.ts'

/** Long enough for any request that was accepted; then the process ends all the same. */
const CLOSE_WITHIN_MS = 20_000

try {
  const running = await serve(readSettings(process.env), console.log)
  const stop = async (): Promise<void> => {
    setTimeout(() => process.exit(1), CLOSE_WITHIN_MS).unref()
    await running.close()
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
} catch (error) {
  console.error(reasonOf(error))
  process.exitCode = 1
}
