import type { Connection } from './database.ts'

/** How many connections some kind of work has, and how long one of its statements may run. */
export type Pool = { max: number; timeoutS: number }

/** As it is named to whoever watches it. */
export type NamedPool = Pool & { name: string }

/** Which database to use: a server's, or one embedded in a folder. */
export type DatabasePlace = { databaseUrl: string | undefined; dataDir: string }

export type DatabaseSettings = DatabasePlace & {
  replicaUrl: string | undefined
  pools: Readonly<Record<'desk' | 'lists' | 'reports', Pool>>
}

/**
 * What no request waits for: background work takes its turns on one connection, and beats for replicas on another. A
 * statement may seal a day, or fold a portion.
 */
const BEHIND: NamedPool = { name: 'behind', max: 2, timeoutS: 300 }

/** To look how far a replica is must not wait for those who read from it, nor longer than a beat or two. */
const WATCH: Pool = { max: 1, timeoutS: 2 }

type OnIdleError = (error: Error) => void

/** Connects for one kind of work. Only the driver that is used is loaded: the other would be most of the start's time and memory. */
export const connect = async (
  { databaseUrl, dataDir }: DatabasePlace,
  onIdleError: OnIdleError,
  pool = BEHIND,
): Promise<Connection> => {
  if (databaseUrl === undefined) return (await import('./embedded.ts')).openFolder(dataDir)
  return (await import('./postgres.ts')).connectPostgres(databaseUrl, pool, onIdleError)
}

/** Connections for each kind of work, so that none takes those of another. */
export type Connections = {
  readonly desk: Connection
  readonly lists: Connection
  readonly reports: Connection
  readonly behind: Connection
  readonly replica: Readonly<Record<'lists' | 'reports' | 'watch', Connection>> | undefined
  readonly pools: Connection['pools']
  readonly close: () => Promise<void>
}

/** Connects for all that a service does; embedded, on the one connection that there is. */
export const connectAll = async (settings: DatabaseSettings, onIdleError: OnIdleError): Promise<Connections> => {
  const { databaseUrl, replicaUrl, pools, dataDir } = settings
  if (databaseUrl === undefined) {
    const one = await connect(settings, onIdleError)
    return { desk: one, lists: one, reports: one, behind: one, replica: undefined, pools: one.pools, close: one.close }
  }
  const at = (url: string, pool: Pool, name: string) =>
    connect({ databaseUrl: url, dataDir }, onIdleError, { ...pool, name })
  const primary = {
    desk: await at(databaseUrl, pools.desk, 'desk'),
    lists: await at(databaseUrl, pools.lists, 'lists'),
    reports: await at(databaseUrl, pools.reports, 'reports'),
    behind: await at(databaseUrl, BEHIND, BEHIND.name),
  }
  const replica =
    replicaUrl === undefined
      ? undefined
      : {
          lists: await at(replicaUrl, pools.lists, 'replica_lists'),
          reports: await at(replicaUrl, pools.reports, 'replica_reports'),
          watch: await at(replicaUrl, WATCH, 'replica_watch'),
        }
  const all = [...Object.values(primary), ...Object.values(replica ?? {})]
  const close = async (): Promise<void> => {
    await Promise.all(all.map((connection) => connection.close()))
  }
  return { ...primary, replica, pools: () => all.flatMap((connection) => connection.pools()), close }
}
