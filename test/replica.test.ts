import { sql } from 'drizzle-orm'
import pg from 'pg'
import t, { type Test } from 'tap'
import type { Database } from '../src/db/database.ts'
import { onPrimary } from '../src/db/reading.ts'
import { beat, onReplica, positionOf, watchReplica } from '../src/db/replica.ts'
import { heartbeats } from '../src/db/tables.ts'
import { Refusal } from '../src/refusal.ts'
import { pagesOf, query, take } from './support/asking.ts'
import { openDatabase } from './support/database.ts'
import { intake, openDesk } from './support/desk.ts'
import { PII_KEYS } from './support/keys.ts'
import { NO_SERVER, startReplica, startServer } from './support/server.ts'
import { launch, listening } from './support/service.ts'
import { until } from './support/until.ts'

const MOST_BEHIND_MS = 30_000

/** A log that keeps its lines. */
const keptLog = () => {
  const lines: { facts: Record<string, unknown>; message: string }[] = []
  const keep = (facts: object, message: string) => void lines.push({ facts: { ...facts }, message })
  return { lines, info: keep, warn: keep }
}

const NEAR = 'lists and reports are read from the replica'
const LOST = 'the replica is behind or does not answer: lists and reports are read from the primary'

/** A desk that reads from another database, which follows it only where the test says so. */
const openBeside = async (t: Test) => {
  const copy = await openDatabase()
  const log = keptLog()
  const seen: { look?: () => Promise<void> } = {}
  const desk = await openDesk(t, {}, openDatabase(), (deps) => {
    const watch = watchReplica(deps.db, copy.db, deps.now, MOST_BEHIND_MS, log)
    seen.look = watch.look
    const beside = onReplica(deps.lists, copy.db, watch, deps.now)
    return { ...deps, lists: beside, reports: beside }
  })
  let isClosed = false
  const lose = async () => {
    isClosed = true
    await copy.close()
  }
  t.teardown(async () => {
    if (!isClosed) await copy.close()
  })
  const look = async () => seen.look?.()
  return { desk, copy: copy.db, log, look, lose, client: await desk.client() }
}

const PERIOD = 'from=2021-09-01&to=2021-12-31'
const RATIO = `/v1/reports/channel-ratio?${PERIOD}`
const EVIDENCE = `/v1/reports/channel-ratio/evidence?${PERIOD}&figure=received.total`
const OVERDUE = '/v1/overdue?agency=H20.19.05'
const RECEIVED = { receivedAt: '2021-09-20T09:00:00+07:00' }

t.test(
  'lists, reports and evidence are those of the replica, as of its position; a dossier is the desk’s',
  async (t) => {
    const { copy, log, look, client } = await openBeside(t)
    const { code } = await take(client, RECEIVED)
    const asked = { ratio: RATIO, page: EVIDENCE, list: '/v1/dossiers', overdue: OVERDUE } as const
    const answers = async () => {
      const all = await Promise.all(Object.values(asked).map((url) => client.ask('GET', url)))
      return all.map(({ body }) => ({ asOf: body.asOf, found: body.denominator ?? body.items.length }))
    }
    const now = '2021-10-01T08:00:00+07:00'
    const here = [1, 1, 1, 1].map((found) => ({ asOf: now, found }))
    t.strictSame(await answers(), here, 'the primary’s, as long as nobody has looked')
    await look()
    t.strictSame(await answers(), here, 'and where the replica has nothing to show yet')

    await beat(copy, new Date('2021-10-01T07:59:58.500+07:00'))
    await look()
    const then = '2021-10-01T07:59:58.500+07:00'
    t.strictSame(await answers(), [
      { asOf: then, found: 0 },
      { asOf: then, found: 0 },
      { asOf: then, found: 0 },
      { asOf: '2021-10-01T07:59:00+07:00', found: 0 },
    ])
    t.equal((await client.ask('GET', `/v1/dossiers/${code}`)).status, 200)
    t.equal(
      (await client.ask('GET', `${EVIDENCE}&format=csv`)).text.split('\r\n').length,
      2,
      'a file has its head alone',
    )
    t.equal((await client.ask('GET', '/v1/overdue/summary')).body.total.overdue, 0)
    const frozen = await client.ask('POST', '/v1/reports/snapshots', {
      report: 'channel-ratio',
      parameters: { from: '2021-09-01', to: '2021-12-31' },
    })
    t.match(frozen.body, { takenAt: now, figures: { denominator: 1 } }, 'a snapshot is the primary’s')
    t.same(
      log.lines.map(({ message }) => message),
      [LOST, NEAR],
    )
  },
)

t.test('what is asked of a later moment than the replica’s is the primary’s', async (t) => {
  const { copy, look, client } = await openBeside(t)
  for (let n = 0; n < 3; n++) await take(client, RECEIVED)
  const pages = async () => {
    const all = await pagesOf(client, '/v1/reports/channel-ratio/evidence', {
      from: '2021-09-01',
      to: '2021-12-31',
      figure: 'received.total',
      limit: '2',
    })
    return all.map(({ asOf, items }) => [asOf, items.length])
  }
  await beat(copy, new Date('2021-10-01T07:59:59+07:00'))
  const [first] = [await client.ask('GET', `${EVIDENCE}&limit=2`)]
  const [newest] = [await client.ask('GET', '/v1/dossiers?limit=2')]
  await look()
  const older = await client.ask('GET', `/v1/dossiers?limit=2&cursor=${newest.body.nextCursor}`)
  t.match(older.body, { items: { length: 1 } }, 'no page is older than the first')
  const next = await client.ask('GET', `${EVIDENCE}&limit=2&cursor=${first.body.nextCursor}`)
  t.match(next.body, { asOf: '2021-10-01T08:00:00+07:00', items: { length: 1 } }, 'a list goes on where it began')
  t.strictSame(await pages(), [['2021-10-01T07:59:59+07:00', 0]])
  const asOf = (instant: string) => client.ask('GET', `${RATIO}&asOf=${encodeURIComponent(instant)}`)
  t.match((await asOf('2021-10-01T07:59:59+07:00')).body, { denominator: 0 })
  t.match((await asOf('2021-10-01T08:00:00+07:00')).body, { denominator: 3 })
  t.equal((await asOf('2021-10-01T08:00:01+07:00')).status, 400, 'and the future nobody’s')
  await beat(copy, new Date('2021-10-01T08:00:02+07:00'))
  t.match(
    (await client.ask('GET', RATIO)).body,
    { asOf: '2021-10-01T08:00:00+07:00', denominator: 0 },
    'whatever clock beats',
  )
})

t.test('a replica that falls behind is left until it has caught up, and that is told once', async (t) => {
  const { desk, copy, log, look, client } = await openBeside(t)
  await take(client, RECEIVED)
  const found = async () => (await client.ask('GET', RATIO)).body.denominator
  await beat(copy, new Date('2021-10-01T08:00:00+07:00'))
  await look()
  t.equal(await found(), 0)
  desk.at('2021-10-01T08:00:30+07:00')
  await look()
  t.equal(await found(), 0, 'so far it may be behind')
  desk.at('2021-10-01T08:00:30.001+07:00')
  await look()
  await look()
  t.equal(await found(), 1)
  await beat(copy, new Date('2021-10-01T08:00:30+07:00'))
  await look()
  t.equal(await found(), 0)
  t.match(log.lines, [{ message: NEAR }, { message: LOST, facts: { behindMs: 30_001 } }, { message: NEAR }])
})

t.test('whoever reads while a replica is lost is answered by the primary', async (t) => {
  const { copy, log, look, lose, client } = await openBeside(t)
  await take(client, RECEIVED)
  await beat(copy, new Date('2021-10-01T08:00:00+07:00'))
  await look()
  t.equal((await client.ask('GET', RATIO)).body.denominator, 0)
  await lose()
  t.equal((await client.ask('GET', RATIO)).body.denominator, 1)
  t.equal((await client.ask('GET', '/v1/dossiers')).body.items.length, 1)
  t.match((await client.ask('GET', `${EVIDENCE}&format=ndjson`)).text, /"code":/)
  await look()
  t.match(log.lines, [{ message: NEAR }, { message: LOST, facts: { err: Error } }])
  t.equal(log.lines.length, 2)
})

t.test('a statement’s own failure is no reason to ask again', async (t) => {
  const [primary, copy] = [await openDatabase(), await openDatabase()]
  t.teardown(() => Promise.all([primary.close(), copy.close()]))
  const now = () => new Date('2021-10-01T08:00:00+07:00')
  const watch = watchReplica(primary.db, copy.db, now, MOST_BEHIND_MS, keptLog())
  const { read, primary: own } = onReplica(onPrimary(primary.db, now), copy.db, watch, now)
  t.equal(own, primary.db)
  await beat(copy.db, now())
  await watch.look()
  /** What is answered where reading the replica fails so. */
  const answered = (fail: (db: Database) => Promise<unknown>) =>
    read(async (db) => (db === primary.db ? 'by the primary' : fail(db)))
  const raising = (state: string) => (db: Database) =>
    db.execute(sql.raw(`do $$ begin raise exception 'as asked' using errcode = '${state}'; end $$`))
  t.equal(await answered(raising('40001')), 'by the primary', 'rows were cleared away under it')
  t.ok(watch.isNear())
  await t.rejects(answered(raising('57014')), { cause: { code: '57014' } }, 'too long for one is too long for both')
  await t.rejects(answered(raising('22012')), { cause: { code: '22012' } })
  await t.rejects(
    answered(() => Promise.reject(new Refusal('agency_not_found'))),
    { code: 'agency_not_found' },
  )
  t.ok(watch.isNear())
  t.equal(await answered(raising('53300')), 'by the primary')
  t.notOk(watch.isNear())
})

t.test('instances beat for each other', async (t) => {
  const { db, close } = await openDatabase()
  t.teardown(close)
  const beaten = async (instant: string) => {
    await beat(db, new Date(instant))
    return (await positionOf(db))?.toISOString()
  }
  t.equal(await positionOf(db), undefined)
  t.equal(await beaten('2021-10-01T01:00:00.000Z'), '2021-10-01T01:00:00.000Z')
  t.equal(await beaten('2021-10-01T01:00:00.500Z'), '2021-10-01T01:00:00.000Z', 'another has just done so')
  t.equal(await beaten('2021-10-01T01:00:00.501Z'), '2021-10-01T01:00:00.501Z')
  t.equal(await beaten('2021-10-01T00:00:00.000Z'), '2021-10-01T00:00:00.000Z', 'a clock that was wrong is left behind')
  t.equal(await db.$count(heartbeats), 1)
})

const KEY = 'a-key-for-what-is-replicated'

type Report = { asOf: string; takenAt: string; denominator: number; received: object; figures: Report }

/** A process with these settings; `ask` answers with a body, `told` how often its log says something. */
const startService = async (t: Test, settings: Record<string, string>) => {
  const service = launch(t, { PORT: '0', BOOTSTRAP_ADMIN_KEY: KEY, PII_KEYS, SEED_SAMPLE: 'true', ...settings })
  const url = await listening(service)
  const headers = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' }
  const ask = async (path: string, body?: object): Promise<Report> => {
    const sent = body ? { method: 'POST', headers, body: JSON.stringify(body) } : { headers }
    const answer = await fetch(`${url}${path}`, sent)
    if (!answer.ok) throw new Error(await answer.text())
    return (await answer.json()) as Report
  }
  return { ask, told: (message: string) => service.output().split(message).length - 1 }
}

const figuresOf = ({ denominator, received }: Report) => ({ denominator, received })

/** A primary, a replica that follows it, one process that knows the primary alone, and one that reads from the replica. */
const openReplicated = async (t: Test) => {
  const primary = await startServer(t)
  const writer = await startService(t, { DATABASE_URL: primary.url })
  const replica = await startReplica(t, primary)
  const readerWithin = (seconds: string) =>
    startService(t, {
      DATABASE_URL: primary.url,
      DATABASE_REPLICA_URL: replica.url,
      DATABASE_REPLICA_MAX_BEHIND_S: seconds,
    })
  const reader = await readerWithin('3600')
  const year = new Date().getFullYear()
  const period = { from: `${year - 1}-12-15`, to: `${year + 1}-12-31` }
  const ratio = `/v1/reports/channel-ratio?${query(period)}`
  return {
    replica,
    reader,
    readerWithin,
    period,
    ratio,
    receive: async (count: number) => {
      for (let n = 0; n < count; n++) await writer.ask('/v1/dossiers', intake({ receivedAt: undefined }))
    },
    /** What the primary counts of all that was recorded up to then. */
    countedAt: async ({ asOf }: Report) =>
      figuresOf(await writer.ask(`${ratio}&asOf=${encodeURIComponent(asOf)}&asOfBy=recorded`)),
    /** The first report of the reader that is as of a later moment. */
    reportAfter: async (instant: number): Promise<Report> => {
      let report = await reader.ask(ratio)
      await until(async () => {
        if (new Date(report.asOf).getTime() >= instant) return true
        report = await reader.ask(ratio)
        return false
      })
      return report
    },
  }
}

t.test('a streaming replica is read as of the moment up to which it has replayed', { skip: NO_SERVER }, async (t) => {
  const { replica, reader, readerWithin, period, ratio, receive, countedAt, reportAfter } = await openReplicated(t)
  const standby = new pg.Client(replica.url)
  standby.on('error', () => undefined)
  await standby.connect()
  const replayIs = async (state: string): Promise<boolean> =>
    (await standby.query('select pg_get_wal_replay_pause_state() as state')).rows[0].state === state
  await until(() => reader.told(NEAR) > 0)
  // Whoever looks before the first beat has come over has lost it, too, for that moment.
  const lostBefore = reader.told(LOST)
  await receive(20)
  const whole = await reportAfter(Date.now())
  t.equal(whole.denominator, 20)

  await standby.query('select pg_wal_replay_pause()')
  await until(() => replayIs('paused'))
  const stood = await reader.ask(ratio)
  await receive(10)
  const still = await reader.ask(ratio)
  t.equal(still.asOf, stood.asOf, 'what stands still is as of the moment at which it stopped')
  t.strictSame(figuresOf(still), figuresOf(stood))
  t.strictSame(figuresOf(still), await countedAt(still), 'and is a full count of what was recorded by then')
  t.equal(still.denominator, 20)
  const frozen = await reader.ask('/v1/reports/snapshots', { report: 'channel-ratio', parameters: period })
  t.equal(frozen.figures.denominator, 30, 'a snapshot is of the primary')

  await standby.query('select pg_wal_replay_resume()')
  const caughtUp = await reportAfter(Date.now())
  t.strictSame(figuresOf(caughtUp), await countedAt(caughtUp))
  t.equal(caughtUp.denominator, 30)

  const strict = await readerWithin('2')
  await until(() => strict.told(NEAR) > 0)
  await standby.query('select pg_wal_replay_pause()')
  await until(() => replayIs('paused'))
  await receive(1)
  await until(async () => (await strict.ask(ratio)).denominator === 31)
  t.equal((await reader.ask(ratio)).denominator, 30, 'it is left by whoever finds it too far behind')
  await standby.query('select pg_wal_replay_resume()')
  t.equal((await reportAfter(Date.now())).denominator, 31)
  t.equal(reader.told(LOST), lostBefore)

  await standby.end()
  await replica.stop('immediate')
  await receive(1)
  const answers = await Promise.all(Array.from({ length: 20 }, () => reader.ask(ratio)))
  t.strictSame([...new Set(answers.map(({ denominator }) => denominator))], [32], 'gone, nobody misses it')
  await until(() => reader.told(LOST) > lostBefore)
  const nearBefore = reader.told(NEAR)
  await replica.start()
  await until(() => reader.told(NEAR) > nearBefore)
  await receive(1)
  t.equal((await reportAfter(Date.now())).denominator, 33)
  t.equal(reader.told(LOST), lostBefore + 1, 'the loss is told once')
})
