import fc from 'fast-check'
import t from 'tap'
import { z } from 'zod'
import { overdueQuery } from '../src/overdue/schemas.ts'
import { formatInstant, HOUR } from '../src/sla/date.ts'
import { forged, move, pagesOf, query, take } from './support/asking.ts'
import { type Client, type Desk, openDesk } from './support/desk.ts'

type Item = { code: string; punctuality: string; finishedAt: string | null; status: { key: string } }
const codes = (items: readonly { code: string }[]): string[] => items.map(({ code }) => code)

/** A whole list, with the instants of which its pages spoke. */
const walk = async (client: Client, filters: Record<string, string | undefined>, limit = 7) => {
  const pages = await pagesOf(client, '/v1/overdue', { ...filters, limit: String(limit) })
  const items: Item[] = pages.flatMap((page) => page.items)
  return { items, asOf: [...new Set(pages.map((page) => page.asOf))] }
}

const putHours = ({ ask }: Client, code: string, amount: number) =>
  ask('PUT', `/v1/procedures/${code}`, {
    name: 'Việc theo giờ',
    field: 'Thử',
    postAllowed: true,
    versions: [{ effectiveFrom: '2019-01-01', limit: { kind: 'working_hours', amount } }],
  })

t.test('the list holds what is open past its promise, most overdue first, of an agency and all below', async (t) => {
  const desk = await openDesk(t)
  const client = await desk.client()
  const newer = await take(client, { receivedAt: '2021-09-06T09:00:00+07:00' })
  const older = await take(client)
  const twin = await take(client)
  const elsewhere = await take(client, { resolvingAgency: 'H20.20.01' })
  const district = await take(client, { resolvingAgency: 'H20.19', receivedAt: '2021-09-01T09:00:00+07:00' })
  await take(client, { receivedAt: '2021-09-29T09:00:00+07:00' })
  const list = async (agency?: string) => codes((await walk(client, { agency })).items)
  t.strictSame(
    await list(),
    [older, twin, elsewhere, district, newer].map(({ code }) => code),
  )
  t.strictSame(
    await list('H20.19'),
    [older, twin, district, newer].map(({ code }) => code),
  )
  t.strictSame(
    await list('H20.19.05'),
    [older, twin, newer].map(({ code }) => code),
  )
  t.strictSame(codes((await walk(client, { agency: 'H20.19', below: 'false' })).items), [district.code])
  const whose = await client.ask('GET', '/v1/overdue?below=false')
  t.match(whose, { status: 400, body: { errors: [{ pointer: '/query/agency' }] } }, 'it must be said whose')
  t.strictSame(await list('H20.20'), [elsewhere.code])
  t.strictSame(await list('H20.21'), [])
  const below = await desk.client(['overdue:read'], 'H20.20')
  t.strictSame(codes((await walk(below, {})).items), [elsewhere.code])
  t.match((await below.ask('GET', '/v1/overdue?agency=H20.19')).body, { status: 403, agency: 'H20.19' })
  t.match((await below.ask('GET', '/v1/overdue?agency=H99')).body, { status: 404, agency: 'H99' })
  const [first] = (await walk(client, {})).items
  t.match(first, { punctuality: 'overdue', lateFrom: '2021-09-08T00:00:00+07:00', finishedAt: null })
  t.notOk('applicant' in Object(first), 'the list names nobody')
})

t.test('lists are narrowed by procedure, channel, kind and how soon', async (t) => {
  const desk = await openDesk(t)
  const client = await desk.client()
  const desked = await take(client)
  const other = await take(client, { procedureCode: '1.004222' })
  const post = { intakeChannel: 'post', post: { handoverNumber: 'BBGN-1' } }
  const posted = await take(client, post)
  const soon = await take(client, { receivedAt: '2021-09-28T09:00:00+07:00' })
  const later = await take(client, { receivedAt: '2021-09-30T09:00:00+07:00' })
  const late = await take(client)
  await move(client, late.code, 'finish', '2021-09-20T10:00:00+07:00')
  const list = async (filters: Record<string, string>) => codes((await walk(client, filters)).items)
  t.strictSame(await list({ procedure: '1.004222' }), [other.code])
  t.strictSame(await list({ channel: 'post' }), [posted.code])
  t.strictSame(await list({ channel: 'desk' }), [desked.code, other.code])
  t.strictSame(await list({ punctuality: 'due_soon' }), [soon.code], 'three days are soon')
  t.strictSame(await list({ punctuality: 'due_soon', within: '15h' }), [])
  t.strictSame(await list({ punctuality: 'due_soon', within: '16h' }), [soon.code], 'late from the midnight 16 h on')
  t.strictSame(await list({ punctuality: 'due_soon', within: '90d' }), [soon.code, later.code])
  t.strictSame(await list({ punctuality: 'late' }), [late.code])
  t.equal(z.encode(overdueQuery.shape.within, 16 * HOUR), '16h', 'a length is written as it is read')
  const [item] = (await walk(client, { punctuality: 'due_soon' })).items
  t.match(item, { punctuality: 'in_time', lateBy: null })
})

t.test('lateness is told in days, working days and working hours, and not beyond the calendar', async (t) => {
  const desk = await openDesk(t)
  const client = await desk.client()
  const byDay = await take(client)
  t.equal(byDay.dueAt, '2021-09-07T17:00:00+07:00')
  await putHours(client, '1.900001', 8)
  const byHour = await take(client, { procedureCode: '1.900001', receivedAt: '2021-09-06T09:00:00+07:00' })
  t.equal(byHour.dueAt, '2021-09-07T09:30:00+07:00')
  const finished = await take(client, { resolvingAgency: 'H20.20' })
  await move(client, finished.code, 'finish', '2021-09-13T08:30:00+07:00')
  const lateBy = async (procedure: string, asOf: string, punctuality = 'overdue') =>
    (await client.ask('GET', `/v1/overdue?${query({ procedure, asOf, punctuality })}`)).body.items.map(
      (item: { lateBy: unknown }) => item.lateBy,
    )
  t.strictSame(await lateBy('2.000720', '2021-09-07T23:59:59+07:00'), [], 'a day term ends with its day')
  const atMidnight = { days: 1, workingDays: 1, workingHours: 0 }
  t.strictSame(await lateBy('2.000720', '2021-09-08T00:00:00+07:00'), [atMidnight, atMidnight])
  const morning = { days: 1, workingDays: 1, workingHours: 1 }
  t.strictSame(await lateBy('2.000720', '2021-09-08T08:30:00+07:00'), [morning, morning])
  const overWeekend = { days: 6, workingDays: 4, workingHours: 23.5 }
  t.strictSame(await lateBy('2.000720', '2021-09-13T08:30:00+07:00', 'late'), [overWeekend])
  t.strictSame(await lateBy('2.000720', '2021-10-01T08:00:00+07:00', 'late'), [overWeekend], 'a finish ends it')
  t.strictSame(await lateBy('1.900001', '2021-09-07T09:30:59+07:00'), [], 'an hour term ends with its minute')
  t.strictSame(await lateBy('1.900001', '2021-09-07T09:31:00+07:00'), [{ days: 0, workingDays: 0, workingHours: 0.01 }])
  desk.at('2028-02-01T08:00:00+07:00')
  const beyond = (await walk(client, { procedure: '2.000720' })).items
  t.match(beyond, [{ lateBy: { days: 2338, workingDays: null, workingHours: null } }])
})

const FROM = Date.parse('2021-08-02T00:00:00+07:00')
const history = fc.record({
  receivingAgency: fc.constantFrom('H20.19.05', 'H20.19.06', 'H20.20.01'),
  resolvingAgency: fc.constantFrom('H20.19.05', 'H20.19', 'H20.20.01'),
  procedureCode: fc.constantFrom('2.000720', '1.010038', '1.900002'),
  intakeChannel: fc.constantFrom('desk', 'post', 'online'),
  fate: fc.constantFrom('open', 'started', 'finished', 'withdrawn', 'refused', 'submitted', 'accepted'),
  receivedMinute: fc.integer({ min: 0, max: 50 * 1440 }),
  afterMinutes: fc.integer({ min: 0, max: 12 * 1440 }),
})
type History = typeof history extends fc.Arbitrary<infer T> ? T : never
type Lived = History & { code: string; received: number; lateFrom: number; closed: number; finished: number }

const NEVER = Number.POSITIVE_INFINITY

/** Lets a dossier live as told, and keeps its times apart from the program; `undefined` where no clock ever ran. */
const live = async (client: Client, told: History): Promise<Lived | undefined> => {
  const { fate, receivedMinute, afterMinutes, ...facts } = told
  const begun = FROM + receivedMinute * 60_000
  const ended = begun + afterMinutes * 60_000
  const at = formatInstant(new Date(begun))
  const next = formatInstant(new Date(ended))
  const proof = facts.intakeChannel === 'post' ? { post: { trackingNumber: 'EB1VN' } } : {}
  if (fate === 'refused' || fate === 'submitted' || fate === 'accepted') {
    const online = { ...facts, intakeChannel: 'online', submittedAt: at, receivedAt: undefined }
    const { code } = await take(client, online)
    if (fate === 'submitted') return undefined
    if (fate === 'refused') return void (await move(client, code, 'refuse', next))
    const { lateFrom } = await move(client, code, 'accept', next)
    const times = { received: ended, lateFrom: Date.parse(lateFrom), closed: NEVER, finished: NEVER }
    return { ...told, intakeChannel: 'online', code, ...times }
  }
  const { code, lateFrom } = await take(client, { ...facts, ...proof, receivedAt: at })
  const lived = { ...told, code, received: begun, lateFrom: Date.parse(lateFrom), closed: NEVER, finished: NEVER }
  if (fate === 'open') return lived
  const how = { started: 'start', finished: 'finish', withdrawn: 'withdraw' }[fate]
  await move(client, code, how, next)
  if (fate === 'started') return lived
  return { ...lived, closed: ended, finished: fate === 'finished' ? ended : NEVER }
}

const SOON = 3 * 24 * 3_600_000

const expected = {
  overdue: (d: Lived, asOf: number) => d.received <= asOf && asOf < d.closed && d.lateFrom <= asOf,
  due_soon: (d: Lived, asOf: number) =>
    d.received <= asOf && asOf < d.closed && asOf < d.lateFrom && d.lateFrom <= asOf + SOON,
  late: (d: Lived, asOf: number) => d.lateFrom <= d.finished && d.finished <= asOf,
}

const openHistories = async (desk: Desk, client: Client) => {
  desk.at('2021-10-20T08:00:30+07:00')
  await putHours(client, '1.900002', 12)
  const lived: Lived[] = []
  for (const told of fc.sample(history, { seed: 20210930, numRuns: 60 })) {
    const dossier = await live(client, told)
    if (dossier) lived.push(dossier)
  }
  const now = Date.parse('2021-10-20T08:00:00+07:00')
  const [finished, withdrawn] = [lived.find((d) => d.finished < NEVER), lived.find((d) => d.fate === 'withdrawn')]
  const instants = [finished?.closed, withdrawn?.closed, lived[0]?.lateFrom, lived[1]?.received].flatMap((edge) =>
    edge === undefined ? [] : [edge - 1, edge],
  )
  const days = [10, 25, 40, 55].map((day) => FROM + day * 86_400_000 + 36_000_000)
  return { lived, instants: [...instants, ...days].filter((asOf) => asOf < now), now }
}

t.test('any instant of the past is answered as it was then, page by page, and counted the same', async (t) => {
  const desk = await openDesk(t)
  const client = await desk.client()
  const { lived, instants, now } = await openHistories(desk, client)
  let compared = 0
  for (const asOf of [...instants, now]) {
    const given = asOf === now ? undefined : formatInstant(new Date(asOf))
    const lists = { overdue: [] as Lived[], due_soon: [] as Lived[] }
    for (const punctuality of ['overdue', 'due_soon', 'late'] as const) {
      const wanted = lived
        .filter((dossier) => expected[punctuality](dossier, asOf))
        .toSorted((a, b) => a.lateFrom - b.lateFrom)
      const found = await walk(client, { asOf: given, punctuality }, 5)
      t.strictSame(codes(found.items), codes(wanted), `${punctuality} at ${given}`)
      t.strictSame(found.asOf, [formatInstant(new Date(asOf))])
      compared += wanted.length
      if (punctuality !== 'late') lists[punctuality] = wanted
    }
    const { body } = await client.ask('GET', `/v1/overdue/summary?${query({ asOf: given })}`)
    t.strictSame(body.total, { overdue: lists.overdue.length, dueSoon: lists.due_soon.length })
    for (const { agency, overdue, dueSoon } of body.agencies) {
      const of = (all: Lived[]): number => all.filter((dossier) => dossier.resolvingAgency === agency).length
      t.strictSame({ agency, overdue, dueSoon }, { agency, overdue: of(lists.overdue), dueSoon: of(lists.due_soon) })
    }
  }
  t.ok(compared > 150, `${compared} places on lists were compared`)
})

t.test('an entry of a past list stands as it stood then', async (t) => {
  const desk = await openDesk(t)
  const client = await desk.client()
  const finished = await take(client)
  const withdrawn = await take(client)
  const started = await take(client)
  await move(client, finished.code, 'finish', '2021-09-20T10:00:00+07:00')
  await move(client, withdrawn.code, 'withdraw', '2021-09-20T10:00:00+07:00')
  await move(client, started.code, 'start', '2021-09-20T10:00:00+07:00')
  const then = { status: { key: 'received' }, punctuality: 'overdue', finishedAt: null }
  const { items } = await walk(client, { asOf: '2021-09-15T10:00:00+07:00' })
  t.match(items, [then, then, then])
  await move(client, finished.code, 'return', '2021-09-25T10:00:00+07:00')
  const late = await walk(client, { asOf: '2021-09-22T10:00:00+07:00', punctuality: 'late' })
  t.match(late.items, [{ status: { key: 'finished' }, punctuality: 'late', returnedAt: null }])
})

t.test('what was finished late within the current minute is on the list of the late at once', async (t) => {
  const desk = await openDesk(t)
  const client = await desk.client()
  const { code } = await take(client)
  desk.at('2021-10-01T08:00:45+07:00')
  await move(client, code, 'finish', '2021-10-01T08:00:30+07:00')
  t.strictSame((await walk(client, {})).items, [])
  t.strictSame(codes((await walk(client, { punctuality: 'late' })).items), [code])
})

t.test('all pages speak of one instant, which the answer names', async (t) => {
  const desk = await openDesk(t)
  const client = await desk.client()
  for (let count = 0; count < 5; count++) await take(client)
  desk.at('2021-10-01T08:00:59.500+07:00')
  const first = await client.ask('GET', '/v1/overdue?limit=2')
  t.equal(first.body.asOf, '2021-10-01T08:00:00+07:00', 'the current minute')
  desk.at('2021-10-01T09:30:00+07:00')
  const second = await client.ask('GET', `/v1/overdue?limit=3&cursor=${first.body.nextCursor}`)
  t.equal(second.body.asOf, first.body.asOf)
  t.equal(second.body.nextCursor, null)
  t.equal(new Set(codes([...first.body.items, ...second.body.items])).size, 5)
  const past = await client.ask('GET', '/v1/overdue?asOf=2021-09-15T03:00:00.250Z')
  t.equal(past.body.asOf, '2021-09-15T10:00:00.250+07:00')
  for (const path of ['/v1/overdue', '/v1/overdue/summary']) {
    const future = await client.ask('GET', `${path}?asOf=2021-10-01T09:30:00.001%2B07:00`)
    t.match(future.body, { status: 400, type: '/problems/invalid_input', errors: [{ pointer: '/query/asOf' }] })
  }
})

t.test('a cursor that is not of this list is refused', async (t) => {
  const desk = await openDesk(t)
  const client = await desk.client()
  await take(client)
  await take(client)
  const cursor = (await client.ask('GET', '/v1/overdue?limit=1')).body.nextCursor
  const place = { asOf: '2021-10-01T01:00:00.000Z', live: true, position: ['2021-09-07T17:00:00.000Z', 1] }
  const again = await client.ask('GET', `/v1/overdue?limit=1&cursor=${forged(cursor, place)}`)
  t.equal(again.status, 200, 'a place of the right shape is one')
  const broken = [
    `agency=H20.19&cursor=${cursor}`,
    `punctuality=late&cursor=${cursor}`,
    `within=4d&cursor=${cursor}`,
    `asOf=2021-09-30T00:00:00Z&cursor=${cursor}`,
    'cursor=',
    'cursor=%00',
    'cursor=garbage',
    `cursor=${cursor.slice(0, -3)}`,
    `cursor=${Buffer.from('null').toString('base64url')}`,
    ...[
      null,
      7,
      {},
      { ...place, live: 1 },
      { ...place, asOf: 'yesterday' },
      { ...place, asOf: '0000-09-01T00:00:00Z' },
      { ...place, position: [] },
      { ...place, position: ['2021-02-30T00:00:00Z', 1] },
      { ...place, position: ['0000-01-01T00:00:00Z', 1] },
      { ...place, position: ['2021-09-07T17:00:00Z', '1'] },
      { ...place, position: ['2021-09-07T17:00:00Z', 1.5] },
    ].map((position) => `cursor=${forged(cursor, position)}`),
  ]
  for (const given of broken) {
    const { status, body } = await client.ask('GET', `/v1/overdue?${given}`)
    t.match({ status, type: body.type }, { status: 400, type: '/problems/invalid_cursor' }, given)
  }
  for (const wrong of ['within=0d', 'within=3', 'within=1000h', 'punctuality=early', 'channel=fax', 'limit=201']) {
    t.match((await client.ask('GET', `/v1/overdue?${wrong}`)).body, { type: '/problems/invalid_input' }, wrong)
  }
})

t.test('an unchanged list costs no body: its strong ETag is known until something changes', async (t) => {
  const desk = await openDesk(t)
  const client = await desk.client()
  const { code } = await take(client)
  for (const url of ['/v1/overdue?agency=H20.19', '/v1/overdue/summary?agency=H20.19&channel=desk']) {
    desk.at('2021-10-01T08:00:10+07:00')
    const tagOf = async (headers = {}) => String((await client.ask('GET', url, undefined, headers)).headers.etag)
    const etag = await tagOf()
    t.match(etag, /^"[\w-]{43}"$/, 'strong')
    const ask = (known: string) =>
      desk.app.inject({ url, headers: { authorization: `Bearer ${client.key}`, 'if-none-match': known } })
    desk.at('2021-10-01T08:00:50+07:00')
    for (const known of [etag, `"other" , ${etag}`, '*']) {
      const { statusCode, body, headers } = await ask(known)
      t.strictSame({ statusCode, body, etag: headers.etag }, { statusCode: 304, body: '', etag })
      t.match(headers, { 'cache-control': 'private, no-cache', vary: 'accept-language, authorization' })
    }
    t.equal((await ask('"other"')).statusCode, 200)
    desk.at('2021-10-01T08:01:00+07:00')
    t.not(await tagOf(), etag, 'a minute later it is later')
  }
  const past = '/v1/overdue?asOf=2021-09-30T08:00:00%2B07:00'
  const before = await client.ask('GET', past)
  t.not((await client.ask('GET', past, undefined, { 'accept-language': 'en' })).headers.etag, before.headers.etag)
  await move(client, code, 'finish', '2021-09-29T08:00:00+07:00')
  const after = await client.ask('GET', past, undefined, { 'if-none-match': String(before.headers.etag) })
  t.match(after, { status: 200, body: { items: [] } })
  const refused = await client.ask('GET', '/v1/overdue?agency=H99', undefined, { 'if-none-match': '*' })
  t.match(refused, { status: 404, headers: { etag: undefined } })
})

t.test('the summary names the agencies that have any, and heeds the same filters', async (t) => {
  const desk = await openDesk(t)
  const client = await desk.client()
  await take(client)
  await take(client, { resolvingAgency: 'H20.20.01', receivedAt: '2021-09-28T09:00:00+07:00' })
  const summary = async (filters: string) => (await client.ask('GET', `/v1/overdue/summary?${filters}`)).body
  const own = { agency: 'H20.19.05', name: 'Xã Long Thuận', overdue: 1, dueSoon: 0 }
  const other = { agency: 'H20.20.01', name: 'Phường 1', overdue: 0, dueSoon: 1 }
  t.strictSame(await summary(''), {
    asOf: '2021-10-01T08:00:00+07:00',
    total: { overdue: 1, dueSoon: 1 },
    agencies: [own, other],
  })
  t.strictSame((await summary('within=1h')).agencies, [own])
  t.strictSame((await summary('agency=H20.20')).agencies, [other])
  t.strictSame((await summary('procedure=1.001193')).agencies, [])
  t.strictSame((await summary('channel=post')).total, { overdue: 0, dueSoon: 0 })
  t.equal((await summary('agency=H99')).status, 404)
})

t.test('lateness is judged by when it happened or by when it was recorded, as asked for', async (t) => {
  const desk = await openDesk(t)
  const client = await desk.client()
  const clicked = await take(client)
  const late = await take(client)
  desk.at('2021-10-01T08:00:00+07:00')
  await move(client, clicked.code, 'finish', '2021-09-06T16:00:00+07:00')
  await move(client, late.code, 'finish', '2021-09-08T09:00:00+07:00')
  const list = async (by?: string) => walk(client, { punctuality: 'late', by }, 1)
  t.strictSame(codes((await list()).items), [late.code])
  const recorded = await list('recorded')
  t.strictSame(codes(recorded.items), [clicked.code, late.code], 'both were recorded after their date')
  t.strictSame(
    recorded.items.map((item) => Object(item).lateBy.days),
    [24, 24],
  )
  const narrowed = async (by: string, punctuality: string) =>
    codes((await client.ask('GET', `/v1/dossiers?${query({ by, punctuality })}`)).body.items)
  t.strictSame(await narrowed('effective', 'early'), [clicked.code])
  t.strictSame(await narrowed('recorded', 'early'), [])
  t.strictSame(await narrowed('recorded', 'on_time'), [])
  t.strictSame(await narrowed('recorded', 'late'), [late.code, clicked.code])
  const both = await client.ask('GET', '/v1/overdue?punctuality=late&by=recorded&asOf=2021-09-30T08:00:00%2B07:00')
  t.hasStrict(both, { status: 400, body: { errors: [{ pointer: '/query/by' }] } })
})

t.test('the past is as it stood, whatever moved the dates since', async (t) => {
  const desk = await openDesk(t)
  const client = await desk.client()
  const ground = { missing: 'giấy', ground: 'NĐ 61' }
  // Received on 31 August with three working days: due on 7 September.
  const waited = await take(client)
  await move(client, waited.code, 'request-supplement', '2021-09-07T09:00:00+07:00', ground)
  const moved = await take(client, { receivingAgency: 'H20.19.06' })
  await move(client, moved.code, 'extend', '2021-09-06T09:00:00+07:00', {
    ...{ workingDays: 5, reason: 'x', apologyNumber: '1' },
  })
  const reopened = await take(client, { receivingAgency: 'H20.19.04' })
  await move(client, reopened.code, 'finish', '2021-09-09T09:00:00+07:00')
  await move(client, reopened.code, 'reopen', '2021-09-20T09:00:00+07:00', { reason: 'x', approver: 'y' })
  await move(client, waited.code, 'supplement-received', '2021-09-20T09:00:00+07:00')
  const at = async (asOf: string, punctuality = 'overdue') =>
    codes((await walk(client, { asOf: `2021-09-${asOf}:00+07:00`, punctuality, within: '10d' }, 1)).items).toSorted()
  const sorted = (...some: { code: string }[]) => codes(some).toSorted()
  t.strictSame(await at('08T10:00'), sorted(reopened), 'one waits, one was put off')
  t.strictSame(await at('13T10:00'), [], 'one waits, one was put off, one is finished')
  t.strictSame(await at('15T10:00'), sorted(moved))
  t.strictSame(await at('21T10:00'), sorted(moved, reopened), 'the supplemented one has a new date')
  t.strictSame(await at('24T10:00'), sorted(moved, reopened, waited))
  t.strictSame(await at('15T10:00', 'late'), sorted(reopened), 'late, until it was reopened')
  t.strictSame(await at('21T10:00', 'late'), [])
  t.strictSame(await at('01T10:00', 'due_soon'), sorted(waited, moved, reopened))
  t.strictSame(await at('10T10:00', 'due_soon'), sorted(moved))
  const summary = async (asOf: string) =>
    (await client.ask('GET', `/v1/overdue/summary?${query({ asOf: `2021-09-${asOf}:00+07:00`, within: '10d' })}`)).body
  const counted = await summary('21T10:00')
  t.strictSame(counted.total, { overdue: 2, dueSoon: 1 })
  t.strictSame(
    counted.agencies.map(({ agency }: { agency: string }) => agency),
    ['H20.19.04', 'H20.19.05', 'H20.19.06'],
  )
  t.strictSame((await summary('08T10:00')).total, { overdue: 1, dueSoon: 1 })
})
