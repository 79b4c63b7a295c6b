import { createHash } from 'node:crypto'
import { sql } from 'drizzle-orm'
import t from 'tap'
import { rebuildPage } from '../src/audit/rebuild.ts'
import { sealNextDay } from '../src/audit/sealing.ts'
import { readSealing } from '../src/audit/store.ts'
import { rebuild, verify } from '../src/audit/tools.ts'
import { verifyDay } from '../src/audit/verify.ts'
import { dayNumber } from '../src/sla/date.ts'
import { move, pagesOf, take } from './support/asking.ts'
import { type Client, type Desk, openDesk } from './support/desk.ts'

/** A desk with three days of dossiers at two communes: 4, 5 and 6 October 2021. */
const openThreeDays = async (test: Parameters<typeof openDesk>[0]): Promise<{ desk: Desk; all: Client }> => {
  const desk = await openDesk(test)
  const all = await desk.client()
  for (const day of ['04', '05', '06']) {
    desk.at(`2021-10-${day}T08:00:00+07:00`)
    const { code } = await take(all, { receivedAt: undefined })
    await take(all, { receivedAt: undefined, receivingAgency: 'H20.19.06', resolvingAgency: 'H20.19' })
    desk.at(`2021-10-${day}T16:00:00+07:00`)
    await move(all, code, 'start', `2021-10-${day}T15:00:00+07:00`)
  }
  desk.at('2021-10-06T17:00:00+07:00')
  return { desk, all }
}

const sealAll = async ({ db }: Desk, now: string): Promise<number> => {
  let days = 0
  while (await sealNextDay(db, new Date(now))) days += 1
  return days
}

const SPAN = { from: '2021-10-01', to: '2021-10-31' }

const verified = async ({ ask }: Client, agency?: string) => {
  const query = new URLSearchParams({ ...SPAN, ...(agency ? { agency } : {}) })
  const { status, body } = await ask('GET', `/v1/audit/verify?${query}`)
  return { status, ...body }
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** Does what no one may: the triggers are the owner's to switch off, and the hashes are there for that case. */
const tamper = async ({ db }: Desk, statement: ReturnType<typeof sql>): Promise<void> => {
  for (const table of ['events', 'seals', 'dossiers', 'sealing'])
    await db.execute(sql.raw(`alter table ${table} disable trigger all`))
  await db.execute(statement)
  for (const table of ['events', 'seals', 'dossiers', 'sealing'])
    await db.execute(sql.raw(`alter table ${table} enable trigger all`))
}

t.test('days are sealed in order once they are over, and the seals say how far they reach', async (t) => {
  const { desk, all } = await openThreeDays(t)
  const before = await all.ask('GET', '/v1/audit/seals?from=2021-10-01&to=2021-10-31')
  t.strictSame(before.body, { sealedTo: null, items: [], nextCursor: null })
  t.equal(await sealAll(desk, '2021-10-06T00:09:59+07:00'), 1, 'the 5th is closed ten minutes after its end')
  t.equal(await sealAll(desk, '2021-10-08T12:00:00+07:00'), 3)
  t.equal(await sealAll(desk, '2021-10-08T12:00:00+07:00'), 0)
  const pages = await pagesOf(all, '/v1/audit/seals', { ...SPAN, limit: '2' })
  const seals = pages.flatMap(({ items }) => items)
  t.strictSame(
    pages.map(({ sealedTo }) => sealedTo),
    ['2021-10-07', '2021-10-07', '2021-10-07'],
  )
  t.strictSame(
    seals.map(({ day, agency, dossiers, events }) => [day, agency, dossiers, events]),
    ['04', '05', '06'].flatMap((day) => [
      [`2021-10-${day}`, 'H20.19.05', 1, 2],
      [`2021-10-${day}`, 'H20.19.06', 1, 1],
    ]),
  )
  for (const { agency, day, dossiers, events, root, previous, hash } of seals) {
    t.equal(hash, sha256([agency, day, dossiers, events, root, previous].join(' ')), 'anyone can recompute a seal')
  }
  const own = seals.filter(({ agency }) => agency === 'H20.19.05')
  t.strictSame(
    own.map(({ previous }) => previous),
    ['', own[0].hash, own[1].hash],
  )
  const [code] = ['H20.19.05-211004-0001']
  const trail = (await all.ask('GET', `/v1/dossiers/${code}/events`)).body.items
  t.equal(own[0].root, sha256(`${code} 2 ${trail[1].hash}\n`), 'and its root from the heads of the day')
})

t.test('a whole trail fits together, and says what was looked at', async (t) => {
  const { desk, all } = await openThreeDays(t)
  await sealAll(desk, '2021-10-06T12:00:00+07:00')
  const sound = { status: 200, intact: true, verifiedTo: '2021-10-31', complete: true, misfit: null }
  t.strictSame(await verified(all), { ...sound, events: 9, seals: 4 })
  t.strictSame(await verified(all, 'H20.19.05'), { ...sound, events: 6, seals: 2 })
  const lines: string[] = []
  t.ok(await verify(desk.db, {}, desk.deps.now(), (line) => lines.push(line)))
  t.match(lines[0], /^9 events and 4 seals from 2021-10-04 to 2021-10-06 fit together: \d+ events a second$/)
  t.equal(lines[1], 'sealed up to 2021-10-05')
  lines.length = 0
  t.ok(await verify(desk.db, { from: '2021-10-05', to: '2021-10-05' }, desk.deps.now(), (line) => lines.push(line)))
  t.match(lines[0], /^3 events and 2 seals from 2021-10-05 to 2021-10-05/)
  await t.rejects(
    verify(desk.db, { from: '31/2/2021' }, desk.deps.now(), () => {}),
    { message: /is not a day/ },
  )
  t.strictSame(
    await verifyDay(desk.db, null, dayNumber('2021-10-04'), 2),
    { events: 3, seals: 2, misfit: null },
    'by pages',
  )
})

t.test('an empty trail fits, and without its one row nothing is sealed', async (t) => {
  const desk = await openDesk(t)
  const lines: string[] = []
  t.ok(await verify(desk.db, {}, desk.deps.now(), (line) => lines.push(line)))
  t.match(lines[0], /^0 events and 0 seals from 2021-10-01/)
  t.equal(await sealNextDay(desk.db, desk.deps.now()), false)
  await tamper(desk, sql`delete from sealing`)
  await t.rejects(readSealing(desk.db), { message: 'the sealing row is missing' })
})

t.test('whatever is changed, moved or taken away is found and named', async (t) => {
  const CODE = 'H20.19.05-211004-0001'
  const id = sql`(select id from dossiers where code = ${CODE})`
  const cases: readonly [string, ReturnType<typeof sql>, object][] = [
    [
      'a changed time',
      sql`update events set effective_at = effective_at - interval '1 hour' where dossier_id = ${id} and number = 2`,
      { what: 'event_changed', dossier: CODE, event: 2, day: '2021-10-04', agency: 'H20.19.05' },
    ],
    [
      'a changed fact',
      sql`update events set facts = jsonb_set(facts, '{intake,intakeChannel}', '"post"') where dossier_id = ${id} and number = 1`,
      { what: 'event_changed', dossier: CODE, event: 1 },
    ],
    [
      'another officer',
      sql`update events set officer = 'cb-9' where dossier_id = ${id} and number = 1`,
      { what: 'event_changed', dossier: CODE, event: 1 },
    ],
    [
      'another code',
      sql`update dossiers set code = 'H20.19.05-211004-0009' where code = ${CODE}`,
      { what: 'event_changed' },
    ],
    [
      'an event cut off at the end',
      sql`delete from events where dossier_id = ${id} and number = 2`,
      { what: 'row_changed', dossier: CODE, event: 1 },
    ],
    [
      'an event cut off with its row put right',
      sql`with gone as (delete from events where dossier_id = ${id} and number = 2)
          update dossiers set version = 1, status = 2, head = (select hash from events where dossier_id = dossiers.id and number = 1) where code = ${CODE}`,
      { what: 'day_changed', dossier: null, agency: 'H20.19.05', day: '2021-10-04' },
    ],
    [
      'a first event taken out',
      sql`delete from events where dossier_id = ${id} and number = 1`,
      { what: 'event_missing', dossier: CODE, event: 1 },
    ],
    [
      'a removed dossier whose events remain',
      sql`delete from dossiers where code = ${CODE}`,
      { what: 'dossier_missing', dossier: null, event: 1 },
    ],
    [
      'a removed dossier with all its events',
      sql`with gone as (delete from events where dossier_id = ${id}) delete from dossiers where code = ${CODE}`,
      { what: 'day_changed', day: '2021-10-04', agency: 'H20.19.05' },
    ],
    ['a changed seal', sql`update seals set events = 7 where day = '2021-10-04'`, { what: 'seal_changed' }],
    [
      'a removed seal',
      sql`delete from seals where day = '2021-10-04' and agency = 'H20.19.05'`,
      { what: 'seal_missing', agency: 'H20.19.05' },
    ],
    [
      'seals said not to reach so far',
      sql`with gone as (delete from events where dossier_id = ${id}), row as (delete from dossiers where code = ${CODE}) update sealing set sealed_until = '2020-01-01'`,
      { what: 'day_changed', day: '2021-10-04' },
    ],
    [
      'a removed day: its dossier, its events and its seal',
      sql`with seal as (delete from seals where day = '2021-10-04' and agency = 'H20.19.05'), gone as (delete from events where dossier_id = ${id}) delete from dossiers where code = ${CODE}`,
      { what: 'seals_apart', agency: 'H20.19.05', day: '2021-10-05' },
    ],
  ]
  const { desk, all } = await openThreeDays(t)
  await sealAll(desk, '2021-10-07T12:00:00+07:00')
  for (const [name, trick, expected] of cases) {
    const lines: string[] = []
    const undone = desk.db.transaction(async (tx) => {
      await tamper({ ...desk, db: tx }, trick)
      t.notOk(await verify(tx, {}, desk.deps.now(), (line) => lines.push(line)), name)
      for (let day = dayNumber('2021-10-04'); day <= dayNumber('2021-10-06'); day++) {
        const { misfit } = await verifyDay(tx, null, day)
        if (misfit === null) continue
        t.hasStrict(misfit, expected, name)
        break
      }
      throw new Error('undo it')
    })
    await t.rejects(undone, { message: 'undo it' })
    t.match(lines[0], / on 2021-10-0/)
  }
  await tamper(desk, sql`update events set note = 'x' where dossier_id = ${id} and number = 1`)
  const misfit = { what: 'event_changed', dossier: CODE, event: 1, day: '2021-10-04', agency: 'H20.19.05' }
  t.hasStrict(await verified(all), { status: 200, intact: false, complete: false, verifiedTo: '2021-10-03', misfit })
  const { body } = await all.ask('GET', '/v1/audit/verify?from=2021-10-04&to=2021-10-05')
  t.hasStrict(body, { intact: false, complete: false, verifiedTo: null })
  t.hasStrict(await verified(all, 'H20.19.06'), { intact: true, complete: true }, 'what others recorded still fits')
})

t.test('what does not fit in the trail keeps nobody from seeing that totals do not, either', async (t) => {
  const { desk } = await openThreeDays(t)
  const lines: string[] = []
  await tamper(desk, sql`update events set note = 'x' where number = 1`)
  const now = desk.deps.now()
  t.notOk(await verify(desk.db, {}, now, (line) => lines.push(line)))
  t.match(lines, [/^event_changed on 2021-10-04/, /dossier/, /expected/, /^0 frozen/, /^every total is what/])
  await desk.db.execute(sql`update figure_totals set early = 1 where agency = 'H20.19.05' and not below`)
  lines.length = 0
  t.notOk(await verify(desk.db, {}, now, (line) => lines.push(line)))
  t.match(lines[0], /^event_changed on 2021-10-04/)
  t.match(lines[4], /^H20\.19\.05, from 2021-10-01, .*: early 0, found 1$/)
  t.match(lines.at(-1), /^\d+ totals differ from the dossiers$/)
})

t.test('the database adds to the trail, and changes or takes away nothing', async (t) => {
  const { desk } = await openThreeDays(t)
  await sealAll(desk, '2021-10-07T12:00:00+07:00')
  await desk.db.execute(
    sql`insert into refused_attempts (at, key_id, request_id, action, refusal) values (now(), 'k', 'r', 'a', 'x')`,
  )
  for (const table of ['events', 'seals', 'refused_attempts', 'calendars']) {
    const column = { events: 'note', seals: 'root', refused_attempts: 'action', calendars: 'name' }[table]
    await t.rejects(
      desk.db.execute(sql.raw(`update ${table} set ${column} = 'x'`)),
      { message: /^Failed query/ },
      `update ${table}`,
    )
    await t.rejects(desk.db.execute(sql.raw(`delete from ${table}`)), { message: /^Failed query/ }, `delete ${table}`)
    await t.rejects(
      desk.db.execute(sql.raw(`truncate ${table} cascade`)),
      { message: /^Failed query/ },
      `truncate ${table}`,
    )
  }
  await t.rejects(desk.db.execute(sql`update dossiers set first_due_at = first_due_at + interval '1 day'`))
  await t.rejects(desk.db.execute(sql`update dossiers set first_late_from = null`))
  await t.rejects(desk.db.execute(sql`delete from dossiers`))
  await t.rejects(desk.db.execute(sql`update sealing set sealed_until = '2020-01-01'`))
  await t.rejects(desk.db.execute(sql`delete from sealing`))
})

t.test('a sealed day takes no more events; who comes too late records a moment later', async (t) => {
  const { desk, all } = await openThreeDays(t)
  await sealAll(desk, '2021-10-07T00:30:00+07:00')
  desk.at('2021-10-06T23:59:59+07:00')
  const { code } = await take(all, { receivedAt: undefined })
  const moved = await all.ask('POST', `/v1/dossiers/${code}/start`)
  t.equal(moved.status, 200)
  const { items } = (await all.ask('GET', `/v1/dossiers/${code}/events`)).body
  t.strictSame(
    items.map(({ recordedAt }: { recordedAt: string }) => recordedAt),
    Array(2).fill('2021-10-07T00:00:00+07:00'),
  )
  t.hasStrict(await verified(all), { intact: true, events: 11 })
})

t.test('seals made by several at once are made once', async (t) => {
  const { desk, all } = await openThreeDays(t)
  const now = '2021-10-08T12:00:00+07:00'
  await Promise.all([sealAll(desk, now), sealAll(desk, now), sealAll(desk, now)])
  t.hasStrict(await verified(all), { intact: true, seals: 6 })
})

t.test('who is overtaken while closing a day leaves it as the other sealed it', async (t) => {
  const { desk, all } = await openThreeDays(t)
  const now = new Date('2021-10-08T12:00:00+07:00')
  await sealNextDay(desk.db, now)
  let overtaken = false
  const slow = new Proxy(desk.db, {
    get: (db, name) => {
      if (name !== 'transaction' || overtaken) return Reflect.get(db, name)
      overtaken = true
      return async (work: Parameters<typeof db.transaction>[0]) => {
        await sealNextDay(db, now)
        return db.transaction(work)
      }
    },
  })
  t.ok(await sealNextDay(slow, now))
  t.ok(overtaken)
  t.hasStrict(await verified(all), { intact: true, seals: 4 })
})

t.test('an audit sees the agencies of its key and no others', async (t) => {
  const { desk } = await openThreeDays(t)
  await sealAll(desk, '2021-10-07T12:00:00+07:00')
  const commune = await desk.client(['audit:read'], 'H20.19.06')
  t.hasStrict(await verified(commune), { status: 200, events: 3, seals: 3 })
  t.hasStrict(await verified(commune, 'H20.19.05'), { status: 403, type: '/problems/outside_your_agency' })
  t.hasStrict(await verified(commune, 'H20.99'), { status: 404, type: '/problems/agency_not_found' })
  const [page] = await pagesOf(commune, '/v1/audit/seals', SPAN)
  t.strictSame([...new Set(page.items.map(({ agency }: { agency: string }) => agency))], ['H20.19.06'])
  const desks = await desk.client(['dossiers:write', 'reports:read'])
  for (const path of ['verify', 'seals', 'refused-attempts']) {
    t.equal((await desks.ask('GET', `/v1/audit/${path}?from=2021-10-01&to=2021-10-02`)).status, 403, path)
    for (const span of ['from=2021-10-02&to=2021-10-01', 'from=2020-10-01&to=2021-10-02', 'from=2021-10-01']) {
      t.equal((await commune.ask('GET', `/v1/audit/${path}?${span}`)).status, 400, `${path} ${span}`)
    }
  }
})

t.test('what was tried and refused is trailed, without what was sent', async (t) => {
  const { desk, all } = await openThreeDays(t)
  const writer = await desk.client(['dossiers:write'], 'H20.19.05')
  const own = 'H20.19.05-211004-0001'
  const tries: readonly [string, string, unknown, string][] = [
    ['POST', `/v1/dossiers/${own}/return`, {}, 'illegal_move'],
    ['POST', `/v1/dossiers/${own}/correct`, { reason: 'x' }, 'scope_missing'],
    ['POST', `/v1/dossiers/${own}/finish`, { effectiveAt: '2020-01-01T00:00:00+07:00' }, 'invalid_input'],
    ['POST', '/v1/dossiers/H20.19.06-211004-0001/finish', { officer: 'cb-1' }, 'dossier_not_found'],
    ['POST', '/v1/dossiers/nonsense/finish', { officer: ['Nguyễn Văn An 087123456789'] }, 'invalid_input'],
    ['PUT', '/v1/targets', { agency: 'H20', year: 2021, percent: 30, comparison: 'gt' }, 'scope_missing'],
  ]
  for (const [method, url, body, refusal] of tries) {
    const answer = await writer.ask(method, url, body, { 'x-officer': 'cb-017' })
    t.equal(answer.body.type, `/problems/${refusal}`, `${method} ${url}`)
  }
  await writer.ask('GET', '/v1/audit/seals?from=2021-10-01&to=2021-10-02')
  await desk.stranger.ask('POST', `/v1/dossiers/${own}/finish`)
  const list = async (client: Client) =>
    (await pagesOf(client, '/v1/audit/refused-attempts', { ...SPAN, limit: '4' })).flatMap(({ items }) => items)
  const attempts = await list(all)
  t.strictSame(
    attempts.map(({ refusal, action, dossierCode, officer }) => [refusal, action, dossierCode, officer]).reverse(),
    [
      ['illegal_move', 'returnDossier', own, 'cb-017'],
      ['scope_missing', 'correctDossier', own, 'cb-017'],
      ['invalid_input', 'finishDossier', own, 'cb-017'],
      ['dossier_not_found', 'finishDossier', 'H20.19.06-211004-0001', 'cb-1'],
      ['invalid_input', 'finishDossier', null, 'cb-017'],
      ['scope_missing', 'putTarget', null, 'cb-017'],
    ],
  )
  t.strictSame(Object.keys(attempts[0]).sort(), [
    'action',
    'agency',
    'at',
    'dossierCode',
    'keyId',
    'officer',
    'refusal',
    'requestId',
  ])
  t.equal((await list(await desk.client(['audit:read'], 'H20.19.05'))).length, 6, 'whose keys tried it sees it')
  t.equal((await list(await desk.client(['audit:read'], 'H20.19'))).length, 6)
  const other = await list(await desk.client(['audit:read'], 'H20.19.06'))
  t.strictSame(
    other.map(({ dossierCode }) => dossierCode),
    ['H20.19.06-211004-0001'],
    'and so does whose dossier it was',
  )
})

t.test('an attempt that cannot be trailed is answered all the same', async (t) => {
  const { desk, all } = await openThreeDays(t)
  await desk.db.execute(sql`alter table refused_attempts add constraint none check (false)`)
  t.equal((await all.ask('POST', '/v1/dossiers/H20.19.05-211004-0001/return', {})).status, 409)
})

t.test('rows are what their events say; what differs is named, and put right', async (t) => {
  const { desk, all } = await openThreeDays(t)
  const code = 'H20.19.05-211004-0001'
  await move(all, code, 'request-supplement', '2021-10-06T16:10:00+07:00', { missing: 'giấy', ground: 'NĐ 61' })
  await move(all, code, 'supplement-received', '2021-10-06T16:20:00+07:00')
  const said: string[] = []
  const check = () => rebuild(desk.db, true, (line) => said.push(line))
  t.ok(await check())
  const right = 'every total is what the dossiers say'
  t.strictSame(said.splice(0), ['6 dossiers replayed, 0 differ from their events', right])
  const pages = []
  for (let after: number | null = 0; after !== null; ) {
    const page = await rebuildPage(desk.db, after, false, 4)
    pages.push(page.dossiers)
    after = page.lastId
  }
  t.strictSame(pages, [4, 2])
  await desk.db.execute(
    sql`update dossiers set due_at = due_at + interval '1 day', return_channel = 'online' where code = ${code}`,
  )
  await desk.db.execute(sql`update earlier_standings set overdue_from = null`)
  t.notOk(await check())
  t.strictSame(said.splice(0), [
    `${code}: returnChannel, dueAt, earlier_standings`,
    '6 dossiers replayed, 1 differ from their events',
    right,
  ])
  t.ok(await rebuild(desk.db, false, (line) => said.push(line)))
  t.match(said.splice(0).at(-2), '6 dossiers replayed, 1 put right, 0 could not be')
  t.ok(await check())
  await tamper(
    desk,
    sql`update dossiers set first_due_at = due_at + interval '1 day', due_at = null where code like 'H20.19.06-211004%'`,
  )
  said.length = 0
  t.notOk(await rebuild(desk.db, false, (line) => said.push(line)))
  t.match(said.splice(0), [/: dueAt, firstDueAt$/, '6 dossiers replayed, 0 put right, 1 could not be'])
  t.notOk(await check(), 'what a first promise was changed to stays to be seen')
  said.length = 0
  await tamper(desk, sql`delete from events where dossier_id = (select id from dossiers where code = ${code})`)
  const { differences } = await rebuildPage(desk.db, 0, true)
  t.hasStrict(
    differences[0],
    { code, columns: ['events', 'earlier_standings'], isRight: false },
    'what has no events is left as it is',
  )
})
