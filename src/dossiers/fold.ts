import { later } from '../sla/date.ts'
import type { DossierState, Status, WaitFor } from './dossier.ts'
import type { Correction, DossierEvent, PromiseFacts } from './event.ts'
import { MOVES } from './lifecycle.ts'

type Clock = Pick<
  DossierState,
  | 'procedureVersion'
  | 'limit'
  | 'sampleLimit'
  | 'scheduleId'
  | 'clockFrom'
  | 'pauses'
  | 'dueOn'
  | 'dueAt'
  | 'onTimeFrom'
  | 'lateFrom'
  | 'overdueFrom'
  | 'provisional'
  | 'extendedDays'
>

/** What a promise says, given by an event at an instant. */
const promised = (facts: PromiseFacts, at: Date): Clock => ({
  procedureVersion: facts.procedureVersion,
  limit: facts.limit,
  sampleLimit: facts.sampleLimit,
  scheduleId: facts.scheduleId,
  clockFrom: facts.clockFrom === undefined ? at : new Date(facts.clockFrom),
  pauses: facts.pauses ?? [],
  dueOn: facts.dueOn,
  dueAt: new Date(facts.dueAt),
  onTimeFrom: new Date(facts.onTimeFrom),
  lateFrom: new Date(facts.lateFrom),
  overdueFrom: new Date(facts.overdueFrom ?? facts.lateFrom),
  provisional: facts.provisional,
  extendedDays: facts.extendedDays ?? null,
})

const STILL = { dueOn: null, dueAt: null, overdueFrom: null, provisional: null } as const

type Opening = DossierEvent & { type: 'submitted' | 'received' }
type Later = Exclude<DossierEvent, { type: 'submitted' | 'received' }>

const isOpening = (event: DossierEvent): event is Opening => event.type === 'submitted' || event.type === 'received'

const instant = (given: string | null | undefined): Date | null => (given ? new Date(given) : null)

/** Submitted: no promise yet, and no clock. In one literal: objects put together of parts take ten times the memory. */
const submitted = ({ facts: { intake, acceptanceDueAt }, effectiveAt, number }: Opening): DossierState => ({
  code: intake.code,
  version: number,
  status: 1,
  procedureCode: intake.procedureCode,
  receivingAgency: intake.receivingAgency,
  resolvingAgency: intake.resolvingAgency,
  intakeChannel: intake.intakeChannel,
  intakePost: intake.intakePost,
  returnChannel: intake.returnChannel,
  returnedChannel: null,
  returnPost: null,
  withVerification: intake.withVerification,
  sourceSystem: intake.sourceSystem,
  sourceReference: intake.sourceReference,
  submittedAt: instant(intake.submittedAt),
  acceptanceDueAt: instant(acceptanceDueAt),
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
  finishedAt: null,
  returnedAt: null,
  closedAt: null,
  closedRecordedAt: null,
  standsFrom: effectiveAt,
  lastEventAt: effectiveAt,
})

/** The receipt: the clock starts, and the first promise is given for good. */
const received = (facts: PromiseFacts, { effectiveAt, recordedAt }: DossierEvent) => {
  const clock = promised(facts, effectiveAt)
  return {
    ...clock,
    status: 2 as const,
    receivedAt: effectiveAt,
    receivedRecordedAt: recordedAt,
    firstDueAt: clock.dueAt,
    firstLateFrom: clock.lateFrom,
  }
}

const opened = (event: Opening): DossierState => {
  const state = submitted(event)
  return event.type === 'submitted' ? state : Object.assign(state, received(event.facts.promise, event))
}

/**
 * The clock stands still. What had been passed by then stays: an overdue dossier remains overdue, and one whose
 * term without its extension was over remains one that will finish late.
 */
const standingStill = (state: DossierState, since: Date): DossierState => {
  const isOverdue = state.overdueFrom !== null && since >= state.overdueFrom
  const isLate = state.lateFrom !== null && since >= state.lateFrom
  return {
    ...state,
    ...(isOverdue ? {} : STILL),
    ...(isLate ? {} : { onTimeFrom: null, lateFrom: null }),
  }
}

const waiting = (state: DossierState, since: Date, what: WaitFor): DossierState => ({
  ...standingStill(state, since),
  wait: { for: what, since: since.toISOString(), status: state.status },
})

/** The clock goes on, by a new promise or, where it had been passed, by the old one. */
const resumed = (state: DossierState, promise: PromiseFacts | null | undefined, event: DossierEvent): DossierState => ({
  ...state,
  ...(promise ? promised(promise, event.effectiveAt) : {}),
  wait: null,
})

const closed = (status: Status, { effectiveAt, recordedAt }: DossierEvent) => ({
  status,
  closedAt: effectiveAt,
  closedRecordedAt: recordedAt,
})

/** Puts right what a correction names and nothing else. */
const corrected = (state: DossierState, changes: Correction): DossierState => {
  const { submittedAt, receivedAt, finishedAt, returnedAt, ...rest } = changes
  return {
    ...state,
    ...(rest as Partial<DossierState>),
    submittedAt: instant(submittedAt) ?? state.submittedAt,
    receivedAt: instant(receivedAt) ?? state.receivedAt,
    finishedAt: instant(finishedAt) ?? state.finishedAt,
    closedAt: instant(finishedAt) ?? state.closedAt,
    returnedAt: instant(returnedAt) ?? state.returnedAt,
  }
}

/** Counted anew; whether a waiting dossier was overdue before it waited is judged by what is right now. */
const recounted = (state: DossierState, promise: PromiseFacts | null, at: Date): DossierState => {
  if (!promise) return state
  const counted = { ...state, ...promised(promise, at) }
  return state.wait ? standingStill(counted, new Date(state.wait.since)) : counted
}

const moved = (state: DossierState, event: Later): DossierState => {
  const at = event.effectiveAt
  switch (event.type) {
    case 'accepted':
      return { ...state, ...received(event.facts.promise, event) }
    case 'started':
      return { ...state, status: MOVES.start.to }
    case 'supplement_requested':
      return { ...waiting(state, at, 'supplement'), status: MOVES['request-supplement'].to }
    case 'payment_awaited':
      return { ...waiting(state, at, 'payment'), status: MOVES['await-payment'].to }
    case 'supplement_received':
    case 'payment_received': {
      const { promise } = event.facts
      // Before acceptance the full papers, or the fee, are what makes it received.
      if (state.receivedAt === null && promise) return { ...state, ...received(promise, event), wait: null }
      return { ...resumed(state, promise, event), ...(state.wait && { status: state.wait.status }) }
    }
    case 'extended':
      return { ...state, ...promised(event.facts.promise, at), extendedAt: at }
    case 'stopped':
      return { ...state, ...closed(MOVES.stop.to, event) }
    case 'reopened': {
      const open = { closedAt: null, closedRecordedAt: null, finishedAt: null, status: MOVES.reopen.to }
      return { ...resumed(state, event.facts.promise, event), ...open }
    }
    case 'corrected': {
      const { changes, acceptanceDueAt, promise } = event.facts
      const right = corrected(state, changes)
      return {
        ...recounted(right, promise, at),
        acceptanceDueAt: instant(acceptanceDueAt) ?? right.acceptanceDueAt,
      }
    }
    case 'recalculated':
      return recounted(state, event.facts.promise, at)
    case 'finished':
      return { ...resumed(state, event.facts.promise, event), ...closed(MOVES.finish.to, event), finishedAt: at }
    case 'returned': {
      const { channel, post } = event.facts
      return { ...state, status: MOVES.return.to, returnedAt: at, returnedChannel: channel, returnPost: post }
    }
    case 'refused':
      return { ...state, ...closed(MOVES.refuse.to, event) }
    case 'withdrawn':
      return { ...state, ...closed(MOVES.withdraw.to, event) }
  }
}

const sameInstant = (a: Date | null, b: Date | null): boolean => a?.getTime() === b?.getTime()

/** Whether two states stand alike on every list: of the same agency and kind, by the same instants, not reopened. */
export const standsAlike = (a: DossierState, b: DossierState): boolean =>
  a.resolvingAgency === b.resolvingAgency &&
  a.procedureCode === b.procedureCode &&
  a.intakeChannel === b.intakeChannel &&
  sameInstant(a.receivedAt, b.receivedAt) &&
  sameInstant(a.lateFrom, b.lateFrom) &&
  sameInstant(a.overdueFrom, b.overdueFrom) &&
  (a.closedAt === null || sameInstant(a.closedAt, b.closedAt))

/**
 * What was put right, or counted anew, did not happen to the case: an officer may still record what happened before
 * it. But nothing happens before a time that was put right.
 */
const lastHappened = ({ lastEventAt }: DossierState, event: Later): Date => {
  if (event.type === 'recalculated') return lastEventAt
  if (event.type !== 'corrected') return event.effectiveAt
  const { submittedAt, receivedAt, finishedAt, returnedAt } = event.facts.changes
  return [submittedAt, receivedAt, finishedAt, returnedAt]
    .flatMap((at) => (at === undefined ? [] : new Date(at)))
    .reduce(later, lastEventAt)
}

/** Folds one event into a dossier's state. A dossier's row is nothing but this, over all its events in order. */
export const apply = (state: DossierState | null, event: DossierEvent): DossierState => {
  if (isOpening(event)) return opened(event)
  if (state === null) throw new RangeError(`a dossier cannot begin with ${event.type}`)
  const next = { ...moved(state, event), version: event.number, lastEventAt: lastHappened(state, event) }
  return standsAlike(state, next) ? next : { ...next, standsFrom: later(state.standsFrom, event.effectiveAt) }
}

/** The state after all of some events. */
export const replay = (events: readonly DossierEvent[]): DossierState => {
  const state = events.reduce<DossierState | null>(apply, null)
  if (state === null) throw new RangeError('a dossier has at least one event')
  return state
}
