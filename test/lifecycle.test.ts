import t from 'tap'
import { type DossierState, STATUSES, type Status } from '../src/dossiers/dossier.ts'
import type { DossierEvent, Happening, PromiseFacts } from '../src/dossiers/event.ts'
import { apply, replay, standsAlike } from '../src/dossiers/fold.ts'
import { checkMove, legalMoves, MOVE_NAMES, MOVES, type Move, targetsOf } from '../src/dossiers/lifecycle.ts'

const day = (date: number): Date => new Date(Date.UTC(2021, 8, date, 2))

const intakeFacts = {
  code: 'H20.19.05-210901-0001',
  procedureCode: '2.000720',
  receivingAgency: 'H20.19.05',
  resolvingAgency: 'H20.19',
  intakeChannel: 'online',
  intakePost: null,
  returnChannel: 'post',
  withVerification: false,
  sourceSystem: null,
  sourceReference: null,
  submittedAt: day(1).toISOString(),
} as const

const promise: PromiseFacts = {
  procedureVersion: '2018-06-21',
  limit: { kind: 'working_days', amount: 3 },
  sampleLimit: true,
  scheduleId: 1,
  dueOn: '2021-09-08',
  dueAt: '2021-09-08T10:00:00.000Z',
  onTimeFrom: '2021-09-07T17:00:00.000Z',
  lateFrom: '2021-09-08T17:00:00.000Z',
  provisional: false,
}

/** Another promise, with all that a later one says. */
const moved: PromiseFacts = {
  ...promise,
  scheduleId: 2,
  dueOn: '2021-09-15',
  dueAt: '2021-09-15T10:00:00.000Z',
  onTimeFrom: '2021-09-13T17:00:00.000Z',
  lateFrom: '2021-09-14T17:00:00.000Z',
  overdueFrom: '2021-09-15T17:00:00.000Z',
  provisional: true,
  clockFrom: day(2).toISOString(),
  pauses: [[day(4).toISOString(), day(5).toISOString()]],
  extendedDays: 1,
}

const RECORDED = { recordedAt: day(20), recordedLate: false }
const at = (number: number) => ({ number, effectiveAt: day(number), ...RECORDED })

const SUBMITTED: DossierEvent = {
  ...at(1),
  type: 'submitted',
  facts: { intake: intakeFacts, acceptanceDueAt: '2021-09-02T02:00:00.000Z' },
}
const RECEIVED: DossierEvent = { ...at(1), type: 'received', facts: { intake: intakeFacts, promise } }
const ACCEPTED: DossierEvent = { ...at(2), type: 'accepted', facts: { promise } }

const SUBMITTED_STATE: DossierState = {
  ...intakeFacts,
  version: 1,
  status: 1,
  submittedAt: day(1),
  acceptanceDueAt: day(2),
  receivedAt: null,
  receivedRecordedAt: null,
  procedureVersion: null,
  limit: null,
  sampleLimit: null,
  scheduleId: null,
  clockFrom: null,
  pauses: [],
  wait: null,
  dueOn: null,
  dueAt: null,
  onTimeFrom: null,
  lateFrom: null,
  overdueFrom: null,
  firstDueAt: null,
  firstLateFrom: null,
  provisional: null,
  extendedAt: null,
  extendedDays: null,
  returnedChannel: null,
  returnPost: null,
  finishedAt: null,
  returnedAt: null,
  closedAt: null,
  closedRecordedAt: null,
  standsFrom: day(1),
  lastEventAt: day(1),
}

/** What a promise given on a day makes of the clock. */
const clockOf = (facts: PromiseFacts, from: Date) => ({
  procedureVersion: facts.procedureVersion,
  limit: facts.limit,
  sampleLimit: facts.sampleLimit,
  scheduleId: facts.scheduleId,
  clockFrom: from,
  pauses: facts.pauses ?? [],
  dueOn: facts.dueOn,
  dueAt: new Date(facts.dueAt),
  onTimeFrom: new Date(facts.onTimeFrom),
  lateFrom: new Date(facts.lateFrom),
  overdueFrom: new Date(facts.overdueFrom ?? facts.lateFrom),
  provisional: facts.provisional,
  extendedDays: facts.extendedDays ?? null,
})
const FIRST_PROMISE = { firstDueAt: new Date(promise.dueAt), firstLateFrom: new Date(promise.lateFrom) }
const MOVED = clockOf(moved, day(2))

const step = (number: number) => ({ version: number, lastEventAt: day(number) })
/** A step that changes how the dossier stands on lists. */
const turn = (number: number) => ({ ...step(number), standsFrom: day(number) })

const RECEIVED_STATE: DossierState = {
  ...SUBMITTED_STATE,
  ...clockOf(promise, day(2)),
  ...FIRST_PROMISE,
  ...turn(2),
  status: 2,
  receivedAt: day(2),
  receivedRecordedAt: day(20),
}
const STARTED_STATE: DossierState = { ...RECEIVED_STATE, ...step(3), status: 4 }
const STILL = {
  dueOn: null,
  dueAt: null,
  onTimeFrom: null,
  lateFrom: null,
  overdueFrom: null,
  provisional: null,
}
const waitFor = (what: 'supplement' | 'payment', since: number, status: Status) => ({
  for: what,
  since: day(since).toISOString(),
  status,
})
const WAITING_STATE: DossierState = {
  ...STARTED_STATE,
  ...STILL,
  ...turn(4),
  status: 5,
  wait: waitFor('supplement', 4, 4),
}

/** The state after one more event. */
const after = (state: DossierState, number: number, happening: Happening): DossierState =>
  apply(state, { ...at(number), ...happening })

const asked: Happening = { type: 'supplement_requested', facts: { missing: 'bản sao', ground: 'NĐ 61/2018' } }
const awaited: Happening = { type: 'payment_awaited', facts: { ground: 'NĐ 61/2018' } }

t.test('an opening event says all that a dossier begins with', async (t) => {
  t.strictSame(apply(null, SUBMITTED), SUBMITTED_STATE)
  const received: DossierState = {
    ...RECEIVED_STATE,
    ...turn(1),
    clockFrom: day(1),
    receivedAt: day(1),
    acceptanceDueAt: null,
  }
  t.strictSame(apply(null, RECEIVED), received)
  const atTheDesk = { ...RECEIVED, facts: { intake: { ...intakeFacts, submittedAt: null }, promise } }
  t.strictSame(apply(null, atTheDesk), { ...received, submittedAt: null })
})

t.test('each later event changes what it is about and nothing else', async (t) => {
  t.strictSame(replay([SUBMITTED, ACCEPTED]), RECEIVED_STATE)
  t.strictSame(after(RECEIVED_STATE, 3, { type: 'started', facts: {} }), STARTED_STATE)
  const closed = { closedAt: day(4), closedRecordedAt: day(20) }
  const finished: DossierState = { ...STARTED_STATE, ...step(4), ...closed, status: 9, finishedAt: day(4) }
  t.strictSame(after(STARTED_STATE, 4, { type: 'finished', facts: {} }), finished)
  const post = { trackingNumber: 'EB1VN' }
  t.strictSame(after(finished, 5, { type: 'returned', facts: { channel: 'post', post } }), {
    ...finished,
    ...step(5),
    status: 10,
    returnedAt: day(5),
    returnedChannel: 'post',
    returnPost: post,
  })
  const ended = { ...SUBMITTED_STATE, ...step(2), closedAt: day(2), closedRecordedAt: day(20) }
  t.strictSame(after(SUBMITTED_STATE, 2, { type: 'refused', facts: {} }), { ...ended, status: 3 })
  t.strictSame(after(SUBMITTED_STATE, 2, { type: 'withdrawn', facts: {} }), { ...ended, status: 7 })
  const stopped: DossierState = { ...STARTED_STATE, ...step(4), ...closed, status: 8 }
  t.strictSame(after(STARTED_STATE, 4, { type: 'stopped', facts: { ground: 'x' } }), stopped)
  const reopening: Happening = { type: 'reopened', facts: { reason: 'x', approver: 'y', promise: null } }
  t.strictSame(after(stopped, 5, reopening), { ...STARTED_STATE, ...turn(5) }, 'the clock ran on')
  t.strictSame(after(finished, 5, reopening), { ...STARTED_STATE, ...turn(5) })
})

t.test('while a dossier waits its clock stands still, and goes on by a new promise', async (t) => {
  t.strictSame(after(STARTED_STATE, 4, asked), WAITING_STATE)
  const paying = { ...WAITING_STATE, status: 6, wait: waitFor('payment', 4, 4) } as const
  t.strictSame(after(STARTED_STATE, 4, awaited), paying)
  const resumed: DossierState = { ...STARTED_STATE, ...MOVED, ...turn(5) }
  const full: Happening = { type: 'supplement_received', facts: { policy: 'pause', promise: moved } }
  t.strictSame(after(WAITING_STATE, 5, full), resumed)
  t.strictSame(after(paying, 5, { type: 'payment_received', facts: { promise: moved } }), resumed)
  const early = after(after(RECEIVED_STATE, 3, asked), 5, full)
  t.strictSame([early.status, early.wait], [2, null], 'it comes back to the status that it left')
  const finished = after(paying, 5, { type: 'finished', facts: { promise: moved } })
  const closed = { closedAt: day(5), closedRecordedAt: day(20) }
  t.strictSame(finished, { ...resumed, ...closed, status: 9, finishedAt: day(5) })
  const stopped = after(WAITING_STATE, 5, { type: 'stopped', facts: { ground: 'x' } })
  t.strictSame(stopped, { ...WAITING_STATE, ...step(5), ...closed, status: 8 })
  const reopened = after(stopped, 6, { type: 'reopened', facts: { reason: 'x', approver: 'y', promise: moved } })
  t.strictSame(reopened, { ...resumed, ...turn(6) })
})

t.test('a dossier that waits before it is received is received when the wait is over', async (t) => {
  const waiting = after(SUBMITTED_STATE, 2, awaited)
  const wait = waitFor('payment', 2, 1)
  t.strictSame(waiting, { ...SUBMITTED_STATE, ...step(2), status: 6, wait })
  const received = after(waiting, 3, { type: 'payment_received', facts: { promise } })
  t.strictSame(received, { ...RECEIVED_STATE, ...turn(3), clockFrom: day(3), receivedAt: day(3) })
})

t.test('what was passed before a dossier waits stays passed', async (t) => {
  const overdue = after(STARTED_STATE, 9, asked)
  t.strictSame(overdue, { ...STARTED_STATE, ...step(9), status: 5, wait: waitFor('supplement', 9, 4) })
  const back = after(overdue, 10, { type: 'supplement_received', facts: { policy: 'restart', promise: null } })
  t.strictSame(back, { ...STARTED_STATE, ...step(10) })
  const reason = { reason: 'x', apologyNumber: '1', workingDays: 1, sentLate: false }
  const extended = after(STARTED_STATE, 5, { type: 'extended', facts: { ...reason, promise: moved } })
  t.strictSame(extended, { ...STARTED_STATE, ...MOVED, ...turn(5), extendedAt: day(5) })
  const late = after(extended, 15, asked)
  const { dueOn, dueAt, overdueFrom, provisional } = STILL
  const expected = { ...extended, dueOn, dueAt, overdueFrom, provisional, wait: waitFor('supplement', 15, 4) }
  t.strictSame(late, { ...expected, ...turn(15), status: 5 }, 'late by law, and not overdue by its extension')
})

t.test('a correction changes what it names, and a recalculation the clock', async (t) => {
  const correct = (state: DossierState, changes: object, acceptanceDueAt: string | null = null) =>
    after(state, 15, { type: 'corrected', facts: { reason: 'x', changes, acceptanceDueAt, promise: null } })
  const post = { handoverNumber: 'BB-1' }
  const channels = { intakeChannel: 'post', intakePost: post, returnChannel: 'desk' } as const
  t.strictSame(correct(STARTED_STATE, channels), {
    ...STARTED_STATE,
    ...channels,
    ...turn(15),
    lastEventAt: STARTED_STATE.lastEventAt,
  })
  t.strictSame(correct(STARTED_STATE, { withVerification: true }), {
    ...STARTED_STATE,
    ...step(15),
    lastEventAt: STARTED_STATE.lastEventAt,
    withVerification: true,
  })
  t.strictSame(correct(SUBMITTED_STATE, { submittedAt: day(0).toISOString() }, day(3).toISOString()), {
    ...SUBMITTED_STATE,
    ...step(15),
    lastEventAt: SUBMITTED_STATE.lastEventAt,
    submittedAt: day(0),
    acceptanceDueAt: day(3),
  })
  const finished = after(STARTED_STATE, 4, { type: 'finished', facts: {} })
  t.strictSame(correct(finished, { finishedAt: day(5).toISOString() }), {
    ...finished,
    ...turn(15),
    lastEventAt: day(5),
    finishedAt: day(5),
    closedAt: day(5),
  })
  const returned = after(finished, 5, { type: 'returned', facts: { channel: 'desk', post: null } })
  t.strictSame(correct(returned, { returnedAt: day(7).toISOString() }), {
    ...returned,
    ...step(15),
    lastEventAt: day(7),
    returnedAt: day(7),
  })

  const recalculated: Happening = { type: 'recalculated', facts: { recalculation: 'recalc_1', promise: moved } }
  t.strictSame(after(STARTED_STATE, 5, recalculated), {
    ...STARTED_STATE,
    ...MOVED,
    ...turn(5),
    lastEventAt: STARTED_STATE.lastEventAt,
  })
  const facts = { reason: 'x', changes: { receivedAt: day(1).toISOString() }, acceptanceDueAt: null, promise: moved }
  t.strictSame(after(STARTED_STATE, 5, { type: 'corrected', facts }), {
    ...STARTED_STATE,
    ...MOVED,
    ...turn(5),
    lastEventAt: STARTED_STATE.lastEventAt,
    receivedAt: day(1),
  })
  t.strictSame(
    after(WAITING_STATE, 5, recalculated),
    { ...WAITING_STATE, ...MOVED, ...STILL, ...step(5), lastEventAt: WAITING_STATE.lastEventAt },
    'what waits takes over what its next promise is counted from, and still has no date',
  )
})

t.test('the first promise stays what it was', async (t) => {
  const later: readonly [DossierState, Happening][] = [
    [WAITING_STATE, { type: 'supplement_received', facts: { policy: 'restart', promise: moved } }],
    [STARTED_STATE, { type: 'recalculated', facts: { recalculation: 'recalc_1', promise: moved } }],
    [STARTED_STATE, { type: 'corrected', facts: { reason: 'x', changes: {}, acceptanceDueAt: null, promise: moved } }],
  ]
  for (const [state, happening] of later) t.match(after(state, 9, happening), FIRST_PROMISE, happening.type)
})

t.test('a dossier stands alike until something changes that lists go by', async (t) => {
  const finished = after(STARTED_STATE, 4, { type: 'finished', facts: {} })
  t.ok(standsAlike(RECEIVED_STATE, STARTED_STATE))
  t.ok(standsAlike(STARTED_STATE, finished), 'an end is told by its own instant')
  t.notOk(standsAlike(finished, STARTED_STATE), 'a reopening is not')
  const changes: readonly Partial<DossierState>[] = [
    { resolvingAgency: 'H20' },
    { procedureCode: '1.001193' },
    { intakeChannel: 'desk' },
    { receivedAt: day(3) },
    { lateFrom: day(3) },
    { overdueFrom: null },
  ]
  for (const change of changes) t.notOk(standsAlike(STARTED_STATE, { ...STARTED_STATE, ...change }))
  t.notOk(standsAlike(finished, { ...finished, closedAt: day(3) }))
})

t.test('folding changes no state that was there before', async (t) => {
  const before = structuredClone(WAITING_STATE)
  after(WAITING_STATE, 5, { type: 'supplement_received', facts: { policy: 'pause', promise: moved } })
  after(WAITING_STATE, 5, { type: 'stopped', facts: { ground: 'x' } })
  t.strictSame(WAITING_STATE, before)
})

t.test('a dossier begins with an intake and has at least that', async (t) => {
  t.throws(() => apply(null, ACCEPTED), { message: 'a dossier cannot begin with accepted' })
  t.throws(() => replay([ACCEPTED, SUBMITTED]), { message: 'a dossier cannot begin with accepted' })
  t.throws(() => replay([]), { message: 'a dossier has at least one event' })
})

/** The ten national statuses and where each leads; what needs no receipt stands apart from what forbids one. */
const LEADS_TO: Readonly<Record<Status, readonly Status[]>> = {
  1: [2, 3, 5, 6, 7],
  2: [4, 5, 6, 7, 8, 9],
  3: [],
  4: [5, 6, 7, 8, 9],
  5: [2, 3, 4, 7, 8],
  6: [2, 4, 7, 8, 9],
  7: [],
  8: [4],
  9: [4, 10],
  10: [],
}
const ALL_STATUSES = Object.keys(STATUSES).map(Number) as Status[]
const STAYING: readonly Move[] = ['extend', 'correct']

t.test('the moves lead between the statuses as they should, and nowhere else', async (t) => {
  for (const status of ALL_STATUSES) {
    const moves = [null, day(2)].flatMap((receivedAt) => legalMoves({ status, receivedAt }))
    const targets = moves.filter((move) => !STAYING.includes(move)).flatMap((move) => targetsOf(move, status))
    t.strictSame([...new Set(targets)].sort(), [...LEADS_TO[status]].sort(), STATUSES[status].key)
    t.ok(STAYING.every((move) => targetsOf(move, status).every((to) => to === status)))
    t.ok(moves.includes('correct'), 'whatever happened may be put right')
  }
  t.strictSame(
    ALL_STATUSES.filter((status) => legalMoves({ status, receivedAt: null }).includes('extend')),
    [2, 4],
  )
})

t.test('what was received is not refused any more', async (t) => {
  for (const status of ALL_STATUSES) {
    const moves = legalMoves({ status, receivedAt: day(2) })
    t.notOk(moves.includes('refuse'), STATUSES[status].key)
  }
  t.ok(legalMoves({ status: 5, receivedAt: null }).includes('refuse'))
})

t.test('an illegal move is refused with the moves that are legal', async (t) => {
  for (const status of ALL_STATUSES) {
    const place = { status, receivedAt: day(2) }
    const legal = legalMoves(place)
    for (const move of MOVE_NAMES) {
      const check = () => checkMove(place, move)
      const facts = { move, currentStatus: STATUSES[status].key, legalMoves: legal }
      if (legal.includes(move)) t.doesNotThrow(check)
      else t.throws(check, { name: 'Refusal', code: 'illegal_move', facts }, `${move} from ${status}`)
    }
  }
  t.equal(new Set(MOVE_NAMES.map((move) => MOVES[move].event)).size, MOVE_NAMES.length, 'each has its own event')
})
