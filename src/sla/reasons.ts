import { addWorkingTime, type CalendarDay, isWorkingDay, type WorkingCalendar, workingTimeBetween } from './calendar.ts'
import { type DayNumber, dayOf, HOUR, type Instant, startOfDay } from './date.ts'
import type { CountedStep } from './deadline.ts'
import { nominalLastDay } from './term.ts'

/** An unbroken run of counted time: whole days, or the hours of one day. */
export type CountedSpan =
  | { readonly unit: 'day'; readonly from: DayNumber; readonly to: DayNumber; readonly amount: number }
  | { readonly unit: 'hour'; readonly from: Instant; readonly to: Instant; readonly amount: number }

/** A day that was passed over; `mark` is absent for a plain weekend day. */
export type SkippedDay = { readonly day: DayNumber; readonly mark: CalendarDay | undefined }

export type StepReasons = { readonly spans: readonly CountedSpan[]; readonly skipped: readonly SkippedDay[] }

const range = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i)

const offDays = (calendar: WorkingCalendar, from: DayNumber, to: DayNumber): SkippedDay[] =>
  range(from, to)
    .filter((day) => !isWorkingDay(calendar, day))
    .map((day) => ({ day, mark: calendar.marked.get(day) }))

const runsOfDays = (days: readonly DayNumber[]): CountedSpan[] => {
  const starts = days.filter((day, i) => day - 1 !== days[i - 1])
  const ends = days.filter((day, i) => day + 1 !== days[i + 1])
  return starts.map((from, i) => {
    const to = Number(ends[i])
    return { unit: 'day', from, to, amount: to - from + 1 }
  })
}

const workingHours = (calendar: WorkingCalendar, start: Instant, end: Instant): CountedSpan[] =>
  range(dayOf(start), dayOf(end - 1)).flatMap((day) => {
    const from = Math.max(start, startOfDay(day))
    const until = Math.min(end, startOfDay(day + 1))
    const worked = workingTimeBetween(calendar, from, until)
    if (worked === 0) return []
    const opening = addWorkingTime(calendar, from, 1) - 1
    return [{ unit: 'hour', from: opening, to: addWorkingTime(calendar, from, worked), amount: worked / HOUR }]
  })

/**
 * Why a step ends where it ends: what was counted, in order, and each day that was passed over.
 * As long as the answer itself; the deadline is never computed from it.
 */
export const reasonsOf = (calendar: WorkingCalendar, { term, start, end }: CountedStep): StepReasons => {
  const firstDay = start.on + 1
  switch (term.kind) {
    case 'working_days': {
      const worked = range(firstDay, end.dueOn).filter((day) => isWorkingDay(calendar, day))
      return { spans: runsOfDays(worked), skipped: offDays(calendar, firstDay, end.dueOn) }
    }
    case 'calendar_days': {
      // Days off within the term count; only a last day off is passed over.
      const nominal = nominalLastDay(start, term.amount)
      return { spans: runsOfDays(range(firstDay, nominal)), skipped: offDays(calendar, nominal, end.dueOn) }
    }
    case 'same_day':
      return { spans: runsOfDays([end.dueOn]), skipped: offDays(calendar, start.on, end.dueOn) }
    case 'working_hours':
      return {
        spans: workingHours(calendar, start.at, end.dueAt),
        skipped: offDays(calendar, start.on, end.dueOn),
      }
  }
}
