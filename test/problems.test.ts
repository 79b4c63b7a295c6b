import { eq, sql } from 'drizzle-orm'
import { DrizzleQueryError } from 'drizzle-orm/errors'
import t, { type Test } from 'tap'
import { buildApp } from '../src/app.ts'
import { outageOf } from '../src/db/failure.ts'
import { dossiers, refusedAttempts } from '../src/db/tables.ts'
import { PROBLEMS } from '../src/http/problem-types.ts'
import type { RefusalCode } from '../src/refusal.ts'
import { take } from './support/asking.ts'
import { openDatabase } from './support/database.ts'
import { type Answered, type Client, depsOn, intake, openDesk } from './support/desk.ts'
import { listen } from './support/log.ts'

const JSON_TYPE = { 'content-type': 'application/json' }
const CODES = Object.keys(PROBLEMS) as RefusalCode[]

/** That an answer is the problem of that code, in that language, with every placeholder filled. */
const isProblem = (t: Test, { status, headers, body }: Answered, code: RefusalCode, language: 'vi' | 'en' = 'vi') => {
  const problem = PROBLEMS[code]
  t.match(headers, { 'content-type': /^application\/problem\+json/, 'content-language': language }, code)
  t.match(body, { type: `/problems/${code}`, title: problem.title[language], status: problem.status }, code)
  t.equal(status, problem.status, code)
  t.notMatch(body.detail, /[{}—]/, `${code} says of what`)
  t.notMatch(body.title, /[{}]/)
}

/** For the tests that do not mind what others left. */
const desk = await openDesk(t)

t.test('every reason to say no has its words in both languages, of the same facts', async (t) => {
  const placeholders = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map(([name]) => name).toSorted()
  for (const code of CODES) {
    const { status, title, detail } = PROBLEMS[code]
    t.ok(status >= 400 && status <= 507, code)
    t.not(title.vi, title.en, code)
    t.not(detail.vi, detail.en, code)
    t.strictSame(placeholders(detail.vi), placeholders(detail.en), code)
    t.ok([title.vi, title.en, detail.vi, detail.en].every((text) => text.trim().length > 3))
  }
})

t.test('every refusal is a problem that says what it refuses, in the language asked for', async (t) => {
  const desk = await openDesk(t)
  const whole = await desk.client()
  const commune = await desk.client(['admin'], 'H20.19.05')
  const { code } = await take(whole, { source: { system: 'a', reference: 'b' } })
  const online = { intakeChannel: 'online', receivedAt: undefined }
  const submitted = await take(whole, { ...online, submittedAt: '2021-08-31T09:00:00+07:00' })
  const brought = { code: '000.00.19.H20-210831-0007' }
  await take(whole, brought)
  const limit = { kind: 'working_days', amount: 5 }
  const versions = [{ effectiveFrom: '2021-01-01', limit }]
  await whole.ask('PUT', '/v1/procedures/1.900001', { name: 'x', field: 'y', postAllowed: false, versions })
  const key = { 'idempotency-key': 'once' }
  await whole.ask('POST', '/v1/dossiers', intake(), key)
  const officer = await desk.client(['dossiers:write'])
  const moving = (code: string, name: string) => `/v1/dossiers/${code}/${name}`
  const letter = { workingDays: 1, reason: 'Bão số 5', apologyNumber: '12/TXL' }
  const extended = await take(whole, { receivedAt: undefined })
  await whole.ask('POST', moving(extended.code, 'extend'), letter)
  const full = await take(whole)
  await desk.db.update(dossiers).set({ version: 500 }).where(eq(dossiers.code, full.code))
  const lastWeek = { effectiveAt: '2021-09-20T09:00:00+07:00' }
  const byPost = intake({ procedureCode: '1.900001', returnChannel: 'post' })
  const noon = ['12:00', '11:00']
  const week = Object.fromEntries([1, 2, 3, 4, 5].map((day) => [day, [noon]]))
  const received = (receivedAt: string, more = {}) => ({ receivedAt, ...more })
  const early = received('2010-01-04T09:00:00+07:00', { procedureCode: '1.001193' })
  const certain = received('2021-08-31T09:00:00+07:00', { limit, withVerification: true })
  type Case = [code: RefusalCode, method: string, url: string, body?: unknown, headers?: object, client?: Client]
  const cases: readonly Case[] = [
    ['invalid_input', 'POST', '/v1/dossiers', {}],
    ['invalid_cursor', 'GET', '/v1/agencies?cursor=x'],
    ['unauthenticated', 'GET', '/v1/agencies', undefined, {}, desk.stranger],
    ['scope_missing', 'GET', '/v1/overdue', undefined, {}, commune],
    ['outside_your_agency', 'PUT', '/v1/agencies/H20.20', { name: 'x', level: 'district', parent: 'H20' }, {}, commune],
    ['whole_system_only', 'POST', '/v1/keys', { name: 'x', scopes: ['admin'] }, {}, commune],
    ['route_not_found', 'GET', '/v1/nothing?here=1'],
    ['dossier_not_found', 'GET', '/v1/dossiers/H20.19.05-210831-9999'],
    ['agency_not_found', 'GET', '/v1/agencies/H99'],
    ['procedure_not_found', 'GET', '/v1/procedures/3.999999'],
    ['calendar_not_found', 'GET', '/v1/calendars/lunar'],
    ['key_not_found', 'DELETE', '/v1/keys/key_nothing'],
    ['level_out_of_order', 'PUT', '/v1/agencies/H21', { name: 'x', level: 'province', parent: 'H20' }],
    ['calendar_not_covering', 'POST', '/v1/deadlines', received('2027-12-31T09:00:00+07:00', { limit })],
    ['no_working_time', 'PUT', '/v1/agencies/H21', { name: 'x', level: 'province', hours: week }],
    ['no_limit_in_force', 'POST', '/v1/deadlines', early],
    ['no_verification_term', 'POST', '/v1/deadlines', certain],
    ['post_not_allowed', 'POST', '/v1/dossiers', byPost],
    ['illegal_move', 'POST', moving(code, 'return')],
    ['version_mismatch', 'POST', moving(code, 'start'), {}, { 'if-match': '"2"' }],
    ['too_many_events', 'POST', moving(full.code, 'start')],
    ['already_extended', 'POST', moving(extended.code, 'extend'), letter],
    ['extended_too_late', 'POST', moving(code, 'extend'), letter, {}, officer],
    ['recorded_too_late', 'POST', moving(code, 'start'), lastWeek, {}, officer],
    ['recalculation_not_found', 'GET', '/v1/calendars/vn/recalculations/rec_nothing'],
    ['no_clock', 'GET', `/v1/dossiers/${submitted.code}/deadline`],
    ['code_taken', 'POST', '/v1/dossiers', intake(brought)],
    [
      'source_conflict',
      'POST',
      '/v1/dossiers',
      intake({ source: { system: 'a', reference: 'b' }, returnChannel: 'post' }),
    ],
    ['idempotency_mismatch', 'POST', '/v1/dossiers', intake({ returnChannel: 'post' }), key],
    ['body_too_large', 'POST', '/v1/dossiers', `"${'x'.repeat(65_536)}"`, JSON_TYPE],
    ['unsupported_media_type', 'POST', '/v1/dossiers', '<hoso/>', { 'content-type': 'application/xml' }],
  ]
  await whole.ask('POST', `/v1/dossiers/${submitted.code}/withdraw`)
  const ended = await whole.ask('POST', `/v1/dossiers/${submitted.code}/start`)
  t.match(ended.body, { legalMoves: ['correct'], detail: /: correct\.$/ }, 'no move is left but to put it right')
  for (const [expected, method, url, body, headers, client = whole] of cases) {
    isProblem(t, await client.ask(method, url, body, { ...headers }), expected)
    isProblem(t, await client.ask(method, url, body, { ...headers, 'accept-language': 'en' }), expected, 'en')
  }
})

t.test('each field that stands in the way is named with what to do, in both languages', async (t) => {
  const { ask } = await desk.client()
  const errors = async (body: unknown, language = 'vi') => {
    const answer = await ask('POST', '/v1/dossiers', body, { ...JSON_TYPE, 'accept-language': language })
    t.match(answer.body, { status: 400, type: '/problems/invalid_input' })
    return answer.body.errors
  }
  const noDate = { pointer: '/receivedAt', detail: /^Needs an instant with its offset/ }
  t.match(await errors(intake({ receivedAt: '2021-08-31 09:00' }), 'en'), [noDate])
  t.match(await errors(intake({ receivedAt: '2021-02-29T09:00:00+07:00' })), [
    { detail: /^Cần một thời điểm có múi giờ/ },
  ])
  const pointers = async (body: unknown) => (await errors(body)).map(({ pointer }: { pointer: string }) => pointer)
  t.strictSame(await pointers({}), [
    '/procedureCode',
    '/receivingAgency',
    '/intakeChannel',
    '/returnChannel',
    '/applicant',
  ])
  const unknown = { pointer: '/applicant/a~1b~0c', detail: 'Không có mục này; hãy bỏ đi.' }
  t.strictSame(await errors(intake({ applicant: { name: 'An', 'a/b~c': 1 } })), [unknown])
  t.match(await errors(intake({ extra: 1 }), 'en'), [{ pointer: '/extra', detail: /no such field/ }])
  const wrong: Readonly<Record<string, Record<string, unknown>>> = {
    '/procedureCode': { procedureCode: 1.001193 },
    '/receivingAgency': { receivingAgency: ['H20'] },
    '/intakeChannel': { intakeChannel: 'fax' },
    '/withVerification': { withVerification: 'true' },
    '/applicant': { applicant: 'Nguyễn Văn An' },
    '/applicant/name': { applicant: { name: 'An\u0000' } },
    '/applicant/idNumber': { applicant: { name: 'An', idNumber: '0'.repeat(33) } },
    '/applicant/address': { applicant: { name: 'An', address: 'Ấp \ud800' } },
    '/source/reference': { source: { system: 'x', reference: ' ' } },
    '/receivedAt': { receivedAt: '1960-01-01T00:00:00Z' },
    '/code': { code: 'H20.19.05-210230-0001' },
  }
  for (const [pointer, overrides] of Object.entries(wrong)) {
    const [vi] = await errors(intake(overrides))
    const [en] = await errors(intake(overrides), 'en')
    t.match([vi, en], [{ pointer }, { pointer }])
    t.not(vi.detail, en.detail, `${pointer}: ${en.detail}`)
  }
  const many = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`field${i}`, i]))
  t.equal((await errors(intake(many))).length, 20, 'no more than anyone reads')
})

t.test('what is no JSON, or hostile JSON, is refused before anything is done with it', async (t) => {
  const { ask } = await desk.client()
  const deep = (open: string, close: string, depth: number) => open.repeat(depth) + close.repeat(depth)
  const hostile = [
    '',
    '{',
    'null',
    '"text"',
    '[]',
    '{"a":1e400}',
    'NaN',
    '\ufeff{}\u0000',
    '{"__proto__":{"admin":true}}',
    '{"applicant":{"__proto__":{"name":"An"}}}',
    '{"constructor":{"prototype":{"admin":true}}}',
    deep('[', ']', 30_000),
    `{"applicant":${deep('[', ']', 30_000)}}`,
    `{"applicant":{"name":${deep('{"a":', '}', 1)}}}`,
    `{"a":"__proto__","b":${deep('[', ']', 30_000)}}`,
  ]
  for (const body of hostile) {
    const answer = await ask('POST', '/v1/dossiers', body, JSON_TYPE)
    t.match(answer, { status: 400, body: { type: '/problems/invalid_input', errors: [{}] } }, body.slice(0, 60))
  }
  t.equal(Object.hasOwn(Object.prototype, 'admin'), false)
  t.strictSame((await ask('GET', '/v1/dossiers')).body.items, [])
  const [error] = (await ask('POST', '/v1/dossiers', '{', { ...JSON_TYPE, 'accept-language': 'en' })).body.errors
  t.strictSame(error, { pointer: '', detail: 'The request is not valid JSON.' })
  for (const query of ['agency=H20&agency=H20.19', '__proto__=1', 'limit=1&limit=2', 'agency=%00', 'channel[]=desk']) {
    t.match((await ask('GET', `/v1/dossiers?${query}`)).body, { type: '/problems/invalid_input' }, query)
  }
})

t.test('only JSON is taken, and no more of it than the limit', async (t) => {
  const { ask } = await desk.client()
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', 'application/jsonx']) {
    isProblem(t, await ask('POST', '/v1/dossiers', 'a=b', { 'content-type': type }), 'unsupported_media_type')
  }
  const body = JSON.stringify(intake())
  const utf8 = { 'content-type': 'application/json; charset=utf-8' }
  t.equal((await ask('POST', '/v1/dossiers', body, utf8)).status, 201)
  const padded = (length: number): string => body + ' '.repeat(length - Buffer.byteLength(body))
  t.equal((await ask('POST', '/v1/dossiers', padded(65_536), JSON_TYPE)).status, 201)
  t.match((await ask('POST', '/v1/dossiers', padded(65_537), JSON_TYPE)).body, { status: 413, limit: 65_536 })
})

t.test('what nobody serves is a problem, too, and every answer carries its request’s id', async (t) => {
  const { ask } = await desk.client()
  const routes = { GET: '/', PATCH: '/v1/dossiers', DELETE: '/v1/agencies/H20', TRACE: '/v1/keys', PROPFIND: '/v1/x' }
  for (const [method, path] of Object.entries(routes)) {
    const answer = await ask(method, `${path}?secret=1`)
    isProblem(t, answer, 'route_not_found')
    t.match(answer.body, { method, path })
  }
  for (const path of ['/v1/dossiers/%zz', `/v1/dossiers/${'1'.repeat(201)}`]) {
    const { status, headers, body } = await ask('GET', path, undefined, { 'x-request-id': 'odd' })
    t.ok([400, 404, 414].includes(status), `${status}`)
    t.match(
      headers,
      { 'content-type': /^application\/problem\+json/, 'x-request-id': 'odd' },
      'an address that is none',
    )
    t.match(body, { status, type: /^\/problems\/\w+$/, title: String, detail: String })
  }

  const idOf = async (given: string | undefined, url: string, client: Pick<Client, 'ask'> = { ask }) =>
    (await client.ask('GET', url, undefined, given === undefined ? {} : { 'x-request-id': given })).headers[
      'x-request-id'
    ]
  t.equal(await idOf('demo-1.a_B', '/v1/agencies'), 'demo-1.a_B')
  t.equal(await idOf('x'.repeat(64), '/v1/nothing'), 'x'.repeat(64))
  t.equal(await idOf('refused', '/v1/agencies', desk.stranger), 'refused', 'also where the key is not let in')
  for (const given of [undefined, '', 'a b', 'x'.repeat(65), 'é', '{"a":1}', 'a,b']) {
    t.match(await idOf(given, '/v1/agencies'), /^[\da-f]{8}-[\da-f-]{27}$/, `not ${given}`)
  }
})

t.test('Accept-Language chooses the language, and Vietnamese answers whoever asks for neither', async (t) => {
  const asked = {
    '': 'vi',
    en: 'en',
    vi: 'vi',
    'vi-VN,vi;q=0.9,en;q=0.8': 'vi',
    'en-US,en;q=0.9': 'en',
    'en;q=0.5, vi;q=0.9': 'vi',
    'vi;q=0.1, en;q=0.2': 'en',
    'fr, en;q=0.1': 'en',
    fr: 'vi',
    '*': 'vi',
    'en;q=0': 'vi',
    ';;q=,,': 'vi',
  } as const
  for (const [given, language] of Object.entries(asked)) {
    const answer = await desk.stranger.ask('GET', '/v1/agencies', undefined, { 'accept-language': given })
    isProblem(t, answer, 'unauthenticated', language)
  }
  isProblem(t, await desk.stranger.ask('GET', '/v1/agencies'), 'unauthenticated', 'vi')
})

t.test('without its database the server is not ready, and says so to whoever asks it for anything', async (t) => {
  const connection = await openDatabase()
  const { db } = connection
  const log = listen()
  const app = await buildApp(depsOn(db), { logger: log.logger })
  t.teardown(() => app.close())
  const ask = async (url: string): Promise<Answered> => {
    const authorization = 'Bearer motcua_not_a_key'
    const answer = await app.inject({
      url,
      headers: { authorization, 'x-request-id': 'req-1', 'accept-language': 'en' },
    })
    return { status: answer.statusCode, headers: answer.headers, text: answer.body, body: JSON.parse(answer.body) }
  }
  t.strictSame((await ask('/readyz')).body, { status: 'ok' })
  await connection.close()
  t.strictSame((await ask('/healthz')).body, { status: 'ok' })
  const unready = await ask('/readyz')
  isProblem(t, unready, 'not_ready', 'en')
  t.match(unready.headers, { 'retry-after': '1' })
  const failed = await ask('/v1/agencies')
  isProblem(t, failed, 'database_unavailable', 'en')
  t.match(failed.headers, { 'retry-after': '2' })
  t.notMatch(failed.text, /select|closed|pool|query|\.ts/i)
  const told = (text: string) => log.records().find(({ msg }) => msg === text)
  t.match(told('the database does not answer'), { level: 40 })
  t.match(told('the database failed a request'), { level: 40, reqId: 'req-1', err: { stack: String } })
})

t.test('what the database cannot do now is told apart from what nobody foresaw', async (t) => {
  const log = listen()
  const desk = await openDesk(t, { logger: log.logger })
  const client = await desk.client()
  await desk.db.execute(sql`create table failing (state text)`)
  await desk.db.execute(sql`
    create function fail() returns trigger language plpgsql as $$
    begin raise exception 'as asked' using errcode = (select state from failing); end $$`)
  await desk.db.execute(sql`create trigger failing before insert on dossiers for each row execute function fail()`)
  const failing = {
    53300: ['database_unavailable', '2'],
    57014: ['took_too_long', '10'],
    53100: ['storage_full', '60'],
    P0001: ['internal', undefined],
  } as const
  for (const [state, [code, retryAfter]] of Object.entries(failing)) {
    await desk.db.execute(sql`delete from failing`)
    await desk.db.execute(sql`insert into failing values (${state})`)
    const answer = await client.ask('POST', '/v1/dossiers', intake(), { 'x-request-id': `req-${state}` })
    isProblem(t, answer, code)
    t.equal(answer.headers['retry-after'], retryAfter, state)
    t.notMatch(answer.text, /as asked|insert|\.ts/)
    if (code === 'internal') {
      t.strictSame(Object.keys(answer.body), ['type', 'title', 'status', 'detail', 'requestId'])
      t.equal(answer.body.requestId, `req-${state}`)
    }
    const level = code === 'internal' ? 50 : 40
    const told = log.records().find(({ reqId, err }) => reqId === `req-${state}` && err)
    t.match(told, { level, err: { code: state, stack: String } })
  }
  t.equal(await desk.db.$count(refusedAttempts), 0, 'none was an attempt that somebody refused')
})

t.test('drivers and operating systems have their own words for a database that is not there', async (t) => {
  const failure = (facts: object, text = 'no') => Object.assign(new Error(text), facts)
  const unavailable = [
    failure({ code: '08006' }),
    failure({ code: '57P01' }),
    failure({ code: '25006' }),
    failure({ code: 'ECONNREFUSED' }),
    failure({ code: 'ENOENT', syscall: 'connect' }),
    failure({}, 'Connection terminated unexpectedly'),
    failure({}, 'Query read timeout'),
  ]
  for (const one of unavailable) {
    t.equal(outageOf(one), 'database_unavailable', one.message)
    t.equal(outageOf(new DrizzleQueryError('select 1', [], one)), 'database_unavailable')
  }
  t.equal(outageOf(failure({ code: 'ENOSPC' })), 'storage_full')
  t.equal(outageOf(failure({ code: '55P03' })), 'took_too_long')
  t.equal(outageOf(failure({}, 'timeout exceeded when trying to connect')), 'took_too_long')
  const others = [
    failure({ code: '23505' }),
    failure({ code: 'ENOENT', syscall: 'open' }),
    failure({}, 'timeout'),
    new DrizzleQueryError('select 1', []),
    'no error at all',
  ]
  for (const other of others) t.equal(outageOf(other), undefined, String(other))
})

t.test('the log follows every request and names nobody, whatever fails', async (t) => {
  const log = listen()
  const desk = await openDesk(t, { logger: log.logger })
  const client = await desk.client()
  const personal = { name: 'Nguyễn Văn An', idNumber: '087123456789', phone: '0912345678', address: 'Ấp Long Hòa' }
  const receive = (overrides = {}) => client.ask('POST', '/v1/dossiers', intake({ applicant: personal, ...overrides }))
  const { body } = await receive()
  await client.ask('GET', `/v1/dossiers/${body.code}`)
  await receive({ code: body.code })
  await receive({ receivedAt: 'yesterday' })
  await client.ask('GET', `/v1/dossiers?applicant=${encodeURIComponent(personal.name)}&phone=${personal.phone}`)
  await desk.stranger.ask('GET', '/v1/keys', undefined, { authorization: `Bearer ${client.key}x` })
  await client.ask('POST', '/v1/keys', { name: 'x', scopes: ['admin'] })
  const breakages = [
    sql`alter table dossiers add constraint no_more check (code = 'none') not valid`,
    sql`alter table dossiers drop column applicant cascade`,
    sql`alter table dossiers rename to dossiers_gone`,
  ]
  for (const breakage of breakages) {
    await desk.db.execute(breakage)
    t.equal((await receive()).status, 500)
  }
  t.equal((await client.ask('GET', `/v1/dossiers/${body.code}`)).status, 500)

  const errors = log.records().filter(({ level }) => level === 50)
  t.equal(errors.length, 4)
  for (const { err } of errors) t.match(err, { message: 'a statement failed', query: /dossiers/, stack: /^ +at / })
  t.strictSame(
    errors.map(({ err }) => err.code),
    ['23514', '42703', '42P01', '42P01'],
  )
  const answered = log.records().filter(({ msg }) => msg === 'answered')
  t.equal(answered.length, 11)
  t.match(answered[0], { statusCode: 201, req: { method: 'POST' }, reqId: String })
  t.equal(Object.keys(answered[0].req).length, 2, 'and not whence it came')
  t.ok(Object.values(answered[0].req).includes('/v1/dossiers'))
  for (const secret of [
    ...Object.values(personal),
    'Văn An',
    encodeURIComponent(personal.name),
    client.key,
    'motcua_',
  ]) {
    const telling = log.lines.find(
      (line) => line.includes(secret) || line.includes(JSON.stringify(secret).slice(1, -1)),
    )
    t.equal(telling, undefined, secret)
  }
})

t.test('an error that is no statement’s keeps its words but not its row', async (t) => {
  const log = listen()
  const error = Object.assign(new Error('duplicate key'), { detail: 'Key (name)=(An)', where: 'An', code: '23505' })
  log.logger.error({ err: error }, 'failed')
  const [record] = log.records()
  t.match(record.err, { type: 'Error', message: 'duplicate key', code: '23505', stack: /duplicate key/ })
  t.notMatch(log.lines.join(), /An/)
})
