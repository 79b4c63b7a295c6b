import {
  addWorkingDays,
  addWorkingTime,
  closingOf,
  isWorkingDay,
  rollForward,
  type WorkingCalendar,
} from './calendar.ts'
import { type DayNumber, dayOf, HOUR, type Instant, MINUTE, startOfDay } from './date.ts'
import { timeOfDay } from './hours.ts'

/** A counted length of time, such as five working days. */
export type CountedTerm = { kind: 'working_days' | 'calendar_days' | 'working_hours'; amount: number }

/** Done on the day itself when received up to the cutoff, inclusive. */
export type SameDayTerm = { kind: 'same_day'; cutoff: string }

export type Term = CountedTerm | SameDayTerm

/** The published time limit of a procedure; `verification` is its second term, for cases that must be verified. */
export type Limit = Term & {
  verification?: (CountedTerm & { counted?: 'from_receipt' | 'after_first_term' | undefined }) | undefined
}

/** Where a term begins: the moment, for hours; its day, which is not counted, for days. */
export type TermStart = { readonly at: Instant; readonly on: DayNumber }

/**
 * Where a term ends. `dueAt` is printed on the slip; finishing before `onTimeFrom` is early, from `lateFrom`
 * on it is late. Day terms are judged by date, hour terms by the minute, as the official reports do.
 */
export type TermEnd = {
  readonly dueOn: DayNumber
  readonly dueAt: Instant
  readonly onTimeFrom: Instant
  readonly lateFrom: Instant
}

const endOnDay = (calendar: WorkingCalendar, day: DayNumber): TermEnd => ({
  dueOn: day,
  dueAt: closingOf(calendar, day),
  onTimeFrom: startOfDay(day),
  lateFrom: startOfDay(day + 1),
})

const endAtInstant = (instant: Instant): TermEnd => {
  const minute = Math.floor(instant / MINUTE) * MINUTE
  // A term that ends at 24:00 ends on the day it closes, not on the next.
  return { dueOn: dayOf(instant - 1), dueAt: instant, onTimeFrom: minute, lateFrom: minute + MINUTE }
}

/**
 * A clock that shows 15:00:00 is still at the cutoff, whatever its milliseconds. What comes after closing time
 * counts from the next working moment, even where the cutoff is later.
 */
const receivedInTime = (calendar: WorkingCalendar, start: TermStart, cutoff: string): boolean => {
  const byCutoff = Math.floor((start.at - startOfDay(start.on)) / 1000) * 1000 <= timeOfDay(cutoff)
  return byCutoff && !(isWorkingDay(calendar, start.on) && start.at > closingOf(calendar, start.on))
}

/** The day on which a term in days would end if that day were no day off. */
export const nominalLastDay = (start: TermStart, amount: number): DayNumber => start.on + amount

/**
 * The end of one term.
 * - `working_days`, `calendar_days`: the first day is not counted (Civil Code 2015, art. 147.2); a last day
 *   off rolls to the end of the next working day (art. 148.5). Every receipt has its day, off or not, so
 *   a term that starts on a Saturday counts from the day after it.
 * - `working_hours`: from the moment itself (art. 147.1), through the working periods.
 * - `same_day`: that working day up to and including the cutoff, else the next.
 *
 * Refuses `calendar_not_covering` past the published calendar.
 */
export const termEnd = (calendar: WorkingCalendar, term: Term, start: TermStart): TermEnd => {
  switch (term.kind) {
    case 'working_days':
      return endOnDay(calendar, addWorkingDays(calendar, start.on, term.amount))
    case 'calendar_days':
      return endOnDay(calendar, rollForward(calendar, nominalLastDay(start, term.amount)))
    case 'same_day':
      return endOnDay(
        calendar,
        rollForward(calendar, receivedInTime(calendar, start, term.cutoff) ? start.on : start.on + 1),
      )
    case 'working_hours':
      return endAtInstant(addWorkingTime(calendar, start.at, term.amount * HOUR))
  }
}
