import { eq } from 'drizzle-orm'
import t from 'tap'
import { SCOPES } from '../src/access/caller.ts'
import { codeSequences, dossiers } from '../src/db/tables.ts'
import { intake, openDesk } from './support/desk.ts'

const desk = await openDesk(t)
const { ask } = await desk.client()

type Overrides = Record<string, unknown>

const take = (overrides: Overrides = {}, headers: Record<string, string> = {}) =>
  ask('POST', '/v1/dossiers', intake(overrides), headers)

const list = async (query: string): Promise<string[]> =>
  (await ask('GET', `/v1/dossiers?${query}`)).body.items.map(({ code }: { code: string }) => code)

const NOW = '2021-10-01T08:00:00+07:00'
const receivedNow = { receivedAt: undefined }
const online = { intakeChannel: 'online', receivedAt: undefined }
const byPost = { intakeChannel: 'post', returnChannel: 'post', post: { trackingNumber: 'EB123456789VN' } }

t.beforeEach(() => desk.at(NOW))

t.test('a dossier handed in at the desk is received now, with its code and its promise', async (t) => {
  const taken = await take(receivedNow)
  t.equal(taken.status, 201)
  t.equal(taken.headers.location, '/v1/dossiers/H20.19.05-211001-0001')
  t.strictSame(taken.body, {
    code: 'H20.19.05-211001-0001',
    version: 1,
    status: { code: 2, key: 'received', label: 'Được tiếp nhận' },
    procedureCode: '2.000720',
    procedureVersion: '2018-06-21',
    receivingAgency: 'H20.19.05',
    resolvingAgency: 'H20.19.05',
    intakeChannel: 'desk',
    returnChannel: 'desk',
    returnedChannel: null,
    post: null,
    returnPost: null,
    withVerification: false,
    source: null,
    submittedAt: null,
    acceptanceDueAt: null,
    receivedAt: NOW,
    dueOn: '2021-10-06',
    dueAt: '2021-10-06T17:00:00+07:00',
    lateFrom: '2021-10-07T00:00:00+07:00',
    firstDueAt: '2021-10-06T17:00:00+07:00',
    provisional: false,
    overdueFrom: '2021-10-07T00:00:00+07:00',
    punctuality: 'in_time',
    punctualityAsRecorded: 'in_time',
    waiting: null,
    extension: null,
    finishedAt: null,
    finishRecordedAt: null,
    keptFirstPromise: null,
    returnedAt: null,
  })
  t.equal(taken.headers.etag, '"1"')
  const read = await ask('GET', '/v1/dossiers/H20.19.05-211001-0001')
  t.strictSame(read.body, { ...taken.body, applicant: intake().applicant })
  t.equal(read.headers.etag, '"1"')
  const english = await ask('GET', '/v1/dossiers/H20.19.05-211001-0001', undefined, { 'accept-language': 'en' })
  t.strictSame(english.body.status, { code: 2, key: 'received', label: 'Received' })
})

t.test('a dossier received by post counts from the signing of the handover record', async (t) => {
  const { status, body } = await take({ ...byPost, resolvingAgency: 'H20.19' })
  t.equal(status, 201)
  t.hasStrict(body, {
    code: 'H20.19.05-210831-0001',
    intakeChannel: 'post',
    returnChannel: 'post',
    post: { trackingNumber: 'EB123456789VN' },
    returnPost: null,
    receivingAgency: 'H20.19.05',
    resolvingAgency: 'H20.19',
    receivedAt: '2021-08-31T09:00:00+07:00',
    dueOn: '2021-09-07',
    punctuality: 'overdue',
  })
  const handedOver = await take({ ...byPost, post: { handoverNumber: 'BBGN-12/2021' } })
  t.strictSame(handedOver.body.post, { handoverNumber: 'BBGN-12/2021' })
})

t.test('an online dossier waits for its acceptance, due within eight working hours', async (t) => {
  const { body } = await take({ ...online, receivingAgency: 'H20.19.04' })
  t.hasStrict(body, {
    code: 'H20.19.04-211001-0001',
    status: { code: 1, key: 'submitted' },
    submittedAt: NOW,
    acceptanceDueAt: '2021-10-04T08:30:00+07:00',
    receivedAt: null,
    procedureVersion: null,
    dueOn: null,
    dueAt: null,
    lateFrom: null,
    firstDueAt: null,
    provisional: null,
    overdueFrom: null,
    punctuality: null,
    punctualityAsRecorded: null,
    keptFirstPromise: null,
  })
  const submittedAt = '2021-09-30T16:00:00+07:00'
  const earlier = await take({ ...online, receivingAgency: 'H20.19.04', submittedAt })
  t.hasStrict(earlier.body, { submittedAt, acceptanceDueAt: '2021-10-01T16:30:00+07:00' })
  t.equal(earlier.body.code, 'H20.19.04-210930-0001')

  const receivedAt = '2021-10-01T07:45:00+07:00'
  const accepted = await take({ ...online, receivingAgency: 'H20.19.04', submittedAt, receivedAt })
  t.equal(accepted.body.code, 'H20.19.04-211001-0002', 'the code counts by the day of receipt')
  t.hasStrict(accepted.body, {
    status: { code: 2 },
    submittedAt,
    receivedAt,
    acceptanceDueAt: '2021-10-01T16:30:00+07:00',
  })
  t.equal(accepted.body.dueOn, '2021-10-06')
  const unsubmitted = await take({ ...online, receivingAgency: 'H20.19.04', receivedAt })
  t.hasStrict(unsubmitted.body, { status: { code: 2 }, submittedAt: null, receivedAt })
})

t.test('verification counts its own term', async (t) => {
  const { body } = await take({ procedureCode: '1.004873', withVerification: true })
  t.hasStrict(body, { withVerification: true, dueOn: '2021-09-23', procedureVersion: '2018-06-21' })
  t.equal((await take({ procedureCode: '1.004873' })).body.dueOn, '2021-09-07')
})

t.test('a deadline beyond the confirmed calendar is provisional', async (t) => {
  desk.at('2026-12-31T16:00:00+07:00')
  const { body } = await take(receivedNow)
  t.hasStrict(body, { dueOn: '2027-01-06', provisional: true, punctuality: 'in_time' })
  const within = await take({ receivedAt: '2026-12-28T16:00:00+07:00' })
  t.hasStrict(within.body, { dueOn: '2026-12-31', provisional: false })
})

t.test('what cannot be promised or does not fit together is refused', async (t) => {
  const put = await ask('PUT', '/v1/procedures/1.000001', {
    name: 'Không qua bưu chính',
    field: 'Thử',
    postAllowed: false,
    versions: [{ effectiveFrom: '2021-01-01', limit: { kind: 'working_days', amount: 1 } }],
  })
  t.equal(put.status, 201)
  desk.at('2027-12-30T08:00:00+07:00')
  const future = '2027-12-30T08:00:00.001+07:00'
  const cases: readonly [Overrides, number, string, string?][] = [
    [receivedNow, 422, 'calendar_not_covering'],
    [online, 422, 'calendar_not_covering'],
    [{ receivedAt: '2018-11-29T09:00:00+07:00' }, 422, 'calendar_not_covering'],
    [{ receivedAt: '2018-06-20T23:59:59+07:00' }, 422, 'no_limit_in_force'],
    [{ withVerification: true }, 422, 'no_verification_term'],
    [{ ...byPost, returnChannel: 'desk', procedureCode: '1.000001' }, 422, 'post_not_allowed'],
    [{ returnChannel: 'post', procedureCode: '1.000001' }, 422, 'post_not_allowed'],
    [{ procedureCode: '3.999999' }, 400, 'invalid_input', '/procedureCode'],
    [{ procedureCode: 'birth' }, 400, 'invalid_input', '/procedureCode'],
    [{ receivingAgency: 'H20.99' }, 400, 'invalid_input', '/receivingAgency'],
    [{ resolvingAgency: 'H20.99' }, 400, 'invalid_input', '/resolvingAgency'],
    [{ ...byPost, post: undefined }, 400, 'invalid_input', '/post'],
    [{ ...byPost, post: {} }, 400, 'invalid_input', '/post'],
    [{ ...byPost, receivedAt: undefined }, 400, 'invalid_input', '/receivedAt'],
    [{ post: { trackingNumber: 'EB123456789VN' } }, 400, 'invalid_input', '/post'],
    [{ submittedAt: '2021-08-31T08:00:00+07:00' }, 400, 'invalid_input', '/submittedAt'],
    [{ receivedAt: future }, 400, 'invalid_input', '/receivedAt'],
    [{ ...online, submittedAt: future }, 400, 'invalid_input', '/submittedAt'],
    [{ intakeChannel: 'online', submittedAt: '2021-08-31T09:00:00.001+07:00' }, 400, 'invalid_input', '/submittedAt'],
    [{ receivedAt: '2021-08-31T09:00:00' }, 400, 'invalid_input', '/receivedAt'],
    [{ intakeChannel: 'fax' }, 400, 'invalid_input', '/intakeChannel'],
    [{ returnChannel: undefined }, 400, 'invalid_input', '/returnChannel'],
    [{ applicant: { name: '' } }, 400, 'invalid_input', '/applicant/name'],
    [{ urgent: true }, 400, 'invalid_input', '/urgent'],
  ]
  for (const [overrides, status, type, pointer] of cases) {
    const { status: answered, body } = await take(overrides)
    const errors = pointer === undefined ? undefined : [{ pointer }]
    t.hasStrict(
      { answered, ...body },
      { answered: status, type: `/problems/${type}`, errors },
      JSON.stringify(overrides),
    )
  }
  t.equal((await take({ procedureCode: '1.000001' })).status, 201, 'the desk may take what the post may not')
})

t.test('codes are counted per agency and day, and widen past 9999', async (t) => {
  const codes: string[] = []
  const at = async (receivingAgency: string, day: string) =>
    codes.push((await take({ receivingAgency, receivedAt: `${day}:00+07:00` })).body.code)
  await at('H20.20.01', '2021-09-13T23:59')
  await at('H20.20.01', '2021-09-14T00:00')
  await at('H20.20.01', '2021-09-14T10:00')
  await at('H20.20.02', '2021-09-14T10:00')
  await desk.db.update(codeSequences).set({ last: 9999 }).where(eq(codeSequences.agency, 'H20.20.02'))
  await at('H20.20.02', '2021-09-14T10:00')
  await at('H20.20.02', '2021-09-14T10:00')
  t.strictSame(codes, [
    'H20.20.01-210913-0001',
    'H20.20.01-210914-0001',
    'H20.20.01-210914-0002',
    'H20.20.02-210914-0001',
    'H20.20.02-210914-10000',
    'H20.20.02-210914-10001',
  ])
  t.equal((await ask('GET', '/v1/dossiers/H20.20.02-210914-10001')).status, 200)
})

t.test('a code issued elsewhere is kept where it is well formed, with a real day in it, and free', async (t) => {
  for (const code of ['000.00.19.H20-210907-0001', 'H20.19-210907-0001', 'G09.20-20260609-0092637']) {
    const { status, headers, body } = await take({ code })
    t.strictSame([status, headers.location, body.code], [201, `/v1/dossiers/${code}`, code])
    t.equal((await ask('GET', `/v1/dossiers/${code}`)).body.code, code)
    const again = await take({ code })
    t.hasStrict({ status: again.status, ...again.body }, { status: 409, type: '/problems/code_taken', dossier: code })
  }
  const malformed = ['H20.19-210229-0001', 'H20.19-20211301-0001', 'H20.19-210907-001', 'H20-19-210907-0001', 'x']
  for (const code of malformed) {
    t.hasStrict((await take({ code })).body, { type: '/problems/invalid_input', errors: [{ pointer: '/code' }] }, code)
  }
})

t.test('codes that were brought into our own series are passed over, and no other number', async (t) => {
  const here = { receivingAgency: 'H20.21.01', receivedAt: '2021-09-14T10:00:00+07:00' }
  const prefix = 'H20.21.01-210914-'
  for (const number of ['0002', '0003', '0005', '9999999']) await take({ ...here, code: `${prefix}${number}` })
  const issued = []
  for (let i = 0; i < 4; i++) issued.push((await take(here)).body.code)
  t.strictSame(issued, [`${prefix}0001`, `${prefix}0004`, `${prefix}0006`, `${prefix}0007`])
})

t.test('the same source is one dossier', async (t) => {
  const source = { system: 'mot-cua-hong-ngu', reference: 'HS-1' }
  const first = await take({ source })
  t.strictSame([first.status, first.body.source], [201, source])
  const again = await take({ source })
  t.equal(again.status, 200)
  t.equal(again.headers.location, first.headers.location)
  t.strictSame(again.body, first.body)
  t.equal((await ask('POST', `${first.headers.location}/finish`, {})).status, 200)
  t.hasStrict((await take({ source })).body, { code: first.body.code, status: { key: 'finished' } })

  const conflicts = [{ returnChannel: 'online' }, { applicant: { name: 'Trần Thị Bình' } }, { code: 'H20-210831-0001' }]
  for (const other of conflicts) {
    const { status, body } = await take({ source, ...other })
    t.hasStrict({ answered: status, ...body }, { answered: 409, type: '/problems/source_conflict', ...source })
  }
  t.equal((await take({ source: { ...source, reference: 'HS-2' } })).status, 201)
  t.equal((await take({ source: { ...source, system: 'other' } })).status, 201)

  await desk.db.update(dossiers).set({ applicant: null }).where(eq(dossiers.code, first.body.code))
  t.equal((await take({ source })).status, 200, 'where personal data were deleted, none are compared')
})

t.test('a source that another agency used tells nothing of its dossier', async (t) => {
  const source = { system: 'shared', reference: 'HS-1' }
  const taken = await take({ source })
  const { ask: elsewhere } = await desk.client(SCOPES, 'H20.20')
  const mine = await elsewhere('POST', '/v1/dossiers', intake({ source, receivingAgency: 'H20.20.01' }))
  t.strictSame(Object.keys(mine.body).sort(), ['detail', 'reference', 'status', 'system', 'title', 'type'])
  t.notMatch(mine.text, taken.body.code)
  const copied = await elsewhere('POST', '/v1/dossiers', intake({ source }))
  t.hasStrict(copied.body, { type: '/problems/outside_your_agency', agency: 'H20.19.05' })
})

t.test('a key sees the dossiers that its agency receives or resolves, and no other', async (t) => {
  const { code } = (await take({ resolvingAgency: 'H20.20.01' })).body
  const reader = async (agency: string) => (await desk.client(SCOPES, agency)).ask
  for (const agency of ['H20', 'H20.19', 'H20.19.05', 'H20.20', 'H20.20.01']) {
    t.equal((await (await reader(agency))('GET', `/v1/dossiers/${code}`)).status, 200, agency)
  }
  const stranger = await reader('H20.21')
  for (const path of ['', '/events', '/deadline']) {
    const { status, body } = await stranger('GET', `/v1/dossiers/${code}${path}`)
    const absent = await stranger('GET', `/v1/dossiers/${code.replace(/.$/, '9')}${path}`)
    t.equal(status, 404)
    t.strictSame({ ...body, detail: '', dossier: '' }, { ...absent.body, detail: '', dossier: '' })
  }
  t.equal((await stranger('POST', `/v1/dossiers/${code}/finish`, {})).status, 404)
  const { items } = (await stranger('GET', '/v1/dossiers')).body
  t.ok(items.length > 0)
  t.ok(items.every(({ receivingAgency }: { receivingAgency: string }) => receivingAgency === 'H20.21.01'))
})

t.test('the trail says what was handed in, when and by which key, and holds no personal data', async (t) => {
  const { key, ask: me } = await desk.client()
  const headers = { 'x-request-id': 'slip-1', 'x-officer': 'cb-017' }
  const taken = await me('POST', '/v1/dossiers', intake(byPost), headers)
  const { items } = (await me('GET', `${taken.headers.location}/events`)).body
  const { keyId, facts, hash, ...event } = items[0]
  t.equal(items.length, 1)
  t.strictSame(event, {
    number: 1,
    type: 'received',
    effectiveAt: '2021-08-31T09:00:00+07:00',
    recordedAt: NOW,
    recordedLate: true,
    officer: 'cb-017',
    agency: 'H20.19.05',
    note: null,
    requestId: 'slip-1',
  })
  t.match(hash, /^[\da-f]{64}$/)
  t.match(keyId, /^key_[\w-]{12}$/)
  t.hasStrict(facts.intake, { code: taken.body.code, procedureCode: '2.000720', intakePost: byPost.post })
  t.hasStrict(facts.promise, { limit: { kind: 'working_days', amount: 3 }, dueOn: '2021-09-07', provisional: false })
  const trail = JSON.stringify(items)
  for (const secret of [key, ...Object.values(intake().applicant)]) t.notOk(trail.includes(secret))
})

t.test('only reading a dossier shows its applicant', async (t) => {
  const applicant = { name: '  Lê  Văn Tám ', idNumber: '087000000001', phone: '0909', address: 'Ấp Long Hòa' }
  const source = { system: 'shared', reference: 'HS-9' }
  const taken = await take({ applicant, source })
  const location = String(taken.headers.location)
  const kept = { ...applicant, name: 'Lê  Văn Tám' }
  t.strictSame((await ask('GET', location)).body.applicant, kept)
  const answers = [
    taken,
    await take({ applicant, source }),
    await take({ applicant: { ...applicant, phone: '1' }, source }),
    await take({ applicant, phone: '0909' }),
    await ask('POST', `${location}/finish`, {}),
    await ask('GET', '/v1/dossiers?limit=200'),
    await ask('GET', `${location}/deadline`),
  ]
  for (const { text } of answers) for (const secret of Object.values(kept)) t.notOk(text.includes(secret))
})

t.test('a list is narrowed by agency and below, procedure, channel and status', async (t) => {
  await take({ receivingAgency: 'H20.20.01', resolvingAgency: 'H20.19.06', code: 'G10-211001-0001' })
  await take({ receivingAgency: 'H20.19.06', procedureCode: '1.001193', code: 'G10-211001-0002' })
  await take({ ...byPost, receivingAgency: 'H20.19.06', code: 'G10-211001-0003' })
  await take({ ...online, receivingAgency: 'H20.19.06', code: 'G10-211001-0004' })
  const narrowed = async (query: string) => (await list(`limit=200&${query}`)).filter((code) => code.startsWith('G10'))
  const numbers = async (query: string) => (await narrowed(query)).map((code) => Number(code.slice(-1)))
  t.strictSame(await numbers('agency=H20'), [4, 3, 2, 1])
  t.strictSame(await numbers('agency=H20.19'), [4, 3, 2, 1])
  t.strictSame(await numbers('agency=H20.19.06'), [4, 3, 2, 1])
  t.strictSame(await numbers('agency=H20.20'), [1])
  t.strictSame(await numbers('agency=H20.21'), [])
  t.strictSame(await numbers('procedure=1.001193'), [2])
  t.strictSame(await numbers('channel=post'), [3])
  t.strictSame(await numbers('channel=online&procedure=2.000720'), [4])
  t.strictSame(await numbers('status=submitted'), [4])
  t.strictSame(await numbers('status=received&agency=H20.19.06&channel=desk'), [2, 1])
  t.strictSame(await numbers('status=stopped'), [])
  const { ask: district } = await desk.client(SCOPES, 'H20.20')
  const refusals = [
    ['agency=H20.99', 404, 'agency_not_found'],
    ['agency=H20.19', 403, 'outside_your_agency'],
    ['status=2', 400, 'invalid_input'],
    ['by=guess', 400, 'invalid_input'],
    ['limit=201', 400, 'invalid_input'],
    ['limit=0', 400, 'invalid_input'],
    ['receivedFrom=2021-02-29', 400, 'invalid_input'],
    ['colour=red', 400, 'invalid_input'],
    ['cursor=W10', 400, 'invalid_cursor'],
    ['cursor=*', 400, 'invalid_cursor'],
  ] as const
  for (const [query, status, type] of refusals) {
    t.hasStrict((await district('GET', `/v1/dossiers?${query}`)).body, { status, type: `/problems/${type}` }, query)
  }
})

t.test('a list knows the punctuality that each dossier shows', async (t) => {
  const here = { receivingAgency: 'H20.19.01' }
  const steps = async (overrides: Overrides, ...moves: readonly [name: string, body?: Overrides][]) => {
    const { headers } = await take({ ...here, ...overrides })
    for (const [name, body = {}] of moves) {
      const { status, text } = await ask('POST', `${headers.location}/${name}`, body)
      if (status !== 200) throw new Error(text)
    }
  }
  for (const instant of ['06T23:59:59.999', '07T00:00:00', '07T23:59:59.999', '08T00:00:00']) {
    await steps({}, ['finish', { effectiveAt: `2021-09-${instant}+07:00` }])
  }
  const ground = 'NĐ 61/2018'
  const missing = { missing: 'bản sao', ground }
  await steps(receivedNow)
  await steps({})
  await steps(online)
  await steps(receivedNow, ['withdraw'])
  await steps(online, ['refuse'])
  await steps(receivedNow, ['request-supplement', missing])
  await steps({}, ['await-payment', { ground, effectiveAt: '2021-09-07T10:00:00+07:00' }])
  await steps({}, ['request-supplement', missing])
  await steps(online, ['request-supplement', missing])
  await steps(receivedNow, ['request-supplement', missing], ['stop', { ground }])
  const letter = { dueOn: '2021-09-09', reason: 'bão', apologyNumber: '1', effectiveAt: '2021-09-06T10:00:00+07:00' }
  await steps({}, ['extend', letter], ['finish', { effectiveAt: '2021-09-08T10:00:00+07:00' }])
  const shown = (await ask('GET', '/v1/dossiers?agency=H20.19.01')).body.items.toReversed()
  const standings = [
    ...['early', 'on_time', 'on_time', 'late', 'in_time', 'overdue', null, null, null],
    ...['waiting', 'waiting', 'overdue', null, null, 'late'],
  ]
  type Shown = { punctuality: string; punctualityAsRecorded: string }
  t.strictSame(
    shown.map((item: Shown) => item.punctuality),
    standings,
  )
  t.strictSame(
    shown.map((item: Shown) => item.punctualityAsRecorded),
    standings.map((standing, i) => (i < 4 ? 'late' : standing)),
    'all were recorded today',
  )
  for (const by of ['', '&by=effective', '&by=recorded']) {
    const field = by === '&by=recorded' ? 'punctualityAsRecorded' : 'punctuality'
    for (const punctuality of ['in_time', 'waiting', 'overdue', 'early', 'on_time', 'late']) {
      const expected = shown.filter((item: Shown) => item[field] === punctuality).toReversed()
      const { items } = (await ask('GET', `/v1/dossiers?agency=H20.19.01&punctuality=${punctuality}${by}`)).body
      t.strictSame(items, expected, punctuality + by)
    }
  }
  desk.at('2021-10-06T23:59:59.999+07:00')
  t.equal((await list('agency=H20.19.01&punctuality=in_time')).length, 1)
  desk.at('2021-10-07T00:00:00+07:00')
  t.equal((await list('agency=H20.19.01&punctuality=in_time')).length, 0)
  t.equal((await list('agency=H20.19.01&punctuality=overdue')).length, 3)
  t.equal((await list('agency=H20.19.01&punctuality=waiting')).length, 2, 'what waits stays, however long')
})

t.test('days of receipt begin and end at midnight in Vietnam', async (t) => {
  const here = { receivingAgency: 'H20.19.02' }
  const last = (await take({ ...here, receivedAt: '2021-09-14T23:59:59.999+07:00' })).body.code
  const first = (await take({ ...here, receivedAt: '2021-09-14T17:00:00Z' })).body.code
  await take({ ...here, ...online })
  t.strictSame(await list('agency=H20.19.02&receivedFrom=2021-09-15'), [first])
  t.strictSame(await list('agency=H20.19.02&receivedTo=2021-09-14'), [last])
  t.strictSame(await list('agency=H20.19.02&receivedFrom=2021-09-14&receivedTo=2021-09-15'), [first, last])
  t.strictSame(await list('agency=H20.19.02&receivedFrom=2021-09-16'), [])
})

t.test('pages show every dossier once, newest first, while new ones arrive', async (t) => {
  const filter = 'agency=H20.19.03&channel=desk'
  const arrive = async () => (await take({ receivingAgency: 'H20.19.03' })).body.code
  const there: string[] = []
  for (let i = 0; i < 11; i++) there.unshift(await arrive())
  const seen: string[] = []
  let cursor: string | null = ''
  let pages = 0
  for (; cursor !== null; pages++) {
    const after: string = cursor === '' ? '' : `&cursor=${cursor}`
    const { body } = await ask('GET', `/v1/dossiers?${filter}&limit=4${after}`)
    seen.push(...body.items.map(({ code }: { code: string }) => code))
    cursor = body.nextCursor
    await arrive()
  }
  t.strictSame(seen, there)
  t.equal(pages, 3)
  const { nextCursor } = (await ask('GET', `/v1/dossiers?${filter}&limit=1`)).body
  const other = await ask('GET', `/v1/dossiers?agency=H20.19.02&cursor=${nextCursor}`)
  t.equal(other.body.type, '/problems/invalid_cursor', 'a cursor belongs to its filters')
  t.equal((await list(`${filter}&limit=2&cursor=${nextCursor}`)).length, 2, 'but not to a page size')
})
