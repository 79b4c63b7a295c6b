import { Gauge, Registry } from 'prom-client'
import type { PoolLoad } from '../db/database.ts'
import type { Deps } from '../deps.ts'
import type { App } from '../http/app-type.ts'
import type { WaitingRoom } from '../http/waiting-room.ts'
import { kept, readBehind } from './behind.ts'
import { behindGauges, measureBuild, measureLanes, measurePools, measureReplica } from './gauges.ts'
import { measureRequests } from './requests.ts'

/** What is measured outside of the application. */
export type Measured = {
  /** Where the figures of the whole process stand; the application's are added to them. */
  readonly registry?: Registry
  readonly pools?: () => readonly PoolLoad[]
  /** Whether lists and reports are read from the replica, where there is one. */
  readonly isReplicaNear?: (() => boolean) | undefined
}

/** All figures as a text of this type. */
export type Figures = { readonly contentType: string; readonly read: () => Promise<string> }

/** Measures the application's requests from here on, and what is behind them whenever somebody reads. */
export const measure = (
  app: App,
  deps: Deps,
  room: WaitingRoom,
  { registry = new Registry(), pools = () => [], isReplicaNear }: Measured,
): Figures => {
  measureRequests(app, registry)
  measureBuild(registry)
  measurePools(registry, pools)
  if (isReplicaNear) measureReplica(registry, isReplicaNear)
  measureLanes(registry, room.counts)
  const up = new Gauge({
    name: 'motcua_database_up',
    help: 'Whether the database has told what it was last asked',
    registers: [registry],
  })
  // By themselves, so that they can be left out: a gauge that stands still looks like one that is right.
  const ofDatabase = new Registry()
  const show = behindGauges(ofDatabase)
  const newest = kept(
    () => readBehind(deps),
    deps.now,
    (error) => app.log.warn({ err: error }, 'the database does not tell its figures'),
  )
  const read = async (): Promise<string> => {
    const behind = await newest()
    up.set(behind ? 1 : 0)
    if (!behind) return registry.metrics()
    show(behind)
    return `${await registry.metrics()}\n${await ofDatabase.metrics()}`
  }
  return { contentType: registry.contentType, read }
}
