import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { collectDefaultMetrics, Registry } from 'prom-client'
import t, { type Test } from 'tap'
import { buildApp } from '../src/app.ts'
import { sealNextDay } from '../src/audit/sealing.ts'
import { runRecalculations, SETTLED_AFTER_MS } from '../src/calendars/recalculation.ts'
import { foldChanges } from '../src/figures/folding.ts'
import { logOfRequest } from '../src/http/log.ts'
import { kept } from '../src/metrics/behind.ts'
import { VERSION } from '../src/version.ts'
import { take } from './support/asking.ts'
import { openDatabase } from './support/database.ts'
import { type Desk, depsOn, openDesk } from './support/desk.ts'
import { listen } from './support/log.ts'
import { until } from './support/until.ts'

const TOKEN = 'a-token-of-24-letters-or-more'

/** What a process that serves measures beside the application, with a pool that is under way. */
const processFigures = () => {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const replica = { isNear: true }
  const pools = () => [{ pool: 'desk', max: 10, total: 4, idle: 1, waiting: 2 }]
  return { registry, pools, replica, isReplicaNear: () => replica.isNear }
}

const openMeasured = (t: Test, more: Parameters<typeof openDesk>[1] = {}): Promise<Desk> =>
  openDesk(t, { metricsToken: TOKEN, measured: processFigures(), ...more })

const asked = (desk: Pick<Desk, 'stranger'>, authorization = `Bearer ${TOKEN}`) =>
  desk.stranger.ask('GET', '/metrics', undefined, { authorization })

/** The figures by their names and labels, as the text has them. */
const figures = (text: string): Map<string, number> =>
  new Map(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))] as const),
  )

const read = async (desk: Desk): Promise<Map<string, number>> => {
  const answer = await asked(desk)
  if (answer.status !== 200) throw new Error(answer.text)
  return figures(answer.text)
}

t.test('figures are read with the token of the settings, and with nothing else', async (t) => {
  const desk = await openDesk(t, { metricsToken: TOKEN })
  const { key } = await desk.client()
  t.match(await asked(desk), { status: 200, headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' } })
  for (const wrong of ['', 'Bearer', `Basic ${TOKEN}`, `Bearer ${TOKEN}x`, `Bearer ${key}`]) {
    t.match(await asked(desk, wrong), { status: 401, headers: { 'www-authenticate': 'Bearer' } }, wrong)
  }
  const closed = await openDesk(t)
  t.equal((await asked(closed)).status, 401, 'where the settings have none, nobody may')
})

t.test('requests are counted by method, route and status, never by what stands in their address', async (t) => {
  const desk = await openMeasured(t)
  const all = await desk.client()
  const { code } = await take(all)
  for (let count = 0; count < 3; count++) await all.ask('GET', `/v1/dossiers/${code}?x=${count}`)
  await all.ask('GET', '/v1/dossiers/H20.19.05-210831-0009')
  for (const path of ['/v1/nothing', '/v1/nothing-else']) await desk.stranger.ask('PATCH', path)
  const text = (await asked(desk)).text
  const count = (method: string, route: string, status: number): number | undefined =>
    figures(text).get(
      `motcua_http_request_duration_seconds_count{method="${method}",route="${route}",status="${status}"}`,
    )
  t.equal(count('POST', '/v1/dossiers', 201), 1)
  t.equal(count('GET', '/v1/dossiers/:code', 200), 3)
  t.equal(count('GET', '/v1/dossiers/:code', 404), 1)
  t.equal(count('unmatched', 'unmatched', 404), 2)
  t.equal(figures(text).get('motcua_http_requests_in_work'), 1, 'the one that asks')
  for (const told of [code, 'nothing', 'Nguyễn', '087123456789', '0912345678', all.key]) t.notMatch(text, told)
})

t.test('a client that hangs up is counted as gone', async (t) => {
  const desk = await openMeasured(t)
  const { key } = await desk.client()
  await desk.app.listen({ port: 0, host: '127.0.0.1' })
  const address = desk.app.server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.write(`POST /v1/dossiers HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${key}\r\n`)
  socket.write('Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{')
  await until(async () => (await read(desk)).get('motcua_http_requests_in_work') === 2)
  socket.destroy()
  await until(async () => (await read(desk)).get('motcua_http_requests_in_work') === 1)
  const gone = 'motcua_http_request_duration_seconds_count{method="POST",route="/v1/dossiers",status="499"}'
  t.equal((await read(desk)).get(gone), 1)
})

t.test('the work behind and what is overdue are told as they stood at most a quarter of a minute ago', async (t) => {
  const desk = await openMeasured(t)
  const all = await desk.client()
  desk.at('2021-09-07T08:00:00+07:00')
  const seen = await read(desk)
  t.equal(seen.get('motcua_database_up'), 1)
  t.equal(seen.get('motcua_fold_changes_waiting'), 0)
  t.equal(seen.get('motcua_seal_days_waiting'), 0, 'nothing was ever recorded')
  t.equal(seen.get('motcua_recalculations_running'), 0)
  t.equal(seen.get('motcua_overdue_dossiers{province="H20"}'), 0)

  await take(all)
  await take(all, { receivingAgency: 'H20.20.01' })
  await take(all, { receivedAt: '2021-09-07T08:00:00+07:00' })
  t.equal((await read(desk)).get('motcua_fold_changes_waiting'), 0, 'not asked again yet')
  desk.at('2021-09-08T08:00:00+07:00')
  t.equal((await all.ask('POST', '/v1/calendars/vn/recalculate')).status, 202)
  const later = await read(desk)
  t.equal(later.get('motcua_fold_changes_waiting'), 3)
  t.equal(later.get('motcua_seal_days_waiting'), 1)
  t.equal(later.get('motcua_recalculations_running'), 1)
  t.equal(later.get('motcua_overdue_dossiers{province="H20"}'), 2, 'with all below it')

  await foldChanges(desk.db)
  await sealNextDay(desk.db, desk.deps.now())
  desk.at(new Date(desk.deps.now().getTime() + Math.max(SETTLED_AFTER_MS, 15_000)).toISOString())
  while (await runRecalculations(desk.deps));
  const done = await read(desk)
  t.equal(done.get('motcua_fold_changes_waiting'), 0)
  t.equal(done.get('motcua_seal_days_waiting'), 0)
  t.equal(done.get('motcua_recalculations_running'), 0)
  desk.at('2021-09-11T00:09:59+07:00')
  t.equal((await read(desk)).get('motcua_seal_days_waiting'), 2)
  desk.at('2021-09-11T00:10:00+07:00')
  t.equal((await read(desk)).get('motcua_seal_days_waiting'), 2, 'fifteen seconds are not over')
  desk.at('2021-09-11T00:10:15+07:00')
  t.equal((await read(desk)).get('motcua_seal_days_waiting'), 3)
})

t.test('the process, its pools and its version are told, also once the database is gone', async (t) => {
  const connection = await openDatabase()
  const { db } = connection
  const log = listen()
  let clock = new Date('2021-10-01T08:00:00+07:00')
  const deps = depsOn(db, () => clock)
  const measured = processFigures()
  const app = await buildApp(deps, { logger: log.logger, metricsToken: TOKEN, measured })
  t.teardown(() => app.close())
  const read = async () => {
    const answer = await app.inject({ url: '/metrics', headers: { authorization: `Bearer ${TOKEN}` } })
    t.equal(answer.statusCode, 200)
    return figures(answer.body)
  }
  const before = await read()
  t.equal(before.get('motcua_overdue_dossiers{province="H20"}'), 0)
  t.equal(before.get('motcua_replica_near'), 1)
  await connection.close()
  measured.replica.isNear = false
  clock = new Date(clock.getTime() + 15_000)
  const seen = await read()
  t.equal(seen.get('motcua_database_up'), 0)
  t.equal(seen.get('motcua_replica_near'), 0)
  t.equal(seen.get(`motcua_build_info{version="${VERSION}"}`), 1)
  t.ok(Number(seen.get('process_resident_memory_bytes')) > 0)
  t.ok(seen.has('nodejs_eventloop_lag_p99_seconds'))
  t.equal(seen.get('motcua_database_connections_most{pool="desk"}'), 10)
  t.equal(seen.get('motcua_database_connections{pool="desk"}'), 4)
  t.equal(seen.get('motcua_database_connections_idle{pool="desk"}'), 1)
  t.equal(seen.get('motcua_database_waiting{pool="desk"}'), 2)
  t.strictSame(
    [...seen.keys()].filter((name) => /^motcua_(overdue|fold|seal|recalculations)/.test(name)),
    [],
    'a gauge that stands still would look like one that is right',
  )
  t.ok(log.records().some(({ level, msg }) => level === 40 && msg === 'the database does not tell its figures'))
})

t.test('nobody waits long for a database that does not answer, and old figures are not told', async (t) => {
  // Whoever waits for a database keeps no process alive.
  const alive = setInterval(() => {}, 1000)
  t.teardown(() => clearInterval(alive))
  let [clock, reads] = [0, 0]
  const answers: ((value: number) => void)[] = []
  const figure = kept(
    () => {
      reads += 1
      return new Promise<number>((resolve) => answers.push(resolve))
    },
    () => new Date(clock),
    () => t.fail('nothing failed'),
  )
  const first = [figure(), figure()]
  answers[0]?.(1)
  t.strictSame(await Promise.all(first), [1, 1], 'who asks at the same moment shares one reading')
  clock = 20_000
  t.equal(await figure(), 1, 'meanwhile the last one stands')
  clock = 59_000
  t.equal(await figure(), 1)
  clock = 60_000
  t.equal(await figure(), undefined)
  t.equal(reads, 2, 'and nobody asks again before there is an answer')
  answers[1]?.(2)
  await new Promise(setImmediate)
  clock = 25_000
  t.equal(await figure(), 2)
  clock = -3_600_000
  const setBack = figure()
  answers[2]?.(3)
  t.equal(await setBack, 3, 'a clock that was set back is no reason to keep an old figure')
})

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const PARENT = '00f067aa0ba902b7'

t.test('a trace goes on through every line of the log and the answer', async (t) => {
  const log = listen()
  const desk = await openDesk(t, { logger: log.logger })
  const ask = (traceparent: string) => desk.stranger.ask('GET', '/v1/agencies', undefined, { traceparent })
  const traceOf = (answer: Awaited<ReturnType<typeof ask>>): string[] => String(answer.headers.traceparent).split('-')

  const valid = [
    [`00-${TRACE}-${PARENT}-01`, '01'],
    [`00-${TRACE}-${PARENT}-00`, '00'],
    [`00-${TRACE}-${PARENT}-02`, '00'],
    [`42-${TRACE}-${PARENT}-01-more`, '01'],
  ] as const
  for (const [given, flags] of valid) {
    const answer = await ask(given)
    const [version, trace, span, sampled] = traceOf(answer)
    t.strictSame([answer.status, version, trace, sampled], [401, '00', TRACE, flags], given)
    t.match(span, /^[\da-f]{16}$/)
    t.not(span, PARENT)
    t.match(log.records().at(-1), { msg: 'answered', trace_id: TRACE, span_id: span, trace_flags: flags })
  }

  const invalid = [
    '',
    'nonsense',
    `00-${TRACE}-${PARENT}`,
    `00-${TRACE}-${PARENT}-01-more`,
    `00-${TRACE.toUpperCase()}-${PARENT}-01`,
    `00-${'0'.repeat(32)}-${PARENT}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `ff-${TRACE}-${PARENT}-01`,
  ]
  const traces = new Set<string>()
  for (const given of invalid) {
    const [, trace = '', , flags] = traceOf(await ask(given))
    t.match(trace, /^[\da-f]{32}$/, given)
    t.equal(flags, '00')
    traces.add(trace)
  }
  t.notOk(traces.has(TRACE))
  t.equal(traces.size, invalid.length, 'each begins a trace of its own')
})

t.test('the log of a request is made with its first line, and stands for it in all else', async (t) => {
  const { logger, records } = listen()
  let made = 0
  const log = logOfRequest(() => {
    made += 1
    return logger.child({ reqId: 'one' })
  })
  t.equal(made, 0)
  t.equal(log.level, logger.level)
  log.info({ more: true }, 'said')
  log.child({ part: 'two' }).warn('said again')
  t.match(records(), [
    { reqId: 'one', more: true, msg: 'said' },
    { reqId: 'one', part: 'two', msg: 'said again' },
  ])
  t.equal(made, 1)
})

t.test('every figure that the README names is there', async (t) => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const named = new Set(readme.match(/\b(?:motcua|nodejs|process)_[a-z\d_]+\b/g))
  // A claim of tokens.
  named.delete('motcua_agency')
  t.ok(named.size > 10)
  const desk = await openMeasured(t)
  await desk.stranger.ask('GET', '/healthz')
  const names = new Set([...(await read(desk)).keys()].map((series) => series.replace(/\{.*/, '')))
  for (const name of named) t.ok(names.has(name), name)
})
