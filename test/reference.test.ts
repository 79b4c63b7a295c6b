import { sql } from 'drizzle-orm'
import t from 'tap'
import { saveAgency } from '../src/agencies/store.ts'
import { buildApp } from '../src/app.ts'
import { addMissingSchedules } from '../src/calendars/commands.ts'
import { NATIONAL_CALENDAR } from '../src/calendars/national.ts'
import { addCalendar } from '../src/calendars/store.ts'
import { referenceSource } from '../src/reference.ts'
import { seed } from '../src/seed.ts'
import type { Period } from '../src/sla/hours.ts'
import { forged, pagesOf, query, take } from './support/asking.ts'
import { type Client, depsOn, openDesk } from './support/desk.ts'

const commune = (overrides: Record<string, unknown> = {}) => ({
  name: 'Xã Mới',
  level: 'commune',
  parent: 'H20.19',
  ...overrides,
})

/** The same periods on all five days, but for those of some days. */
const hours = (periods: readonly Period[], others: Record<string, readonly Period[] | undefined> = {}) => ({
  ...Object.fromEntries([1, 2, 3, 4, 5].map((day) => [day, periods])),
  ...others,
})

const codesOf = (pages: readonly { items: readonly { code: string }[] }[]): string[] =>
  pages.flatMap(({ items }) => items.map(({ code }) => code))

/** For the tests that do not mind what others left. */
const desk = await openDesk(t)

t.test('an agency is saved, replaced and read back', async (t) => {
  const { ask } = await desk.client()
  const plain = { code: 'H20.19.77', ...commune(), calendar: null, hours: null, lateRecordingDays: null }
  t.match(await ask('PUT', '/v1/agencies/H20.19.77', commune()), { status: 201, body: plain })
  t.strictSame((await ask('GET', '/v1/agencies/H20.19.77')).body, plain)
  const own = {
    name: '  Xã Mới Hơn ',
    calendar: 'vn',
    hours: hours([['07:00', '11:00']], { 6: [['08:00', '10:00']] }),
    lateRecordingDays: 3,
  }
  const replaced = { ...plain, ...own, name: 'Xã Mới Hơn' }
  t.match(await ask('PUT', '/v1/agencies/H20.19.77', commune(own)), { status: 200, body: replaced })
  t.strictSame((await ask('GET', '/v1/agencies/H20.19.77')).body, replaced)
  const cleared = commune({ calendar: null, hours: null })
  t.strictSame((await ask('PUT', '/v1/agencies/H20.19.77', cleared)).body, plain, 'what is left out is the usual again')
  const province = await ask('PUT', '/v1/agencies/000.00.00.G09', { name: 'Bộ Công an', level: 'province' })
  t.match(province, { status: 201, body: { parent: null } }, 'a whole of its own, with a code of the old form')
  t.match((await ask('GET', '/v1/agencies/H99')).body, { status: 404, agency: 'H99' })
})

t.test('an agency stands below a wider one, and above narrower ones', async (t) => {
  const { ask } = await desk.client()
  const put = async (code: string, level: string, parent: string | null) =>
    (await ask('PUT', `/v1/agencies/${code}`, { name: 'Cơ quan', level, parent })).body
  const order = { status: 409, type: '/problems/level_out_of_order' }
  t.match(await put('H20.19.77', 'commune', 'H20.19.05'), { ...order, agency: 'H20.19.77', other: 'H20.19.05' })
  t.match(await put('H20.77', 'district', 'H20.19'), { ...order, level: 'district', otherLevel: 'district' })
  t.match(await put('H21', 'province', 'H20'), order)
  t.match(
    await put('H20.19', 'commune', 'H20'),
    { ...order, agency: 'H20.19', otherLevel: 'commune' },
    'communes below',
  )
  t.match(await put('H20.19.05', 'commune', 'H20.19.05'), order, 'nothing stands below itself')
  await put('H20.79', 'district', 'H20')
  t.match(await put('H20.79', 'commune', 'H20.79'), order, 'nor below what it was at a wider level')
  t.match(await put('H20.19.77', 'commune', 'H20'), { code: 'H20.19.77' }, 'a commune may stand below its province')
  const none = { status: 400, type: '/problems/invalid_input', errors: [{ pointer: '/parent' }] }
  t.match(await put('H20.19.78', 'commune', 'H20.99'), none)
  t.match(await put('H20.19.78', 'commune', 'H20.19.78'), none, 'nor does what is not there yet')
  t.match(await put('H20.19.78', 'ward', 'H20.19'), { status: 400, errors: [{ pointer: '/level' }] })
  t.match(await put('h20', 'commune', 'H20.19'), { status: 400, errors: [{ pointer: '/path/code' }] })
})

t.test('hours must open before they close, in order, apart, and on all five days', async (t) => {
  const { ask } = await desk.client()
  const put = async (given: unknown, calendar?: string) =>
    (await ask('PUT', '/v1/agencies/H20.19.88', commune({ hours: given, calendar }))).body
  const morning: Period = ['07:30', '11:30']
  const unworkable: readonly (readonly Period[])[] = [
    [['11:30', '07:30']],
    [['07:30', '07:30']],
    [morning, ['11:00', '17:00']],
    [['13:30', '17:00'], morning],
    [['24:00', '24:00']],
  ]
  for (const periods of unworkable) {
    const refused = { status: 422, type: '/problems/no_working_time' }
    t.match(await put(hours([morning], { 3: periods })), refused, JSON.stringify(periods))
  }
  const wrong = {
    '/hours': hours([morning], { 3: undefined }),
    '/hours/3': hours([morning], { 3: [] }),
    '/hours/2/0/1': hours([morning], { 2: [['07:30', '24:30']] }),
    '/hours/8': hours([morning], { 8: [morning] }),
    '/hours/5/0': { ...hours([morning]), 5: [['07:30', '08:00', '09:00']] },
  }
  for (const [pointer, given] of Object.entries(wrong)) {
    t.match(await put(given), { type: '/problems/invalid_input', errors: [{ pointer }] }, pointer)
  }
  t.match(await put(null, 'lunar'), { status: 400, errors: [{ pointer: '/calendar' }] })
  t.match(await put(null, 'Lunar!'), { status: 400, errors: [{ pointer: '/calendar' }] })
  t.equal((await ask('GET', '/v1/agencies/H20.19.88')).status, 404, 'nothing of a refused one is left')
  t.match(await put(hours([morning, ['11:30', '24:00']])), { code: 'H20.19.88' }, 'periods may touch')
})

t.test('an agency’s own hours and calendar count its deadlines, and promises given stay', async (t) => {
  const desk = await openDesk(t)
  const client = await desk.client()
  const limit = { kind: 'working_hours', amount: 8 }
  const due = async (agency: string) => {
    const { body } = await client.ask('POST', '/v1/deadlines', {
      agency,
      limit,
      receivedAt: '2021-08-30T08:00:00+07:00',
    })
    return body.dueAt
  }
  t.equal(await due('H20.19.05'), '2021-08-31T08:30:00+07:00')
  const given = await take(client)
  t.equal(given.dueAt, '2021-09-07T17:00:00+07:00')
  const mornings = commune({ hours: hours([['07:00', '11:00']]) })
  t.equal((await client.ask('PUT', '/v1/agencies/H20.19.05', mornings)).status, 200)
  t.equal(await due('H20.19.05'), '2021-09-01T08:00:00+07:00', '3 h, 4 h and 1 h')
  t.equal(await due('H20.19.06'), '2021-08-31T08:30:00+07:00', 'no other agency’s')
  t.equal((await take(client)).dueAt, '2021-09-07T11:00:00+07:00')
  t.equal((await client.ask('GET', `/v1/dossiers/${given.code}`)).body.dueAt, given.dueAt)

  const { id: _, name, ...rules } = NATIONAL_CALENDAR
  const six = {
    id: 'six-days',
    version: 1,
    name,
    rules: { ...rules, week: [1, 2, 3, 4, 5, 6], days: [] },
    change: null,
  }
  await desk.deps.reference.change(async (tx) => {
    await addCalendar(tx, six)
    await addMissingSchedules(tx)
  })
  await client.ask('PUT', '/v1/agencies/H20.19.06', commune({ calendar: 'six-days' }))
  const elsewhere = await take(client, { resolvingAgency: 'H20.19.06' })
  t.equal(elsewhere.dueOn, '2021-09-03', 'a calendar without days off')
  t.match((await client.ask('GET', '/v1/calendars/six-days')).body, { week: [1, 2, 3, 4, 5, 6], days: [] })
  const code = 'H20.19.07'
  const lost = { code, name: code, level: 'commune', parent: 'H20.19', calendar: 'lost' } as const
  await desk.deps.reference.change(async (tx) => {
    await saveAgency(tx, { ...lost, hours: null, lateRecordingDays: null })
    await addMissingSchedules(tx)
  })
  t.equal(await due(code), '2021-08-31T08:30:00+07:00', 'where its calendar is not there, the national one counts')
})

t.test('agencies are listed in order, page by page, all or below one', async (t) => {
  const desk = await openDesk(t)
  const client = await desk.client()
  for (const code of ['H20.1', 'H20.11', 'H20.1.5', 'A01']) {
    await client.ask('PUT', `/v1/agencies/${code}`, commune({ parent: 'H20' }))
  }
  const all = codesOf(await pagesOf(client, '/v1/agencies', { limit: '4' }))
  t.equal(all.length, 17)
  t.strictSame(all, all.toSorted())
  t.strictSame(codesOf(await pagesOf(client, '/v1/agencies', { limit: '1' })), all)
  t.strictSame(codesOf(await pagesOf(client, '/v1/agencies', { under: 'H20.20', limit: '2' })), [
    'H20.20',
    'H20.20.01',
    'H20.20.02',
  ])
  t.match((await client.ask('GET', '/v1/agencies?under=H99')).body, { status: 404, agency: 'H99' })
  const { nextCursor } = (await client.ask('GET', '/v1/agencies?limit=4')).body
  const refused = { status: 400, type: '/problems/invalid_cursor' }
  t.match((await client.ask('GET', `/v1/agencies?under=H20&cursor=${nextCursor}`)).body, refused)
  t.match((await client.ask('GET', `/v1/agencies?cursor=${forged(nextCursor, 'nothing')}`)).body, refused)
  for (const limit of ['0', '201', '-1', 'all', '1e2', '']) {
    const { body } = await client.ask('GET', `/v1/agencies?limit=${limit}`)
    t.match(body, { errors: [{ pointer: '/query/limit' }] }, limit)
  }
})

const days = (amount: number) => ({ kind: 'working_days', amount })
const procedure = (versions: readonly unknown[], overrides: Record<string, unknown> = {}) => ({
  name: 'Thủ tục thử',
  field: 'Lĩnh vực thử',
  postAllowed: false,
  versions,
  ...overrides,
})

t.test('a procedure’s limit is the one in force on the day of receipt', async (t) => {
  const client = await desk.client()
  const versions = [
    { effectiveFrom: '2021-08-01', limit: days(3) },
    { effectiveFrom: '2021-09-01', limit: { ...days(5), verification: { kind: 'calendar_days', amount: 20 } } },
  ]
  const put = (given: unknown) => client.ask('PUT', '/v1/procedures/1.900001', given)
  const saved = procedure(versions.map((version) => ({ ...version, sample: false })))
  t.match(await put(procedure(versions)), { status: 201, body: { code: '1.900001', ...saved } })
  t.match(await put(procedure(versions)), { status: 200 })
  t.strictSame((await client.ask('GET', '/v1/procedures/1.900001')).body, { code: '1.900001', ...saved })
  const receive = async (receivedAt: string, more = {}) =>
    (await client.ask('POST', '/v1/deadlines', { procedureCode: '1.900001', receivedAt, ...more })).body
  const last = await receive('2021-08-31T23:59:59+07:00')
  t.match(last, { procedure: { effectiveFrom: '2021-08-01', sample: false }, dueOn: '2021-09-07' })
  t.match(await receive('2021-09-01T00:00:00+07:00'), { procedure: { effectiveFrom: '2021-09-01' } })
  const first = await receive('2021-07-31T23:59:59+07:00')
  t.match(first, { status: 422, type: '/problems/no_limit_in_force', procedure: '1.900001', date: '2021-07-31' })
  t.match(await receive('2021-08-02T09:00:00+07:00', { withVerification: true }), { status: 422 })
  const taken = await take(client, { procedureCode: '1.900001' })
  t.match(taken, { procedureVersion: '2021-08-01', dueOn: '2021-09-07' })
  await put(procedure([{ effectiveFrom: '2021-08-01', limit: days(9) }]))
  t.match((await client.ask('GET', `/v1/dossiers/${taken.code}/deadline`)).body, {
    dueOn: '2021-09-07',
    rule: { limit: days(3) },
  })
})

t.test('versions that say nothing certain are refused', async (t) => {
  const { ask } = await desk.client()
  const [may, june] = ['2021-05-01', '2021-06-01'].map((effectiveFrom) => ({ effectiveFrom, limit: days(3) }))
  const of = (limit: unknown) => procedure([{ effectiveFrom: '2021-05-01', limit }])
  const wrong: readonly [string, unknown][] = [
    ['/versions', procedure([])],
    ['/versions', procedure([june, may])],
    ['/versions', procedure([may, may])],
    ['/versions/0/effectiveFrom', procedure([{ ...may, effectiveFrom: '2021-02-29' }])],
    ['/versions/0/effectiveFrom', procedure([{ ...may, effectiveFrom: '0050-01-01' }])],
    ['/versions/0/effectiveFrom', procedure([{ ...may, effectiveFrom: 20210501 }])],
    ['/versions/0/limit/amount', of(days(0))],
    ['/versions/0/limit/amount', of(days(1001))],
    ['/versions/0/limit/amount', of(days(1.5))],
    ['/versions/0/limit/kind', of({ kind: 'weeks', amount: 2 })],
    ['/versions/0/limit/cutoff', of({ kind: 'same_day', cutoff: '3pm' })],
    ['/versions/0/limit/amount', of({ kind: 'same_day', cutoff: '15:00', amount: 1 })],
    ['/versions/0/limit/verification/kind', of({ ...days(3), verification: { kind: 'same_day', cutoff: '15:00' } })],
    ['/name', procedure([may], { name: '' })],
    ['/field', procedure([may], { field: 'Hộ\u0007tịch' })],
    ['/postAllowed', procedure([may], { postAllowed: 'yes' })],
  ]
  for (const [pointer, body] of wrong) {
    const answer = await ask('PUT', '/v1/procedures/1.900002', body)
    t.match(answer.body, { type: '/problems/invalid_input', errors: [{ pointer }] }, JSON.stringify(body))
  }
  t.match((await ask('GET', '/v1/procedures/1.900002')).body, { status: 404, procedure: '1.900002' })
})

t.test('procedures are listed by field, page by page, and samples say so', async (t) => {
  const desk = await openDesk(t)
  const client = await desk.client()
  const pages = await pagesOf(client, '/v1/procedures', { limit: '7' })
  const all = codesOf(pages)
  t.equal(all.length, 20)
  t.strictSame(all, all.toSorted())
  const named = await pagesOf(client, '/v1/procedures', { field: 'Chứng thực', limit: '2' })
  t.strictSame(codesOf(named), ['2.000815', '2.000884', '2.000908'])
  t.strictSame(codesOf(await pagesOf(client, '/v1/procedures', { field: 'Không có' })), [])
  const decomposed = query({ field: 'Chứng thực'.normalize('NFD') })
  t.equal((await client.ask('GET', `/v1/procedures?${decomposed}`)).body.items.length, 3, 'in either Unicode form')
  const sampleOf = async (code: string) => (await client.ask('GET', `/v1/procedures/${code}`)).body.versions[0].sample
  t.equal(await sampleOf('2.000720'), true)
  t.equal(await sampleOf('1.001193'), false)
  const explained = { procedureCode: '2.000720', receivedAt: '2021-08-31T09:00:00+07:00' }
  t.match((await client.ask('POST', '/v1/deadlines', explained)).body, { procedure: { sample: true } })
  const { body } = await client.ask('GET', `/v1/procedures?field=x&cursor=${pages[0]?.nextCursor}`)
  t.match(body, { status: 400, type: '/problems/invalid_cursor' })
})

t.test('the calendar shows its days, their grounds and how far it is certain', async (t) => {
  const desk = await openDesk(t)
  const { ask } = await desk.client()
  const { body } = await ask('GET', '/v1/calendars/vn')
  const { id, name, ...rules } = NATIONAL_CALENDAR
  t.strictSame(body, {
    id,
    name,
    version: 1,
    ...rules,
    provisional: { from: '2027-01-01', to: '2027-12-31' },
    change: null,
  })
  const swapped = body.days.find((day: { date: string }) => day.date === '2019-01-05')
  t.match(swapped, { kind: 'worked', swapWith: '2018-12-31', legalBasis: /6519/ })
  t.match((await ask('GET', '/v1/calendars/lunar')).body, { status: 404, calendar: 'lunar' })
  t.match((await ask('GET', '/v1/calendars/Vn')).body, { status: 400, errors: [{ pointer: '/path/id' }] })
  const confirmed = { ...rules.coverage, confirmedTo: rules.coverage.to }
  await desk.deps.reference.change((tx) =>
    addCalendar(tx, { id: 'vn', version: 2, name, rules: { ...rules, coverage: confirmed }, change: null }),
  )
  t.match((await ask('GET', '/v1/calendars/vn')).body, { version: 2, provisional: null }, 'the newest version is shown')
  const known = await desk.deps.reference.current()
  t.throws(() => known.officeSchedule('vn'), { message: 'schedule 0 is missing' }, 'nobody counts by it unasked')
})

t.test('another instance’s change is seen within a second or so', async (t) => {
  const desk = await openDesk(t)
  const here = await desk.client()
  const other = referenceSource(desk.db)
  const known = await other.current()
  await here.ask('PUT', '/v1/agencies/H20.19.77', commune())
  t.equal((await desk.deps.reference.current()).agencies.has('H20.19.77'), true, 'here at once')
  t.equal(await other.current(), known, 'there not yet')
  await new Promise((resolve) => setTimeout(resolve, 1050))
  const [one, two] = await Promise.all([other.current(), other.current()])
  t.equal(one.agencies.get('H20.19.77')?.name, 'Xã Mới')
  t.equal(one, two, 'read once for all who wait')
  await new Promise((resolve) => setTimeout(resolve, 1050))
  t.equal(await other.current(), one, 'not read again where nothing changed')
})

t.test('what another instance promised by hours of its own is explained here at once', async (t) => {
  const desk = await openDesk(t)
  const client = await desk.client()
  const { db, now } = desk.deps
  const other = await buildApp(depsOn(db, now))
  t.teardown(() => other.close())
  const ask = async (url: string) =>
    JSON.parse((await other.inject({ url, headers: { authorization: `Bearer ${client.key}` } })).body)
  t.strictSame((await ask('/v1/overdue')).items, [])
  await client.ask('PUT', '/v1/agencies/H20.19.77', commune({ hours: hours([['07:00', '11:00']]) }))
  const { code } = await take(client, { receivingAgency: 'H20.19.77' })
  const { agencies } = await ask('/v1/overdue/summary')
  t.match(agencies, [{ agency: 'H20.19.77', overdue: 1 }], 'whether or not its name is known yet')
  const lateBy = { days: 24, workingDays: 18, workingHours: 69 }
  t.match((await ask('/v1/overdue')).items, [{ code, dueAt: '2021-09-07T11:00:00+07:00', lateBy }])
  t.match(await ask(`/v1/dossiers/${code}/deadline`), { code, dueAt: '2021-09-07T11:00:00+07:00' })
})

t.test('a change made while the reference is being read is not lost', async (t) => {
  const desk = await openDesk(t)
  const source = referenceSource(desk.db)
  const agency = (code: string) =>
    ({
      code,
      name: code,
      level: 'commune',
      parent: 'H20.19',
      calendar: null,
      hours: null,
      lateRecordingDays: null,
    }) as const
  for (let round = 10; round < 25; round++) {
    const code = `H20.19.${round}`
    await Promise.all([
      source.current(),
      source.change((tx) => saveAgency(tx, agency(code))),
      source.current(),
      new Promise(setImmediate).then(source.current),
    ])
    t.equal((await source.current()).agencies.has(code), true, code)
  }
  await t.rejects(
    source.change(async (tx) => {
      await saveAgency(tx, agency('H20.19.99'))
      throw new Error('undone')
    }),
    { message: 'undone' },
  )
  t.equal((await source.current()).agencies.has('H20.19.99'), false)
})

t.test('a database is seeded once, and what is there stays', async (t) => {
  const desk = await openDesk(t)
  const client: Client = await desk.client()
  await client.ask('PUT', '/v1/agencies/H20', { name: 'Đồng Tháp', level: 'province' })
  await seed(desk.deps.reference, true)
  const known = await desk.deps.reference.current()
  t.equal(known.agencies.get('H20')?.name, 'Đồng Tháp')
  t.throws(() => known.schedule(999), { message: 'schedule 999 is missing' })
  t.throws(() => known.officeSchedule('lunar'), { code: 'calendar_not_found' })
  // As no one may: the triggers that keep what is append-only are the owner's to switch off.
  await desk.db.transaction(async (tx) => {
    await tx.execute(sql`set local session_replication_role = replica`)
    await tx.execute(sql`truncate reference_revision, agencies, procedures, calendars, schedules cascade`)
  })
  const empty = referenceSource(desk.db)
  t.equal((await empty.current()).agencies.size, 0)
  await seed(empty, false)
  t.strictSame([...(await empty.current()).calendars.keys()], ['vn'])
  t.equal((await empty.current()).procedures.size, 0)
  await seed(empty, true)
  t.equal((await empty.current()).procedures.size, 20)
})
