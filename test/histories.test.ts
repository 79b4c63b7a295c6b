import assert from 'node:assert/strict'
import { eq, sql } from 'drizzle-orm'
import fc from 'fast-check'
import t from 'tap'
import { chainHash, contentHash } from '../src/audit/chain.ts'
import { NATIONAL_CALENDAR } from '../src/calendars/national.ts'
import { dossiers } from '../src/db/tables.ts'
import type { DossierState } from '../src/dossiers/dossier.ts'
import type { DossierEvent } from '../src/dossiers/event.ts'
import { apply, replay } from '../src/dossiers/fold.ts'
import { decideIntake, type Intake } from '../src/dossiers/intake.ts'
import { MOVE_NAMES, MOVES, type Move } from '../src/dossiers/lifecycle.ts'
import { decideMove, type MoveOrder } from '../src/dossiers/moves.ts'
import { readEvents } from '../src/dossiers/store.ts'
import { dossierView, punctualityOf } from '../src/dossiers/view.ts'
import type { Reference } from '../src/reference.ts'
import { Refusal } from '../src/refusal.ts'
import { OFFICE_HOURS, type WeeklyHours } from '../src/sla/hours.ts'
import type { Limit } from '../src/sla/term.ts'
import { intake, openDesk } from './support/desk.ts'
import {
  after,
  begun,
  judged,
  keptFirst,
  keptLate,
  legalFor,
  limitFor,
  oracleFor,
  standing,
  type Told,
  type World,
} from './support/model.ts'
import { dateOf, lateAfter, oracleOf } from './support/oracle.ts'

/** `SEED=… npx tap test/histories.test.ts` plays other histories; a failure prints the seed it had. */
const SEED = Number(process.env.SEED ?? 20_211_115)
fc.configureGlobal({ seed: SEED, interruptAfterTimeLimit: 60_000, markInterruptAsFailure: true })
t.setTimeout(300_000)

const DAY = 86_400_000

const LIMITS: Readonly<Record<string, Limit>> = {
  '1.700001': { kind: 'working_days', amount: 3, afterSupplement: 'restart' },
  '1.700002': {
    kind: 'working_days',
    amount: 5,
    verification: { kind: 'calendar_days', amount: 12 },
    afterSupplement: 'pause',
  },
  '1.700003': { kind: 'calendar_days', amount: 10, afterSupplement: 'pause' },
  '1.700004': {
    kind: 'calendar_days',
    amount: 6,
    verification: { kind: 'working_days', amount: 2, counted: 'after_first_term' },
  },
  '1.700005': { kind: 'working_hours', amount: 8, afterSupplement: 'pause' },
  '1.700006': {
    kind: 'working_hours',
    amount: 20,
    verification: { kind: 'working_hours', amount: 4, counted: 'after_first_term' },
  },
  '1.700007': { kind: 'same_day', cutoff: '15:00', verification: { kind: 'working_days', amount: 5 } },
  '1.700008': { kind: 'same_day', cutoff: '15:00', afterSupplement: 'pause' },
}
const PROCEDURES = Object.keys(LIMITS)

const period = (opens: string, closes: string) => [opens, closes] as const
const SHORT_DAY = [period('08:00', '10:00'), period('14:00', '16:00')]
const SHORT_HOURS: WeeklyHours = { 1: SHORT_DAY, 2: SHORT_DAY, 3: SHORT_DAY, 4: SHORT_DAY, 5: SHORT_DAY }

/** The agencies of these histories: how many working days late each may record. */
const AGENCIES: Readonly<Record<string, { hours: WeeklyHours; lateDays: number }>> = {
  'H20.19.05': { hours: OFFICE_HOURS, lateDays: 5 },
  'H20.21.08': { hours: SHORT_HOURS, lateDays: 1 },
}
const CODES = Object.keys(AGENCIES)

const WORLD: World = {
  limits: LIMITS,
  oracles: Object.fromEntries(CODES.map((code) => [code, oracleOf(NATIONAL_CALENDAR, AGENCIES[code]?.hours ?? {})])),
  confirmedTo: NATIONAL_CALENDAR.coverage.confirmedTo,
}

const desk = await openDesk(t)
const { ask } = await desk.client()
for (const [code, limit] of Object.entries(LIMITS)) {
  const versions = [{ effectiveFrom: '2018-12-01', limit }]
  await ask('PUT', `/v1/procedures/${code}`, { name: code, field: 'Thử', postAllowed: true, versions })
}
const commune = { name: 'Xã Ít Giờ', level: 'commune', parent: 'H20.21', hours: SHORT_HOURS, lateRecordingDays: 1 }
await ask('PUT', '/v1/agencies/H20.21.08', commune)
const reference: Reference = await desk.deps.reference.current()

/** One step of a script: what is picked, when it happens, how long after that it is recorded. */
type Step = {
  pick: number
  edge: number
  gap: number
  lag: number
  choice: number
  amount: number
}
type Script = {
  begin: number
  procedure: string
  agency: string
  verify: boolean
  way: 'desk' | 'post' | 'online' | 'submitted'
  steps: Step[]
}

const gap = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 10 * 3_600_000 }) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 4 * 1440 }).map((minutes) => minutes * 60_000) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 20 * DAY }) },
)

const scripts: fc.Arbitrary<Script> = fc.record({
  begin: fc
    .integer({
      min: Date.parse('2019-02-01T00:00:00+07:00') / 1000,
      max: Date.parse('2025-12-31T00:00:00+07:00') / 1000,
    })
    .map((seconds) => seconds * 1000),
  procedure: fc.constantFrom(...PROCEDURES),
  agency: fc.constantFrom(...CODES),
  verify: fc.boolean(),
  way: fc.constantFrom('desk', 'post', 'online', 'submitted'),
  steps: fc.array(
    fc.record({
      pick: fc.nat(),
      edge: fc.nat(7),
      gap,
      lag: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.nat(10 * DAY)),
      choice: fc.nat(),
      amount: fc.integer({ min: 1, max: 6 }),
    }),
    { maxLength: 14 },
  ),
})

const PROOF = { trackingNumber: 'EB123456789VN' }

const intakeOf = ({ begin, procedure, agency, verify, way }: Script): Intake => ({
  procedureCode: procedure,
  receivingAgency: agency,
  intakeChannel: way === 'submitted' ? 'online' : way,
  returnChannel: 'desk',
  applicant: { name: 'Nguyễn Văn An' },
  withVerification: verify && limitFor(WORLD, procedure).verification !== undefined,
  ...(way === 'submitted' || way === 'online' ? { submittedAt: new Date(begin) } : {}),
  ...(way === 'submitted' ? {} : { receivedAt: new Date(begin) }),
  ...(way === 'post' ? { post: PROOF } : {}),
})

const chosen = <T>(from: readonly T[], choice: number): T => {
  const one = from[choice % from.length]
  if (one === undefined) throw new RangeError('nothing to choose from')
  return one
}

/** What may be put right of a dossier as it stands, so that its times stay in order. */
const correction = (told: Told, { choice, amount }: Step, at: number): MoveOrder & { move: 'correct' } => {
  const reason = { reason: 'Ghi nhầm' }
  const shift = amount * 7 * 3_600_000
  const orders: (MoveOrder & { move: 'correct' })['order'][] = [
    { ...reason, returnChannel: 'online' },
    { ...reason, intakeChannel: 'post', post: PROOF },
  ]
  if (told.submittedAt !== null) orders.push({ ...reason, submittedAt: new Date(told.submittedAt - shift) })
  if (told.finishedAt !== null) {
    const stood = told.finishedWaiting ? told.pauses.flat().slice(0, -1) : told.pauses.flat()
    const lower = Math.max(Number(told.receivedAt), told.from, ...stood, Number(told.extendedAt))
    const upper = told.returnedAt ?? at
    orders.push({ ...reason, finishedAt: new Date(Math.max(lower, Math.min(upper, told.finishedAt - shift))) })
  }
  const procedureCode = chosen(PROCEDURES, choice >> 4)
  const { verification } = limitFor(WORLD, procedureCode)
  orders.push({ ...reason, procedureCode, withVerification: amount > 3 && verification !== undefined })
  orders.push({ ...reason, resolvingAgency: chosen(CODES, choice >> 4) })
  if (told.receivedAt !== null) {
    const bounds = [told.pauses[0]?.[0], told.wait?.since, told.extendedAt, told.closedAt, told.from - 1, at]
    const later = bounds.flatMap((bound) => (bound && bound >= Number(told.receivedAt) ? [bound] : []))
    const upper = Math.min(told.receivedAt + shift, ...later)
    const lower = Math.max(told.receivedAt - shift, told.submittedAt ?? 0)
    orders.push({ ...reason, receivedAt: new Date(choice % 2 ? upper : lower) })
  }
  return { move: 'correct', order: chosen(orders, choice) }
}

const GROUND = { ground: 'Nghị định 61/2018/NĐ-CP Đ.17' }
const LETTER = { reason: 'Bão số 5', apologyNumber: '12/TXL' }

const orderOf = (move: Move, told: Told, step: Step, at: number): MoveOrder => {
  switch (move) {
    case 'request-supplement':
      return { move, order: { ...GROUND, missing: 'Bản sao' } }
    case 'await-payment':
    case 'stop':
      return { move, order: GROUND }
    case 'extend': {
      const dueOn = told.appointment && oracleFor(WORLD, told.agency).putOff(told.appointment, step.amount)?.dueOn
      return { move, order: { ...LETTER, ...(dueOn && step.choice % 2 ? { dueOn } : { workingDays: step.amount }) } }
    }
    case 'reopen':
      return { move, order: { reason: 'Dừng nhầm', approver: 'cb-002' } }
    case 'return':
      return { move, order: step.choice % 2 ? { channel: 'post', post: PROOF } : {} }
    case 'correct':
      return correction(told, step, at)
    default:
      return { move, order: {} }
  }
}

/** An instant to come: some time on, or right at an instant that decides. */
const nextInstant = (told: Told, { edge, gap }: Step, last: number): number => {
  const decisive = [told.appointment, told.law].map((end) => end && Date.parse(`${lateAfter(end)}+07:00`))
  const at = [decisive[0], decisive[0], decisive[1], decisive[1]][edge]
  return typeof at === 'number' && at - (edge % 2) > last ? at - (edge % 2) : last + gap
}

/** Moves that end a dossier are picked less often, so that more can happen before; corrections, too. */
const WEIGHTS: Readonly<Partial<Record<Move, number>>> = { refuse: 1, withdraw: 1, return: 2, stop: 2, correct: 3 }

const weighted = (moves: readonly Move[]): readonly Move[] =>
  moves.flatMap((move) => Array.from({ length: WEIGHTS[move] ?? 5 }, () => move))

const refusalOf = (decide: () => unknown): string => {
  try {
    decide()
  } catch (error) {
    if (error instanceof Refusal) return error.code
    throw error
  }
  return 'made'
}

/** What is put right did not happen to the case; but nothing happens before a time that was put right. */
const lastHappened = (before: Date, { move, order }: MoveOrder, at: number): Date => {
  if (move !== 'correct') return new Date(at)
  const times = [order.submittedAt, order.receivedAt, order.finishedAt, order.returnedAt]
  return new Date(Math.max(before.getTime(), ...times.map((time) => time?.getTime() ?? 0)))
}

const checkStanding = (state: DossierState, told: Told, asOf: number): void => {
  const expected = standing(WORLD, told)
  const actual = Object.fromEntries(
    Object.keys(expected).map((field) => [field, state[field as keyof typeof expected]]),
  )
  assert.deepStrictEqual(actual, expected)
  const view = dossierView(state, new Date(asOf), 'vi')
  const judgements = [view.punctuality, view.punctualityAsRecorded, view.keptFirstPromise]
  const expectedOnes = [judged(told, asOf, 'effective'), judged(told, asOf, 'recorded'), keptFirst(told)]
  assert.deepStrictEqual(judgements, expectedOnes)
  for (const end of [told.appointment, told.law]) {
    if (!end || told.finishedAt !== null) continue
    const from = Date.parse(`${lateAfter(end)}+07:00`)
    for (const at of [from - 1, from]) {
      assert.equal(punctualityOf(state, new Date(at)), judged(told, at, 'effective'))
    }
  }
}

const isLate = (agency: string, at: number, now: number): boolean =>
  Number(oracleFor(WORLD, agency).workedDaysAfter(at, now)) > Number(AGENCIES[agency]?.lateDays)

type Played = {
  steps: { ordered: MoveOrder; now: number; event: DossierEvent }[]
  opening: DossierEvent
  told: Told
  now: number
}

/** Plays a script without a database, and checks each step against the model. */
const play = (script: Script): Played => {
  const intake = intakeOf(script)
  const bench = (now: number, mayCorrect = true) => ({ reference, now: new Date(now), mayCorrect })
  let [last, now] = [script.begin, script.begin]
  const opening = decideIntake(intake, bench(now))
  let state = apply(null, opening)
  const { procedure, agency, way, begin } = script
  const online = way === 'submitted' || way === 'online'
  const begins = { procedure, agency, verify: intake.withVerification === true, submittedAt: online ? begin : null }
  let told = begun(WORLD, begins, way === 'submitted' ? null : begin)
  const steps: Played['steps'] = []
  checkStanding(state, told, now)
  for (const step of script.steps) {
    const at = nextInstant(told, step, last)
    const legal = legalFor(told)
    now = Math.max(now, at) + step.lag
    for (const move of MOVE_NAMES) {
      if (legal.includes(move)) continue
      const ordered = orderOf(move, told, step, at)
      assert.equal(
        refusalOf(() => decideMove(state, ordered, bench(now))),
        'illegal_move',
        move,
      )
    }
    const possible = legal.filter((move) => move !== 'extend' || told.extendedAt === null)
    if (possible.length < legal.length) {
      const again = orderOf('extend', told, step, at)
      assert.equal(
        refusalOf(() => decideMove(state, again, bench(now))),
        'already_extended',
      )
    }
    const { move, order } = orderOf(chosen(weighted(possible), step.pick), told, step, at)
    const ordered = { move, order: { ...order, effectiveAt: new Date(at) } } as MoveOrder
    const early = { move, order: { ...order, effectiveAt: new Date(state.lastEventAt.getTime() - 1) } } as MoveOrder
    assert.equal(
      refusalOf(() => decideMove(state, early, bench(now))),
      'invalid_input',
    )

    const late = isLate(told.agency, at, now)
    const sentLate = move === 'extend' && told.appointment !== null && dateOf(at) >= told.appointment.dueOn
    const officer = refusalOf(() => decideMove(state, ordered, bench(now, false)))
    assert.equal(officer, sentLate ? 'extended_too_late' : late ? 'recorded_too_late' : 'made')
    const event = decideMove(state, ordered, bench(now))
    assert.equal(event.recordedLate, late)
    if (event.type === 'extended')
      assert.deepStrictEqual([event.facts.sentLate, event.facts.workingDays], [sentLate, step.amount])

    const happened = lastHappened(state.lastEventAt, ordered, at)
    state = apply(state, event)
    told = after(WORLD, told, ordered, at, now)
    assert.deepStrictEqual([state.version, state.lastEventAt], [steps.length + 2, happened])
    checkStanding(state, told, now)
    steps.push({ ordered, now, event })
    last = at
  }
  assert.deepStrictEqual(replay([opening, ...steps.map(({ event }) => event)]), state)
  return { opening, steps, told, now }
}

t.test(
  'random legal histories are never refused, illegal moves always, and all stands as the oracle walks it',
  async (t) => {
    const seen = new Map<string, number>()
    const count = (name: string) => seen.set(name, (seen.get(name) ?? 0) + 1)
    fc.assert(
      fc.property(scripts, (script) => {
        const { steps, told, now } = play(script)
        for (const { event } of steps) count(event.type)
        count(`ends ${judged(told, now, 'effective')}`)
        if (keptLate(told)) count('late before its term began again')
      }),
      { numRuns: 3000 },
    )
    const happened = [...MOVE_NAMES.map((move) => MOVES[move].event), 'late before its term began again']
    const ends = ['early', 'on_time', 'late', 'in_time', 'overdue', 'waiting', null].map((end) => `ends ${end}`)
    for (const name of [...happened, ...ends]) t.ok(Number(seen.get(name)) >= 20, `${name}: ${seen.get(name)} times`)
  },
)

/** The row as it is stored, apart from what is not folded. */
const rowOf = async (code: string) => {
  const [found] = await desk.db.select().from(dossiers).where(eq(dossiers.code, code))
  if (!found) throw new RangeError(`${code} is not there`)
  return found
}

t.test(
  'over the wire the same history is stored: the row is the fold of its events, and their chain holds',
  async () => {
    await fc.assert(
      fc.asyncProperty(scripts, async (script) => {
        const { opening, steps, told, now } = play(script)
        desk.at(opening.recordedAt.toISOString())
        const taken = await ask('POST', '/v1/dossiers', intakeOf(script))
        assert.equal(taken.status, 201, taken.text)
        const { code } = taken.body
        let answered = taken
        for (const [i, { ordered, now }] of steps.entries()) {
          desk.at(new Date(now).toISOString())
          const etag = { 'if-match': `"${i + 1}"`, 'x-officer': `cb-${i}` }
          answered = await ask('POST', `/v1/dossiers/${code}/${ordered.move}`, ordered.order, etag)
          assert.equal(answered.status, 200, answered.text)
        }
        const { id, head, applicant, ...row } = await rowOf(code)
        const history = await readEvents(desk.db, id)
        assert.deepStrictEqual(applicant, { name: 'Nguyễn Văn An' })
        assert.deepStrictEqual(replay(history), row)
        checkStanding(row, told, now)
        const expected = [opening, ...steps.map(({ event }) => event)]
        assert.deepStrictEqual(
          history.map(({ number, type, effectiveAt, recordedAt, recordedLate }) => [
            number,
            type,
            effectiveAt,
            recordedAt,
            recordedLate,
          ]),
          expected.map(({ number, type, effectiveAt, recordedAt, recordedLate }) => [
            number,
            type,
            effectiveAt,
            recordedAt,
            recordedLate,
          ]),
        )
        let previous = ''
        for (const { dossierId: _, hash, ...event } of history) {
          previous = chainHash(previous, contentHash(event), code)
          assert.equal(hash, previous)
        }
        assert.equal(head, previous)
        const { applicant: __, ...read } = (await ask('GET', `/v1/dossiers/${code}`)).body
        assert.deepStrictEqual(read, answered.body)
      }),
      { numRuns: 60 },
    )
  },
)

t.test('the database changes nothing that was recorded, whoever asks it to', async (t) => {
  desk.at('2021-10-01T08:00:00+07:00')
  const taken = await ask('POST', '/v1/dossiers', intake())
  const submitted = await ask('POST', '/v1/dossiers', intake({ intakeChannel: 'online', receivedAt: undefined }))
  const { code } = taken.body
  const before = (await ask('GET', `/v1/dossiers/${code}/events`)).text
  const refused = [
    sql`update events set note = 'x'`,
    sql`update events set hash = '' where number = 1`,
    sql`delete from events where number = 1`,
    sql`truncate events`,
    sql`truncate dossiers cascade`,
    sql`update dossiers set first_due_at = first_due_at + interval '1 day' where code = ${code}`,
    sql`update dossiers set first_due_at = null where code = ${code}`,
    sql`update dossiers set first_late_from = first_late_from + interval '1 day' where code = ${code}`,
    sql`delete from dossiers where code = ${code}`,
  ]
  for (const statement of refused) await t.rejects(desk.db.execute(statement), JSON.stringify(statement.queryChunks[0]))
  t.equal((await ask('GET', `/v1/dossiers/${code}/events`)).text, before)
  await desk.db.execute(sql`update dossiers set due_at = due_at where code = ${code}`)
  const accepted = await ask('POST', `/v1/dossiers/${submitted.body.code}/accept`, {})
  t.strictSame([accepted.status, accepted.body.firstDueAt], [200, accepted.body.dueAt], 'a first promise may be given')
})
