import { versionOn } from '../procedures/procedure.ts'
import type { Reference } from '../reference.ts'
import { Refusal } from '../refusal.ts'
import type { Pause } from '../sla/calendar.ts'
import { dayNumber, dayOf, formatDate, type Instant } from '../sla/date.ts'
import { deadline } from '../sla/deadline.ts'
import { endAfter } from '../sla/term.ts'
import type { DossierState, PauseFacts } from './dossier.ts'
import type { GoverningLimit, PromiseFacts } from './event.ts'

/** The limit that a procedure puts on a receipt: its version in force that day, for good. */
export const governingLimit = (procedureCode: string, receivedAt: Instant, reference: Reference): GoverningLimit => {
  const procedure = reference.procedures.get(procedureCode)
  if (!procedure) throw new Refusal('procedure_not_found', { procedure: procedureCode })
  const { effectiveFrom, limit, sample } = versionOn(procedure, formatDate(dayOf(receivedAt)))
  return { procedureVersion: effectiveFrom, limit, sampleLimit: sample }
}

type Promised = { procedureCode: string; resolvingAgency: string; withVerification: boolean }

const text = (instant: Instant): string => new Date(instant).toISOString()

/**
 * The promise given to a dossier received at an instant: the procedure's version in force that day, counted by
 * the resolving agency's schedule. All that it was counted from goes into the trail with it.
 */
export const promiseFor = (dossier: Promised, receivedAt: Instant, reference: Reference): PromiseFacts => {
  const governing = governingLimit(dossier.procedureCode, receivedAt, reference)
  const schedule = reference.scheduleOf(dossier.resolvingAgency)
  const due = deadline(schedule.working, governing.limit, receivedAt, dossier.withVerification)
  return {
    procedureVersion: governing.procedureVersion,
    limit: governing.limit,
    sampleLimit: governing.sampleLimit,
    scheduleId: schedule.id,
    dueOn: formatDate(due.dueOn),
    dueAt: text(due.dueAt),
    onTimeFrom: text(due.onTimeFrom),
    lateFrom: text(due.lateFrom),
    provisional: due.provisional,
  }
}

/** What a promise given later is counted from. */
export type Counting = Pick<DossierState, 'resolvingAgency' | 'withVerification'> &
  GoverningLimit & {
    clockFrom: Date
    pauses: readonly PauseFacts[]
    /** Working days that an extension puts behind the term, and since when. */
    extendedDays: number | null
    extendedAt: Date | null
  }

/** What the running promise of a received dossier is counted from. */
export const countingOf = (state: DossierState): Counting => {
  const { clockFrom, limit, procedureVersion, sampleLimit } = state
  if (!clockFrom || !limit || procedureVersion === null || sampleLimit === null) {
    throw new RangeError(`no clock has started for ${state.code}`)
  }
  const { resolvingAgency, withVerification, pauses, extendedAt, extendedDays } = state
  return {
    resolvingAgency,
    withVerification,
    procedureVersion,
    limit,
    sampleLimit,
    clockFrom,
    pauses,
    extendedAt,
    extendedDays,
  }
}

export const pauseOf = ([stops, resumes]: PauseFacts): Pause => [Date.parse(stops), Date.parse(resumes)]

/** An extension is given in the knowledge of what was waited before; only later pauses put it off. */
export const pausesSince = (extendedAt: Date | null, pauses: readonly Pause[]): readonly Pause[] =>
  pauses.filter(([stops]) => extendedAt !== null && stops >= extendedAt.getTime())

/**
 * A promise by the newest schedule of the resolving agency. An extension puts the appointment off, not the
 * instant from which finishing is late.
 */
export const promiseBy = (counting: Counting, reference: Reference): PromiseFacts => {
  const { limit, clockFrom, pauses, extendedDays, extendedAt, withVerification } = counting
  const { working, id } = reference.scheduleOf(counting.resolvingAgency)
  const stood = pauses.map(pauseOf)
  const due = deadline(working, limit, clockFrom.getTime(), withVerification, stood)
  const appointment = extendedDays === null ? due : endAfter(working, due, extendedDays, pausesSince(extendedAt, stood))
  return {
    procedureVersion: counting.procedureVersion,
    limit,
    sampleLimit: counting.sampleLimit,
    scheduleId: id,
    dueOn: formatDate(appointment.dueOn),
    dueAt: text(appointment.dueAt),
    onTimeFrom: text(due.onTimeFrom),
    lateFrom: text(due.lateFrom),
    overdueFrom: text(appointment.lateFrom),
    provisional: appointment.dueOn > working.confirmedTo,
    clockFrom: clockFrom.toISOString(),
    pauses,
    ...(extendedDays === null ? {} : { extendedDays }),
  }
}

/** The same promise, judged by the instants that a dossier has had so far. */
const judgedAsBefore = (promise: PromiseFacts, { onTimeFrom, lateFrom }: DossierState): PromiseFacts =>
  onTimeFrom && lateFrom
    ? { ...promise, onTimeFrom: onTimeFrom.toISOString(), lateFrom: lateFrom.toISOString() }
    : promise

/**
 * A running promise counted anew from what is right now. What was over before the term began again stays over.
 */
export const promiseAnew = (state: DossierState, counting: Counting, reference: Reference): PromiseFacts => {
  const promise = promiseBy(counting, reference)
  const { clockFrom, lateFrom } = state
  return clockFrom && lateFrom && lateFrom <= clockFrom ? judgedAsBefore(promise, state) : promise
}

/** A provisional promise made firm, where its year's calendar was published while the dossier was closed. */
export const firmPromise = (state: DossierState, reference: Reference): PromiseFacts | null => {
  if (!state.provisional) return null
  const promise = promiseAnew(state, countingOf(state), reference)
  return promise.provisional ? null : promise
}

/**
 * The promise with which the clock goes on after a wait, or `null` where the appointment had passed before: such
 * a dossier stays overdue. After a supplement the term starts again in full (Nghị định 61/2018/NĐ-CP art. 19.4),
 * which also ends an extension of the term before; by the policy `pause`, and after a payment, what was left of
 * it goes on.
 */
export const promiseAfterWait = (
  state: DossierState,
  resumesAt: Date,
  reference: Reference,
  endedBy?: 'finish',
): PromiseFacts | null => {
  const { wait } = state
  if (!wait) throw new RangeError(`${state.code} waits for nothing`)
  if (state.receivedAt === null) return promiseFor(state, resumesAt.getTime(), reference)
  if (state.overdueFrom !== null) return null
  const counting = countingOf(state)
  const restarts = wait.for === 'supplement' && counting.limit.afterSupplement !== 'pause'
  const pause: PauseFacts = endedBy
    ? [wait.since, resumesAt.toISOString(), endedBy]
    : [wait.since, resumesAt.toISOString()]
  const pauses = [...counting.pauses, pause]
  const next = restarts
    ? { ...counting, clockFrom: resumesAt, pauses: [], extendedDays: null }
    : { ...counting, pauses }
  // Where the term was over before it waited, under an extension, it stays over.
  return judgedAsBefore(promiseBy(next, reference), state)
}

/**
 * The appointment put off by some working days from where it stands; all else that was promised stays, whatever
 * the calendar has become.
 */
export const extendedPromise = (state: DossierState, workingDays: number, reference: Reference): PromiseFacts => {
  const { working } = reference.scheduleOf(state.resolvingAgency)
  const { dueOn, dueAt, onTimeFrom, lateFrom, scheduleId } = state
  if (dueOn === null || !dueAt || !onTimeFrom || !lateFrom || scheduleId === null) {
    throw new RangeError(`${state.code} has no appointment to put off`)
  }
  const { procedureVersion, limit, sampleLimit, clockFrom, pauses } = countingOf(state)
  const due = { dueOn: dayNumber(dueOn), dueAt: dueAt.getTime() }
  const appointment = endAfter(working, due, workingDays)
  return {
    procedureVersion,
    limit,
    sampleLimit,
    scheduleId,
    dueOn: formatDate(appointment.dueOn),
    dueAt: text(appointment.dueAt),
    onTimeFrom: onTimeFrom.toISOString(),
    lateFrom: lateFrom.toISOString(),
    overdueFrom: text(appointment.lateFrom),
    provisional: appointment.dueOn > working.confirmedTo,
    clockFrom: clockFrom.toISOString(),
    pauses,
    extendedDays: workingDays,
  }
}
