import t from 'tap'
import { SCOPES } from '../src/access/caller.ts'
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
const REASON = 'Ghi nhầm khi tiếp nhận'

const put = async (code: string, versions: readonly Body[], postAllowed = true) => {
  const { status } = await ask('PUT', `/v1/procedures/${code}`, { name: code, field: 'Thử', postAllowed, versions })
  if (status !== 201) throw new Error(`${status}`)
}
const since2018 = (limit: Body) => [{ effectiveFrom: '2018-06-21', limit }]
await put(
  '1.600001',
  since2018({ kind: 'working_days', amount: 5, verification: { kind: 'calendar_days', amount: 23 } }),
)
await put('1.600002', since2018({ kind: 'working_days', amount: 20 }))
await put('1.600003', since2018({ kind: 'working_days', amount: 1 }), false)
await put('1.600004', [
  ...since2018({ kind: 'working_days', amount: 2 }),
  { effectiveFrom: '2021-09-06', limit: { kind: 'working_days', amount: 10 } },
])
await put('1.600005', since2018({ kind: 'working_days', amount: 5, afterSupplement: 'pause' }))

const dayHours = [['08:00', '10:00']]
const hours = Object.fromEntries([1, 2, 3, 4, 5].map((day) => [day, dayHours]))
await ask('PUT', '/v1/agencies/H20.21.08', { name: 'Xã Ít Giờ', level: 'commune', parent: 'H20.21', hours })

type Step = readonly [name: string, wallClock: string, order?: Body]

/** Takes in a dossier and plays what happens to it; answers with what was said last. */
const played = async (overrides: Body, ...steps: readonly Step[]) => {
  const receivedAt = on('2021-09-06 10:00')
  let answer = await take(client, { procedureCode: '1.600001', receivedAt, ...overrides })
  for (const [name, wallClock, order] of steps) answer = await move(client, answer.code, name, on(wallClock), order)
  return answer
}

const correcting = (code: string, corrections: Body, { ask } = client) =>
  ask('POST', `/v1/dossiers/${code}/correct`, { reason: REASON, ...corrections })

const corrected = async (code: string, corrections: Body) => {
  const { status, body, text } = await correcting(code, corrections)
  if (status !== 200) throw new Error(text)
  return body
}

const eventsOf = async (code: string) => (await ask('GET', `/v1/dossiers/${code}/events`)).body.items

/** An appointment at the end of a day, and from when it is passed. */
const due = (date: string, dayAfter: string) => ({
  dueOn: date,
  dueAt: on(`${date} 17:00`),
  lateFrom: on(dayAfter),
  overdueFrom: on(dayAfter),
})
const FIRST = { firstDueAt: on('2021-09-13 17:00') }

t.test('a correction is an event of its own, with what was wrong and why; what was recorded stays', async (t) => {
  const { code } = await played({ intakeChannel: 'post', post: { handoverNumber: 'BB-1' } })
  const before = await eventsOf(code)
  const answer = await corrected(code, { intakeChannel: 'desk', note: 'Theo biên bản' })
  t.hasStrict(answer, { code, version: 2, intakeChannel: 'desk', post: null, status: { code: 2 }, ...FIRST })
  const [opening, correction, ...more] = await eventsOf(code)
  t.strictSame([opening, more], [before[0], []])
  t.hasStrict(correction, {
    type: 'corrected',
    effectiveAt: NOW,
    note: 'Theo biên bản',
    facts: { reason: REASON, changes: { intakeChannel: 'desk', intakePost: null }, promise: null },
  })
})

t.test('channels are corrected with the proof that they need', async (t) => {
  const [post, other] = [{ trackingNumber: 'EB1VN' }, { handoverNumber: 'BB-2' }]
  const returned: readonly Step[] = [
    ['finish', '2021-09-08 10:00'],
    ['return', '2021-09-09 10:00'],
  ]
  const invalid = (pointer: string) => ({ status: 400, type: '/problems/invalid_input', errors: [{ pointer }] })
  const byPost = { intakeChannel: 'post', post }
  const cases: readonly [Body, readonly Step[], Body, Body][] = [
    [{}, [], { intakeChannel: 'post', post: other }, { intakeChannel: 'post', post: other }],
    [{}, [], { intakeChannel: 'online' }, { intakeChannel: 'online', post: null, submittedAt: null }],
    [byPost, [], { post: other }, { intakeChannel: 'post', post: other }],
    [byPost, [], { intakeChannel: 'post' }, { intakeChannel: 'post', post }],
    [{}, [], { returnChannel: 'post' }, { returnChannel: 'post', returnedChannel: null, returnPost: null }],
    [{}, returned, { returnedChannel: 'post', returnPost: post }, { returnedChannel: 'post', returnPost: post }],
    [{}, returned, { returnedChannel: 'online' }, { returnedChannel: 'online', returnChannel: 'desk' }],
    [{}, [], { intakeChannel: 'post' }, invalid('/post')],
    [{}, [], { intakeChannel: 'post', post: {} }, invalid('/post')],
    [{}, [], { post }, invalid('/post')],
    [byPost, [], { intakeChannel: 'desk', post: other }, invalid('/post')],
    [{}, [], { returnedChannel: 'desk' }, invalid('/returnedChannel')],
    [{}, [], { returnPost: post }, invalid('/returnPost')],
    [{}, returned, { returnedChannel: 'post' }, invalid('/returnPost')],
    [{}, returned, { returnPost: post }, invalid('/returnPost')],
    [{}, [], { intakeChannel: 'fax' }, invalid('/intakeChannel')],
  ]
  for (const [overrides, steps, corrections, expected] of cases) {
    const { code } = await played(overrides, ...steps)
    t.hasStrict((await correcting(code, corrections)).body, expected, JSON.stringify(corrections))
  }
})

t.test('the right procedure, verification or agency moves the appointment, never the first promise', async (t) => {
  const cases: readonly [Body, Body][] = [
    [{ procedureCode: '1.600002' }, { procedureCode: '1.600002', ...due('2021-10-04', '2021-10-05') }],
    [{ procedureCode: '1.600003' }, due('2021-09-07', '2021-09-08')],
    [{ procedureCode: '1.600004' }, { procedureVersion: '2021-09-06', ...due('2021-09-20', '2021-09-21') }],
    [{ withVerification: true }, { withVerification: true, ...due('2021-09-29', '2021-09-30') }],
    [{ receivingAgency: 'H20.20.01' }, { receivingAgency: 'H20.20.01', ...due('2021-09-13', '2021-09-14') }],
    [
      { resolvingAgency: 'H20.21.08' },
      { resolvingAgency: 'H20.21.08', ...due('2021-09-13', '2021-09-14'), dueAt: on('2021-09-13 10:00') },
    ],
    [{ returnChannel: 'online' }, { returnChannel: 'online', ...due('2021-09-13', '2021-09-14') }],
  ]
  for (const [corrections, expected] of cases) {
    const { code } = await played({})
    const answer = await corrected(code, corrections)
    t.hasStrict(answer, { code, status: { code: 2 }, ...expected, ...FIRST }, JSON.stringify(corrections))
  }
  const { code } = await played({}, ['finish', '2021-09-10 10:00'])
  const shortened = await corrected(code, { procedureCode: '1.600003' })
  t.hasStrict(shortened, { punctuality: 'late', keptFirstPromise: true, ...FIRST })
  const { code: extended } = await played({}, ['extend', '2021-09-07 08:00', { ...LETTER, workingDays: 2 }])
  t.hasStrict(
    await corrected(extended, { procedureCode: '1.600002' }),
    { dueOn: '2021-10-06', lateFrom: on('2021-10-05'), overdueFrom: on('2021-10-07'), extension: { workingDays: 2 } },
    'an extension stays what it added',
  )
})

t.test('what a correction cannot mean is refused', async (t) => {
  const { code } = await played({ returnChannel: 'post' })
  const cases: readonly [Body, number, string, string?][] = [
    [{}, 400, 'invalid_input', ''],
    [{ note: 'x' }, 400, 'invalid_input', ''],
    [{ returnChannel: 'desk', reason: undefined }, 400, 'invalid_input', '/reason'],
    [{ returnChannel: 'desk', reason: ' ' }, 400, 'invalid_input', '/reason'],
    [{ dueOn: '2021-10-01' }, 400, 'invalid_input', '/dueOn'],
    [{ firstDueAt: NOW }, 400, 'invalid_input', '/firstDueAt'],
    [{ applicant: { name: 'An' } }, 400, 'invalid_input', '/applicant'],
    [{ code: 'H20-210906-0001' }, 400, 'invalid_input', '/code'],
    [{ procedureCode: '3.999999' }, 400, 'invalid_input', '/procedureCode'],
    [{ receivingAgency: 'H20.99' }, 400, 'invalid_input', '/receivingAgency'],
    [{ resolvingAgency: 'H20.99' }, 400, 'invalid_input', '/resolvingAgency'],
    [{ procedureCode: '1.600003' }, 422, 'post_not_allowed'],
    [{ procedureCode: '1.600002', withVerification: true }, 422, 'no_verification_term'],
    [{ receivedAt: on('2018-06-20 10:00') }, 422, 'no_limit_in_force'],
  ]
  for (const [corrections, status, type, pointer] of cases) {
    const errors = pointer === undefined ? undefined : [{ pointer }]
    const answer = await correcting(code, corrections)
    const expected = { answered: status, type: `/problems/${type}`, errors }
    t.hasStrict({ answered: answer.status, ...answer.body }, expected, JSON.stringify(corrections))
  }
  const atTheDesk = await played({ procedureCode: '1.600003' })
  for (const channel of [{ intakeChannel: 'post', post: { trackingNumber: 'EB1VN' } }, { returnChannel: 'post' }]) {
    t.equal((await correcting(atTheDesk.code, channel)).body.type, '/problems/post_not_allowed')
  }
  t.equal((await ask('GET', `/v1/dossiers/${code}`)).body.version, 1)
})

t.test('who may not correct is refused, and nothing is moved out of their sight', async (t) => {
  const { code } = await played({})
  const officer = await desk.client(['dossiers:write', 'dossiers:read'])
  const missing = { status: 403, type: '/problems/scope_missing', scope: 'dossiers:correct' }
  t.hasStrict((await correcting(code, { returnChannel: 'online' }, officer)).body, missing)
  const auditor = await desk.client(['dossiers:correct'])
  t.equal((await correcting(code, { returnChannel: 'online' }, auditor)).status, 200)
  t.hasStrict((await auditor.ask('POST', `/v1/dossiers/${code}/start`, {})).body, { scope: 'dossiers:write' })
  const district = await desk.client(SCOPES, 'H20.19')
  for (const corrections of [{ resolvingAgency: 'H20.20' }, { receivingAgency: 'H20.20' }]) {
    const { body } = await correcting(code, corrections, district)
    t.hasStrict(body, { status: 403, type: '/problems/outside_your_agency', agency: 'H20.20' })
  }
  t.equal((await correcting(code, { resolvingAgency: 'H20.19.06' }, district)).status, 200)
  const neighbour = await desk.client(SCOPES, 'H20.20')
  t.equal((await correcting(code, { resolvingAgency: 'H20.20' }, neighbour)).status, 404)
  t.equal((await correcting(code, { returnChannel: 'desk' }, neighbour)).status, 404)
  t.equal((await neighbour.ask('GET', `/v1/dossiers/${code}`)).status, 404)
  await corrected(code, { resolvingAgency: 'H20.20' })
  t.equal((await neighbour.ask('GET', `/v1/dossiers/${code}`)).status, 200, 'who resolves it now sees it')
})

t.test('a wrong time of receipt is put right: the term counts from the right one', async (t) => {
  const { code } = await played({})
  const earlier = await corrected(code, { receivedAt: on('2021-09-01 16:00') })
  t.hasStrict(earlier, { receivedAt: on('2021-09-01 16:00'), ...due('2021-09-10', '2021-09-11'), ...FIRST })
  t.match(earlier.code, /-210906-/, 'the code stays as it was issued')
  const later = await corrected(code, { receivedAt: on('2021-09-10 08:00') })
  t.hasStrict(later, { ...due('2021-09-17', '2021-09-18'), ...FIRST, version: 3 })

  const versions = await played({ procedureCode: '1.600004' })
  const older = await corrected(versions.code, { receivedAt: on('2021-09-05 10:00') })
  t.hasStrict(older, { procedureVersion: '2018-06-21', dueOn: '2021-09-07', firstDueAt: on('2021-09-20 17:00') })

  const supplement: readonly Step[] = [
    ['request-supplement', '2021-09-08 10:00', MISSING],
    ['supplement-received', '2021-09-13 10:00'],
  ]
  const restarted = await played({}, ...supplement)
  const same = await corrected(restarted.code, { receivedAt: on('2021-09-07 10:00') })
  t.hasStrict(same, { ...due('2021-09-20', '2021-09-21'), ...FIRST }, 'the term that started again is another')
  const paused = await played({ procedureCode: '1.600005' }, ...supplement)
  t.equal(paused.dueOn, '2021-09-16')
  const counted = await corrected(paused.code, { receivedAt: on('2021-09-07 10:00') })
  t.hasStrict(counted, { ...due('2021-09-17', '2021-09-18'), ...FIRST }, 'with the same pause')
})

t.test('other wrong times are put right, and what was recorded when stays to be seen', async (t) => {
  desk.at(on('2021-09-14 09:00'))
  const { code } = await played({}, ['finish', '2021-09-14 08:30'], ['return', '2021-09-14 08:45'])
  t.equal((await ask('GET', `/v1/dossiers/${code}`)).body.punctuality, 'late')
  desk.at(NOW)
  const finished = await corrected(code, { finishedAt: on('2021-09-13 16:00') })
  const recorded = { finishRecordedAt: on('2021-09-14 09:00'), punctualityAsRecorded: 'late' }
  t.hasStrict(finished, {
    finishedAt: on('2021-09-13 16:00'),
    punctuality: 'on_time',
    keptFirstPromise: true,
    ...recorded,
  })
  const handed = await corrected(code, { returnedAt: on('2021-09-13 16:00') })
  t.hasStrict(handed, { returnedAt: on('2021-09-13 16:00'), status: { code: 10 }, punctuality: 'on_time', ...recorded })
  const both = await corrected(code, { finishedAt: on('2021-09-15 08:00'), returnedAt: on('2021-09-16 08:00') })
  t.hasStrict(both, { punctuality: 'late', keptFirstPromise: false, returnedAt: on('2021-09-16 08:00') })

  const online = { intakeChannel: 'online', receivedAt: undefined, submittedAt: on('2021-09-06 08:00') }
  const submitted = await played(online)
  t.equal(submitted.acceptanceDueAt, on('2021-09-07 08:30'))
  const earlier = await corrected(submitted.code, { submittedAt: on('2021-09-03 16:00') })
  t.hasStrict(earlier, { submittedAt: on('2021-09-03 16:00'), acceptanceDueAt: on('2021-09-07 08:00'), dueOn: null })
  const elsewhere = await corrected(submitted.code, { resolvingAgency: 'H20.21.08' })
  t.equal(elsewhere.acceptanceDueAt, on('2021-09-09 10:00'), 'by the hours of who resolves')
  await move(client, submitted.code, 'accept', NOW)
  const accepted = await corrected(submitted.code, { procedureCode: '1.600002' })
  t.hasStrict(accepted, { acceptanceDueAt: on('2021-09-09 10:00'), receivedAt: NOW })
})

t.test(
  'before it is received a dossier is corrected without a promise, which then goes by what is right',
  async (t) => {
    const { code } = await played({
      intakeChannel: 'online',
      receivedAt: undefined,
      submittedAt: on('2021-09-06 08:00'),
    })
    const moved = await corrected(code, { procedureCode: '1.600002', withVerification: false })
    t.hasStrict(moved, { procedureCode: '1.600002', dueOn: null, firstDueAt: null, status: { code: 1 } })
    const accepted = await move(client, code, 'accept', NOW)
    t.hasStrict(accepted, { dueOn: '2021-10-29', firstDueAt: on('2021-10-29 17:00') })
  },
)

t.test('a time that cannot be is refused, by the name of what was given', async (t) => {
  const online = { intakeChannel: 'online', submittedAt: on('2021-09-06 08:00') }
  const paid: readonly Step[] = [
    ['await-payment', '2021-09-08 10:00', { ground: GROUND }],
    ['payment-received', '2021-09-09 10:00'],
  ]
  const restarted: readonly Step[] = [
    ['request-supplement', '2021-09-08 10:00', MISSING],
    ['supplement-received', '2021-09-09 10:00'],
  ]
  const done: readonly Step[] = [
    ['finish', '2021-09-10 10:00'],
    ['return', '2021-09-13 10:00'],
  ]
  const cases: readonly [Body, readonly Step[], Body, string][] = [
    [{}, [], { receivedAt: '2021-10-01T08:00:00.001+07:00' }, '/receivedAt'],
    [{}, [], { receivedAt: '2021-09-06' }, '/receivedAt'],
    [{}, [], { submittedAt: on('2021-09-06 08:00') }, '/submittedAt'],
    [{}, [], { finishedAt: on('2021-09-07 08:00') }, '/finishedAt'],
    [{}, done.slice(0, 1), { returnedAt: on('2021-09-11 08:00') }, '/returnedAt'],
    [online, [], { submittedAt: on('2021-09-06 10:00:01') }, '/submittedAt'],
    [online, [], { receivedAt: on('2021-09-06 07:59') }, '/receivedAt'],
    [{}, [], { effectiveAt: on('2021-09-07 10:00'), receivedAt: on('2021-09-07 10:00:01') }, '/receivedAt'],
    [
      {},
      done.slice(0, 1),
      { effectiveAt: on('2021-09-12 10:00'), finishedAt: on('2021-09-12 10:00:01') },
      '/finishedAt',
    ],
    [{}, done, { receivedAt: on('2021-09-10 10:00:01') }, '/receivedAt'],
    [{}, done, { finishedAt: on('2021-09-06 09:59') }, '/finishedAt'],
    [{}, done, { finishedAt: on('2021-09-13 10:00:01') }, '/finishedAt'],
    [{}, done, { returnedAt: on('2021-09-10 09:59') }, '/returnedAt'],
    [{}, paid, { receivedAt: on('2021-09-08 10:00:01') }, '/receivedAt'],
    [{}, paid.slice(0, 1), { receivedAt: on('2021-09-08 10:00:01') }, '/receivedAt'],
    [{}, [...paid, ...done], { finishedAt: on('2021-09-09 09:59') }, '/finishedAt'],
    [{}, restarted, { receivedAt: on('2021-09-09 10:00:01') }, '/receivedAt'],
    [{}, [...restarted, ...done], { finishedAt: on('2021-09-09 09:59') }, '/finishedAt'],
    [{}, [['withdraw', '2021-09-08 10:00']], { receivedAt: on('2021-09-08 10:00:01') }, '/receivedAt'],
    [{}, [['stop', '2021-09-08 10:00', { ground: GROUND }]], { receivedAt: on('2021-09-08 10:00:01') }, '/receivedAt'],
    [
      {},
      [['extend', '2021-09-08 10:00', { ...LETTER, workingDays: 1 }]],
      { receivedAt: on('2021-09-08 10:00:01') },
      '/receivedAt',
    ],
  ]
  for (const [overrides, steps, corrections, pointer] of cases) {
    const { code } = await played(overrides, ...steps)
    const { body } = await correcting(code, corrections)
    const label = `${JSON.stringify(corrections)} after ${steps.map(([name]) => name).join()}`
    t.hasStrict(body, { status: 400, type: '/problems/invalid_input', errors: [{ pointer }] }, label)
  }
  for (const [steps, corrections] of [
    [done, { receivedAt: on('2021-09-10 10:00') }],
    [done, { finishedAt: on('2021-09-13 10:00') }],
    [paid, { receivedAt: on('2021-09-08 10:00') }],
  ] as const) {
    const { code } = await played({}, ...steps)
    t.equal((await correcting(code, corrections)).status, 200, 'the same instant will do')
  }
})

t.test('what waits is corrected without a date, and its next promise goes by what is right', async (t) => {
  const still = { dueOn: null, dueAt: null, lateFrom: null, overdueFrom: null, punctuality: 'waiting', ...FIRST }
  const paying: Step = ['await-payment', '2021-09-08 10:00', { ground: GROUND }]
  const { code } = await played({}, paying)
  t.hasStrict(await corrected(code, { procedureCode: '1.600002' }), still)
  desk.at(on('2021-10-04 08:00'))
  const paid = await move(client, code, 'payment-received', on('2021-10-04 08:00'))
  t.hasStrict(paid, { ...due('2021-10-28', '2021-10-29'), ...FIRST, waiting: null })
})

t.test('whether it was overdue before it waited is judged by what is right', async (t) => {
  const waiting: Step = ['request-supplement', '2021-09-15 10:00', MISSING]
  const overdue = await played({}, waiting)
  t.hasStrict(overdue, { dueOn: '2021-09-13', punctuality: 'overdue' })
  const still = { dueOn: null, dueAt: null, lateFrom: null, overdueFrom: null, punctuality: 'waiting' }
  const inTime = await corrected(overdue.code, { procedureCode: '1.600002' })
  t.hasStrict(inTime, { ...still, ...FIRST }, 'with the longer limit it was not')
  const full = await move(client, overdue.code, 'supplement-received', NOW)
  t.hasStrict(full, { ...due('2021-10-29', '2021-10-30'), punctuality: 'in_time' })

  const before = await played({ procedureCode: '1.600002' }, waiting)
  t.hasStrict(before, still)
  const late = await corrected(before.code, { procedureCode: '1.600001' })
  t.hasStrict(late, { ...due('2021-09-13', '2021-09-14'), punctuality: 'overdue' }, 'with the shorter one it was')
  const kept = await move(client, before.code, 'supplement-received', NOW)
  t.hasStrict(kept, { ...due('2021-09-13', '2021-09-14'), punctuality: 'overdue' })
})

t.test('a correction excuses no lateness that was kept through a wait', async (t) => {
  const { code } = await played(
    {},
    ['extend', '2021-09-07 08:00', { ...LETTER, workingDays: 5 }],
    ['request-supplement', '2021-09-15 10:00', MISSING],
    ['supplement-received', '2021-09-17 10:00'],
  )
  const kept = { lateFrom: on('2021-09-14'), dueOn: '2021-09-24', overdueFrom: on('2021-09-25') }
  t.hasStrict(await corrected(code, { resolvingAgency: 'H20.19.06' }), kept)
  t.equal((await move(client, code, 'finish', NOW)).punctuality, 'late')
})

t.test('the finish of a dossier that awaited a payment is put right, and the pause ends with it', async (t) => {
  const paying: Step = ['await-payment', '2021-09-08 10:00', { ground: GROUND }]
  const { code, dueOn } = await played({}, paying, ['finish', '2021-09-15 16:00'])
  t.equal(dueOn, '2021-09-20')
  const earlier = await corrected(code, { finishedAt: on('2021-09-10 16:00') })
  t.hasStrict(earlier, { finishedAt: on('2021-09-10 16:00'), ...due('2021-09-15', '2021-09-16'), ...FIRST })
  const later = await corrected(code, { finishedAt: on('2021-09-16 16:00') })
  t.hasStrict(later, due('2021-09-21', '2021-09-22'))
  const { body } = await correcting(code, { finishedAt: on('2021-09-08 09:59') })
  t.hasStrict(body, { status: 400, errors: [{ pointer: '/finishedAt' }] }, 'not before it waited')
})

t.test(
  'a pause that a payment ended stays where it ended, also where the finish came at the same instant',
  async (t) => {
    const { code, dueOn } = await played(
      {},
      ['await-payment', '2021-09-08 10:00', { ground: GROUND }],
      ['payment-received', '2021-09-10 10:00'],
      ['finish', '2021-09-10 10:00'],
    )
    t.equal(dueOn, '2021-09-15')
    const later = await corrected(code, { finishedAt: on('2021-09-16 10:00') })
    t.hasStrict(later, { ...due('2021-09-15', '2021-09-16'), punctuality: 'late' })
  },
)

t.test('whatever became of a dossier, it may be put right', async (t) => {
  const online = { intakeChannel: 'online', receivedAt: undefined, submittedAt: on('2021-09-06 08:00') }
  const ends: readonly [Body, Step, number][] = [
    [online, ['refuse', '2021-09-07 08:00'], 3],
    [{}, ['withdraw', '2021-09-07 08:00'], 7],
    [{}, ['stop', '2021-09-07 08:00', { ground: GROUND }], 8],
  ]
  for (const [overrides, step, status] of ends) {
    const { code } = await played(overrides, step)
    const answer = await corrected(code, { returnChannel: 'online', procedureCode: '1.600002' })
    t.hasStrict(answer, { status: { code: status }, returnChannel: 'online', punctuality: null })
  }
})
