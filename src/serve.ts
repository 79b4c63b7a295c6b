import pino from 'pino'
import { collectDefaultMetrics, Registry } from 'prom-client'
import { hashKey, newKey } from './access/key.ts'
import { saveBootstrapKey } from './access/store.ts'
import { gatherUses } from './access/uses.ts'
import { buildApp } from './app.ts'
import { startBackground, startWatch } from './background.ts'
import type { Settings } from './config.ts'
import { type Connections, connectAll } from './db/connect.ts'
import { secretInFolder } from './db/folder.ts'
import { readMigrations } from './db/migrations.ts'
import { onPrimary } from './db/reading.ts'
import { onReplica, watchReplica } from './db/replica.ts'
import { LANE_LIMITS } from './http/lanes.ts'
import { logOptions } from './http/log.ts'
import { checkNumberKeys } from './people/checking.ts'
import { numberKeysOf } from './people/key-file.ts'
import { referenceSource } from './reference.ts'
import { seed } from './seed.ts'
import { VERSION } from './version.ts'

export type Running = { readonly url: string; readonly close: () => Promise<void> }

/** Where lists and reports are read, and what keeps a replica in sight where there is one. */
const readingsOf = (
  { lists, reports, behind, replica }: Connections,
  mostBehindS: number,
  now: () => Date,
  log: Pick<pino.Logger, 'info' | 'warn'>,
) => {
  const primary = { lists: onPrimary(lists.db, now), reports: onPrimary(reports.db, now) }
  if (!replica) return { ...primary, looks: [], isReplicaNear: undefined }
  const watch = watchReplica(behind.db, replica.watch.db, now, mostBehindS * 1000, log)
  return {
    lists: onReplica(primary.lists, replica.lists.db, watch, now),
    reports: onReplica(primary.reports, replica.reports.db, watch, now),
    looks: [watch.look],
    isReplicaNear: watch.isNear,
  }
}

/** Connects, migrates, seeds and listens; `close` finishes what was begun, in the opposite order. */
export const serve = async (settings: Settings, print: (line: string) => void): Promise<Running> => {
  // Written behind the requests, not in them: a line at a time would cost each request a system call.
  const log = pino(logOptions(settings.logLevel), pino.destination({ sync: false }))
  const connections = await connectAll(settings, (error) => log.warn({ err: error }, 'an idle connection was lost'))
  try {
    const numberKeys = numberKeysOf(settings)
    const { db } = connections.desk
    const { pending } = await readMigrations(db)
    await connections.desk.migrate()
    await checkNumberKeys(db, numberKeys)
    const now = () => new Date()
    const reference = referenceSource(db)
    await seed(reference, settings.seedSample)
    const own =
      settings.bootstrapAdminKey === undefined && settings.databaseUrl === undefined
        ? secretInFolder(settings.dataDir, 'admin.key', newKey)
        : undefined
    const adminKey = settings.bootstrapAdminKey ?? own?.secret
    if (adminKey !== undefined) await reference.change((tx) => saveBootstrapKey(tx, hashKey(adminKey), now()))

    const readings = readingsOf(connections, settings.replicaMaxBehindS, now, log)
    const { lists, reports, looks, isReplicaNear } = readings
    const registry = new Registry()
    collectDefaultMetrics({ register: registry })
    const { metricsToken, oidc, rateLimits } = settings
    const measured = { registry, pools: connections.pools, isReplicaNear }
    // A report that has its turn is not to wait for a connection.
    const lanes = { ...LANE_LIMITS, reports: { ...LANE_LIMITS.reports, most: settings.pools.reports.max } }
    const uses = gatherUses(db, log)
    const deps = { db, lists, reports, now, reference, numberKeys }
    const app = await buildApp(deps, { logger: log, measured, metricsToken, rateLimits, lanes, uses, oidc })
    const url = await app.listen({ host: settings.host, port: settings.port })
    print(`motcua listens on ${url}`)
    print(`documentation      ${url}/docs`)
    if (own) print(`admin key          ${own.file}`)
    const behind = [startBackground({ db: connections.behind.db, now, reference }, log), ...looks.map(startWatch)]
    const stopBehind = () => Promise.all(behind.map(({ stop }) => stop()))
    const database = settings.databaseUrl === undefined ? 'embedded' : 'postgresql'
    log.info({ version: VERSION, database, migrationsApplied: pending }, 'started')
    const close = async (): Promise<void> => {
      log.info('stopping')
      await app.close().finally(stopBehind).finally(uses.close).finally(connections.close)
      log.info('stopped')
    }
    return { url, close }
  } catch (error) {
    await connections.close()
    throw error
  }
}
