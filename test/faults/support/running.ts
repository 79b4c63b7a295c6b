import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import type { DatabasePlace } from '../../../src/db/connect.ts'
import { ON_SERVER } from '../../support/database.ts'
import { PII_KEYS } from '../../support/keys.ts'
import { NO_SERVER as NO_PROGRAMS, startServer } from '../../support/server.ts'
import { freePort, launch, listening, type Service } from '../../support/service.ts'
import { until } from '../../support/until.ts'
import { acknowledged, type Ledger } from './ledger.ts'

/** The admin key of every service under test. */
export const KEY = 'a-key-for-what-is-done-to-it'

/** Why what is done to any database is skipped, or false: on a server, one of the test's own is needed. */
export const NO_PLACE = ON_SERVER && NO_PROGRAMS

/**
 * Why what is done to a server is skipped, or false. The run on the embedded database leaves it to the run on a server:
 * it is asked once.
 */
export const NO_SERVER = ON_SERVER ? NO_PROGRAMS : 'needs PostgreSQL: set DATABASE_URL'

/** A database of a test's own: how a process is told of it, and how the test looks into it. */
export type Place = {
  settings: Readonly<Record<string, string>>
  database: DatabasePlace
}

export const onServer = (url: string): Place => ({
  settings: { DATABASE_URL: url, PII_KEYS },
  database: { databaseUrl: url, dataDir: '' },
})

export const newFolder = (t: Test): string => {
  const folder = mkdtempSync(join(tmpdir(), 'motcua-faults-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export const inFolder = (dataDir: string): Place => ({
  settings: { DATA_DIR: dataDir },
  database: { databaseUrl: undefined, dataDir },
})

/** On a server of its own where the tests run on a server, otherwise embedded. */
export const openPlace = async (t: Test): Promise<Place> =>
  ON_SERVER ? onServer((await startServer(t)).url) : inFolder(newFolder(t))

/** A service that can be started again where it was. */
export type Restartable = {
  readonly url: string
  /** The process that runs now. */
  readonly now: () => Service
  readonly start: () => Promise<void>
  /** Ends the process without a word. */
  readonly kill: () => Promise<void>
  /** Asks the process to end; answers with its exit code. */
  readonly stop: () => Promise<number | null>
}

/** Starts a service with these settings on a port that it keeps. */
export const startService = async (
  t: Test,
  settings: Readonly<Record<string, string>>,
  options: readonly string[] = [],
): Promise<Restartable> => {
  const PORT = String(await freePort())
  const all = { BOOTSTRAP_ADMIN_KEY: KEY, SEED_SAMPLE: 'true', LOG_LEVEL: 'warn', ...settings, PORT }
  let service = launch(t, all, options)
  await listening(service)
  return {
    url: `http://127.0.0.1:${PORT}`,
    now: () => service,
    start: async () => {
      service = launch(t, all, options)
      await listening(service)
    },
    kill: async () => {
      service.kill('SIGKILL')
      await service.ended
    },
    stop: () => {
      service.kill('SIGTERM')
      return service.ended
    },
  }
}

/** Waits until so many more changes have been acknowledged. */
export const untilMore = (ledger: Ledger, more: number): Promise<void> => {
  const wanted = acknowledged(ledger) + more
  const failing = () => `only ${acknowledged(ledger)} of ${wanted} changes came`
  return until(() => acknowledged(ledger) >= wanted, { failing })
}
