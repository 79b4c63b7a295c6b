import { randomUUID } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import fc from 'fast-check'
import pg from 'pg'
import t, { type Test } from 'tap'
import { rebuild, verify } from '../src/audit/tools.ts'
import { type Connection, type Database, MIGRATIONS } from '../src/db/database.ts'
import { buildTotals, checkTotals, type FigureMisfit, repairTotals } from '../src/figures/checking.ts'
import { CLOCKS, type Flow } from '../src/figures/flows.ts'
import { foldChanges } from '../src/figures/folding.ts'
import { firstDayOf, halfOf } from '../src/figures/half.ts'
import { sumPastFlows } from '../src/figures/past.ts'
import { type FlowQuery, type FlowSums, sumFlows, sumFlowsOver } from '../src/figures/query.ts'
import { referenceSource } from '../src/reference.ts'
import { askedOf, type ReportQuery } from '../src/reports/asked.ts'
import { channelQuery, lifeQuery } from '../src/reports/counting.ts'
import { namedPeriod, YEARS } from '../src/reports/period.ts'
import { dayNumber, dayOf, formatDate, startOfDay } from '../src/sla/date.ts'
import { ON_SERVER, serverUrl, TEST_POOL } from './support/database.ts'
import { type Client, intake, openDesk } from './support/desk.ts'
import { PII_KEYS } from './support/keys.ts'
import { launch, listening } from './support/service.ts'
import { until } from './support/until.ts'

/** `SEED=… npx tap test/figures.test.ts` plays other histories. */
const SEED = Number(process.env.SEED ?? 20_211_115)
t.setTimeout(300_000)

const random = (() => {
  let state = SEED % 2_147_483_647
  return (below: number): number => {
    state = (state * 48_271) % 2_147_483_647
    return state % below
  }
})()

const oneOf = <T>(from: readonly T[]): T => from[random(from.length)] as T

t.test('halves of months are counted on, and begin on the 1st and on the 15th', async (t) => {
  const table: [string, string][] = [
    ['2021-01-01', '2021-01-01'],
    ['2021-01-14', '2021-01-01'],
    ['2021-01-15', '2021-01-15'],
    ['2021-12-14', '2021-12-01'],
    ['2021-12-31', '2021-12-15'],
    ['2024-02-29', '2024-02-15'],
  ]
  for (const [day, first] of table) t.equal(formatDate(firstDayOf(halfOf(dayNumber(day)))), first, day)
  t.equal(halfOf(dayNumber('2022-01-01')), halfOf(dayNumber('2021-12-31')) + 1)
  const anyDay = fc.integer({ min: dayNumber('1990-01-01'), max: dayNumber('2190-01-01') })
  fc.assert(
    fc.property(anyDay, (day) => {
      const half = halfOf(day)
      return firstDayOf(half) <= day && day < firstDayOf(half + 1) && halfOf(firstDayOf(half)) === half
    }),
    { seed: SEED },
  )
})

t.test('periods of both kinds of year begin and end on such edges', async (t) => {
  const isEdge = (day: number) => firstDayOf(halfOf(day)) === day
  for (const kind of YEARS) {
    for (const name of ['', '-Q1', '-Q2', '-Q3', '-Q4', '-H1', '-H2', '-9M'].map((part) => `2024${part}`)) {
      const period = namedPeriod(name, kind)
      t.ok(period && isEdge(dayNumber(period.from)) && isEdge(dayNumber(period.to) + 1), `${name} ${kind}`)
    }
  }
})

const desk = await openDesk(t)
const { db } = desk
const all = await desk.client()

/** The rows of a statement, whichever driver ran it. */
const rowsOf = async <T>(db: Database, statement: ReturnType<typeof sql>): Promise<T[]> =>
  ((await db.execute(statement)) as unknown as { rows: T[] }).rows

t.test('the database counts halves alike', async (t) => {
  const first = Date.parse('2000-01-01T00:00:00+07:00')
  const instants = Array.from({ length: 300 }, (_, i) => {
    const at = first + random(2_000_000_000) * 1000 + random(1000)
    const edge = startOfDay(firstDayOf(halfOf(dayOf(at))))
    return [at, edge, edge - 1][i % 3] ?? at
  })
  const texts = JSON.stringify(instants.map((at) => new Date(at).toISOString()))
  const rows = await rowsOf<{ half: number }>(
    db,
    sql`select figure_half(at::timestamptz) as half from jsonb_array_elements_text(${texts}::jsonb) with ordinality as a(at, place) order by place`,
  )
  t.strictSame(
    rows.map(({ half }) => half),
    instants.map((at) => halfOf(dayOf(at))),
  )
})

const misfitsOf = async (pages: AsyncIterable<FigureMisfit[]>): Promise<FigureMisfit[]> => {
  const found = []
  for await (const misfits of pages) found.push(...misfits)
  return found
}

// Another way to count the same: every dossier's row, in plain code, without the ledger, its facts or its totals.
type Row = {
  receiving: string
  resolving: string
  status: number
  intake: 'desk' | 'post' | 'online'
  by: 'desk' | 'post' | 'online' | null
  wish: string
  received: number | null
  returned: number | null
  closed: number | null
  finished: number | null
  on_time_from: number | null
  late_from: number | null
  overdue_from: number | null
  extended: boolean
  waiting: boolean
}

const ms = (column: string) => sql.raw(`(extract(epoch from ${column}) * 1000)::float8`)

const readRows = (): Promise<Row[]> =>
  rowsOf<Row>(
    db,
    sql`select receiving_agency as receiving, resolving_agency as resolving, status, intake_channel as intake,
      returned_channel as by, return_channel as wish, ${ms('received_at')} as received, ${ms('returned_at')} as returned,
      ${ms('closed_at')} as closed, ${ms('finished_at')} as finished, ${ms('on_time_from')} as on_time_from,
      ${ms('late_from')} as late_from, ${ms('overdue_from')} as overdue_from, extended_at is not null as extended,
      wait is not null as waiting from dossiers`,
  )

const parentsNow = async (): Promise<Map<string, string | null>> => {
  const rows = await rowsOf<{ code: string; parent: string | null }>(db, sql`select code, parent from agencies`)
  return new Map(rows.map(({ code, parent }) => [code, parent]))
}

type Span = { from: number; until: number; now: number }

const within = (at: number | null, { from, until, now }: Span): boolean =>
  at !== null && at >= from && at < until && at <= now

const channelOracle = (rows: readonly Row[], span: Span) => {
  const count = (is: (row: Row) => boolean) => rows.filter(is).length
  const received = (channel: string) => count((row) => row.intake === channel && within(row.received, span))
  const returned = (intake: string, by: string) =>
    count((row) => row.intake === intake && row.by === by && within(row.returned, span))
  const channels = ['desk', 'post', 'online']
  return {
    received: { ...Object.fromEntries(channels.map((one) => [one, received(one)])) },
    postRequested: count((row) => row.wish === 'post' && within(row.received, span)),
    matrix: Object.fromEntries(
      channels.map((one) => [one, Object.fromEntries(channels.map((by) => [by, returned(one, by)]))]),
    ),
  }
}

const lifeOracle = (rows: readonly Row[], span: Span) => {
  const { from, until, now } = span
  const end = Math.min(until - 1, now)
  const mine = rows.filter(({ received }) => received !== null)
  const openAt = (row: Row, at: number) => Number(row.received) <= at && (row.closed === null || row.closed > at)
  const ended = mine.filter((row) => within(row.closed, span))
  const finished = ended.filter(({ finished }) => finished !== null)
  const late = finished.filter((row) => Number(row.finished) >= Number(row.late_from))
  const early = finished.filter((row) => Number(row.finished) < Number(row.on_time_from))
  const open = mine.filter((row) => openAt(row, end))
  return {
    carriedOver: mine.filter((row) => openAt(row, from - 1)).length,
    received: mine.filter((row) => within(row.received, span)).length,
    early: early.length,
    onTime: finished.length - late.length - early.length,
    lateWithApology: late.filter(({ extended }) => extended).length,
    lateWithoutApology: late.filter(({ extended }) => !extended).length,
    refused: rows.filter((row) => row.status === 3 && within(row.closed, span)).length,
    withdrawn: ended.filter((row) => row.finished === null && row.status === 7).length,
    stopped: ended.filter((row) => row.finished === null && row.status !== 7).length,
    open: open.length,
    overdue: open.filter((row) => row.overdue_from !== null && Number(row.overdue_from) <= end).length,
  }
}

const AGENCIES = ['H20.19.05', 'H20.19.06', 'H20.21.02', 'H20.19']
const SCOPES = [undefined, 'H20.19', 'H20.21', 'H20.19.05']
const PERIODS = [
  'period=2021',
  'period=2021-Q3&year=administrative',
  'from=2021-09-01&to=2021-09-14',
  'from=2021-09-03&to=2021-09-20',
  'from=2021-09-01&to=2021-12-14',
]

/** What both reports say, against the rows as they are. Nothing is taken in or moved meanwhile; folding may go on. */
const compareReports = async (t: Test, now: number, share = 1): Promise<void> => {
  const [rows, parents] = [await readRows(), await parentsNow()]
  const isUnder = (code: string | null | undefined, scope: string): boolean =>
    code != null && (code === scope || isUnder(parents.get(code), scope))
  for (const scope of SCOPES) {
    for (const period of PERIODS) {
      if (random(share) > 0) continue
      const where = `${period}&${scope === undefined ? 'year=calendar' : `agency=${scope}`}`
      const query = period.includes('year=') ? where.replace('&year=calendar', '') : where
      const channels = await all.ask('GET', `/v1/reports/channel-ratio?${query}`)
      const lives = await all.ask('GET', `/v1/reports/punctuality?${query}`)
      if (channels.status !== 200 || lives.status !== 200) throw new Error(channels.text + lives.text)
      const { from, to } = lives.body.period
      const span = { from: startOfDay(dayNumber(from)), until: startOfDay(dayNumber(to) + 1), now }
      const received = rows.filter((row) => scope === undefined || isUnder(row.receiving, scope))
      const resolving = rows.filter((row) => scope === undefined || isUnder(row.resolving, scope))
      const expected = channelOracle(received, span)
      const { total: _, ...byChannel } = channels.body.received
      const { postRequested, matrix } = channels.body
      t.strictSame({ received: byChannel, postRequested, matrix }, expected, `channels ${query}`)
      const { carriedOver, resolved, refused, withdrawn, stopped, pending, remainder } = lives.body
      const { early, onTime, lateWithApology, lateWithoutApology } = resolved
      const found = { carriedOver, received: lives.body.received.total, early, onTime, lateWithApology }
      t.strictSame(
        { ...found, lateWithoutApology, refused, withdrawn, stopped, open: pending.total, overdue: pending.overdue },
        lifeOracle(resolving, span),
        `lives ${query}`,
      )
      t.equal(remainder, 0)
    }
  }
}

/** Sums of the same group together, without those of nothing. */
const summed = (rows: readonly FlowSums<Flow>[]): Record<string, number> => {
  const sums: Record<string, number> = {}
  for (const { agency, procedure, half, since, ...flows } of rows) {
    for (const [flow, n] of Object.entries(flows)) {
      const key = [agency, procedure, half, since, flow].join(' ')
      sums[key] = (sums[key] ?? 0) + n
    }
  }
  return Object.fromEntries(Object.entries(sums).filter(([, n]) => n !== 0))
}

const EVERYONE = { keyId: 'k', scopes: [], agency: null, agencies: null }

const EVERY_DOSSIER = sql`(select 1 as sign, f.* from dossiers d cross join lateral figure_facts(d) f)`

/** What any reports count, from totals and notes and from every dossier one by one, at one snapshot. */
const countBothWays = (db: Database, now: Date, periods: readonly string[], times: number) =>
  db.transaction(
    async (tx) => {
      const known = await referenceSource(tx).current()
      const counted = []
      for (let i = 0; i < times; i++) {
        const query = {
          ...{ agency: oneOf(SCOPES), period: oneOf(periods), year: oneOf(YEARS) },
          groupBy: oneOf([undefined, 'agency', 'procedure', 'month']),
        } as ReportQuery
        const asked = askedOf(EVERYONE, known, query, now)
        const clock = oneOf(CLOCKS)
        const flows = oneOf<FlowQuery<Flow>>([
          channelQuery(asked),
          lifeQuery(asked, clock, oneOf(['first', 'current'])),
        ])
        const kept = summed(await sumFlows(tx, flows))
        counted.push({ what: JSON.stringify(query), kept, full: summed(await sumFlowsOver(tx, flows, EVERY_DOSSIER)) })
      }
      return counted
    },
    { isolationLevel: 'repeatable read', accessMode: 'read only' },
  )

/** Now, or up to two days ago. */
const lately = () => oneOf([{}, { effectiveAt: new Date(desk.deps.now().getTime() - random(2 * 86_400) * 1000) }])

const ORDERS: Readonly<Record<string, () => Record<string, unknown>>> = {
  start: lately,
  accept: () => ({}),
  finish: lately,
  return: () => oneOf([{}, { channel: 'post', post: { trackingNumber: 'EB123456789VN' } }, { channel: 'online' }]),
  withdraw: lately,
  refuse: () => ({}),
  'request-supplement': () => ({ missing: 'Bản sao', ground: 'Nghị định 61/2018/NĐ-CP Đ.17' }),
  'supplement-received': () => ({}),
  extend: () => ({ reason: 'Bão số 5', apologyNumber: '12/TXL', workingDays: 1 + random(3) }),
  stop: () => ({ ground: 'Nghị định 61/2018/NĐ-CP Đ.17', ...lately() }),
  reopen: () => ({ reason: 'Dừng nhầm', approver: 'cb-002' }),
  correct: () => ({
    reason: 'Ghi nhầm',
    ...oneOf([
      { returnChannel: oneOf(['desk', 'post', 'online']) },
      { intakeChannel: 'desk' },
      { intakeChannel: 'post', post: { handoverNumber: 'BBGN-1' } },
      { resolvingAgency: oneOf(AGENCIES) },
      { receivedAt: new Date(Date.parse('2021-08-10T01:00:00Z') + random(20 * 86_400) * 1000) },
      { finishedAt: new Date(Date.parse('2021-09-20T01:00:00Z') + random(40 * 86_400) * 1000) },
    ]),
  }),
}

const codes: string[] = []
const done = new Map<string, number>()

const takeOne = async ({ ask }: Client, now: number): Promise<void> => {
  const intakeChannel = oneOf(['desk', 'post', 'online'])
  const taken = await ask(
    'POST',
    '/v1/dossiers',
    intake({
      procedureCode: oneOf(['2.000720', '1.004194', '1.001193']),
      receivingAgency: oneOf(AGENCIES),
      returnChannel: oneOf(['desk', 'post']),
      intakeChannel,
      ...(intakeChannel === 'post' ? { post: { handoverNumber: 'BBGN-1' } } : {}),
      receivedAt: intakeChannel === 'online' ? undefined : new Date(now - random(5 * 86_400) * 1000),
    }),
  )
  done.set(`intake ${taken.status}`, (done.get(`intake ${taken.status}`) ?? 0) + 1)
  if (taken.status === 201) codes.push(taken.body.code)
}

/** A move that may be refused: what counts is what it leaves. */
const moveOne = async ({ ask }: Client): Promise<void> => {
  const move = oneOf(Object.keys(ORDERS))
  const answer = await ask('POST', `/v1/dossiers/${oneOf(codes)}/${move}`, ORDERS[move]?.())
  if (answer.status >= 500) throw new Error(answer.text)
  if (answer.status === 200) done.set(move, (done.get(move) ?? 0) + 1)
}

/** Puts a commune under another district, or back. */
const reparent = async ({ ask }: Client): Promise<void> => {
  const parent = oneOf(['H20.19', 'H20.21'])
  const { body } = await ask('GET', '/v1/agencies/H20.19.06')
  const { name, level } = body
  const put = await ask('PUT', '/v1/agencies/H20.19.06', { name, level, parent })
  if (put.status >= 300) throw new Error(put.text)
}

const shuffled = <T>(from: readonly T[]): T[] =>
  from
    .map((one) => [random(1_000_000), one] as const)
    .sort(([a], [b]) => a - b)
    .map(([, one]) => one)

/** Reports at snapshots of their own, amidst all that is written and folded. */
const readMeanwhile = async (t: Test, now: number): Promise<void> => {
  for (const { what, kept, full } of await countBothWays(db, new Date(now), ['2021', '2021-Q3', '2021-Q4'], 2)) {
    t.strictSame(kept, full, `meanwhile ${what}`)
  }
}

const ROUNDS = 8

/** On a server nobody can say which of two moves comes first: rounds go on until each has been made once. */
const MOST_ROUNDS = 40

const hasAllHappened = (): boolean => Object.keys(ORDERS).every((name) => done.has(name))

t.test('whatever happens side by side, reports say what a full count says, and every total is right', async (t) => {
  let now = Date.parse('2021-08-27T08:00:00+07:00')
  for (let round = 0; round < ROUNDS || (round < MOST_ROUNDS && !hasAllHappened()); round++) {
    now += (1 + random(9)) * 86_400_000
    desk.at(new Date(now).toISOString())
    const works = [
      ...Array.from({ length: 12 }, () => () => takeOne(all, now)),
      ...Array.from({ length: 6 }, () => () => readMeanwhile(t, now)),
      ...Array.from({ length: codes.length === 0 ? 0 : 50 }, () => () => moveOne(all)),
      () => foldChanges(db, 7),
      () => foldChanges(db, 20),
      ...(round % 3 === 1 ? [() => reparent(all), () => foldChanges(db, 9)] : []),
    ]
    await Promise.all(shuffled(works).map((work) => work()))
    await Promise.all([compareReports(t, now, 4), foldChanges(db, 11)])
    if (round % 4 === 3) {
      t.strictSame(await misfitsOf(checkTotals(db)), [])
      await compareReports(t, now, 2)
    }
  }
  for (const name of Object.keys(ORDERS)) t.ok(done.get(name), `${name} happened`)
})

// Periods that nothing precedes: of what was over before, a count dossier by dossier need not tell how.
t.test('how things stood is summed alike from the totals and dossier by dossier', async (t) => {
  const [first, last] = ['2021-08-20', '2021-11-20'].map((day) => startOfDay(dayNumber(day)))
  const known = await desk.deps.reference.current()
  const recorded = await rowsOf<{ at: number }>(
    db,
    sql`select distinct extract(epoch from recorded_at) * 1000 as at from events order by at`,
  )
  for (let i = 0; i < 48; i++) {
    // Any instant by any clocks, or one when something had perhaps happened that was not yet recorded.
    const isAny = i % 2 === 0
    const asOf = new Date(
      isAny
        ? Number(first) + random(Number(last) - Number(first))
        : Number(oneOf(recorded).at) - random(2 * 86_400_000),
    )
    const query = {
      ...{ agency: oneOf(SCOPES), period: oneOf(['2021', '2021-9M', '2021-Q3']), year: oneOf(YEARS) },
      ...{ asOf, asOfBy: isAny ? oneOf(CLOCKS) : 'effective', groupBy: oneOf([undefined, 'agency', 'month']) },
    } as ReportQuery
    const asked = askedOf(EVERYONE, known, query, new Date(Math.max(asOf.getTime(), desk.deps.now().getTime())))
    const past = { at: asOf, by: query.asOfBy }
    const flows = lifeQuery(asked, isAny ? oneOf(CLOCKS) : 'recorded', oneOf(['first', 'current']))
    const [short, long] = [await sumPastFlows(db, flows, past), await sumPastFlows(db, flows, past, 0)]
    t.strictSame(summed(short), summed(long), JSON.stringify(query))
  }
})

t.test('what was recorded later than asked is not yet counted by record, though it had happened', async (t) => {
  const late = await openDesk(t)
  const { ask } = await late.client()
  late.at('2021-09-29T15:00:00+07:00')
  const taken = await ask('POST', '/v1/dossiers', intake({ receivedAt: '2021-09-29T09:00:00+07:00' }))
  t.equal(taken.status, 201, taken.text)
  late.at('2021-09-30T08:00:00+07:00')
  const query = 'agency=H20.19.05&period=2021-Q3&asOf=2021-09-29T12:00:00%2B07:00'
  for (const [by, n] of [
    ['recorded', 0],
    ['effective', 1],
  ] as const) {
    for (const folded of ['noted', 'folded']) {
      const { body } = await ask('GET', `/v1/reports/punctuality?${query}&by=${by}`)
      t.strictSame([body.received.total, body.pending.total, body.remainder], [n, n, 0], `${by}, ${folded}`)
      await foldChanges(late.db)
    }
  }
})

t.test('a total that was tampered with is named, and rebuilt', async (t) => {
  const lines: string[] = []
  const print = (line: string) => lines.push(line)
  t.ok(await verify(db, {}, desk.deps.now(), print), lines.join('\n'))
  t.equal(lines.at(-1), 'every total is what the dossiers say')
  const broken = [
    sql`update figure_totals set received_desk = received_desk + 3, overdue = overdue - 1 where agency = 'H20.19.05' and not below`,
    sql`update figure_totals set early = early + 1 where below`,
    sql`delete from figure_totals where agency = 'H20.19.06'`,
  ]
  for (const statement of broken) {
    await db.execute(statement)
    lines.length = 0
    t.notOk(await verify(db, {}, desk.deps.now(), print))
    t.match(lines.at(-1), /^\d+ totals differ from the dossiers$/)
    t.notOk(await rebuild(db, true, print))
    // While more comes in and is folded.
    await Promise.all([rebuild(db, false, print), takeOne(all, desk.deps.now().getTime()), foldChanges(db, 1)])
    t.match(lines.at(-1), /^\d+ totals put right$/)
    t.strictSame(await misfitsOf(checkTotals(db)), [])
  }
  await compareReports(t, desk.deps.now().getTime())
  await db.execute(sql`truncate figure_totals`)
  await buildTotals(db)
  t.strictSame(await misfitsOf(repairTotals(db)), [], 'all of them can be built anew')
})

t.test('what was folded before open dossiers were counted by themselves is migrated', async (t) => {
  await foldChanges(db)
  const { migrationsFolder } = MIGRATIONS
  const file = readdirSync(migrationsFolder).find((name) => name.endsWith('_open_stock.sql'))
  await db.execute(sql`alter table figure_totals drop column open, drop column recorded_open`)
  for (const statement of readFileSync(join(migrationsFolder, String(file)), 'utf8').split(
    '--> statement-breakpoint',
  )) {
    await db.execute(sql.raw(statement))
  }
  t.strictSame(await misfitsOf(checkTotals(db)), [])
})

const onServer = { skip: ON_SERVER ? false : 'an embedded database does one thing at a time' }

t.test('two who put the same totals right at once do so once', onServer, async (t) => {
  await foldChanges(db)
  await db.execute(sql`update figure_totals set taken_desk = taken_desk + 1 where agency = 'H20.19.05' and not below`)
  const repairs = await db.transaction(async (tx) => {
    // What is short has been counted by whoever waits for these.
    await tx.execute(sql`select from figure_totals where agency = 'H20.19.05' and not below for update`)
    const both = [misfitsOf(repairTotals(db)), misfitsOf(repairTotals(db))]
    const waiting = sql`(select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock') as w`
    await until(async () => (await db.$count(waiting)) === both.length)
    return both
  })
  await Promise.all(repairs)
  t.strictSame(await misfitsOf(checkTotals(db)), [])
})

const KEY = 'a-key-of-at-least-24-letters'

/** A database for a process of its own, and a way to look into it when that is gone. */
const killable = async (t: Test): Promise<{ env: Record<string, string>; open: () => Promise<Connection> }> => {
  const server = process.env.DATABASE_URL
  const folder = mkdtempSync(join(tmpdir(), 'motcua-figures-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  if (server === undefined) {
    const open = async (): Promise<Connection> => {
      const { PGlite } = await import('@electric-sql/pglite')
      const { connectEmbedded } = await import('../src/db/embedded.ts')
      return connectEmbedded(await PGlite.create(join(folder, 'pg')))
    }
    return { env: { DATA_DIR: folder }, open }
  }
  const name = `motcua_test_${randomUUID().replaceAll('-', '')}`
  const admin = new pg.Client(server)
  await admin.connect()
  await admin.query(`create database ${name}`)
  t.teardown(async () => {
    await admin.query(`drop database ${name} with (force)`)
    await admin.end()
  })
  const { connectPostgres } = await import('../src/db/postgres.ts')
  const url = serverUrl(server, name)
  return {
    env: { DATABASE_URL: url, DATA_DIR: folder, PII_KEYS, SEED_SAMPLE: 'true' },
    open: async () => connectPostgres(url, TEST_POOL, () => {}),
  }
}

/** Moves and corrections of a dossier that is wherever it is. */
const STEPS: readonly (() => readonly [move: string, body: unknown])[] = [
  () => ['start', {}],
  () => ['finish', {}],
  () => ['correct', { reason: 'Ghi nhầm', returnChannel: oneOf(['desk', 'post']) }],
  () => ['correct', { reason: 'Ghi nhầm', receivedAt: `2021-08-${10 + random(20)}T09:00:00+07:00` }],
]

t.test('killed while it takes in, moves and folds, it leaves every total right and loses nothing', async (t) => {
  const { env, open } = await killable(t)
  /** The dossiers answered for, and up to which of their versions. */
  const acknowledged = new Map<string, number>()
  for (let round = 0; round < 3; round++) {
    const service = launch(t, { PORT: '0', BOOTSTRAP_ADMIN_KEY: KEY, ...env })
    const url = await listening(service)
    let isOver = false
    let moves = 0
    const send = async (path: string, body: unknown): Promise<void> => {
      const answer = await fetch(`${url}/v1/dossiers${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
      if (answer.status >= 500) throw new Error(await answer.text())
      if (!answer.ok) return
      if (path !== '') moves += 1
      const { code, version } = (await answer.json()) as { code: string; version: number }
      acknowledged.set(code, Math.max(version, acknowledged.get(code) ?? 0))
    }
    const load = async (): Promise<void> => {
      try {
        while (!isOver) {
          await send('', intake({ receivingAgency: oneOf(AGENCIES) }))
          for (const step of [oneOf(STEPS), oneOf(STEPS)]) {
            const [move, body] = step()
            await send(`/${oneOf([...acknowledged.keys()])}/${move}`, body)
          }
        }
      } catch (error) {
        // That is how `fetch` says that nobody answers any more.
        if (!(error instanceof TypeError)) throw error
      }
    }
    const loads = Array.from({ length: 8 }, load)
    await new Promise((resolve) => setTimeout(resolve, 1500 + 370 * round))
    await until(() => moves > 0)
    service.kill('SIGKILL')
    await service.ended
    isOver = true
    await Promise.all(loads)
    const { db, close } = await open()
    const stored = await rowsOf<{ code: string; version: number }>(db, sql`select code, version from dossiers`)
    const versions = new Map(stored.map(({ code, version }) => [code, version]))
    t.strictSame(
      [...acknowledged].filter(([code, version]) => (versions.get(code) ?? 0) < version),
      [],
      `${acknowledged.size} acknowledged, all there`,
    )
    const now = new Date()
    for (const { what, kept, full } of await countBothWays(db, now, ['2021', String(now.getFullYear())], 8)) {
      t.strictSame(kept, full, what)
    }
    t.strictSame(await misfitsOf(checkTotals(db)), [])
    await close()
  }
})
