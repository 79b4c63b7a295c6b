import { type WorkingCalendar, workingDaysBetween, workingTimeBetween } from './calendar.ts'
import { dayOf, HOUR, type Instant } from './date.ts'
import type { TermEnd } from './term.ts'

/** How a dossier stands against its promise. */
export const PUNCTUALITIES = ['in_time', 'waiting', 'overdue', 'early', 'on_time', 'late'] as const
export type Punctuality = (typeof PUNCTUALITIES)[number]

/**
 * The instants that judge a dossier: finished before `onTimeFrom` is early, from `lateFrom` on late; open, it is
 * overdue from `overdueFrom` on. The two differ by an extension, which puts the date off and excuses no lateness.
 * `overdueFrom` is `null` while the clock stands still.
 */
export type Judges = {
  readonly onTimeFrom: Instant | null
  readonly lateFrom: Instant | null
  readonly overdueFrom: Instant | null
}

/** A finished dossier is early, on time or late by its finish; an open one is in time, overdue or waiting. */
export const punctuality = (
  { onTimeFrom, lateFrom, overdueFrom }: Judges,
  finishedAt: Instant | null,
  asOf: Instant,
): Punctuality => {
  if (finishedAt === null) {
    if (overdueFrom === null) return 'waiting'
    return asOf < overdueFrom ? 'in_time' : 'overdue'
  }
  if (lateFrom !== null && finishedAt >= lateFrom) return 'late'
  return onTimeFrom !== null && finishedAt < onTimeFrom ? 'early' : 'on_time'
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
