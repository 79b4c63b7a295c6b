import { writeFile } from 'node:fs/promises'
import pg from 'pg'
import type { Connection } from '../../src/db/database.ts'
import { referenceSource } from '../../src/reference.ts'
import { seed } from '../../src/seed.ts'
import { EMBEDDED_TEMPLATE, SERVER_TEMPLATE, serverUrl, TEST_POOL } from './database.ts'

const fill = async ({ db, migrate }: Connection): Promise<void> => {
  await migrate()
  await seed(referenceSource(db), true)
}

/** Makes, once for all tests, the migrated and seeded database that each of them starts from a copy of. */
const url = process.env.DATABASE_URL
if (url) {
  const admin = new pg.Client(url)
  await admin.connect()
  await admin.query(`drop database if exists ${SERVER_TEMPLATE}`)
  await admin.query(`create database ${SERVER_TEMPLATE}`)
  await admin.end()
  const { connectPostgres } = await import('../../src/db/postgres.ts')
  const connection = connectPostgres(serverUrl(url, SERVER_TEMPLATE), TEST_POOL, () => {})
  await fill(connection)
  await connection.close()
} else {
  const { PGlite } = await import('@electric-sql/pglite')
  const { connectEmbedded } = await import('../../src/db/embedded.ts')
  const client = await PGlite.create()
  await fill(connectEmbedded(client))
  const dump = await client.dumpDataDir('none')
  await writeFile(EMBEDDED_TEMPLATE, Buffer.from(await dump.arrayBuffer()))
  await client.close()
}
