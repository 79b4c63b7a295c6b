import { PGlite } from '@electric-sql/pglite'
import { drizzle } from 'drizzle-orm/pglite'
import { migrate } from 'drizzle-orm/pglite/migrator'
import { type Connection, MIGRATIONS } from './database.ts'
import { claimFolder } from './folder.ts'

/** PostgreSQL inside this process, on one connection: requests take turns. */
export const connectEmbedded = (client: PGlite): Connection => {
  const db = drizzle({ client })
  return { db, pools: () => [], migrate: () => migrate(db, MIGRATIONS), close: () => client.close() }
}

/** Opens the embedded database of a folder, which no other process may use meanwhile. */
export const openFolder = async (folder: string): Promise<Connection> => {
  const { database, release } = claimFolder(folder)
  try {
    const embedded = connectEmbedded(await PGlite.create(database))
    return { ...embedded, close: () => embedded.close().finally(release) }
  } catch (error) {
    release()
    throw error
  }
}
