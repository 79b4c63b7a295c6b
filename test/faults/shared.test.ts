import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { dayOf, formatDate } from '../../src/sla/date.ts'
import { PII_KEYS } from '../support/keys.ts'
import { startServer } from '../support/server.ts'
import { launch, listening } from '../support/service.ts'
import { until } from '../support/until.ts'
import { EARLIER, fillEarlier, look } from './support/earlier.ts'
import { openLedger } from './support/ledger.ts'
import { startLoad } from './support/load.ts'
import { reckon } from './support/reckoning.ts'
import { KEY, NO_SERVER, onServer, startService, untilMore } from './support/running.ts'

const HEADERS = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' }

t.test('reports that hang keep nobody from the desk, nor from lists', { skip: NO_SERVER }, async (t) => {
  const { url } = await startServer(t)
  const timeouts = { DATABASE_REPORTS_POOL_MAX: '2', DATABASE_REPORTS_TIMEOUT_S: '4' }
  const service = await startService(t, { ...onServer(url).settings, ...timeouts })
  const ledger = openLedger()
  const before = startLoad(service.url, KEY, ledger, 4)
  await untilMore(ledger, 40)
  await before.finish()

  const locker = await look(t, url)
  await locker.query('begin')
  await locker.query('lock table figure_totals in access exclusive mode')
  const ask = (path: string) => fetch(`${service.url}${path}`, { headers: HEADERS })
  const ratio = `/v1/reports/channel-ratio?period=${new Date().getFullYear()}`
  // More than the desk has connections.
  const reports = Promise.all(Array.from({ length: 15 }, () => ask(ratio)))
  await setTimeout(200)
  const load = startLoad(service.url, KEY, ledger, 4)
  const began = performance.now()
  for (let n = 0; n < 10; n++) {
    const [overdue, listed] = [await ask('/v1/overdue?agency=H20.19'), await ask('/v1/dossiers?limit=20')]
    t.strictSame([overdue.status, listed.status], [200, 200])
    await Promise.all([overdue.text(), listed.text()])
  }
  const listsMs = Math.round(performance.now() - began)
  await untilMore(ledger, 60)
  await load.finish()
  const slowestMs = Math.round(load.slowestMs())
  t.comment(`slowest change ${slowestMs} ms, 20 lists ${listsMs} ms, while 15 reports hung`)
  t.ok(slowestMs < 3000, 'no change waited for a report')
  t.ok(listsMs < 3000, 'and no list')
  t.strictSame(load.refusals, [])

  const types = new Set<string>()
  for (const answer of await reports) {
    t.equal(answer.status, 503)
    t.ok(Number(answer.headers.get('retry-after')) > 0)
    types.add(((await answer.json()) as { type: string }).type)
  }
  // Those that had their turn hung, and the others had waited for it too long.
  t.ok(types.has('/problems/took_too_long'))
  types.delete('/problems/took_too_long')
  types.delete('/problems/overloaded')
  t.equal(types.size, 0)
  await locker.query('rollback')
  let next = await ask(ratio)
  for (let tries = 0; next.status !== 200 && tries < 60; tries++) {
    await next.text()
    await setTimeout(500)
    next = await ask(ratio)
  }
  t.equal(next.status, 200, 'reports are answered again')
  await next.text()
  t.equal(await service.stop(), 0)
})

/** Gives each connection to the next of those that take one. */
const startBalancer = async (t: Test, urls: readonly string[]): Promise<string> => {
  let turn = 0
  const server = createServer((client) => {
    const reach = (left: number): void => {
      const { hostname, port } = new URL(String(urls[turn++ % urls.length]))
      const backend = connect(Number(port), hostname)
      let isThere = false
      backend.once('connect', () => {
        isThere = true
        client.pipe(backend).pipe(client)
      })
      backend.on('error', () => (isThere || left === 0 ? client.destroy() : reach(left - 1)))
      client.on('error', () => backend.destroy())
    }
    reach(urls.length)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
}

/** The next two weekdays from the day after tomorrow on. */
const nextWeekdays = (): string[] =>
  [2, 3, 4, 5]
    .map((days) => dayOf(Date.now()) + days)
    .filter((day) => ![0, 6].includes(new Date(formatDate(day)).getUTCDay()))
    .slice(0, 2)
    .map(formatDate)

t.test('of three instances one is killed at work, and the others go on with it', { skip: NO_SERVER }, async (t) => {
  const { url } = await startServer(t)
  const ledger = openLedger()
  await fillEarlier(t, url, ledger)
  const names = ['one', 'two', 'three'] as const
  const settings = { PII_KEYS, BOOTSTRAP_ADMIN_KEY: KEY, SEED_SAMPLE: 'true', LOG_LEVEL: 'warn', PORT: '0' }
  const services = names.map((name) => ({
    name,
    service: launch(t, { ...settings, DATABASE_URL: `${url}?application_name=${name}` }),
  }))
  const urls = await Promise.all(services.map(({ service }) => listening(service)))
  const balancer = await startBalancer(t, urls)
  const ask = async (method: string, path: string, body?: object) => {
    const sent = body
      ? { method, headers: HEADERS, body: JSON.stringify(body) }
      : { method, headers: { authorization: HEADERS.authorization } }
    const answer = await fetch(`${balancer}${path}`, sent)
    if (!answer.ok) throw new Error(await answer.text())
    return (await answer.json()) as { id: string; finishedAt: string | null; moved: number; sealedTo: string | null }
  }
  const load = startLoad(balancer, KEY, ledger, 6)

  // Whoever carries the calendar's change to the dossiers comes to wait for one of them.
  const observer = await look(t, url)
  const locker = await look(t, url)
  await locker.query('begin')
  await locker.query('select from dossiers where id = (select min(id) + 1500 from dossiers) for update')
  const days = nextWeekdays().map((date) => ({ date, kind: 'off', name: 'Đóng cửa', legalBasis: 'Chỉ thị 16/CT-TTg' }))
  await ask('PUT', '/v1/calendars/vn/days', { publishedAt: new Date().toISOString(), days })
  const { id } = await ask('POST', '/v1/calendars/vn/recalculate')
  let victim: string | undefined
  await until(async () => {
    const { rows } = await observer.query<{ name: string }>(
      `select application_name as name from pg_stat_activity
       where application_name = any($1) and wait_event_type = 'Lock' and query like 'select "id"%'`,
      [names],
    )
    victim = rows[0]?.name
    return victim !== undefined
  })
  const { service } = services.find(({ name }) => name === victim) ?? {}
  service?.kill('SIGKILL')
  await service?.ended
  await locker.query('rollback')
  t.comment(`${victim} was killed`)

  const recalculation = () => ask('GET', `/v1/calendars/vn/recalculations/${id}`)
  await until(async () => (await recalculation()).finishedAt !== null)
  await untilMore(ledger, 60)
  await load.finish()
  t.ok(load.broken.length > 0, 'what the killed one was asked broke off, and was asked again')
  const { moved } = await recalculation()
  t.ok(moved >= EARLIER)
  const carried = await observer.query(
    `select count(*)::int as events, count(distinct dossier_id)::int as dossiers from events where type = 'recalculated'`,
  )
  t.strictSame({ ...carried.rows[0] }, { events: moved, dossiers: moved }, 'to each dossier once')
  await until(async () => (await observer.query('select from figure_changes limit 1')).rowCount === 0)
  const daysAgo = (days: number): string => formatDate(dayOf(Date.now()) - days)
  const { sealedTo } = await ask('GET', `/v1/audit/seals?from=${daysAgo(3)}&to=${daysAgo(0)}`)
  t.ok(String(sealedTo) >= daysAgo(2), 'and days are sealed')
  for (const { name, service } of services) {
    if (name === victim) continue
    service.kill('SIGTERM')
    t.equal(await service.ended, 0)
  }
  await reckon(t, ledger, onServer(url).database)
})
