import t from 'tap'
import { move, take } from './support/asking.ts'
import { openDesk } from './support/desk.ts'

const desk = await openDesk(t)
const client = await desk.client()
const { ask } = client

type Body = Record<string, unknown>

const NOW = '2021-10-01T08:00:00+07:00'
t.beforeEach(() => desk.at(NOW))

/** `2021-09-08 10:00` as it goes over the wire. */
const on = (wallClock: string): string => {
  const [date, time = '00:00'] = wallClock.split(' ')
  return `${date}T${time}${time.length === 5 ? ':00' : ''}+07:00`
}

const GROUND = 'Nghị định 61/2018/NĐ-CP Đ.17'
const MISSING = { missing: 'Bản sao giấy chứng sinh', ground: GROUND }
const LETTER = { reason: 'Bão số 5', apologyNumber: '12/TXL-UBND' }

const put = async (code: string, limit: Body) => {
  const versions = [{ effectiveFrom: '2018-06-21', limit }]
  const { status } = await ask('PUT', `/v1/procedures/${code}`, {
    name: code,
    field: 'Thử',
    postAllowed: true,
    versions,
  })
  if (status !== 201) throw new Error(`${status}`)
}
await put('1.500001', { kind: 'working_days', amount: 5 })
await put('1.500002', { kind: 'working_days', amount: 5, afterSupplement: 'pause' })
await put('1.500003', { kind: 'working_hours', amount: 8, afterSupplement: 'pause' })
await put('1.500004', { kind: 'calendar_days', amount: 10, afterSupplement: 'pause' })
await put('1.500005', { kind: 'same_day', cutoff: '15:00', afterSupplement: 'restart' })

type Step = readonly [name: string, wallClock: string, order?: Body]

/** Takes in a dossier of a procedure and plays what happens to it; answers with what was said last. */
const played = async (procedureCode: string, received: string, ...steps: readonly Step[]) => {
  let answer = await take(client, { procedureCode, receivedAt: on(received) })
  for (const [name, wallClock, order] of steps) answer = await move(client, answer.code, name, on(wallClock), order)
  return answer
}

const submitted = () =>
  take(client, { intakeChannel: 'online', receivedAt: undefined, submittedAt: on('2021-09-01 08:00') })

/** An appointment at the end of a day, and from when it is passed. */
const due = (date: string, dayAfter: string) => ({
  dueOn: date,
  dueAt: on(`${date} 17:00`),
  lateFrom: on(dayAfter),
  overdueFrom: on(dayAfter),
})
const STILL = { dueOn: null, dueAt: null, lateFrom: null, overdueFrom: null, provisional: null }

const lastEvent = async (code: string) => (await ask('GET', `/v1/dossiers/${code}/events`)).body.items.at(-1)

t.test('a supplement request stops the clock, and full papers start the term again in full', async (t) => {
  const first = { firstDueAt: on('2021-09-13 17:00') }
  const received = await played('1.500001', '2021-09-06 10:00')
  t.hasStrict(received, { ...due('2021-09-13', '2021-09-14'), ...first })
  const requested = await move(client, received.code, 'request-supplement', on('2021-09-08 10:00'), MISSING)
  const since = on('2021-09-08 10:00')
  t.hasStrict(requested, {
    ...STILL,
    ...first,
    version: 2,
    status: { code: 5, key: 'supplement_requested' },
    punctuality: 'waiting',
    punctualityAsRecorded: 'waiting',
    waiting: { for: 'supplement', since },
    keptFirstPromise: null,
  })
  t.hasStrict(await lastEvent(received.code), { type: 'supplement_requested', effectiveAt: since, facts: MISSING })

  const full = await move(client, received.code, 'supplement-received', on('2021-09-16 15:30'))
  t.hasStrict(full, { ...due('2021-09-23', '2021-09-24'), ...first, status: { code: 2 }, waiting: null, version: 3 })
  t.equal(full.punctuality, 'overdue', 'as of today')
  const { facts } = await lastEvent(received.code)
  t.hasStrict(facts, { policy: 'restart', promise: { dueOn: '2021-09-23', pauses: [] } })
  t.equal(Date.parse(facts.promise.clockFrom), Date.parse(on('2021-09-16 15:30')))

  const finished = await move(client, received.code, 'finish', on('2021-09-23 23:59'))
  t.hasStrict(finished, { punctuality: 'on_time', keptFirstPromise: false, ...first })
})

t.test('by the policy of a procedure, what was left of the term goes on', async (t) => {
  const supplemented = (procedure: string, received: string, from: string, until: string) =>
    played(procedure, received, ['request-supplement', from, MISSING], ['supplement-received', until])
  const days = await supplemented('1.500002', '2021-09-06 10:00', '2021-09-08 10:00', '2021-09-10 10:00')
  t.hasStrict(days, { ...due('2021-09-15', '2021-09-16'), firstDueAt: on('2021-09-13 17:00') })
  const within = await supplemented('1.500002', '2021-09-06 10:00', '2021-09-08 07:30', '2021-09-08 17:00')
  t.hasStrict(within, due('2021-09-13', '2021-09-14'), 'within one day it moves nothing')
  const calendar = await supplemented('1.500004', '2021-09-06 10:00', '2021-09-10 10:00', '2021-09-14 10:00')
  t.hasStrict(calendar, { ...due('2021-09-20', '2021-09-21'), firstDueAt: on('2021-09-16 17:00') })
  const hours = await supplemented('1.500003', '2021-09-07 08:00', '2021-09-07 09:00:20', '2021-09-07 14:00:45')
  t.hasStrict(hours, {
    dueOn: '2021-09-08',
    dueAt: on('2021-09-08 13:30:25'),
    lateFrom: on('2021-09-08 13:31'),
    overdueFrom: on('2021-09-08 13:31'),
    firstDueAt: on('2021-09-08 08:30'),
  })
  const sameDay = await supplemented('1.500005', '2021-09-07 09:00', '2021-09-07 10:00', '2021-09-09 15:00:01')
  t.hasStrict(sameDay, { ...due('2021-09-10', '2021-09-11'), firstDueAt: on('2021-09-07 17:00') })
  const { facts } = await lastEvent(hours.code)
  t.equal(facts.policy, 'pause')
  t.strictSame(
    facts.promise.pauses.flat().map((at: string) => Date.parse(at)),
    [Date.parse(on('2021-09-07 09:00:20')), Date.parse(on('2021-09-07 14:00:45'))],
  )
})

t.test('a pause is counted in the working time of who resolves', async (t) => {
  const periods = [
    ['08:00', '10:00'],
    ['14:00', '16:00'],
  ]
  const hours = Object.fromEntries([1, 2, 3, 4, 5].map((day) => [day, periods]))
  await ask('PUT', '/v1/agencies/H20.21.08', { name: 'Xã Ít Giờ', level: 'commune', parent: 'H20.21', hours })
  const { code } = await take(client, {
    procedureCode: '1.500003',
    resolvingAgency: 'H20.21.08',
    receivedAt: on('2021-09-07 08:30'),
  })
  await move(client, code, 'await-payment', on('2021-09-07 09:00'), { ground: GROUND })
  const paid = await move(client, code, 'payment-received', on('2021-09-07 15:00'))
  t.hasStrict(paid, { dueAt: on('2021-09-09 14:30'), firstDueAt: on('2021-09-09 08:30') })
})

t.test('waiting for a payment pauses the term, whatever the policy after a supplement', async (t) => {
  const paying: readonly Step[] = [
    ['await-payment', '2021-09-08 10:00', { ground: GROUND }],
    ['payment-received', '2021-09-10 10:00'],
  ]
  for (const procedure of ['1.500001', '1.500002']) {
    const paid = await played(procedure, '2021-09-06 10:00', ['start', '2021-09-06 11:00'], ...paying)
    t.hasStrict(paid, { ...due('2021-09-15', '2021-09-16'), status: { code: 4 }, waiting: null }, procedure)
  }
  const waiting = await played('1.500001', '2021-09-06 10:00', ...paying.slice(0, 1))
  const since = on('2021-09-08 10:00')
  t.hasStrict(waiting, { ...STILL, status: { code: 6 }, punctuality: 'waiting', waiting: { for: 'payment', since } })
  const twice = await played('1.500001', '2021-09-06 10:00', ...paying, [
    'await-payment',
    '2021-09-13 09:00',
    { ground: GROUND },
  ])
  const paid = await move(client, twice.code, 'payment-received', on('2021-09-15 09:00'))
  t.hasStrict(paid, due('2021-09-17', '2021-09-18'), 'pauses of one term add up')
  const supplement: readonly Step[] = [
    ['request-supplement', '2021-09-13 10:00', MISSING],
    ['supplement-received', '2021-09-14 10:00'],
  ]
  const again = await played('1.500001', '2021-09-06 10:00', ...paying, ...supplement)
  t.hasStrict(again, due('2021-09-21', '2021-09-22'), 'a term that starts again forgets the pauses before')
  const goesOn = await played('1.500002', '2021-09-06 10:00', ...paying, ...supplement)
  t.hasStrict(goesOn, due('2021-09-16', '2021-09-17'))
  const lastly = await played(
    '1.500001',
    '2021-09-06 10:00',
    ['request-supplement', '2021-09-07 10:00', MISSING],
    ['supplement-received', '2021-09-08 09:00'],
    ...paying,
  )
  t.hasStrict(lastly, due('2021-09-17', '2021-09-18'), 'a pause of the term that started again')
})

t.test('what waits is neither in time nor overdue, however long it waits', async (t) => {
  const waiting = await played('1.500001', '2021-09-06 10:00', ['request-supplement', '2021-09-13 23:59', MISSING])
  for (const now of ['2021-09-14 00:00', '2023-01-01 00:00']) {
    desk.at(on(now))
    const { body } = await ask('GET', `/v1/dossiers/${waiting.code}`)
    t.hasStrict(body, { punctuality: 'waiting', waiting: { since: on('2021-09-13 23:59') } }, now)
  }
})

t.test('a dossier that was overdue before it waited stays so, by the promise that it had', async (t) => {
  const overdue = { ...due('2021-09-13', '2021-09-14'), punctuality: 'overdue' }
  for (const [name, back, order] of [
    ['request-supplement', 'supplement-received', MISSING],
    ['await-payment', 'payment-received', { ground: GROUND }],
  ] as const) {
    const waiting = await played('1.500001', '2021-09-06 10:00', [name, '2021-09-14 00:00', order])
    t.hasStrict(waiting, { ...overdue, waiting: { since: on('2021-09-14 00:00') } }, name)
    const resumed = await move(client, waiting.code, back, on('2021-09-20 10:00'))
    t.hasStrict(resumed, { ...overdue, status: { code: 2 }, waiting: null }, back)
    t.equal((await lastEvent(waiting.code)).facts.promise, null)
    t.equal((await move(client, waiting.code, 'finish', on('2021-09-21 10:00'))).punctuality, 'late')
    const inTime = await played('1.500001', '2021-09-06 10:00', [name, '2021-09-13 23:59:59.999', order])
    t.hasStrict(inTime, { ...STILL, punctuality: 'waiting' }, 'a millisecond before, it was in time')
  }
})

t.test('an extension puts the date off once, and excuses no lateness', async (t) => {
  const first = { lateFrom: on('2021-09-14'), firstDueAt: on('2021-09-13 17:00') }
  const put = (order: Body, sent = '2021-09-10 16:59') =>
    played('1.500001', '2021-09-06 10:00', ['extend', sent, { ...LETTER, ...order }])
  const extended = await put({ workingDays: 2 })
  t.hasStrict(extended, {
    ...first,
    dueOn: '2021-09-15',
    dueAt: on('2021-09-15 17:00'),
    overdueFrom: on('2021-09-16'),
    status: { code: 2 },
    extension: { sentAt: on('2021-09-10 16:59'), workingDays: 2 },
    punctuality: 'overdue',
  })
  const { facts } = await lastEvent(extended.code)
  t.hasStrict(facts, { ...LETTER, workingDays: 2, sentLate: false, promise: { dueOn: '2021-09-15' } })
  desk.at(on('2021-09-15 23:59:59.999'))
  t.equal((await ask('GET', `/v1/dossiers/${extended.code}`)).body.punctuality, 'in_time')
  desk.at(NOW)
  const late = { ...first, punctuality: 'late', keptFirstPromise: false, overdueFrom: on('2021-09-16') }
  t.hasStrict(await move(client, extended.code, 'finish', on('2021-09-14 00:00')), late, 'late with an apology')
  const { code } = await put({ workingDays: 2 })
  const kept = { punctuality: 'on_time', keptFirstPromise: true }
  t.hasStrict(await move(client, code, 'finish', on('2021-09-13 20:00')), kept)
  const dated = await put({ dueOn: '2021-09-20' })
  t.hasStrict(dated, { dueOn: '2021-09-20', overdueFrom: on('2021-09-21'), extension: { workingDays: 5 }, ...first })
  t.equal((await put({ workingDays: 1 }, '2021-09-12 23:00')).dueOn, '2021-09-14', 'the Sunday before the Monday')
  const hours = await played('1.500003', '2021-09-07 08:00', [
    'extend',
    '2021-09-07 08:10',
    { ...LETTER, workingDays: 1 },
  ])
  t.hasStrict(hours, { dueAt: on('2021-09-09 17:00'), lateFrom: on('2021-09-08 08:31'), overdueFrom: on('2021-09-10') })
  desk.at(on('2024-05-02 15:00'))
  const { code: swapped } = await take(client, { procedureCode: '1.500003', receivedAt: undefined })
  const worked = await move(client, swapped, 'extend', on('2024-05-02 15:00'), { ...LETTER, dueOn: '2024-05-04' })
  t.hasStrict(worked, { dueAt: on('2024-05-04 17:00'), extension: { workingDays: 1 } }, 'a Saturday that is worked')
})

t.test('an extension is refused where it comes too late, a second time or without what it needs', async (t) => {
  const officer = await desk.client(['dossiers:write', 'dossiers:read'])
  const extend = async (received: string, order: Body, { ask } = officer) => {
    const { code } = await take(client, { procedureCode: '1.500001', receivedAt: on(received) })
    return ask('POST', `/v1/dossiers/${code}/extend`, { ...LETTER, ...order })
  }
  const tooLate = { status: 422, type: '/problems/extended_too_late', dueOn: '2021-10-01' }
  t.hasStrict((await extend('2021-09-24 08:00', { workingDays: 1 })).body, tooLate, 'on the due day')
  t.hasStrict((await extend('2021-09-23 08:00', { workingDays: 1 })).body, { ...tooLate, dueOn: '2021-09-30' })
  const inTime = await extend('2021-09-27 08:00', { workingDays: 1 })
  t.hasStrict(inTime.body, { dueOn: '2021-10-05' }, 'the last day before it, over a weekend')

  const marked = await extend('2021-09-23 08:00', { workingDays: 3 }, client)
  t.hasStrict(marked.body, { dueOn: '2021-10-05', lateFrom: on('2021-10-01'), punctuality: 'in_time' })
  t.hasStrict((await lastEvent(marked.body.code)).facts, { sentLate: true, workingDays: 3 })

  const again = await client.ask('POST', `/v1/dossiers/${inTime.body.code}/extend`, { ...LETTER, workingDays: 1 })
  t.hasStrict(again.body, { status: 409, type: '/problems/already_extended', extendedOn: '2021-10-01' })
  await client.ask('POST', `/v1/dossiers/${inTime.body.code}/request-supplement`, MISSING)
  await client.ask('POST', `/v1/dossiers/${inTime.body.code}/supplement-received`, {})
  const restarted = await client.ask('POST', `/v1/dossiers/${inTime.body.code}/extend`, { ...LETTER, workingDays: 1 })
  t.equal(restarted.body.type, '/problems/already_extended', 'also when the term has started again')

  const refused: readonly [Body, string][] = [
    [{}, ''],
    [{ workingDays: 1, dueOn: '2021-10-11' }, ''],
    [{ workingDays: 0 }, '/workingDays'],
    [{ workingDays: 366 }, '/workingDays'],
    [{ workingDays: 1.5 }, '/workingDays'],
    [{ dueOn: '2021-10-04' }, '/dueOn'],
    [{ dueOn: '2021-10-09' }, '/dueOn'],
    [{ dueOn: '2021-02-29' }, '/dueOn'],
    [{ workingDays: 1, reason: undefined }, '/reason'],
    [{ workingDays: 1, apologyNumber: ' ' }, '/apologyNumber'],
    [{ workingDays: 1, approver: 'x' }, '/approver'],
  ]
  for (const [order, pointer] of refused) {
    const { body } = await extend('2021-09-27 08:00', order)
    t.hasStrict(body, { status: 400, type: '/problems/invalid_input', errors: [{ pointer }] }, JSON.stringify(order))
  }
  const beyond = await extend('2021-09-27 08:00', { dueOn: '2028-01-03' })
  t.equal(beyond.body.type, '/problems/calendar_not_covering')
})

t.test('an extension stays with a term that is paused, and ends with one that starts again', async (t) => {
  const put: Step = ['extend', '2021-09-07 08:00', { ...LETTER, workingDays: 2 }]
  const paid = await played(
    '1.500001',
    '2021-09-06 10:00',
    put,
    ['await-payment', '2021-09-08 10:00', { ground: GROUND }],
    ['payment-received', '2021-09-10 10:00'],
  )
  const sentAt = on('2021-09-07 08:00')
  t.hasStrict(paid, {
    dueOn: '2021-09-17',
    lateFrom: on('2021-09-16'),
    overdueFrom: on('2021-09-18'),
    extension: { sentAt, workingDays: 2 },
  })
  const restarted = await played(
    '1.500001',
    '2021-09-06 10:00',
    put,
    ['request-supplement', '2021-09-08 10:00', MISSING],
    ['supplement-received', '2021-09-10 10:00'],
  )
  t.hasStrict(restarted, { ...due('2021-09-17', '2021-09-18'), extension: { sentAt, workingDays: null } })
})

t.test('the days of an extension pause, too', async (t) => {
  const paid = await played(
    '1.500001',
    '2021-09-06 10:00',
    ['extend', '2021-09-07 08:00', { ...LETTER, workingDays: 5 }],
    ['await-payment', '2021-09-15 10:00', { ground: GROUND }],
    ['payment-received', '2021-09-30 10:00'],
  )
  t.hasStrict(paid, {
    dueOn: '2021-10-05',
    lateFrom: on('2021-09-14'),
    overdueFrom: on('2021-10-06'),
    extension: { workingDays: 5 },
    punctuality: 'in_time',
  })
})

t.test('hours with nothing left when a dossier went waiting in time end where the clock goes on', async (t) => {
  const paid = await played(
    '1.500003',
    '2021-09-07 08:00',
    ['await-payment', '2021-09-08 08:30:59', { ground: GROUND }],
    ['payment-received', '2021-09-09 09:00'],
  )
  t.hasStrict(paid, {
    dueAt: on('2021-09-09 09:00'),
    lateFrom: on('2021-09-09 09:01'),
    firstDueAt: on('2021-09-08 08:30'),
  })
})

t.test('an extension counts from where the appointment stands, whatever the dossier waited before', async (t) => {
  await put('1.500007', { kind: 'working_days', amount: 1 })
  for (const order of [{ workingDays: 2 }, { dueOn: '2021-09-09' }]) {
    const extended = await played(
      '1.500001',
      '2021-09-06 10:00',
      ['await-payment', '2021-09-08 10:00', { ground: GROUND }],
      ['payment-received', '2021-09-10 10:00'],
      ['correct', '2021-09-10 11:00', { procedureCode: '1.500007', reason: 'Ghi nhầm thủ tục' }],
      ['extend', '2021-09-10 12:00', { ...LETTER, ...order }],
    )
    const expected = { dueOn: '2021-09-09', lateFrom: on('2021-09-08'), overdueFrom: on('2021-09-10') }
    t.hasStrict(extended, { ...expected, extension: { workingDays: 2 } }, JSON.stringify(order))
  }
})

t.test('who waits after the term and before the end of its extension will finish late', async (t) => {
  const waiting = await played(
    '1.500001',
    '2021-09-06 10:00',
    ['extend', '2021-09-07 08:00', { ...LETTER, workingDays: 5 }],
    ['request-supplement', '2021-09-15 10:00', MISSING],
  )
  t.hasStrict(waiting, { ...STILL, lateFrom: on('2021-09-14'), punctuality: 'waiting' })
  const full = await move(client, waiting.code, 'supplement-received', on('2021-09-17 10:00'))
  t.hasStrict(full, { dueOn: '2021-09-24', overdueFrom: on('2021-09-25'), lateFrom: on('2021-09-14') })
  t.equal((await move(client, waiting.code, 'finish', on('2021-09-20 10:00'))).punctuality, 'late')
})

t.test('before acceptance, full papers or the fee are what makes a dossier received', async (t) => {
  for (const [wait, back, order] of [
    ['request-supplement', 'supplement-received', MISSING],
    ['await-payment', 'payment-received', { ground: GROUND }],
  ] as const) {
    const { code, acceptanceDueAt } = await submitted()
    const waiting = await move(client, code, wait, on('2021-09-01 10:00'), order)
    t.hasStrict(waiting, { ...STILL, punctuality: null, receivedAt: null, firstDueAt: null, acceptanceDueAt })
    t.hasStrict(waiting.waiting, { since: on('2021-09-01 10:00') })
    const received = await move(client, code, back, on('2021-09-06 16:00'))
    t.hasStrict(received, {
      ...due('2021-09-09', '2021-09-10'),
      status: { code: 2 },
      waiting: null,
      receivedAt: on('2021-09-06 16:00'),
      firstDueAt: on('2021-09-09 17:00'),
      procedureVersion: '2018-06-21',
      acceptanceDueAt,
    })
    t.equal((await move(client, code, 'finish', on('2021-09-08 10:00'))).punctuality, 'early')
  }
  const { code } = await submitted()
  await move(client, code, 'request-supplement', on('2021-09-01 10:00'), MISSING)
  const refused = await move(client, code, 'refuse', on('2021-09-03 10:00'))
  t.hasStrict(refused, { ...STILL, status: { code: 3 }, receivedAt: null, punctuality: null })
})

t.test('what was never received is neither finished nor stopped', async (t) => {
  const cases = [
    ['await-payment', 'finish', {}, ['payment-received', 'withdraw', 'correct']],
    ['await-payment', 'stop', { ground: GROUND }, ['payment-received', 'withdraw', 'correct']],
    ['request-supplement', 'stop', { ground: GROUND }, ['refuse', 'supplement-received', 'withdraw', 'correct']],
  ] as const
  for (const [wait, name, order, legalMoves] of cases) {
    const { code } = await submitted()
    await move(client, code, wait, on('2021-09-01 10:00'), wait === 'await-payment' ? { ground: GROUND } : MISSING)
    const { body } = await ask('POST', `/v1/dossiers/${code}/${name}`, order)
    t.hasStrict(body, { status: 409, type: '/problems/illegal_move', legalMoves }, `${wait}, ${name}`)
  }
})

t.test('a dossier may be finished while a payment is awaited: the pause ends there', async (t) => {
  const paying: Step = ['await-payment', '2021-09-08 10:00', { ground: GROUND }]
  const finished = await played('1.500001', '2021-09-06 10:00', paying, ['finish', '2021-09-15 16:00'])
  t.hasStrict(finished, {
    ...due('2021-09-20', '2021-09-21'),
    status: { code: 9 },
    waiting: null,
    finishedAt: on('2021-09-15 16:00'),
    punctuality: 'early',
    punctualityAsRecorded: 'late',
    keptFirstPromise: false,
  })
  const overdue: Step = ['await-payment', '2021-09-14 10:00', { ground: GROUND }]
  const late = await played('1.500001', '2021-09-06 10:00', overdue, ['finish', '2021-09-15 16:00'])
  t.hasStrict(late, { ...due('2021-09-13', '2021-09-14'), punctuality: 'late', waiting: null })
})

t.test('stopping ends the clock without a result, and reopening goes on as if nothing had been', async (t) => {
  const stop: Step = ['stop', '2021-09-08 10:00', { ground: GROUND }]
  const reopening = { reason: 'Dừng nhầm hồ sơ', approver: 'cb-002' }
  const stopped = await played('1.500001', '2021-09-06 10:00', stop)
  const promised = due('2021-09-13', '2021-09-14')
  t.hasStrict(stopped, { ...promised, status: { code: 8 }, punctuality: null, finishedAt: null })
  t.hasStrict((await lastEvent(stopped.code)).facts, { ground: GROUND })
  const reopened = await move(client, stopped.code, 'reopen', on('2021-09-20 10:00'), reopening)
  t.hasStrict(reopened, { ...promised, status: { code: 4 }, punctuality: 'overdue' })
  t.hasStrict((await lastEvent(stopped.code)).facts, { ...reopening, promise: null })

  const finished = await played('1.500001', '2021-09-06 10:00', ['finish', '2021-09-10 10:00'])
  t.equal(finished.punctuality, 'early')
  const again = await move(client, finished.code, 'reopen', on('2021-09-10 11:00'), reopening)
  const open = { ...promised, status: { code: 4 }, finishedAt: null, finishRecordedAt: null, keptFirstPromise: null }
  t.hasStrict(again, { ...open, punctuality: 'overdue', punctualityAsRecorded: 'overdue' })
  const late = await move(client, finished.code, 'finish', on('2021-09-14 09:00'))
  t.hasStrict(late, { punctuality: 'late', finishedAt: on('2021-09-14 09:00'), keptFirstPromise: false })
})

t.test('a dossier that waited when it was stopped counts on from its reopening', async (t) => {
  const reopening = { reason: 'Dừng nhầm hồ sơ', approver: 'cb-002' }
  const stopAndReopen: readonly Step[] = [
    ['stop', '2021-09-09 10:00', { ground: GROUND }],
    ['reopen', '2021-09-15 10:00', reopening],
  ]
  const supplement: Step = ['request-supplement', '2021-09-08 10:00', MISSING]
  const payment: Step = ['await-payment', '2021-09-08 10:00', { ground: GROUND }]
  const stopped = await played('1.500001', '2021-09-06 10:00', payment, ...stopAndReopen.slice(0, 1))
  t.hasStrict(stopped, { ...STILL, status: { code: 8 }, punctuality: null })
  const open = { status: { code: 4 }, waiting: null, firstDueAt: on('2021-09-13 17:00') }
  t.hasStrict(await played('1.500001', '2021-09-06 10:00', supplement, ...stopAndReopen), {
    ...due('2021-09-22', '2021-09-23'),
    ...open,
  })
  for (const [procedure, wait] of [
    ['1.500002', supplement],
    ['1.500001', payment],
  ] as const) {
    const reopened = await played(procedure, '2021-09-06 10:00', wait, ...stopAndReopen)
    t.hasStrict(reopened, { ...due('2021-09-20', '2021-09-21'), ...open }, wait[0])
  }
  const overdue: Step = ['await-payment', '2021-09-14 10:00', { ground: GROUND }]
  const later: readonly Step[] = [
    ['stop', '2021-09-14 11:00', { ground: GROUND }],
    ['reopen', '2021-09-20 10:00', reopening],
  ]
  const reopened = await played('1.500001', '2021-09-06 10:00', overdue, ...later)
  t.hasStrict(reopened, { ...due('2021-09-13', '2021-09-14'), punctuality: 'overdue', waiting: null })
})

t.test('who withdraws while the desk waits for them has no punctuality', async (t) => {
  const withdrawn = await played(
    '1.500001',
    '2021-09-06 10:00',
    ['request-supplement', '2021-09-08 10:00', MISSING],
    ['withdraw', '2021-09-09 10:00'],
  )
  t.hasStrict(withdrawn, { ...STILL, status: { code: 7 }, punctuality: null, punctualityAsRecorded: null })
})

t.test('a promise after a wait goes by the limit of its receipt and the calendar of today', async (t) => {
  const version = (effectiveFrom: string, amount: number) => ({
    effectiveFrom,
    limit: { kind: 'working_days', amount, afterSupplement: 'pause' },
  })
  const procedure = { name: 'Hai phiên bản', field: 'Thử', postAllowed: true }
  const versions = [version('2018-06-21', 5), version('2021-09-09', 1)]
  await ask('PUT', '/v1/procedures/1.500006', { ...procedure, versions })
  const waiting = await played('1.500006', '2021-09-06 10:00', ['request-supplement', '2021-09-08 10:00', MISSING])
  const mornings = Object.fromEntries([1, 2, 3, 4, 5].map((day) => [day, [['07:30', '11:30']]]))
  const commune = { name: 'Xã Long Thuận', level: 'commune', parent: 'H20.19' }
  await ask('PUT', '/v1/agencies/H20.19.05', { ...commune, hours: mornings })
  const full = await move(client, waiting.code, 'supplement-received', on('2021-09-10 10:00'))
  await ask('PUT', '/v1/agencies/H20.19.05', commune)
  t.hasStrict(full, { procedureVersion: '2018-06-21', dueAt: on('2021-09-15 11:30') })
  t.equal(full.firstDueAt, on('2021-09-13 17:00'))
})

t.test('an extension to a day ends on that day and moves nothing else, whatever the calendar has become', async (t) => {
  const received = await take(client, {
    procedureCode: '1.500001',
    receivingAgency: 'H20.19.06',
    receivedAt: on('2021-09-06 10:00'),
  })
  t.equal(received.dueOn, '2021-09-13')
  const closed = await ask('PUT', '/v1/calendars/vn/days', {
    publishedAt: on('2021-09-08 07:00'),
    agency: 'H20.19.06',
    days: [{ date: '2021-09-10', kind: 'off', type: 'closure', name: 'Bão số 5', legalBasis: 'Công điện 1/CĐ-UBND' }],
  })
  t.equal(closed.status, 201, closed.text)
  const order = { ...LETTER, dueOn: '2021-09-20' }
  const extended = await move(client, received.code, 'extend', on('2021-09-08 10:00'), order)
  t.hasStrict(extended, { dueOn: '2021-09-20', overdueFrom: on('2021-09-21'), lateFrom: on('2021-09-14') })
})

t.test('a move says what it needs, and takes no more', async (t) => {
  const refused: readonly [string, Body, string][] = [
    ['request-supplement', { ground: GROUND }, '/missing'],
    ['request-supplement', { missing: 'x' }, '/ground'],
    ['request-supplement', { ...MISSING, missing: 'x'.repeat(1001) }, '/missing'],
    ['await-payment', {}, '/ground'],
    ['await-payment', { ground: GROUND, amount: 5 }, '/amount'],
    ['stop', {}, '/ground'],
    ['reopen', { reason: 'x' }, '/approver'],
    ['reopen', { approver: 'x' }, '/reason'],
    ['supplement-received', { missing: 'x' }, '/missing'],
    ['payment-received', { ground: 'x' }, '/ground'],
  ]
  const { code } = await played('1.500001', '2021-09-06 10:00')
  for (const [name, order, pointer] of refused) {
    const { body } = await ask('POST', `/v1/dossiers/${code}/${name}`, order)
    t.hasStrict(body, { status: 400, type: '/problems/invalid_input', errors: [{ pointer }] }, `${name} ${pointer}`)
  }
  t.equal((await ask('GET', `/v1/dossiers/${code}`)).body.version, 1)
})
