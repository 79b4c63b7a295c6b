import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { CHANNELS, type DossierState, STATUSES, type Status } from '../src/dossiers/dossier.ts'
import {
  apply,
  type DossierEvent,
  legalMoves,
  MOVE_NAMES,
  MOVES,
  type Move,
  type PromiseFacts,
  replay,
} from '../src/dossiers/lifecycle.ts'
import { findDossier, readEvents } from '../src/dossiers/store.ts'
import { intake, openDesk } from './support/desk.ts'

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

const at = (number: number) => ({ number, effectiveAt: day(number), recordedAt: day(20) })

const SUBMITTED: DossierEvent = {
  ...at(1),
  type: 'submitted',
  facts: { intake: intakeFacts, acceptanceDueAt: '2021-09-02T02:00:00.000Z' },
}
const RECEIVED: DossierEvent = { ...at(1), type: 'received', facts: { intake: intakeFacts, promise } }
const ACCEPTED: DossierEvent = { ...at(2), type: 'accepted', facts: { promise } }

const BEFORE_THE_CLOCK = {
  sampleLimit: null,
  procedureVersion: null,
  limit: null,
  scheduleId: null,
  dueOn: null,
  dueAt: null,
  onTimeFrom: null,
  lateFrom: null,
  firstDueAt: null,
  provisional: null,
}
const PROMISED = {
  ...promise,
  dueAt: new Date(promise.dueAt),
  firstDueAt: new Date(promise.dueAt),
  onTimeFrom: new Date(promise.onTimeFrom),
  lateFrom: new Date(promise.lateFrom),
}
const SUBMITTED_STATE: DossierState = {
  ...intakeFacts,
  ...BEFORE_THE_CLOCK,
  version: 1,
  status: 1,
  submittedAt: day(1),
  acceptanceDueAt: day(2),
  receivedAt: null,
  returnedChannel: null,
  returnPost: null,
  finishedAt: null,
  returnedAt: null,
  closedAt: null,
  lastEventAt: day(1),
}

t.test('an opening event says all that a dossier begins with', async (t) => {
  t.strictSame(apply(null, SUBMITTED), SUBMITTED_STATE)
  const received = { ...SUBMITTED_STATE, ...PROMISED, status: 2 as const, acceptanceDueAt: null, receivedAt: day(1) }
  t.strictSame(apply(null, RECEIVED), received)
  const atTheDesk = { ...RECEIVED, facts: { intake: { ...intakeFacts, submittedAt: null }, promise } }
  t.strictSame(apply(null, atTheDesk), { ...received, submittedAt: null })
})

t.test('each later event changes what it is about and nothing else', async (t) => {
  const step = (number: number) => ({ version: number, lastEventAt: day(number) })
  const accepted: DossierState = { ...SUBMITTED_STATE, ...PROMISED, ...step(2), status: 2, receivedAt: day(2) }
  t.strictSame(replay([SUBMITTED, ACCEPTED]), accepted)
  const started: DossierState = { ...accepted, ...step(3), status: 4 }
  t.strictSame(apply(accepted, { ...at(3), type: 'started', facts: {} }), started)
  const finished: DossierState = { ...started, ...step(4), status: 9, finishedAt: day(4), closedAt: day(4) }
  t.strictSame(apply(started, { ...at(4), type: 'finished', facts: {} }), finished)
  const post = { trackingNumber: 'EB1VN' }
  t.strictSame(apply(finished, { ...at(5), type: 'returned', facts: { channel: 'post', post } }), {
    ...finished,
    ...step(5),
    status: 10,
    returnedAt: day(5),
    returnedChannel: 'post',
    returnPost: post,
  })
  const closed = { ...SUBMITTED_STATE, ...step(2), closedAt: day(2) }
  t.strictSame(apply(SUBMITTED_STATE, { ...at(2), type: 'refused', facts: {} }), { ...closed, status: 3 })
  t.strictSame(apply(SUBMITTED_STATE, { ...at(2), type: 'withdrawn', facts: {} }), { ...closed, status: 7 })
})

t.test('folding changes no state that was there before', async (t) => {
  const before = structuredClone(SUBMITTED_STATE)
  apply(SUBMITTED_STATE, ACCEPTED)
  t.strictSame(SUBMITTED_STATE, before)
})

t.test('a dossier begins with an intake and has at least that', async (t) => {
  t.throws(() => apply(null, ACCEPTED), { message: 'a dossier cannot begin with accepted' })
  t.throws(() => replay([ACCEPTED, SUBMITTED]), { message: 'a dossier cannot begin with accepted' })
  t.throws(() => replay([]), { message: 'a dossier has at least one event' })
})

t.test('legal moves lead from every open status to an end', async (t) => {
  const statuses = Object.keys(STATUSES).map(Number) as Status[]
  for (const status of statuses) {
    const legal = MOVE_NAMES.filter((move) => MOVES[move].from.some((from) => from === status))
    t.strictSame(legalMoves(status), legal, STATUSES[status].key)
  }
  const reached = new Set<Status>([1])
  for (const status of reached) for (const move of legalMoves(status)) reached.add(MOVES[move].to)
  t.strictSame([...reached].sort(), [1, 10, 2, 3, 4, 7, 9])
  t.strictSame([...reached].filter((status) => legalMoves(status).length === 0).sort(), [10, 3, 7])
})

type Step = { pick: number; after: number; note: boolean; channel: (typeof CHANNELS)[number] }

const NOW = Date.parse('2021-10-01T08:00:00+07:00')

const post = fc.record({ trackingNumber: fc.constant('EB1VN'), handoverNumber: fc.constantFrom('BB-1', undefined) })

const anyIntake = fc
  .record({
    intakeChannel: fc.constantFrom(...CHANNELS),
    returnChannel: fc.constantFrom(...CHANNELS),
    procedureCode: fc.constantFrom('1.000894', '1.004873', '1.004884'),
    withVerification: fc.boolean(),
    resolvingAgency: fc.constantFrom('H20.19', undefined),
    receivedAt: fc
      .integer({ min: NOW - 30 * 86_400_000, max: NOW - 6 * 86_400_000 })
      .map((ms) => new Date(ms).toISOString()),
    accepted: fc.boolean(),
    withSource: fc.boolean(),
    post,
  })
  .map(({ accepted, withSource, post, receivedAt, ...fields }) => ({
    ...fields,
    ...(fields.intakeChannel === 'online' ? { submittedAt: receivedAt } : {}),
    receivedAt: fields.intakeChannel === 'online' && !accepted ? undefined : receivedAt,
    ...(fields.intakeChannel === 'post' ? { post } : {}),
    withSource,
  }))

const anyHistory: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    pick: fc.nat(5),
    after: fc.nat(86_400_000),
    note: fc.boolean(),
    channel: fc.constantFrom(...CHANNELS),
  }),
  { maxLength: 5 },
)

t.test('a stored row is the fold of its stored events, whatever happened', async (t) => {
  const desk = await openDesk(t)
  const { ask } = await desk.client()
  let references = 0
  const bodyOf = (move: Move, step: Step, before: Date) => ({
    effectiveAt: new Date(before.getTime() + step.after).toISOString(),
    ...(step.note ? { note: 'ghi chú' } : {}),
    ...(move === 'return' ? { channel: step.channel } : {}),
    ...(move === 'return' && step.channel === 'post' ? { post: { trackingNumber: 'EB2VN' } } : {}),
  })
  await fc.assert(
    fc.asyncProperty(anyIntake, anyHistory, async ({ withSource, ...fields }, steps) => {
      const source = withSource ? { system: 'fuzz', reference: `HS-${references++}` } : undefined
      const taken = await ask('POST', '/v1/dossiers', intake({ ...fields, source }))
      const { code } = taken.body
      let answered = taken.body
      for (const step of steps) {
        const { status, lastEventAt } = await findDossier(desk.db, code)
        const legal = legalMoves(status)
        const move = legal[step.pick % legal.length]
        if (move === undefined) break
        const made = await ask('POST', `/v1/dossiers/${code}/${move}`, bodyOf(move, step, lastEventAt))
        if (made.status !== 200) throw new Error(made.text)
        answered = made.body
      }
      const { id, applicant, ...row } = await findDossier(desk.db, code)
      const history = await readEvents(desk.db, id)
      assert.deepStrictEqual(replay(history), row)
      assert.deepStrictEqual(applicant, intake().applicant)
      assert.deepStrictEqual(
        history.map(({ number }) => number),
        history.map((_, i) => i + 1),
      )
      const { applicant: _, ...read } = (await ask('GET', `/v1/dossiers/${code}`)).body
      assert.deepStrictEqual(read, answered)
    }),
    { numRuns: 40 },
  )
})
