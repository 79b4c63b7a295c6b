import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pino from 'pino'
import { collectDefaultMetrics, Registry } from 'prom-client'
import { hashKey, newKey } from './access/key.ts'
import { saveBootstrapKey } from './access/store.ts'
import { buildApp } from './app.ts'
import { startBackground } from './background.ts'
import type { Settings } from './config.ts'
import { connect } from './db/connect.ts'
import { readMigrations } from './db/migrations.ts'
import { logOptions } from './http/log.ts'
import { referenceSource } from './reference.ts'
import { seed } from './seed.ts'
import { VERSION } from './version.ts'

export type Running = { readonly url: string; readonly close: () => Promise<void> }

/** The embedded database's admin key: made at the first start, readable by its owner alone. */
const keyInFolder = (folder: string): { key: string; file: string } => {
  const file = join(folder, 'admin.key')
  if (!existsSync(file)) writeFileSync(file, `${newKey()}\n`, { mode: 0o600 })
  return { key: readFileSync(file, 'utf8').trim(), file }
}

/** Connects, migrates, seeds and listens; `close` finishes what was begun, in the opposite order. */
export const serve = async (settings: Settings, print: (line: string) => void): Promise<Running> => {
  // Written behind the requests, not in them: a line at a time would cost each request a system call.
  const log = pino(logOptions(settings.logLevel), pino.destination({ sync: false }))
  const connection = await connect(settings, (error) => log.warn({ err: error }, 'an idle connection was lost'))
  try {
    const { db } = connection
    const { pending } = await readMigrations(db)
    await connection.migrate()
    const now = () => new Date()
    const reference = referenceSource(db)
    await seed(reference, settings.seedSample)
    const own =
      settings.bootstrapAdminKey === undefined && settings.databaseUrl === undefined
        ? keyInFolder(settings.dataDir)
        : undefined
    const adminKey = settings.bootstrapAdminKey ?? own?.key
    if (adminKey !== undefined) await reference.change((tx) => saveBootstrapKey(tx, hashKey(adminKey), now()))

    const registry = new Registry()
    collectDefaultMetrics({ register: registry })
    const { metricsToken } = settings
    const measured = { registry, pools: connection.pools }
    const app = await buildApp({ db, now, reference }, { logger: log, measured, metricsToken })
    const url = await app.listen({ host: settings.host, port: settings.port })
    print(`motcua listens on ${url}`)
    print(`documentation      ${url}/docs`)
    if (own) print(`admin key          ${own.file}`)
    const background = startBackground({ db, now, reference }, log)
    const database = settings.databaseUrl === undefined ? 'embedded' : 'postgresql'
    log.info({ version: VERSION, database, migrationsApplied: pending }, 'started')
    const close = async (): Promise<void> => {
      log.info('stopping')
      await app.close().finally(background.stop).finally(connection.close)
      log.info('stopped')
    }
    return { url, close }
  } catch (error) {
    await connection.close()
    throw error
  }
}
