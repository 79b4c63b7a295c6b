import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { drizzle } from 'drizzle-orm/node-postgres'
import { migrate } from 'drizzle-orm/node-postgres/migrator'
import pg from 'pg'
import t, { type Test } from 'tap'
import { MIGRATIONS } from '../../src/db/database.ts'
import { ON_SERVER } from '../support/database.ts'
import { startServer } from '../support/server.ts'
import { launch, listening } from '../support/service.ts'
import { until } from '../support/until.ts'
import { openLedger } from './support/ledger.ts'
import { startLoad } from './support/load.ts'
import { reckon } from './support/reckoning.ts'
import { inFolder, KEY, NO_SERVER, newFolder, onServer, startService, untilMore } from './support/running.ts'

const SETTINGS = { PORT: '0', BOOTSTRAP_ADMIN_KEY: KEY, SEED_SAMPLE: 'true', LOG_LEVEL: 'warn' }

const journalOf = (folder: string) => JSON.parse(readFileSync(join(folder, 'meta/_journal.json'), 'utf8'))

const open = async (t: Test, url: string): Promise<pg.Client> => {
  const client = new pg.Client(url)
  await client.connect()
  t.teardown(() => client.end())
  return client
}

/** A server that stands where the very first release left it. */
const startOldServer = async (t: Test) => {
  const server = await startServer(t)
  const folder = newFolder(t)
  cpSync(MIGRATIONS.migrationsFolder, folder, { recursive: true })
  const journal = journalOf(folder)
  writeFileSync(
    join(folder, 'meta/_journal.json'),
    JSON.stringify({ ...journal, entries: journal.entries.slice(0, 1) }),
  )
  const client = await open(t, server.url)
  await migrate(drizzle({ client }), { migrationsFolder: folder })
  return { server, client }
}

t.test('a migration killed half way is made whole by two instances at once', { skip: NO_SERVER }, async (t) => {
  const { server, client } = await startOldServer(t)
  const { settings, database } = onServer(server.url)
  const all = { ...SETTINGS, ...settings }
  // Whoever reads the events keeps the migration from changing them: there it is killed.
  const reader = await open(t, server.url)
  await reader.query('begin')
  await reader.query('lock table events in access share mode')
  const first = launch(t, all)
  const waiting = `select from pg_stat_activity where wait_event_type = 'Lock' and wait_event = 'relation'`
  await until(async () => (await client.query(waiting)).rowCount !== 0)
  first.kill('SIGKILL')
  await first.ended
  await reader.query('rollback')

  const instances = [launch(t, all), launch(t, all)]
  const urls = await Promise.all(instances.map(listening))
  const made = await client.query('select hash from drizzle.__drizzle_migrations')
  t.equal(made.rowCount, journalOf(MIGRATIONS.migrationsFolder).entries.length, 'each migration was made')
  t.equal(new Set(made.rows.map(({ hash }) => hash)).size, made.rowCount, 'once')
  const ledger = openLedger()
  const loads = urls.map((url) => startLoad(url, KEY, ledger, 4))
  await untilMore(ledger, 40)
  await Promise.all(loads.map(({ finish }) => finish()))
  for (const { kill } of instances) kill('SIGTERM')
  t.strictSame(await Promise.all(instances.map(({ ended }) => ended)), [0, 0])
  await reckon(t, ledger, database)
})

t.test(
  'a first start that is killed anywhere leaves nothing in the way of the next',
  { skip: ON_SERVER && 'asked of the embedded database' },
  async (t) => {
    const { settings, database } = inFolder(newFolder(t))
    for (const afterMs of [300, 800, 1300, 2000]) {
      const { kill, ended } = launch(t, { ...SETTINGS, ...settings })
      await setTimeout(afterMs)
      kill('SIGKILL')
      await ended
    }
    const service = await startService(t, settings)
    const ledger = openLedger()
    const load = startLoad(service.url, KEY, ledger, 4)
    await untilMore(ledger, 40)
    await load.finish()
    t.equal(await service.stop(), 0)
    await reckon(t, ledger, database)
  },
)
