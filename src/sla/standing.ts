import { type WorkingCalendar, workingDaysBetween, workingTimeBetween } from './calendar.ts'
import { dayOf, HOUR, type Instant } from './date.ts'
import type { TermEnd } from './term.ts'

/** How a dossier stands against its promise. */
export type Punctuality = 'in_time' | 'overdue' | 'early' | 'on_time' | 'late'

/**
 * A finished dossier is early, on time or late by its finish; an open one is overdue from the first instant
 * at which finishing would be late.
 */
export const punctuality = (
  promise: Pick<TermEnd, 'onTimeFrom' | 'lateFrom'>,
  finishedAt: Instant | null,
  asOf: Instant,
): Punctuality => {
  if (finishedAt === null) return asOf < promise.lateFrom ? 'in_time' : 'overdue'
  if (finishedAt < promise.onTimeFrom) return 'early'
  return finishedAt < promise.lateFrom ? 'on_time' : 'late'
}

/** How late something is. Working figures are `null` where the calendar does not reach: they are never guessed. */
export type Lateness = { days: number; workingDays: number | null; workingHours: number | null }

/** From a due date to the instant at which it was passed by; hours are cut to hundredths. */
export const lateness = (
  calendar: WorkingCalendar,
  due: Pick<TermEnd, 'dueOn' | 'dueAt'>,
  until: Instant,
): Lateness => {
  const day = dayOf(until)
  const covered = [due.dueOn, day].every((one) => one >= calendar.from && one <= calendar.to)
  return {
    days: day - due.dueOn,
    workingDays: covered ? workingDaysBetween(calendar, due.dueOn, day) : null,
    workingHours: covered ? Math.floor(workingTimeBetween(calendar, due.dueAt, until) / (HOUR / 100)) / 100 : null,
  }
}
