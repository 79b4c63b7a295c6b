import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { PGLiteSocketServer } from '@electric-sql/pglite-socket'
import { generateDrizzleJson, generateMigration } from 'drizzle-kit/api'
import { sql } from 'drizzle-orm'
import { getTableConfig, type PgTable } from 'drizzle-orm/pg-core'
import t, { type Test } from 'tap'
import { readSettings } from '../src/config.ts'
import { conflictingConstraint } from '../src/db/conflict.ts'
import { connect } from '../src/db/connect.ts'
import { MIGRATIONS, ping } from '../src/db/database.ts'
import * as tables from '../src/db/tables.ts'
import { serve } from '../src/serve.ts'
import { openDatabase } from './support/database.ts'
import { PII_KEYS } from './support/keys.ts'
import { until } from './support/until.ts'

const read = (file: string) => JSON.parse(readFileSync(join(MIGRATIONS.migrationsFolder, 'meta', file), 'utf8'))

const journal: { entries: { idx: number; when: number; tag: string }[] } = read('_journal.json')

t.test('the migrations make exactly the tables of the code', async (t) => {
  const last = journal.entries.at(-1)
  const migrated = read(`${String(last?.idx).padStart(4, '0')}_snapshot.json`)
  t.strictSame(await generateMigration(migrated, generateDrizzleJson(tables)), [])
})

t.test('the journal’s times only grow: the migrator would skip an older one in silence', async (t) => {
  const times = journal.entries.map(({ when }) => when)
  t.strictSame(
    times,
    [...new Set(times)].toSorted((a, b) => a - b),
  )
})

t.test('every table and index of the code is in a migrated database', async (t) => {
  const { db, close } = await openDatabase()
  t.teardown(close)
  const answer = await db.execute(sql`
    select tablename as name from pg_tables where schemaname = 'public'
    union all select indexname from pg_indexes where schemaname = 'public'`)
  const { rows } = answer as unknown as { rows: { name: string }[] }
  const present = new Set(rows.map(({ name }) => name))
  for (const table of Object.values(tables) as PgTable[]) {
    const { name, indexes, primaryKeys, uniqueConstraints } = getTableConfig(table)
    t.ok(present.has(name), name)
    for (const index of indexes) t.ok(present.has(String(index.config.name)), String(index.config.name))
    for (const key of primaryKeys) t.ok(present.has(key.getName()), key.getName())
    for (const constraint of uniqueConstraints) t.ok(present.has(String(constraint.name)), String(constraint.name))
  }
})

t.test('migrating twice changes nothing', async (t) => {
  const { migrate, close } = await openDatabase()
  t.teardown(close)
  await migrate()
  await t.resolves(migrate())
})

t.test('an error that is no conflict is thrown on', async (t) => {
  const plain = new Error('something else')
  t.throws(() => conflictingConstraint(plain), plain)
  t.throws(() => conflictingConstraint('not even an error'))
})

/** PGlite behind a socket speaks the same protocol, so that this needs no server installed. */
const openServer = async (t: Test): Promise<string> => {
  const client = await PGlite.create()
  const server = new PGLiteSocketServer({ db: client, port: 0, maxConnections: 20 })
  await server.start()
  t.teardown(async () => {
    await server.stop()
    await client.close()
  })
  return `postgres://postgres@${server.getServerConn()}/postgres`
}

t.test('a database server is reached through its own driver, migrated and closed', async (t) => {
  const databaseUrl = await openServer(t)
  const { db, pools, migrate, close } = await connect({ databaseUrl, dataDir: '' }, t.error)
  await migrate()
  await t.resolves(ping(db))
  t.strictSame(pools(), [{ pool: 'behind', max: 2, total: 1, idle: 1, waiting: 0 }])
  t.same(await db.select().from(tables.dossiers), [])
  await close()
})

t.test('a transaction gives its connection back, however it ends', async (t) => {
  const databaseUrl = await openServer(t)
  const { db, close } = await connect({ databaseUrl, dataDir: '' }, t.error, { name: 'one', max: 1, timeoutS: 5 })
  t.teardown(close)
  const one = (tx: typeof db) => tx.execute(sql`select 1`)
  for (let n = 0; n < 2; n++) {
    await t.resolves(db.transaction(one))
    await t.rejects(
      db.transaction(() => Promise.reject(new Error('on second thoughts'))),
      { message: /thoughts/ },
    )
    await t.rejects(
      db.transaction((tx) => tx.execute(sql`select 1 / 0`)),
      { cause: { code: '22012' } },
    )
  }
  await t.resolves(ping(db))
})

t.test('a service reads from its replica, which beats of the primary keep in sight', async (t) => {
  const [databaseUrl, replicaUrl] = [await openServer(t), await openServer(t)]
  const given = { DATABASE_URL: databaseUrl, DATABASE_REPLICA_URL: replicaUrl, PORT: '0', LOG_LEVEL: 'silent' }
  const key = 'a-key-of-at-least-24-letters'
  const METRICS_TOKEN = 'a-token-of-at-least-24-letters'
  const copy = await connect({ databaseUrl: replicaUrl, dataDir: '' }, t.error)
  await copy.migrate()
  const service = await serve(readSettings({ ...given, PII_KEYS, METRICS_TOKEN, BOOTSTRAP_ADMIN_KEY: key }), () => {})
  const own = await connect({ databaseUrl, dataDir: '' }, t.error)
  t.teardown(() => Promise.all([copy.close(), own.close()]))
  const askedOf = async () => {
    const answer = await fetch(`${service.url}/v1/dossiers`, { headers: { authorization: `Bearer ${key}` } })
    return ((await answer.json()) as { asOf: string }).asOf
  }
  await until(async () => (await own.db.$count(tables.heartbeats)) > 0)
  // What would come over from the primary by itself.
  const at = new Date(Date.now() - 5000)
  await copy.db.insert(tables.heartbeats).values({ at, writtenAt: at })
  await until(async () => new Date(await askedOf()).getTime() === at.getTime())
  t.pass('of the moment that the replica shows')
  const figures = await fetch(`${service.url}/metrics`, { headers: { authorization: `Bearer ${METRICS_TOKEN}` } })
  t.match(await figures.text(), /motcua_database_connections_most\{pool="replica_reports"\}/)
  await service.close()
})
