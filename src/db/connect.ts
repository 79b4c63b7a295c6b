import type { Connection } from './database.ts'

/** Which database to use: a server's, or one embedded in a folder. */
export type DatabaseSettings = { databaseUrl: string | undefined; databasePoolMax: number; dataDir: string }

/** Connects. Only the driver that is used is loaded: the other would be most of the start's time and memory. */
export const connect = async (
  { databaseUrl, databasePoolMax, dataDir }: DatabaseSettings,
  onIdleError: (error: Error) => void,
): Promise<Connection> => {
  if (databaseUrl === undefined) return (await import('./embedded.ts')).openFolder(dataDir)
  return (await import('./postgres.ts')).connectPostgres(databaseUrl, databasePoolMax, onIdleError)
}
