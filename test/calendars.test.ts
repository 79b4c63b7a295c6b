import { isNull, sql } from 'drizzle-orm'
import t, { type Test } from 'tap'
import { rebuildPage } from '../src/audit/rebuild.ts'
import { verify } from '../src/audit/tools.ts'
import { addMissingSchedules } from '../src/calendars/commands.ts'
import { NATIONAL_CALENDAR } from '../src/calendars/national.ts'
import { runRecalculations, SETTLED_AFTER_MS } from '../src/calendars/recalculation.ts'
import { recount } from '../src/calendars/recounting.ts'
import { addCalendar } from '../src/calendars/store.ts'
import type { Database } from '../src/db/database.ts'
import { calendars, recalculations, referenceRevision } from '../src/db/tables.ts'
import type { Deps } from '../src/deps.ts'
import { findDossier } from '../src/dossiers/store.ts'
import { move, pagesOf, query, take } from './support/asking.ts'
import { serverUrl, TEST_POOL } from './support/database.ts'
import { type Client, type Desk, depsOn, openDesk } from './support/desk.ts'

type Fields = Record<string, unknown>

const NOW = '2021-09-01T08:00:00+07:00'
const PUBLISHED = '2021-08-30T10:00:00+07:00'

const openAt = async (t: Test, now = NOW) => {
  const desk = await openDesk(t)
  desk.at(now)
  return { desk, all: await desk.client() }
}

const off = (date: string, more: Fields = {}) => ({
  date,
  kind: 'off',
  name: 'Đóng cửa phòng dịch',
  legalBasis: 'Chỉ thị 16/CT-TTg',
  ...more,
})

const worked = (date: string, swapWith: string) => off(date, { kind: 'worked', swapWith })

const swap = (offOn: string, workedOn: string) => [off(offOn, { swapWith: workedOn }), worked(workedOn, offOn)]

const usual = (date: string) => off(date, { kind: 'usual' })

const put = ({ ask }: Client, days: readonly unknown[], more: Fields = {}, id = 'vn') =>
  ask('PUT', `/v1/calendars/${id}/days`, { publishedAt: PUBLISHED, days, ...more }, { 'x-officer': 'cb-017' })

const putNew = async (client: Client, days: readonly unknown[], more: Fields = {}) => {
  const answer = await put(client, days, more)
  if (answer.status !== 201) throw new Error(answer.text)
  return answer.body
}

const recalculate = ({ ask }: Client, asked: Record<string, string> = {}, headers: Record<string, string> = {}) =>
  ask('POST', `/v1/calendars/vn/recalculate?${query(asked)}`, undefined, headers)

const dryRun = async (client: Client, asked: Record<string, string> = {}) => {
  const answer = await recalculate(client, { dryRun: 'true', ...asked })
  if (answer.status !== 200) throw new Error(answer.text)
  return answer.body
}

/** Lets what was begun settle, and carries it out; answers how many batches that took. */
const carryOut = async ({ deps, at }: Desk, batch?: number): Promise<number> => {
  at(new Date(deps.now().getTime() + SETTLED_AFTER_MS).toISOString())
  let batches = 0
  while (await runRecalculations(deps, batch)) batches += 1
  return batches
}

const recalculateAll = async (desk: Desk, client: Client, asked: Record<string, string> = {}) => {
  const begun = await recalculate(client, asked)
  if (begun.status !== 202) throw new Error(begun.text)
  await carryOut(desk)
  return (await client.ask('GET', String(begun.headers.location))).body
}

const read = async ({ ask }: Client, code: string) => (await ask('GET', `/v1/dossiers/${code}`)).body
const trail = async ({ ask }: Client, code: string) => (await ask('GET', `/v1/dossiers/${code}/events`)).body.items

/** Whether every row is what its events say, and every event hangs on the one before. */
const allFits = async (t: Test, { db, deps }: Desk) => {
  t.strictSame((await rebuildPage(db, 0, false)).differences, [])
  const lines: string[] = []
  t.equal(await verify(db, {}, deps.now(), (line) => lines.push(line)), true, lines.join('\n'))
}

/** A calendar `short` of plain weeks. */
const addShortCalendar = ({ deps }: Desk, from: string, to: string) =>
  deps.reference.change(async (tx) => {
    const rules = { week: [1, 2, 3, 4, 5], coverage: { from, to, confirmedTo: to }, days: [] }
    await addCalendar(tx, { id: 'short', version: 1, name: 'Lịch ngắn', rules, change: null })
    await addMissingSchedules(tx)
  })

/** For the tests that keep to agencies of their own. */
const shared = await openAt(t)

t.test('days are put as a new version, and older ones stay as they are', async (t) => {
  const { desk, all } = await openAt(t)
  const shipped = (await all.ask('GET', '/v1/calendars/vn')).body
  const first = await put(all, [off('2021-09-07'), ...swap('2021-09-06', '2021-09-11')])
  t.match(first, { status: 201, headers: { location: '/v1/calendars/vn?version=2' } })
  t.hasStrict(first.body, {
    version: 2,
    coverage: shipped.coverage,
    recalculation: null,
    change: {
      dates: ['2021-09-06', '2021-09-07', '2021-09-11'],
      usual: [],
      agency: null,
      publishedAt: PUBLISHED,
      recordedAt: NOW,
      officer: 'cb-017',
    },
  })
  const september = first.body.days.filter(({ date }: { date: string }) => date.startsWith('2021-09'))
  const grounds = { name: 'Đóng cửa phòng dịch', legalBasis: 'Chỉ thị 16/CT-TTg', publishedAt: PUBLISHED }
  t.hasStrict(september, [
    { date: '2021-09-02', type: 'statutory' },
    { date: '2021-09-03' },
    { date: '2021-09-06', kind: 'off', type: 'swap_off', swapWith: '2021-09-11', ...grounds },
    { date: '2021-09-07', kind: 'off', type: 'statutory', status: 'confirmed', ...grounds },
    { date: '2021-09-11', kind: 'worked', type: 'swap_worked', swapWith: '2021-09-06', ...grounds },
  ])
  const { recalculation: _, ...second } = first.body
  t.strictSame((await all.ask('GET', '/v1/calendars/vn')).body, second)
  t.strictSame((await all.ask('GET', '/v1/calendars/vn?version=1')).body, shipped)
  t.match((await all.ask('GET', '/v1/calendars/vn?version=3')).body, { status: 404, calendar: 'vn' })

  const again = await put(all, [...swap('2021-09-06', '2021-09-11'), off('2021-09-07')])
  t.strictSame([again.status, again.body], [200, first.body], 'the same content again says nothing new')
  const undone = await putNew(all, [usual('2021-09-07'), usual('2021-09-06'), usual('2021-09-11')])
  t.strictSame([undone.version, undone.days], [3, shipped.days], 'the plain week holds again')
  t.hasStrict(undone.change.usual, [{ date: '2021-09-07', legalBasis: 'Chỉ thị 16/CT-TTg' }, {}, {}])
  t.match(await put(all, [usual('2021-09-07')]), { status: 200, body: { version: 3 } })
  t.match(await put(all, [], { to: '2028-12-31' }), { status: 201, body: { provisional: { to: '2028-12-31' } } })
  t.match(await put(all, [], {}, 'lunar'), { status: 404, body: { calendar: 'lunar' } })
  await t.rejects(desk.db.update(calendars).set({ name: 'Lịch khác' }), 'the database refuses to change a version')
})

t.test('what contradicts itself or the calendar is refused, and names the field', async (t) => {
  const { desk, all } = shared
  await putNew(all, [off('2021-09-20', { type: 'closure' })])
  const wrong: readonly [string, readonly unknown[], Fields?][] = [
    ['/publishedAt', [], { publishedAt: '2021-09-01T08:00:01+07:00' }],
    ['/agency', [], { agency: 'H20.99' }],
    ['/to', [], { to: '2027-12-30' }],
    ['/to', [], { to: '2032-01-01' }],
    ['/to', [], { to: '2028-12-31', agency: 'H20.19' }],
    ['/confirmedTo', [], { confirmedTo: '2026-12-30' }],
    ['/confirmedTo', [], { confirmedTo: '2028-12-31' }],
    ['/confirmedTo', [], { confirmedTo: '2027-01-01', agency: 'H20.19' }],
    ['/confirmedTo', [], { confirmedTo: '2027-12-31' }],
    ['/days/0/status', [off('2026-12-24', { status: 'provisional' })]],
    ['/days/0/date', [off('2018-11-30')]],
    ['/days/1/date', [off('2021-09-07'), off('2028-01-01')]],
    ['/days/1/date', [off('2021-09-07'), usual('2021-09-07')]],
    ['/days/0/type', [off('2021-09-07', { type: 'swap_worked', swapWith: '2021-09-11' })]],
    ['/days/0/type', [off('2021-09-11', { kind: 'worked', type: 'closure' })]],
    ['/days/0/type', [{ ...usual('2021-09-20'), type: 'closure' }]],
    ['/days/0/swapWith', [{ ...usual('2021-09-20'), swapWith: '2021-09-21' }]],
    ['/days/0/swapWith', [off('2021-09-11', { kind: 'worked' })]],
    ['/days/0/swapWith', [off('2021-09-07', { type: 'swap_off' })]],
    ['/days/0/swapWith', [off('2021-09-07', { type: 'closure', swapWith: '2021-09-11' })]],
    ['/days/0/swapWith', [off('2021-09-07', { swapWith: '2021-09-11' })]],
    ['/days/0/swapWith', [off('2021-09-07', { swapWith: '2021-09-07' })]],
    ['/days/0/swapWith', [off('2021-09-06', { swapWith: '2021-09-11' }), worked('2021-09-18', '2021-09-06')]],
    ['/days/0/swapWith', [usual('2019-01-05')]],
    ['/days/0/kind', swap('2021-09-11', '2021-09-06')],
    ['/days/1/kind', swap('2021-09-06', '2021-09-07')],
    ['/days/0/legalBasis', [off('2021-09-07', { legalBasis: undefined })]],
    ['/days/0/agency', [off('2021-09-07', { agency: 'H20.19' })]],
    ['/days', Array.from({ length: 401 }, () => off('2021-09-07'))],
  ]
  for (const [pointer, days, more] of wrong) {
    const { body } = await put(all, days, more)
    t.match(body, { status: 400, errors: [{ pointer }] }, `${pointer} ${JSON.stringify(days).slice(0, 200)}`)
  }
  t.match((await all.ask('GET', '/v1/calendars/vn')).body, { version: 2 }, 'nothing of it was put')
  await addShortCalendar(desk, '2021-09-06', '2021-09-07')
  const closed = await put(all, [off('2021-09-06'), off('2021-09-07')], {}, 'short')
  t.match(closed.body, { status: 422, type: '/problems/no_working_time' })
})

const CLOSED = [off('2021-09-06'), off('2021-09-07')]
const DISTRICT = { agency: 'H20.19' }

t.test(
  'a closure is local where an agency has it, and moves only what that agency and those below resolve',
  async (t) => {
    const { desk, all } = await openAt(t)
    const places = [
      { receivingAgency: 'H20.19.05' },
      { receivingAgency: 'H20.19.06' },
      { receivingAgency: 'H20.20.01', resolvingAgency: 'H20.19' },
      { receivingAgency: 'H20.19.05', resolvingAgency: 'H20.20.01' },
      { receivingAgency: 'H20.20.01' },
    ]
    const codes: string[] = []
    for (const place of places) codes.push((await take(all, place)).code)
    const due = async () => Promise.all(codes.map(async (code) => (await read(all, code)).dueOn))
    const local = await putNew(all, CLOSED, DISTRICT)
    t.hasStrict(local.change, DISTRICT)
    const closed = local.days.filter((day: Fields) => day.agency !== undefined)
    t.hasStrict(closed, [
      { date: '2021-09-06', type: 'closure', ...DISTRICT },
      { date: '2021-09-07', ...DISTRICT },
    ])

    t.equal((await take(all, places[0])).dueOn, '2021-09-09', 'new promises know of it at once')
    t.equal((await take(all, places[4])).dueOn, '2021-09-07', 'and elsewhere nothing is closed')
    t.strictSame(await due(), Array(5).fill('2021-09-07'), 'promises given stay')
    const still = { sooner: 0, uncovered: 0 }
    const moves = { open: 1, moved: 1, later: 1, leastDays: 2, mostDays: 2, ...still }
    const preview = await dryRun(all)
    t.strictSame(preview.agencies, [
      { agency: 'H20.19', ...moves },
      { agency: 'H20.19.05', ...moves, open: 2 },
      { agency: 'H20.19.06', ...moves },
      { agency: 'H20.20.01', open: 3, moved: 0, later: 0, leastDays: null, mostDays: null, ...still },
    ])
    t.strictSame(await due(), Array(5).fill('2021-09-07'), 'a dry run moves nothing')
    const done = await recalculateAll(desk, all)
    t.hasStrict(done, { state: 'done', examined: 7, moved: 3, calendarId: 'vn', calendarVersion: 2, agencies: null })
    t.strictSame(await due(), ['2021-09-09', '2021-09-09', '2021-09-09', '2021-09-07', '2021-09-07'])
    await allFits(t, desk)

    const nearer = [off('2021-09-08'), worked('2021-09-06', '2021-09-08').date].slice(0, 1)
    await putNew(all, nearer, { agency: 'H20.19.05' })
    t.equal((await take(all, places[0])).dueOn, '2021-09-10', 'closures of all levels add up')
    t.equal((await take(all, places[1])).dueOn, '2021-09-09')
  },
)

t.test('of an agency that works where those above are closed, its own day holds', async (t) => {
  const { all } = await openAt(t)
  await putNew(all, CLOSED, { agency: 'H20' })
  await putNew(all, swap('2021-09-10', '2021-09-03'), { agency: 'H20.19.05' })
  t.equal((await take(all)).dueOn, '2021-09-08', '1, 3 and 8 September: it works on the holiday')
  await putNew(all, [off('2021-09-03', { name: 'Nghỉ lễ' }), off('2021-09-08')])
  t.equal((await take(all)).dueOn, '2021-09-09', 'also where everyone’s day is put later')
  t.equal((await take(all, { receivingAgency: 'H20.19.06' })).dueOn, '2021-09-10')
})

t.test('everyone’s days need a key of the whole system, local ones a key that sees the agency', async (t) => {
  const { desk, all } = await openAt(t)
  const district = await desk.client(['admin'], 'H20.19')
  const sibling = await desk.client(['admin'], 'H20.20')
  const reader = await desk.client(['dossiers:read'], 'H20.19')
  t.match((await put(district, CLOSED)).body, { status: 403, type: '/problems/whole_system_only' })
  t.match((await put(district, [], { confirmedTo: '2027-12-31' })).body, { type: '/problems/whole_system_only' })
  const outside = { status: 403, type: '/problems/outside_your_agency' }
  t.match((await put(district, CLOSED, { agency: 'H20' })).body, outside)
  t.match((await put(sibling, CLOSED, DISTRICT)).body, outside)
  t.match((await put(reader, CLOSED, DISTRICT)).body, { type: '/problems/scope_missing' })
  t.match((await put(desk.stranger, CLOSED, DISTRICT)).body, { status: 401 })
  const [here, there] = [(await take(all)).code, (await take(all, { receivingAgency: 'H20.20.01' })).code]
  await putNew(district, CLOSED, DISTRICT)
  await putNew(sibling, CLOSED, { agency: 'H20.20' })

  t.match((await recalculate(district, { agency: 'H20.20' })).body, outside)
  t.match((await recalculate(district, { agency: 'H20', dryRun: 'true' })).body, outside)
  t.match((await recalculate(reader, { dryRun: 'true' })).body, { type: '/problems/scope_missing' })
  t.match((await recalculate(all, { agency: 'H99' })).body, { status: 404, agency: 'H99' })
  const { agencies, items } = await dryRun(district)
  t.hasStrict([agencies, items], [[{ agency: 'H20.19.05' }], [{ code: here }]], 'only its own subtree')
  const begun = await recalculate(district)
  await carryOut(desk)
  const whole = await recalculate(all)
  await carryOut(desk)
  t.equal((await read(all, here)).dueOn, '2021-09-09')
  t.equal((await read(all, there)).dueOn, '2021-09-09')
  const seen = async ({ ask }: Client, answer: typeof begun) => (await ask('GET', String(answer.headers.location))).body
  t.hasStrict(await seen(district, begun), { examined: 1, moved: 1 })
  t.hasStrict(await seen(all, begun), { examined: 1 })
  t.hasStrict(await seen(all, whole), { examined: 2, moved: 1 }, 'what one has moved, the other need not')
  const unseen = { status: 404, type: '/problems/recalculation_not_found' }
  t.match(await seen(sibling, begun), unseen)
  t.match(await seen(district, whole), unseen)
  t.match((await all.ask('GET', `/v1/calendars/lunar/recalculations/${begun.body.id}`)).body, unseen)
  t.match((await all.ask('GET', '/v1/calendars/vn/recalculations/rec_none')).body, unseen)
})

t.test('a dry run says, page by page, exactly what the real run then does', async (t) => {
  const { desk, all } = await openAt(t)
  const procedures = ['2.000720', '1.001776', '1.009122', '1.001193', '1.010038', '1.004194']
  for (const procedureCode of procedures) await take(all, { procedureCode, receivedAt: '2021-08-31T16:00:00+07:00' })
  await putNew(all, [off('2021-09-15'), off('2021-09-30'), ...swap('2021-09-20', '2021-09-04')])
  const whole = await dryRun(all)
  t.hasStrict(whole.agencies, [
    { agency: 'H20.19.05', open: 6, moved: 5, sooner: 3, later: 2, leastDays: -1, mostDays: 2 },
  ])
  const items: Fields[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const page = await dryRun(all, { limit: '2', ...(cursor ? { cursor } : {}) })
    t.equal(page.agencies === null, cursor !== '', 'the counts stand on the first page')
    items.push(...page.items)
    cursor = page.nextCursor
  }
  t.strictSame(items, whole.items)
  const other = (await dryRun(all, { limit: '1' })).nextCursor
  t.match((await recalculate(all, { dryRun: 'true', agency: 'H20', cursor: other })).body, {
    type: '/problems/invalid_cursor',
  })
  t.match((await recalculate(all, { cursor: other })).body, { status: 400, errors: [{ pointer: '/query/cursor' }] })

  const first = new Map<unknown, string>()
  for (const { code } of items) first.set(code, (await read(all, String(code))).firstDueAt)
  const begun = await recalculate(all, {}, { 'x-officer': 'cb-021' })
  t.hasStrict(begun, { status: 202, body: { state: 'running', examined: 0, moved: 0, finishedAt: null } })
  t.equal(await carryOut(desk), 1)
  for (const { code, after } of items as { code: string; after: Fields }[]) {
    const { dueAt, firstDueAt, provisional, version } = await read(all, code)
    t.strictSame({ dueAt, provisional }, after)
    t.equal(firstDueAt, first.get(code), 'the first promise stays')
    const [, event] = await trail(all, code)
    const who = { officer: 'cb-021', keyId: begun.body.keyId, requestId: begun.body.requestId, agency: 'H20.19.05' }
    const facts = { recalculation: begun.body.id, promise: { dueAt: new Date(dueAt).toISOString() } }
    t.hasStrict(event, { number: version, type: 'recalculated', effectiveAt: event.recordedAt, ...who, facts })
  }
  t.hasStrict(await dryRun(all), { agencies: [{ moved: 0 }], items: [] }, 'and then there is nothing left to move')
  await allFits(t, desk)
})

t.test('what is finished, ended or waiting stays as it is, and goes on by the new days', async (t) => {
  const { desk, all } = await openAt(t)
  const [first, second] = ['2021-09-01T07:45:00+07:00', '2021-09-01T07:50:00+07:00']
  const taken: Record<string, string> = {}
  for (const name of ['finished', 'stopped', 'withdrawn', 'supplement', 'payment', 'online', 'running']) {
    taken[name] = (await take(all, name === 'online' ? { intakeChannel: 'online', receivedAt: undefined } : {})).code
  }
  const code = (name: string) => String(taken[name])
  const ground = 'Nghị định 61/2018/NĐ-CP Đ.17'
  await move(all, code('finished'), 'finish', first)
  await move(all, code('stopped'), 'stop', first, { ground })
  await move(all, code('withdrawn'), 'withdraw', first)
  await move(all, code('supplement'), 'request-supplement', first, { ground, missing: 'Bản sao' })
  await move(all, code('payment'), 'await-payment', first, { ground })
  await move(all, code('running'), 'start', second)
  const standing = async () => Promise.all(Object.values(taken).map((code) => read(all, code)))
  const before = await standing()
  await putNew(all, CLOSED)
  t.hasStrict(await dryRun(all), { agencies: [{ open: 1, moved: 1 }], items: [{ code: code('running') }] })
  t.hasStrict(await recalculateAll(desk, all), { examined: 1, moved: 1 })
  const after = await standing()
  t.strictSame(after.slice(0, -1), before.slice(0, -1))
  t.hasStrict(after.at(-1), { dueOn: '2021-09-09', firstDueAt: '2021-09-07T17:00:00+07:00', punctuality: 'in_time' })

  desk.at('2021-09-01T16:00:00+07:00')
  const resumed = '2021-09-01T14:00:00+07:00'
  t.match(await move(all, code('supplement'), 'supplement-received', resumed), { dueOn: '2021-09-10' })
  t.match(await move(all, code('payment'), 'payment-received', resumed), { dueOn: '2021-09-09' })
  t.match(await move(all, code('stopped'), 'reopen', resumed, { reason: 'Nhầm', approver: 'cb-002' }), {
    dueOn: '2021-09-07',
  })
  await recalculateAll(desk, all)
  t.match(await read(all, code('stopped')), { dueOn: '2021-09-09' }, 'opened again, it is moved like any other')
  await allFits(t, desk)
})

t.test('an extension goes with its term, and lateness that was passed stays passed', async (t) => {
  const { desk, all } = await openAt(t)
  const { code } = await take(all)
  const waits = (await take(all)).code
  const at = (day: string) => `2021-09-${day}T08:00:00+07:00`
  const apology = { reason: 'Chờ xác minh', apologyNumber: '12/TXL-UBND' }
  desk.at(at('03'))
  t.match(await move(all, code, 'extend', at('03'), { workingDays: 3, ...apology }), { dueOn: '2021-09-10' })
  await putNew(all, [off('2021-09-09')])
  await recalculateAll(desk, all)
  const LATE = '2021-09-08T00:00:00+07:00'
  t.match(await read(all, code), { dueOn: '2021-09-13', lateFrom: LATE, extension: { workingDays: 3 } })

  desk.at(at('10'))
  const missing = { missing: 'Bản sao', ground: 'Nghị định 61/2018/NĐ-CP Đ.17' }
  await move(all, code, 'request-supplement', at('10'), missing)
  await move(all, waits, 'await-payment', at('10'), { ground: missing.ground })
  desk.at(at('14'))
  t.match(await move(all, code, 'supplement-received', at('14')), { dueOn: '2021-09-17', lateFrom: LATE })
  await putNew(all, [off('2021-09-07'), off('2021-09-16')])
  t.hasStrict((await dryRun(all)).agencies, [{ open: 2, moved: 2 }])
  await recalculateAll(desk, all)
  t.match(await read(all, code), { dueOn: '2021-09-20', lateFrom: LATE }, 'it was late before its term began again')
  t.match(await read(all, waits), { dueOn: '2021-09-08', punctuality: 'overdue' }, 'overdue before it waited')
  await putNew(all, [off('2021-09-06'), off('2021-09-08'), off('2021-09-10')])
  await recalculateAll(desk, all)
  t.match(await read(all, waits), { dueOn: null, punctuality: 'waiting' }, 'by what holds now it was in time')
  await allFits(t, desk)
})

t.test('hours move promises only where they are recalculated', async (t) => {
  const { desk, all } = shared
  const { code } = await take(all, { receivingAgency: 'H20.21.01' })
  const mornings = Object.fromEntries([1, 2, 3, 4, 5].map((day) => [day, [['07:00', '11:00']]]))
  const commune = { name: 'Thị trấn Tràm Chim', level: 'commune', parent: 'H20.21', hours: mornings }
  t.equal((await all.ask('PUT', '/v1/agencies/H20.21.01', commune)).status, 200)
  t.equal(await carryOut(desk), 0, 'nothing of itself')
  const [before, after] = ['2021-09-07T17:00:00+07:00', '2021-09-07T11:00:00+07:00']
  t.match(await read(all, code), { dueAt: before })
  const item = { code, before: { dueAt: before }, after: { dueAt: after }, days: 0 }
  t.hasStrict(await dryRun(all, { agency: 'H20.21' }), {
    agencies: [{ moved: 1, sooner: 0, later: 0, leastDays: 0 }],
    items: [item],
  })
  t.hasStrict(await recalculateAll(desk, all, { agency: 'H20.20.01' }), { examined: 0, moved: 0 })
  t.match(await read(all, code), { dueAt: before }, 'not by a recalculation elsewhere')
  t.hasStrict(await recalculateAll(desk, all, { agency: 'H20.21' }), { examined: 1, moved: 1 })
  t.match(await read(all, code), { dueAt: after, firstDueAt: before })
})

t.test('a recalculation is not recorded before what it follows, whatever the clock says', async (t) => {
  const { desk, all } = await openAt(t)
  const { code } = await take(all)
  const [{ recordedAt }] = await trail(all, code)
  desk.at(new Date(desk.deps.now().getTime() - 3_600_000).toISOString())
  await putNew(all, [off('2021-09-07')])
  t.hasStrict(await recalculateAll(desk, all), { moved: 1 })
  t.match(await trail(all, code), [{ recordedAt }, { type: 'recalculated', recordedAt }])
})

t.test('a new version of a limit governs receipts from its first day on, and never an older dossier', async (t) => {
  const { desk, all } = shared
  const { code } = await take(all)
  const days = (amount: number) => ({ kind: 'working_days', amount })
  const versions = [
    { effectiveFrom: '2018-06-21', limit: days(3) },
    { effectiveFrom: '2021-09-01', limit: days(10) },
  ]
  const procedure = { name: 'Thủ tục', field: 'Lĩnh vực', postAllowed: true, versions }
  t.equal((await all.ask('PUT', '/v1/procedures/2.000720', procedure)).status, 200)
  const newer = await take(all, { receivedAt: '2021-09-01T07:45:00+07:00' })
  t.match(newer, { procedureVersion: '2021-09-01', dueOn: '2021-09-17' })
  t.match(await take(all), { procedureVersion: '2018-06-21', dueOn: '2021-09-07' }, 'received the day before')
  t.hasStrict(await recalculateAll(desk, all, { agency: 'H20.19' }), { examined: 3, moved: 0 })
  t.equal((await trail(all, code)).length, 1, 'what stays the same is no event')
  const frozen = { procedureVersion: '2018-06-21', dueOn: '2021-09-07' }
  t.match(await read(all, code), frozen)
  desk.at('2021-09-06T10:00:00+07:00')
  const missing = { missing: 'Bản sao', ground: 'Nghị định 61/2018/NĐ-CP Đ.17' }
  await move(all, code, 'request-supplement', '2021-09-06T08:00:00+07:00', missing)
  const restarted = await move(all, code, 'supplement-received', '2021-09-06T09:00:00+07:00')
  t.match(restarted, { ...frozen, dueOn: '2021-09-09' }, 'the full term again is the term it was received under')
})

t.test('a promise beyond the calendar stays, is counted apart and stops nothing', async (t) => {
  const { desk, all } = await openAt(t)
  await addShortCalendar(desk, '2021-08-01', '2021-09-08')
  const commune = { name: 'Xã Phú Thuận A', level: 'commune', parent: 'H20.19', calendar: 'short' }
  await all.ask('PUT', '/v1/agencies/H20.19.06', commune)
  const there = { receivingAgency: 'H20.19.06' }
  const [far, near] = [(await take(all, { ...there, procedureCode: '1.010038' })).code, (await take(all, there)).code]
  const other = (await take(all)).code
  t.equal((await put(all, [off('2021-09-03'), off('2021-09-07')], {}, 'short')).status, 201)
  const url = (asked: string) => `/v1/calendars/short/recalculate?${asked}`
  const counts = { agency: 'H20.19.06', open: 2, moved: 1, uncovered: 1 }
  t.hasStrict((await all.ask('POST', url('dryRun=true'))).body, { agencies: [counts], items: [{ code: near }] })
  const begun = await all.ask('POST', url(''))
  await carryOut(desk)
  t.hasStrict((await all.ask('GET', String(begun.headers.location))).body, { examined: 2, moved: 1 })
  t.match(await read(all, far), { dueOn: '2021-09-07' })
  t.match(await read(all, near), { dueOn: '2021-09-06' })
  t.match(await read(all, other), { version: 1 }, 'who counts by another calendar is not looked at')
  t.match((await all.ask('POST', '/v1/calendars/lunar/recalculate')).body, { status: 404, calendar: 'lunar' })
  const { id: _, head: __, lastRecordedAt: ___, ...state } = await findDossier(desk.db, other)
  const known = await desk.deps.reference.current()
  t.throws(() => recount({ ...state, limit: null }, known), RangeError, 'any other error is no reason to go on')
})

t.test('provisional deadlines become firm when their year’s calendar is published', async (t) => {
  const { desk, all } = await openAt(t, '2026-12-21T08:00:00+07:00')
  const received = { receivedAt: '2026-12-18T09:00:00+07:00' }
  const firm = (await take(all, received)).code
  const [moves, stays] = [
    await take(all, { ...received, procedureCode: '1.009122' }),
    await take(all, { ...received, procedureCode: '1.001776' }),
  ]
  t.match(moves, { dueOn: '2027-01-04', provisional: true })
  t.match(stays, { dueOn: '2027-01-20', provisional: true })
  const announced = NATIONAL_CALENDAR.days.filter(({ date }) => date > '2027').map(({ status: _, ...day }) => day)
  const early = await put(all, announced.slice(1), { confirmedTo: '2027-12-31' })
  t.match(early.body, { errors: [{ pointer: '/confirmedTo', detail: /2027-01-01/ }] }, 'each expected day is said anew')
  const days = [...announced, ...swap('2027-01-04', '2027-01-09'), off('2026-12-22')]
  const published = await putNew(all, days, { confirmedTo: '2027-12-31', publishedAt: '2026-12-20T08:00:00+07:00' })
  t.hasStrict(published, { version: 2, provisional: null })
  t.match(await read(all, stays.code), { provisional: true }, 'not in the request that publishes it')
  await carryOut(desk)
  t.match(await read(all, moves.code), { dueOn: '2027-01-05', provisional: false, firstDueAt: moves.dueAt })
  t.match(await read(all, stays.code), { dueOn: '2027-01-21', provisional: false })
  t.match(await read(all, firm), { dueOn: '2026-12-23', version: 1 }, 'a firm one is moved by who asks for it')
  const job = (await all.ask('GET', `/v1/calendars/vn/recalculations/${published.recalculation}`)).body
  const whole = { onlyProvisional: true, agencies: null, officer: 'cb-017', keyId: published.change.keyId }
  t.hasStrict(job, { state: 'done', examined: 2, moved: 2, calendarVersion: 2, ...whole })
  t.hasStrict(await recalculateAll(desk, all), { onlyProvisional: false, examined: 3, moved: 1 })
  await allFits(t, desk)
})

t.test('lists of the past stand as they stood before the recalculation', async (t) => {
  const { desk, all } = await openAt(t)
  for (const procedureCode of ['2.000720', '1.001193', '1.010038', '1.001776']) await take(all, { procedureCode })
  const finished = await take(all, { receivingAgency: 'H20.19.06' })
  desk.at('2021-09-10T08:00:00+07:00')
  await move(all, finished.code, 'finish', '2021-09-09T08:00:00+07:00')
  const past = async (kind: string) => {
    const asked = { asOf: '2021-09-08T12:00:00+07:00', punctuality: kind, within: '5d', limit: '2' }
    const pages = await pagesOf(all, '/v1/overdue', asked)
    return pages.flatMap(({ items }) => items)
  }
  const summary = async () => (await all.ask('GET', '/v1/overdue/summary?asOf=2021-09-08T12:00:00%2B07:00')).body
  const before = [await past('overdue'), await past('due_soon'), await summary()]
  t.equal(before[0].length, 3)
  await putNew(all, [off('2021-09-01'), off('2021-09-08'), off('2021-09-09')])
  t.hasStrict(await recalculateAll(desk, all), { examined: 4, moved: 3 })
  t.strictSame([await past('overdue'), await past('due_soon'), await summary()], before)
  const live = (await all.ask('GET', '/v1/overdue')).body.items
  t.hasStrict(live, [{ procedureCode: '1.001193' }], 'and now it is as the calendar says')
  await allFits(t, desk)
})

/** A database that loses its power just before a transaction is written. */
const failing = (db: Database): Database =>
  Object.assign(Object.create(db), {
    transaction: (work: Parameters<Database['transaction']>[0]) =>
      db.transaction(async (tx) => {
        await work(tx)
        throw new Error('power cut')
      }),
  })

t.test('a recalculation that broke off goes on where it was, and does nothing twice', async (t) => {
  const { desk, all } = await openAt(t)
  for (let i = 0; i < 7; i++) await take(all)
  await putNew(all, CLOSED)
  const { items } = await dryRun(all)
  const { headers } = await recalculate(all)
  const progress = async () => (await all.ask('GET', String(headers.location))).body
  t.equal(await runRecalculations(desk.deps), false, 'it settles first')
  desk.at('2021-09-01T08:00:02+07:00')
  const broken = { ...desk.deps, db: failing(desk.db) }
  await t.rejects(runRecalculations(broken, 3), { message: 'power cut' })
  t.hasStrict(await progress(), { state: 'running', examined: 0, moved: 0 })
  t.equal(await runRecalculations(desk.deps, 3), true)
  t.hasStrict(await progress(), { state: 'running', examined: 3, moved: 3, finishedAt: null })
  await t.rejects(runRecalculations(broken, 3))
  t.equal((await dryRun(all)).items.length, 4, 'nothing of a broken batch is left')
  const old = { ...(await desk.deps.reference.current()), calendars: new Map() }
  const unaware = { ...desk.deps.reference, current: async () => ({ ...old, calendars: stale }) }
  const stale = new Map([['vn', { id: 'vn', version: 1, name: '', rules: NATIONAL_CALENDAR, change: null }]])
  t.equal(
    await runRecalculations({ ...desk.deps, reference: unaware }, 3),
    false,
    'nor by who does not know the version',
  )
  desk.at('2021-09-01T09:00:00+07:00')
  await desk.db.execute(sql`update sealing set closed_until = '2021-09-01T09:30:00+07:00'`)
  t.equal(await carryOut(desk, 3), 2)
  const finishedAt = '2021-09-01T09:30:00+07:00'
  t.hasStrict(await progress(), { state: 'done', examined: 7, moved: 7, finishedAt }, 'not within a closed day')
  for (const { code, after } of items) {
    t.match(await read(all, code), { version: 2, dueAt: after.dueAt })
    t.equal((await trail(all, code)).length, 2)
  }
  await allFits(t, desk)
})

/** A second way to the same database: a pool of its own where there is a server. */
const connectAgain = async (t: Test, { db, deps }: Desk): Promise<Deps> => {
  const url = process.env.DATABASE_URL
  if (url === undefined) return depsOn(db, deps.now)
  const { connectPostgres } = await import('../src/db/postgres.ts')
  const [row] = await db.select({ name: sql<string>`current_database()` }).from(referenceRevision)
  const other = connectPostgres(serverUrl(url, String(row?.name)), TEST_POOL, () => {})
  t.teardown(other.close)
  return depsOn(other.db, deps.now)
}

t.test('two instances that work at once, while officers act, do nothing twice and lose nothing', async (t) => {
  const { desk, all } = await openAt(t)
  const codes: string[] = []
  for (let i = 0; i < 30; i++) codes.push((await take(all)).code)
  await putNew(all, CLOSED)
  const begun = [await recalculate(all), await recalculate(all, { agency: 'H20.19' })]
  desk.at('2021-09-01T08:00:02+07:00')
  const isOpen = async () => (await desk.db.$count(recalculations, isNull(recalculations.finishedAt))) > 0
  const work = async (deps: Deps) => {
    while (await isOpen()) await runRecalculations(deps, 4)
  }
  const acting = codes.filter((_, i) => i % 3 === 0).map((code) => all.ask('POST', `/v1/dossiers/${code}/start`))
  await Promise.all([work(desk.deps), work(await connectAgain(t, desk)), ...acting])
  const examined = await Promise.all(
    begun.map(async (one) => (await all.ask('GET', String(one.headers.location))).body),
  )
  t.hasStrict(examined, [{ examined: 30 }, { examined: 30 }])
  t.equal(
    examined.reduce((sum, { moved }) => sum + moved, 0),
    30,
  )
  for (const answer of await Promise.all(acting)) t.equal(answer.status, 200)
  for (const code of codes) {
    const types = (await trail(all, code)).map(({ type }: { type: string }) => type)
    t.equal(types.filter((type: string) => type === 'recalculated').length, 1)
    t.match(await read(all, code), { dueOn: '2021-09-09' })
  }
  await allFits(t, desk)
})

t.test('a repeated request begins one recalculation and gets the first answer', async (t) => {
  const { desk, all } = shared
  await take(all, { receivingAgency: 'H20.20.02' })
  await putNew(all, CLOSED, { agency: 'H20.20.02' })
  const once = { 'idempotency-key': 'tinh-lai-1' }
  const first = await recalculate(all, { agency: 'H20.20' }, once)
  await carryOut(desk)
  const again = await recalculate(all, { agency: 'H20.20' }, once)
  t.strictSame([again.status, again.body, again.headers.location], [202, first.body, first.headers.location])
  t.equal(await carryOut(desk), 0, 'nothing is begun twice')
  const other = await recalculate(all, { agency: 'H20.19' }, once)
  t.match(other.body, { status: 422, type: '/problems/idempotency_mismatch' })
})
