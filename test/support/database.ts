import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import type { Connection } from '../../src/db/database.ts'

/** Where the tests on PGlite find the migrated, seeded database that each of them starts from. */
export const EMBEDDED_TEMPLATE = join(tmpdir(), 'motcua-test-template.tar')

/** The same on a PostgreSQL server. */
export const SERVER_TEMPLATE = 'motcua_test_template'

export const serverUrl = (url: string, database: string): string => {
  const other = new URL(url)
  other.pathname = `/${database}`
  return other.href
}

/** As many connections as a test's application has, and how long a statement of it may run. */
export const TEST_POOL = { name: 'test', max: 10, timeoutS: 60 }

/** Whether the tests run on a PostgreSQL server, where several connections really work side by side. */
export const ON_SERVER = process.env.DATABASE_URL !== undefined

const onServer = async (url: string): Promise<Connection> => {
  const database = `motcua_test_${randomUUID().replaceAll('-', '')}`
  const admin = new pg.Client(url)
  await admin.connect()
  await admin.query(`create database ${database} template ${SERVER_TEMPLATE}`)
  const { connectPostgres } = await import('../../src/db/postgres.ts')
  const connection = connectPostgres(serverUrl(url, database), TEST_POOL, () => {})
  return {
    ...connection,
    close: async () => {
      await connection.close()
      await admin.query(`drop database ${database} with (force)`)
      await admin.end()
    },
  }
}

const embedded = async (): Promise<Connection> => {
  const { PGlite } = await import('@electric-sql/pglite')
  const { connectEmbedded } = await import('../../src/db/embedded.ts')
  return connectEmbedded(await PGlite.create({ loadDataDir: new Blob([await readFile(EMBEDDED_TEMPLATE)]) }))
}

/** A database of a test's own: on the server of `DATABASE_URL`, or embedded. */
export const openDatabase = (): Promise<Connection> =>
  process.env.DATABASE_URL ? onServer(process.env.DATABASE_URL) : embedded()
