import {
  addWorkingDays,
  addWorkingTime,
  closingOf,
  inOrder,
  isWorkingDay,
  NO_PAUSES,
  type Pause,
  rollForward,
  type WorkingCalendar,
  workingDaysBetween,
} from './calendar.ts'
import { type DayNumber, dayOf, HOUR, type Instant, MINUTE, startOfDay } from './date.ts'
import { timeOfDay } from './hours.ts'

/** A counted length of time, such as five working days. */
export type CountedTerm = DayTerm | { kind: 'working_hours'; amount: number }

export type DayTerm = { kind: 'working_days' | 'calendar_days'; amount: number }

/** Done on the day itself when received up to the cutoff, inclusive. */
export type SameDayTerm = { kind: 'same_day'; cutoff: string }

export type Term = CountedTerm | SameDayTerm

/** The published time limit of a procedure; `verification` is its second term, for cases that must be verified. */
export type Limit = Term & {
  verification?: (CountedTerm & { counted?: 'from_receipt' | 'after_first_term' | undefined }) | undefined
  /** What supplemented papers do to the clock; it starts again in full where nothing else is said. */
  afterSupplement?: SupplementPolicy | undefined
}

/**
 * `restart`: the full term again from the receipt of the full papers (Nghị định 61/2018/NĐ-CP art. 19.4);
 * `pause`: what was left of it goes on, where sector law says so.
 */
export const SUPPLEMENT_POLICIES = ['restart', 'pause'] as const
export type SupplementPolicy = (typeof SUPPLEMENT_POLICIES)[number]

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
export const nominalLastDay = (after: DayNumber, amount: number): DayNumber => after + amount

/** An unbroken run of a day term: the day after which it counts, how many days it had left there, where it stopped. */
export type DayRun = { readonly after: DayNumber; readonly left: number; readonly until: DayNumber }

const lastDay = (calendar: WorkingCalendar, { kind }: DayTerm, after: DayNumber, left: number): DayNumber =>
  kind === 'working_days' && left > 0
    ? addWorkingDays(calendar, after, left)
    : rollForward(calendar, nominalLastDay(after, left))

/**
 * How a day term runs between its pauses. A day counts if the clock runs as it begins: the day on which a pause
 * begins was given to the agency and is spent, the day on which it ends is not counted, as the day of receipt
 * is not (Civil Code 2015, art. 147.2). So whole days pause, a pause within one day moves nothing, and a term
 * with nothing left ends on the day on which the clock goes on, or the next working day (art. 148.5).
 */
export const dayRuns = (
  calendar: WorkingCalendar,
  term: DayTerm,
  start: DayNumber,
  pauses: readonly Pause[],
): readonly [DayRun, ...DayRun[]] => {
  const runs: DayRun[] = []
  let after = start
  let left = term.amount
  for (const [stops, resumes] of inOrder(pauses)) {
    const stopsOn = Math.max(dayOf(stops), after)
    const resumesOn = dayOf(resumes)
    if (resumesOn <= stopsOn) continue
    if (lastDay(calendar, term, after, left) < stopsOn) break
    runs.push({ after, left, until: stopsOn })
    const spent = term.kind === 'working_days' ? workingDaysBetween(calendar, after, stopsOn) : stopsOn - after
    left = Math.max(0, left - spent)
    after = resumesOn
  }
  const last = { after, left, until: lastDay(calendar, term, after, left) }
  const [first = last, ...others] = runs
  return first === last ? [last] : [first, ...others, last]
}

const dueDay = (calendar: WorkingCalendar, term: DayTerm, start: DayNumber, pauses: readonly Pause[]): DayNumber =>
  pauses.length === 0
    ? lastDay(calendar, term, start, term.amount)
    : Number(dayRuns(calendar, term, start, pauses).at(-1)?.until)

const sameDayEnd = (calendar: WorkingCalendar, start: TermStart, cutoff: string): DayNumber =>
  rollForward(calendar, receivedInTime(calendar, start, cutoff) ? start.on : start.on + 1)

/** What is paused within its day begins again where the clock goes on, as if received then. */
const pausedSameDayEnd = (
  calendar: WorkingCalendar,
  start: TermStart,
  cutoff: string,
  pauses: readonly Pause[],
): DayNumber => {
  let from = start
  let end = sameDayEnd(calendar, from, cutoff)
  for (const [stops, resumes] of inOrder(pauses)) {
    if (end < dayOf(stops)) break
    if (resumes <= from.at) continue
    from = { at: resumes, on: dayOf(resumes) }
    end = sameDayEnd(calendar, from, cutoff)
  }
  return end
}

/** With nothing left when a pause begins, an hour term ends where the clock goes on, as a day term does. */
const hoursEnd = (
  calendar: WorkingCalendar,
  start: Instant,
  amountHours: number,
  pauses: readonly Pause[],
): TermEnd => {
  let end = endAtInstant(addWorkingTime(calendar, start, amountHours * HOUR, pauses))
  for (const [stops, resumes] of inOrder(pauses)) {
    const hadPassed = stops >= end.lateFrom
    if (!hadPassed && resumes > end.dueAt) end = endAtInstant(addWorkingTime(calendar, resumes, 1) - 1)
  }
  return end
}

/**
 * The end of one term.
 * - `working_days`, `calendar_days`: the first day is not counted (Civil Code 2015, art. 147.2); a last day
 *   off rolls to the end of the next working day (art. 148.5). Every receipt has its day, off or not, so
 *   a term that starts on a Saturday counts from the day after it.
 * - `working_hours`: from the moment itself (art. 147.1), through the working periods.
 * - `same_day`: that working day up to and including the cutoff, else the next.
 *
 * During `pauses` the clock stands still: by whole days for day terms (`dayRuns`), to the millisecond of working
 * time for hour terms. Refuses `calendar_not_covering` past the published calendar.
 */
export const termEnd = (
  calendar: WorkingCalendar,
  term: Term,
  start: TermStart,
  pauses: readonly Pause[] = NO_PAUSES,
): TermEnd => {
  switch (term.kind) {
    case 'working_days':
    case 'calendar_days':
      return endOnDay(calendar, dueDay(calendar, term, start.on, pauses))
    case 'same_day':
      return endOnDay(calendar, pausedSameDayEnd(calendar, start, term.cutoff, pauses))
    case 'working_hours':
      return hoursEnd(calendar, start.at, term.amount, pauses)
  }
}

/** Some working days after a term's end, which pause as any do: an extension (xin lỗi và hẹn lại). */
export const endAfter = (
  calendar: WorkingCalendar,
  end: Pick<TermEnd, 'dueOn' | 'dueAt'>,
  workingDays: number,
  pauses: readonly Pause[] = NO_PAUSES,
): TermEnd => termEnd(calendar, { kind: 'working_days', amount: workingDays }, { at: end.dueAt, on: end.dueOn }, pauses)
