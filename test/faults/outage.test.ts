import { setTimeout } from 'node:timers/promises'
import pg from 'pg'
import t, { type Test } from 'tap'
import { type Server, startServer } from '../support/server.ts'
import { type Ledger, openLedger } from './support/ledger.ts'
import { type Load, startLoad } from './support/load.ts'
import { reckon } from './support/reckoning.ts'
import { KEY, NO_SERVER, onServer, startService, untilMore } from './support/running.ts'

/** How long the server stays away: a few seconds with every change, thirty before a release. */
const STOP_SECONDS = Number(process.env.FAULT_STOP_SECONDS ?? 3)

const DATABASE_TIMEOUT_S = '2'

/**
 * The longest that anyone waits for an answer: for the statements before one's own to be given up, 5 s after they should
 * have ended, and 10 s more for a connection to a server that takes none.
 */
const ANSWERED_WITHIN_MS = 18_000

/** How long the server hangs: longer than that. */
const HANG_MS = 20_000

/** Does something to the server of a service under load, and looks at what its clients were told. */
const under = async (t: Test, fault: (server: Server, ledger: Ledger) => Promise<void>): Promise<Load> => {
  const server = await startServer(t)
  const { settings, database } = onServer(server.url)
  const service = await startService(t, { ...settings, DATABASE_TIMEOUT_S })
  const ledger = openLedger()
  const load = startLoad(service.url, KEY, ledger)
  await untilMore(ledger, 40)
  await fault(server, ledger)
  const back = performance.now()
  await untilMore(ledger, 40)
  const recoveredMs = Math.round(performance.now() - back)
  await load.finish()
  t.equal(await service.stop(), 0)
  t.comment(
    `${load.refusals.length} refusals; the slowest answer took ${Math.round(load.slowestMs())} ms; ` +
      `40 more changes came within ${recoveredMs} ms of its end`,
  )
  const unclear = load.refusals.filter(({ status, retryAfter }) => status !== 503 || !(Number(retryAfter) > 0))
  t.strictSame(unclear, [], 'every refusal is a 503 that says when to come back')
  t.strictSame(load.broken, [], 'every request was answered')
  t.ok(load.slowestMs() < ANSWERED_WITHIN_MS, 'within the time that any request may take')
  await reckon(t, ledger, database)
  return load
}

t.test('PostgreSQL restarted under load is a pause and no loss', { skip: NO_SERVER }, (t) =>
  under(t, async (server, ledger) => {
    for (const mode of ['fast', 'immediate'] as const) {
      await server.stop(mode)
      await server.start()
      await untilMore(ledger, 10)
    }
  }),
)

t.test('PostgreSQL gone is told at once, and missed no longer than it is away', { skip: NO_SERVER }, async (t) => {
  const { refusals } = await under(t, async (server) => {
    await server.stop('fast')
    await setTimeout(STOP_SECONDS * 1000)
    await server.start()
  })
  t.ok(refusals.length > 0)
  const slowest = Math.max(...refusals.map(({ tookMs }) => tookMs))
  t.ok(slowest < 2_000, `nobody waits for a server that is plainly not there (${Math.round(slowest)} ms)`)
})

t.test('PostgreSQL that hangs is given up in time', { skip: NO_SERVER }, async (t) => {
  const { refusals } = await under(t, async (server) => {
    await server.signal('SIGSTOP')
    await setTimeout(HANG_MS)
    await server.signal('SIGCONT')
  })
  t.ok(refusals.length > 0)
})

t.test('connections cut in the middle of anything lose nothing', { skip: NO_SERVER }, async (t) => {
  let [cut, atWork] = [0, 0]
  await under(t, async ({ url }) => {
    const admin = new pg.Client(url)
    await admin.connect()
    for (let round = 0; round < 40; round++) {
      const { rows } = await admin.query<{ state: string }>(
        `select pg_terminate_backend(pid), state from pg_stat_activity
         where backend_type = 'client backend' and pid <> pg_backend_pid() and random() < 0.5`,
      )
      cut += rows.length
      atWork += rows.filter(({ state }) => state !== 'idle').length
      await setTimeout(50)
    }
    await admin.end()
  })
  t.comment(`${cut} connections were cut, ${atWork} of them at work`)
  t.ok(atWork > 0)
})
