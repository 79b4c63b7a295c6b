import { eq } from 'drizzle-orm'
import t from 'tap'
import { SCOPES } from '../src/access/caller.ts'
import { buildApp } from '../src/app.ts'
import { dossiers } from '../src/db/tables.ts'
import { STATUSES, type Status } from '../src/dossiers/dossier.ts'
import { MOVE_NAMES, type Move } from '../src/dossiers/lifecycle.ts'
import { intake, openDesk } from './support/desk.ts'

const desk = await openDesk(t)
const { ask, key } = await desk.client()

type Overrides = Record<string, unknown>

/** Takes in a dossier and says where it is. */
const taken = async (overrides: Overrides = {}): Promise<string> =>
  String((await ask('POST', '/v1/dossiers', intake(overrides))).headers.location)

const move = (dossier: string, name: string, body: unknown = {}, headers: Record<string, string> = {}) =>
  ask('POST', `${dossier}/${name}`, body, headers)

const NOW = '2021-10-01T08:00:00+07:00'
const online = { intakeChannel: 'online', receivedAt: undefined }

t.beforeEach(() => desk.at(NOW))

const ground = 'Nghị định 61/2018/NĐ-CP Đ.17'

/** What must be said of a move. */
const SAID: Readonly<Partial<Record<Move, Overrides>>> = {
  'request-supplement': { missing: 'Bản sao giấy chứng sinh', ground },
  'await-payment': { ground },
  extend: { workingDays: 1, reason: 'Bão số 5', apologyNumber: '12/TXL-UBND' },
  stop: { ground },
  reopen: { reason: 'Dừng nhầm hồ sơ', approver: 'cb-002' },
  correct: { returnChannel: 'online', reason: 'Ghi nhầm' },
}

/** How a dossier comes to each status. */
const WAYS: Readonly<Record<Status, readonly Move[]>> = {
  1: [],
  2: ['accept'],
  3: ['refuse'],
  4: ['accept', 'start'],
  5: ['accept', 'request-supplement'],
  6: ['accept', 'await-payment'],
  7: ['withdraw'],
  8: ['accept', 'stop'],
  9: ['accept', 'finish'],
  10: ['accept', 'finish', 'return'],
}

type Arrow = readonly [move: Move, to: Status]

/** The moves that are legal from each status so reached, and where they lead. */
const LEGAL: Readonly<Record<Status, readonly Arrow[]>> = {
  1: [
    ['accept', 2],
    ['refuse', 3],
    ['request-supplement', 5],
    ['await-payment', 6],
    ['withdraw', 7],
    ['correct', 1],
  ],
  2: [
    ['start', 4],
    ['request-supplement', 5],
    ['await-payment', 6],
    ['extend', 2],
    ['finish', 9],
    ['withdraw', 7],
    ['stop', 8],
    ['correct', 2],
  ],
  3: [['correct', 3]],
  4: [
    ['request-supplement', 5],
    ['await-payment', 6],
    ['extend', 4],
    ['finish', 9],
    ['withdraw', 7],
    ['stop', 8],
    ['correct', 4],
  ],
  5: [
    ['supplement-received', 2],
    ['withdraw', 7],
    ['stop', 8],
    ['correct', 5],
  ],
  6: [
    ['payment-received', 2],
    ['finish', 9],
    ['withdraw', 7],
    ['stop', 8],
    ['correct', 6],
  ],
  7: [['correct', 7]],
  8: [
    ['reopen', 4],
    ['correct', 8],
  ],
  9: [
    ['return', 10],
    ['reopen', 4],
    ['correct', 9],
  ],
  10: [['correct', 10]],
}

const ALL_STATUSES = Object.keys(STATUSES).map(Number) as Status[]

const takenTo = async (status: Status): Promise<string> => {
  const dossier = await taken(online)
  for (const step of WAYS[status]) await move(dossier, step, SAID[step])
  return dossier
}

t.test('every move from every status is either made or refused with the moves that are legal', async (t) => {
  for (const status of ALL_STATUSES) {
    const legal = LEGAL[status].map(([name]) => name)
    const { key: currentStatus } = STATUSES[status]
    const still = await takenTo(status)
    for (const name of MOVE_NAMES) {
      const arrow = LEGAL[status].find(([move]) => move === name)
      const answer = await move(arrow ? await takenTo(status) : still, name, SAID[name])
      if (arrow) {
        t.strictSame([answer.status, answer.body.status?.code], [200, arrow[1]], `${name} from ${status}`)
        continue
      }
      const expected = { status: 409, type: '/problems/illegal_move', move: name, currentStatus, legalMoves: legal }
      t.hasStrict(answer.body, expected, `${name} from ${status}`)
      t.ok(answer.body.detail.includes(`Các bước hợp lệ: ${legal.join(', ')}.`))
    }
    const { items } = (await ask('GET', `${still}/events`)).body
    t.equal(items.length, 1 + WAYS[status].length, 'what is refused leaves no trace')
    t.equal((await ask('GET', still)).body.status.code, status)
  }
})

t.test('a move that comes too late is told how the dossier stands and what was done last, and by whom', async (t) => {
  const dossier = await taken()
  await move(dossier, 'start', { officer: 'cb-001' })
  desk.at('2021-10-01T09:00:00+07:00')
  await move(dossier, 'finish', { effectiveAt: '2021-10-01T08:30:00+07:00', officer: 'cb-017' })
  const { body } = await move(dossier, 'finish')
  t.hasStrict(body, {
    status: 409,
    type: '/problems/illegal_move',
    currentStatus: 'finished',
    currentVersion: 3,
    lastEvent: 'finished',
    lastEventAt: '2021-10-01T08:30:00+07:00',
    lastRecordedAt: '2021-10-01T09:00:00+07:00',
    lastOfficer: 'cb-017',
  })
  const nameless = await taken()
  await move(nameless, 'withdraw')
  t.hasStrict((await move(nameless, 'start')).body, { lastEvent: 'withdrawn', lastOfficer: null })
})

t.test('a move happens now, or when it is said to have happened, and says so in the trail', async (t) => {
  const dossier = await taken()
  const started = await move(dossier, 'start', { effectiveAt: '2021-09-01T08:00:00Z', note: '  Đã đủ hồ sơ ' })
  t.hasStrict(started.body, { status: { key: 'processing' }, finishedAt: null })
  t.hasStrict((await move(dossier, 'finish')).body, { finishedAt: NOW, punctuality: 'late' })
  const { items } = (await ask('GET', `${dossier}/events`)).body
  t.hasStrict(items.slice(1), [
    { number: 2, type: 'started', effectiveAt: '2021-09-01T15:00:00+07:00', recordedAt: NOW, note: 'Đã đủ hồ sơ' },
    { number: 3, type: 'finished', effectiveAt: NOW, recordedAt: NOW, note: null, facts: {} },
  ])
})

t.test('a server whose clock is a little behind records a move at the step before it, not earlier', async (t) => {
  const dossier = await taken()
  await move(dossier, 'start')
  desk.at(new Date(Date.parse(NOW) - 5).toISOString())
  t.hasStrict((await move(dossier, 'finish')).body, { finishedAt: NOW })
  desk.at(NOW)
})

t.test('a move cannot be said to have happened in the future or before the step that it follows', async (t) => {
  const dossier = await taken()
  const refused = async (name: string, body: Overrides, pointer: string) => {
    const answer = await move(dossier, name, body)
    t.hasStrict(answer.body, { status: 400, type: '/problems/invalid_input', errors: [{ pointer }] })
  }
  await refused('finish', { effectiveAt: '2021-10-01T08:00:00.001+07:00' }, '/effectiveAt')
  await refused('finish', { effectiveAt: '2021-08-31T08:59:59.999+07:00' }, '/effectiveAt')
  await refused('finish', { effectiveAt: '2021-09-01' }, '/effectiveAt')
  await refused('finish', { note: 'x'.repeat(1001) }, '/note')
  await refused('finish', { channel: 'desk' }, '/channel')
  const effectiveAt = '2021-08-31T09:00:00+07:00'
  t.equal((await move(dossier, 'start', { effectiveAt })).status, 200, 'the same instant will do')
  t.equal((await move(dossier, 'finish', { effectiveAt: '2021-09-03T08:00:00+07:00' })).status, 200)
  await refused('return', { effectiveAt: '2021-09-03T07:59:59+07:00' }, '/effectiveAt')
})

t.test('an officer may say what happened up to five working days ago, or as many as the agency sets', async (t) => {
  const { ask: officer } = await desk.client(['dossiers:write', 'dossiers:read'])
  const agency = (lateRecordingDays: number | null) =>
    ask('PUT', '/v1/agencies/H20.20.09', { name: 'Xã Kịp Thời', level: 'commune', parent: 'H20.20', lateRecordingDays })
  await agency(null)
  const strict = { receivingAgency: 'H20.20.09' }
  const receive = (receivedAt: string, overrides: Overrides = strict) =>
    officer('POST', '/v1/dossiers', intake({ ...overrides, receivedAt }))
  const tooLate = (agency: string, limit: number) => ({
    status: 422,
    type: '/problems/recorded_too_late',
    agency,
    limit,
  })
  t.hasStrict((await receive('2021-09-23T23:59:59.999+07:00')).body, tooLate('H20.20.09', 5))
  const { headers } = await receive('2021-09-24T00:00:00+07:00')
  const dossier = String(headers.location)
  t.match(dossier, 'H20.20.09-210924-0001')

  t.equal((await agency(2)).body.lateRecordingDays, 2)
  t.hasStrict((await receive('2021-09-28T17:00:00+07:00')).body, tooLate('H20.20.09', 2))
  t.equal((await receive('2021-09-29T07:00:00+07:00')).status, 201)
  const start = (effectiveAt: string) => officer('POST', `${dossier}/start`, { effectiveAt })
  t.hasStrict((await start('2021-09-28T23:59:00+07:00')).body, tooLate('H20.20.09', 2))
  t.equal((await start('2021-09-29T00:00:00+07:00')).status, 200)
  const forwarded = { receivingAgency: 'H20.20', resolvingAgency: 'H20.20.09' }
  const elsewhere = await receive('2021-09-24T08:00:00+07:00', forwarded)
  t.equal(elsewhere.status, 201, 'an intake goes by the limit of who received')
  const early = await officer('POST', `${elsewhere.headers.location}/start`, {
    effectiveAt: '2021-09-28T08:00:00+07:00',
  })
  t.hasStrict(early.body, tooLate('H20.20.09', 2), 'and a move by that of who resolves')

  await agency(0)
  t.hasStrict((await receive('2021-09-30T23:59:59.999+07:00')).body, tooLate('H20.20.09', 0))
  t.equal((await receive('2021-10-01T00:00:00+07:00')).status, 201, 'the day itself is always open')
  desk.at('2021-10-03T20:00:00+07:00')
  t.equal((await receive('2021-10-01T16:00:00+07:00')).status, 201, 'a weekend does not count')
})

t.test('who may correct records what is older, and it is marked so', async (t) => {
  const dossier = await taken({ receivedAt: '2021-09-23T16:59:00+07:00' })
  await move(dossier, 'start', { effectiveAt: '2021-09-23T17:00:00+07:00' })
  await move(dossier, 'finish', { effectiveAt: '2021-09-24T07:30:00+07:00' })
  const { items } = (await ask('GET', `${dossier}/events`)).body
  t.strictSame(
    items.map(({ recordedLate }: { recordedLate: boolean }) => recordedLate),
    [true, true, false],
  )
  const recorded = { finishedAt: '2021-09-24T07:30:00+07:00', finishRecordedAt: NOW, keptFirstPromise: true }
  t.hasStrict((await ask('GET', dossier)).body, {
    ...recorded,
    punctuality: 'early',
    punctualityAsRecorded: 'late',
  })
})

t.test('the trail says who did it: as the body says, or the header, or nobody', async (t) => {
  const { ask: commune } = await desk.client(SCOPES, 'H20.19.05')
  const dossier = await taken({ resolvingAgency: 'H20.19', officer: 'cb-001' })
  await move(dossier, 'start', {}, { 'x-officer': 'cb-002' })
  await move(dossier, 'correct', { ...SAID.correct, officer: 'Nguyễn Thị Bình' }, { 'x-officer': 'cb-003' })
  await commune('POST', `${dossier}/finish`, undefined)
  const { items } = (await ask('GET', `${dossier}/events`)).body
  t.strictSame(
    items.map(({ officer, agency }: { officer: string; agency: string }) => [officer, agency]),
    [
      ['cb-001', 'H20.19.05'],
      ['cb-002', 'H20.19'],
      ['Nguyễn Thị Bình', 'H20.19'],
      [null, 'H20.19.05'],
    ],
    'in the name of the key’s agency; a key of the whole system acts for who receives, then for who resolves',
  )
  const refused = { status: 400, type: '/problems/invalid_input' }
  for (const officer of ['Bình', 'x'.repeat(101), '']) {
    const { body } = await move(dossier, 'return', {}, { 'x-officer': officer })
    t.hasStrict(body, { ...refused, errors: [{ pointer: '/header/x-officer' }] }, officer)
  }
  const { body } = await move(dossier, 'return', { officer: ' ' })
  t.hasStrict(body, { ...refused, errors: [{ pointer: '/officer' }] })
})

t.test('a dossier has no more events than any honest history', async (t) => {
  const dossier = await taken()
  const code = String(dossier.split('/').at(-1))
  await desk.db.update(dossiers).set({ version: 500 }).where(eq(dossiers.code, code))
  t.hasStrict((await move(dossier, 'start')).body, { status: 422, type: '/problems/too_many_events', limit: 500 })
})

t.test('a move needs no body', async (t) => {
  const dossier = await taken()
  t.equal((await move(dossier, 'start', undefined, { 'content-type': 'application/json' })).status, 200)
  t.equal((await ask('POST', `${dossier}/finish`)).status, 200)
  t.equal((await ask('POST', `${dossier}/return`)).status, 200)
})

t.test('a result goes out as it was asked for, or as it is said to have gone', async (t) => {
  const post = { trackingNumber: 'EB1VN', handoverNumber: 'BB-2' }
  const cases: readonly [string, Overrides, Overrides | string][] = [
    ['desk', {}, { returnChannel: 'desk', returnedChannel: 'desk', returnPost: null }],
    ['post', { post }, { returnChannel: 'post', returnedChannel: 'post', returnPost: post }],
    ['post', { channel: 'desk' }, { returnChannel: 'post', returnedChannel: 'desk', returnPost: null }],
    ['desk', { channel: 'post', post }, { returnChannel: 'desk', returnedChannel: 'post', returnPost: post }],
    ['online', {}, { returnChannel: 'online', returnedChannel: 'online' }],
    ['post', {}, '/post/trackingNumber'],
    ['post', { post: { handoverNumber: 'BB-2' } }, '/post/trackingNumber'],
    ['desk', { channel: 'post' }, '/post/trackingNumber'],
    ['desk', { post }, '/post'],
    ['post', { channel: 'online', post }, '/post'],
  ]
  for (const [returnChannel, body, expected] of cases) {
    const dossier = await taken({ returnChannel })
    await move(dossier, 'finish')
    const answer = await move(dossier, 'return', body)
    if (typeof expected === 'string') t.hasStrict(answer.body, { status: 400, errors: [{ pointer: expected }] })
    else t.hasStrict(answer.body, { status: { code: 10 }, returnedAt: NOW, ...expected })
    t.equal(answer.body.post, typeof expected === 'string' ? undefined : null)
  }
})

t.test('a term in days is kept by the date, whatever the minute', async (t) => {
  const cases = {
    '06T23:59:59.999': 'early',
    '07T00:00:00': 'on_time',
    '07T23:59:59.999': 'on_time',
    '08T00:00:00': 'late',
  }
  for (const [instant, punctuality] of Object.entries(cases)) {
    const dossier = await taken()
    const effectiveAt = `2021-09-${instant}+07:00`
    t.equal((await move(dossier, 'finish', { effectiveAt })).body.punctuality, punctuality, effectiveAt)
    t.equal((await ask('GET', dossier)).body.punctuality, punctuality, 'and it stays so')
  }
  const open = await taken()
  desk.at('2021-09-07T23:59:59.999+07:00')
  t.equal((await ask('GET', open)).body.punctuality, 'in_time')
  desk.at('2021-09-08T00:00:00+07:00')
  t.equal((await ask('GET', open)).body.punctuality, 'overdue')
})

t.test('a term in hours is kept by the minute', async (t) => {
  const versions = [{ effectiveFrom: '2021-01-01', limit: { kind: 'working_hours', amount: 8 } }]
  const procedure = { name: 'Tám giờ', field: 'Thử', postAllowed: true, versions }
  t.equal((await ask('PUT', '/v1/procedures/1.000008', procedure)).status, 201)
  const cases = { '29:59.999': 'early', '30:00': 'on_time', '30:59.999': 'on_time', '31:00': 'late' }
  for (const [instant, punctuality] of Object.entries(cases)) {
    const dossier = await taken({ procedureCode: '1.000008', receivedAt: '2021-09-14T08:00:30+07:00' })
    const { body } = await move(dossier, 'finish', { effectiveAt: `2021-09-15T08:${instant}+07:00` })
    t.hasStrict(body, { dueOn: '2021-09-15', dueAt: '2021-09-15T08:30:30+07:00', punctuality }, instant)
    t.equal(body.lateFrom, '2021-09-15T08:31:00+07:00')
  }
})

t.test(
  'handing the result over late makes nothing late, and withdrawing ends the clock without a result',
  async (t) => {
    const returned = await taken()
    await move(returned, 'finish', { effectiveAt: '2021-09-06T10:00:00+07:00' })
    t.hasStrict((await move(returned, 'return')).body, { punctuality: 'early', returnedAt: NOW })
    const withdrawn = await taken()
    t.hasStrict((await move(withdrawn, 'withdraw')).body, { punctuality: null, dueOn: '2021-09-07', finishedAt: null })
    t.equal((await ask('GET', withdrawn)).body.punctuality, null)
    const refused = await taken(online)
    t.hasStrict((await move(refused, 'refuse')).body, { punctuality: null, dueOn: null, receivedAt: null })
  },
)

t.test('accepting starts the clock by the rules of that day', async (t) => {
  const submittedAt = '2021-09-30T09:00:00+07:00'
  const versions = [{ effectiveFrom: '2018-06-21', limit: { kind: 'working_days', amount: 1 } }]
  const later = { effectiveFrom: '2021-10-01', limit: { kind: 'working_days', amount: 2 } }
  const procedure = { name: 'Hai phiên bản', field: 'Thử', postAllowed: true }
  await ask('PUT', '/v1/procedures/1.000002', { ...procedure, versions: [...versions, later] })
  const dossier = await taken({ ...online, procedureCode: '1.000002', submittedAt })
  const { body } = await move(dossier, 'accept')
  t.hasStrict(body, { submittedAt, receivedAt: NOW, procedureVersion: '2021-10-01', dueOn: '2021-10-05' })
  t.equal(body.firstDueAt, body.dueAt)
  t.equal(body.acceptanceDueAt, '2021-10-01T09:30:00+07:00', 'the acceptance deadline stays to be seen')

  const orphan = await taken({ ...online, procedureCode: '1.000002' })
  await ask('PUT', '/v1/procedures/1.000002', { ...procedure, versions: [{ ...later, effectiveFrom: '2021-10-02' }] })
  t.equal((await move(orphan, 'accept')).body.type, '/problems/no_limit_in_force')
  t.equal((await ask('GET', orphan)).body.status.code, 1)
})

/** Another instance, which has not yet heard of any change made after this. */
const instanceThatLags = async () => {
  const old = await desk.deps.reference.current()
  const reference = { ...desk.deps.reference, current: async () => old, holding: async () => old }
  const app = await buildApp({ ...desk.deps, reference })
  t.teardown(() => app.close())
  return async (method: 'GET' | 'POST', url: string) => {
    const answer = await app.inject({ method, url, headers: { authorization: `Bearer ${key}` } })
    return { status: answer.statusCode, body: answer.json() }
  }
}

t.test('an instance that has not heard of a new procedure yet neither guesses nor fails', async (t) => {
  const lagging = await instanceThatLags()
  const versions = [{ effectiveFrom: '2021-01-01', limit: { kind: 'working_days', amount: 3 } }]
  await ask('PUT', '/v1/procedures/1.000003', { name: 'Mới', field: 'Thử', postAllowed: true, versions })
  const received = await taken({ procedureCode: '1.000003' })
  const { body } = await lagging('GET', `${received}/deadline`)
  t.hasStrict(body, { dueOn: '2021-09-07', procedure: { code: '1.000003', name: '1.000003', sample: false } })
  const submitted = await taken({ ...online, procedureCode: '1.000003' })
  t.hasStrict((await lagging('POST', `${submitted}/accept`)).body, {
    status: 404,
    type: '/problems/procedure_not_found',
  })
})

const week = (...periods: (readonly [string, string])[]) => ({
  1: periods,
  2: periods,
  3: periods,
  4: periods,
  5: periods,
})

t.test('a deadline is explained by its rule, its calendar and every day that was passed over', async (t) => {
  const dossier = await taken()
  const { body } = await ask('GET', `${dossier}/deadline`)
  const { history, ...explained } = body
  t.match(history, [{ event: 1, type: 'received', dueOn: '2021-09-07' }])
  t.equal(history.length, 1)
  t.strictSame(explained, {
    code: dossier.split('/').at(-1),
    firstDueAt: '2021-09-07T17:00:00+07:00',
    procedure: {
      code: '2.000720',
      name: 'Đăng ký thay đổi nội dung đăng ký hộ kinh doanh',
      effectiveFrom: '2018-06-21',
      sample: true,
    },
    agency: 'H20.19.05',
    rule: {
      limit: { kind: 'working_days', amount: 3 },
      withVerification: false,
      effectiveFrom: '2018-06-21',
      citation: 'Nghị định 61/2018/NĐ-CP Đ.15–20',
      verified: true,
    },
    calendar: { id: 'vn', version: 1 },
    receivedAt: '2021-08-31T09:00:00+07:00',
    receivedOn: '2021-08-31',
    terms: [
      {
        part: 'limit',
        text: '3 ngày làm việc',
        legalBasis: 'Bộ luật Dân sự 2015 Đ.147.2',
        startsAfter: '2021-08-31',
        spans: [
          { unit: 'day', from: '2021-09-01', to: '2021-09-01', amount: 1 },
          { unit: 'day', from: '2021-09-06', to: '2021-09-07', amount: 2 },
        ],
        skipped: [
          { date: '2021-09-02', reason: 'Quốc khánh', legalBasis: 'Bộ luật Lao động 2019 Đ.112(1)' },
          {
            date: '2021-09-03',
            reason: 'Quốc khánh (ngày liền kề)',
            legalBasis: 'Thông báo 4875/TB-LĐTBXH (2021)',
          },
          { date: '2021-09-04', reason: 'Thứ Bảy', legalBasis: 'Quyết định 188/1999/QĐ-TTg' },
          { date: '2021-09-05', reason: 'Chủ nhật', legalBasis: 'Quyết định 188/1999/QĐ-TTg' },
        ],
        paused: [],
        endsOn: '2021-09-07',
      },
    ],
    dueOn: '2021-09-07',
    dueAt: '2021-09-07T17:00:00+07:00',
    lateFrom: '2021-09-08T00:00:00+07:00',
    overdueFrom: '2021-09-08T00:00:00+07:00',
    provisional: false,
    waiting: null,
    extension: null,
    sentence:
      'Hồ sơ tiếp nhận lúc 09:00 ngày 31/8/2021, thời hạn 3 ngày làm việc; không tính 2/9/2021 Quốc khánh ' +
      '(Bộ luật Lao động 2019 Đ.112(1)); 3/9/2021 Quốc khánh (ngày liền kề) (Thông báo 4875/TB-LĐTBXH (2021)); ' +
      'không tính ngày nghỉ cuối tuần; hẹn trả kết quả lúc 17:00 ngày 7/9/2021.',
  })
  const english = (await ask('GET', `${dossier}/deadline`, undefined, { 'accept-language': 'en' })).body
  t.equal(english.terms[0].text, '3 working days')
  t.equal(english.terms[0].skipped[2].reason, 'Saturday')
  t.equal(
    english.sentence,
    'Received at 09:00 on 31/8/2021, limit 3 working days; not counting 2/9/2021 Quốc khánh (Bộ luật Lao động ' +
      '2019 Đ.112(1)); 3/9/2021 Quốc khánh (ngày liền kề) (Thông báo 4875/TB-LĐTBXH (2021)); not counting ' +
      'weekends; due at 17:00 on 7/9/2021.',
  )
})

t.test('the explanation of a promise stays what it was when hours and procedures change', async (t) => {
  const put = async (limit: unknown, effectiveFrom = '2021-01-01', sample = true) =>
    ask('PUT', '/v1/procedures/1.000004', {
      name: 'Đổi',
      field: 'Thử',
      postAllowed: true,
      versions: [{ effectiveFrom, limit, sample }],
    })
  await put({ kind: 'working_hours', amount: 8 })
  const dossier = await taken({ procedureCode: '1.000004', receivingAgency: 'H20.19.06' })
  const before = await ask('GET', `${dossier}/deadline`)
  t.equal(before.body.dueAt, '2021-09-01T09:30:00+07:00')

  await put({ kind: 'working_days', amount: 9 })
  const agency = { name: 'Xã Phú Thuận A', level: 'commune', parent: 'H20.19', hours: week(['08:00', '10:00']) }
  t.equal((await ask('PUT', '/v1/agencies/H20.19.06', agency)).status, 200)
  t.equal((await ask('GET', `${dossier}/deadline`)).text, before.text)
  const next = await taken({ procedureCode: '1.000004', receivingAgency: 'H20.19.06' })
  t.equal((await ask('GET', next)).body.dueAt, '2021-09-15T10:00:00+07:00', 'a later dossier goes by the new ones')

  await put({ kind: 'working_days', amount: 9 }, '2021-09-15')
  const { body } = await ask('GET', `${dossier}/deadline`)
  t.hasStrict(body, { dueAt: before.body.dueAt, rule: before.body.rule, procedure: { effectiveFrom: '2021-01-01' } })
})

t.test('before acceptance there is no deadline to explain', async (t) => {
  const dossier = await taken(online)
  const code = dossier.split('/').at(-1)
  const expected = { status: 409, type: '/problems/no_clock', dossier: code }
  t.hasStrict((await ask('GET', `${dossier}/deadline`)).body, expected)
  await move(dossier, 'accept')
  t.equal((await ask('GET', `${dossier}/deadline`)).body.dueOn, '2021-10-06')
})

const deadline = async (body: Overrides, language = 'vi') =>
  (
    await ask(
      'POST',
      '/v1/deadlines',
      { receivedAt: '2021-08-31T09:00:00+07:00', ...body },
      { 'accept-language': language },
    )
  ).body

t.test('a deadline can be asked for by procedure, and nothing is stored', async (t) => {
  const procedureCode = '1.004873'
  const usual = await deadline({ procedureCode })
  t.hasStrict(usual, { dueOn: '2021-09-07', agency: null, calendar: { id: 'vn', version: 1 } })
  t.hasStrict(usual.procedure, { code: procedureCode, effectiveFrom: '2018-06-21', sample: false })
  const verified = await deadline({ procedureCode, withVerification: true, agency: 'H20.19.05' })
  t.hasStrict(verified, { dueOn: '2021-09-23', agency: 'H20.19.05', rule: { withVerification: true } })
  t.strictSame(
    verified.terms.map(({ part, text, endsOn }: Record<string, string>) => [part, text, endsOn]),
    [
      ['limit', '3 ngày làm việc', '2021-09-07'],
      ['verification', '23 ngày', '2021-09-23'],
    ],
  )
  t.match(verified.sentence, 'thời hạn 3 ngày làm việc, xác minh 23 ngày (có xác minh); không tính 2/9/2021')
  const english = await deadline({ procedureCode, withVerification: true }, 'en')
  t.match(english.sentence, 'limit 3 working days, verification 23 calendar days (with verification); not counting')
  t.strictSame((await ask('GET', '/v1/dossiers?procedure=1.004873')).body.items, [])
})

t.test('a deadline can be asked for by a bare limit, by an agency or by a calendar', async (t) => {
  const days = { kind: 'working_days', amount: 2 }
  const sameDay = { kind: 'same_day', cutoff: '15:00' }
  const longer = { ...days, verification: { kind: 'working_days', amount: 1, counted: 'after_first_term' } }
  const [friday, saturday] = ['2021-09-10T15:00:00.999+07:00', '2021-09-11T09:00:00+07:00']
  const hours = week(['08:00', '10:00'], ['14:00', '16:00'])
  await ask('PUT', '/v1/agencies/H20.21.09', { name: 'Xã Ít Giờ', level: 'commune', parent: 'H20.21', hours })
  const cases: readonly [Overrides, string][] = [
    [{ limit: days }, '2021-09-06T17:00:00+07:00'],
    [{ limit: { kind: 'calendar_days', amount: 4 } }, '2021-09-06T17:00:00+07:00'],
    [{ limit: { kind: 'working_hours', amount: 3 } }, '2021-08-31T14:00:00+07:00'],
    [{ limit: { kind: 'working_hours', amount: 3 }, agency: 'H20.21.09' }, '2021-08-31T16:00:00+07:00'],
    [{ limit: days, agency: 'H20.21.09' }, '2021-09-06T16:00:00+07:00'],
    [{ limit: days, calendar: 'vn' }, '2021-09-06T17:00:00+07:00'],
    [{ limit: longer, withVerification: true }, '2021-09-07T17:00:00+07:00'],
    [{ limit: sameDay, receivedAt: friday }, '2021-09-10T17:00:00+07:00'],
    [{ limit: sameDay, receivedAt: '2021-09-10T15:00:01+07:00' }, '2021-09-13T17:00:00+07:00'],
    [{ limit: sameDay, receivedAt: saturday }, '2021-09-13T17:00:00+07:00'],
  ]
  for (const [body, dueAt] of cases) {
    t.hasStrict(await deadline(body), { procedure: null, dueAt, provisional: false }, JSON.stringify(body))
  }
  const inHours = await deadline({ limit: { kind: 'working_hours', amount: 3 } })
  t.strictSame(inHours.terms[0].spans, [
    { unit: 'hour', from: '2021-08-31T09:00:00+07:00', to: '2021-08-31T14:00:00+07:00', amount: 3 },
  ])
  t.equal(inHours.terms[0].startsAfter, '2021-08-31T09:00:00+07:00')
  t.equal(
    (await deadline({ limit: sameDay, receivedAt: friday })).sentence,
    'Hồ sơ tiếp nhận lúc 15:00 ngày 10/9/2021, thời hạn trong ngày (nhận đến 15:00); hẹn trả kết quả lúc 17:00 ngày 10/9/2021.',
  )
  t.equal(
    (await deadline({ limit: sameDay, receivedAt: saturday }, 'en')).sentence,
    'Received at 09:00 on 11/9/2021, limit the same day (received up to 15:00); not counting weekends; due at 17:00 on 13/9/2021.',
  )
  const beyond = { limit: { kind: 'working_days', amount: 1 }, receivedAt: '2026-12-31T09:00:00+07:00' }
  t.match(await deadline(beyond), { provisional: true, sentence: 'dự kiến, lịch năm đó chưa công bố' })
  t.match(await deadline(beyond, 'en'), { provisional: true, sentence: 'that year’s calendar is not yet published' })
})

t.test('a deadline that cannot be computed is refused', async (t) => {
  const limit = { kind: 'working_days', amount: 5 }
  const cases: readonly [Overrides, number, string][] = [
    [{}, 400, 'invalid_input'],
    [{ limit, procedureCode: '2.000720' }, 400, 'invalid_input'],
    [{ limit, agency: 'H20', calendar: 'vn' }, 400, 'invalid_input'],
    [{ limit: { ...limit, amount: 0 } }, 400, 'invalid_input'],
    [{ limit, receivedAt: undefined }, 400, 'invalid_input'],
    [{ limit, agency: 'H20.99' }, 404, 'agency_not_found'],
    [{ limit, calendar: 'mars' }, 404, 'calendar_not_found'],
    [{ procedureCode: '3.999999' }, 404, 'procedure_not_found'],
    [{ limit, receivedAt: '2027-12-28T09:00:00+07:00' }, 422, 'calendar_not_covering'],
    [{ limit: { ...limit, amount: 1000 }, receivedAt: '2026-01-05T09:00:00+07:00' }, 422, 'calendar_not_covering'],
    [{ limit, withVerification: true }, 422, 'no_verification_term'],
    [{ procedureCode: '2.000720', receivedAt: '2018-06-20T09:00:00+07:00' }, 422, 'no_limit_in_force'],
  ]
  for (const [body, status, type] of cases) {
    t.hasStrict(await deadline(body), { status, type: `/problems/${type}` }, JSON.stringify(body))
  }
})
