import type { DossierState } from '../dossiers/dossier.ts'
import type { PromiseFacts } from '../dossiers/event.ts'
import { countingOf, promiseAnew } from '../dossiers/promise.ts'
import type { Reference } from '../reference.ts'
import { Refusal } from '../refusal.ts'
import { dayNumber } from '../sla/date.ts'

const isSame = (state: DossierState, promise: PromiseFacts): boolean =>
  state.provisional === promise.provisional &&
  state.overdueFrom?.toISOString() === promise.overdueFrom &&
  state.lateFrom?.toISOString() === promise.lateFrom &&
  state.onTimeFrom?.toISOString() === promise.onTimeFrom &&
  state.dueAt?.toISOString() === promise.dueAt

/**
 * The promise that a dossier with a date has by the newest calendar and hours of its resolving agency, where it
 * is another one; `uncovered` where the calendar does not reach so far: such a promise stays, and is not guessed.
 */
export const recount = (state: DossierState, reference: Reference): PromiseFacts | 'uncovered' | undefined => {
  try {
    const promise = promiseAnew(state, countingOf(state), reference)
    return isSame(state, promise) ? undefined : promise
  } catch (error) {
    if (error instanceof Refusal && error.code === 'calendar_not_covering') return 'uncovered'
    throw error
  }
}

/** By how many days an appointment moves; less than nothing where it comes sooner. */
export const daysMoved = ({ dueOn }: DossierState, promise: PromiseFacts): number =>
  dayNumber(promise.dueOn) - dayNumber(String(dueOn))

/** The agencies, of some or (`null`) of all, that count by a calendar today. */
export const agenciesCounting = (
  reference: Reference,
  calendarId: string,
  agencies: readonly string[] | null,
): readonly string[] =>
  (agencies ?? [...reference.agencies.keys()]).filter((code) => reference.scheduleOf(code).calendarId === calendarId)
