import {
  addWorkingTime,
  type CalendarDay,
  inOrder,
  isWorkingDay,
  type WorkingCalendar,
  workingTimeBetween,
} from './calendar.ts'
import { type DayNumber, dayOf, HOUR, type Instant, startOfDay } from './date.ts'
import type { CountedStep } from './deadline.ts'
import { type DayTerm, dayRuns, nominalLastDay } from './term.ts'

/** An unbroken run of counted time: whole days, or the hours of one day. */
export type CountedSpan =
  | { readonly unit: 'day'; readonly from: DayNumber; readonly to: DayNumber; readonly amount: number }
  | { readonly unit: 'hour'; readonly from: Instant; readonly to: Instant; readonly amount: number }

/** A day that was passed over; `mark` is absent for a plain weekend day. */
export type SkippedDay = { readonly day: DayNumber; readonly mark: CalendarDay | undefined }

/** `paused` is the time during which the clock stood still, in the unit of the term. */
export type StepReasons = {
  readonly spans: readonly CountedSpan[]
  readonly skipped: readonly SkippedDay[]
  readonly paused: readonly CountedSpan[]
}

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

const dayReasons = (calendar: WorkingCalendar, term: DayTerm, { start, pauses }: CountedStep): StepReasons => {
  const runs = dayRuns(calendar, term, start.on, pauses)
  const reasons = runs.map(({ after, left, until }) => {
    if (term.kind === 'working_days') {
      const worked = range(after + 1, until).filter((day) => isWorkingDay(calendar, day))
      return { counted: left === 0 ? [] : worked, skipped: offDays(calendar, after + 1, until) }
    }
    // Days off within the term count; only a last day off is passed over.
    const nominal = nominalLastDay(after, left)
    return { counted: range(after + 1, Math.min(nominal, until)), skipped: offDays(calendar, nominal, until) }
  })
  return {
    spans: reasons.flatMap(({ counted }) => runsOfDays(counted)),
    skipped: reasons.flatMap(({ skipped }) => skipped),
    paused: runs.slice(1).flatMap(({ after }, i) => runsOfDays(range(Number(runs[i]?.until) + 1, after))),
  }
}

const hourReasons = (calendar: WorkingCalendar, { start, end, pauses }: CountedStep): StepReasons => {
  const spans: CountedSpan[] = []
  const paused: CountedSpan[] = []
  let from = start.at
  for (const [stops, resumes] of inOrder(pauses)) {
    if (resumes <= from) continue
    if (stops >= end.dueAt) break
    const stood = Math.max(from, stops)
    spans.push(...workingHours(calendar, from, stood))
    paused.push({ unit: 'hour', from: stood, to: resumes, amount: workingTimeBetween(calendar, stood, resumes) / HOUR })
    from = resumes
  }
  spans.push(...workingHours(calendar, from, end.dueAt))
  return { spans, skipped: offDays(calendar, start.on, end.dueOn), paused }
}

/**
 * Why a step ends where it ends: what was counted, in order, each day that was passed over, and where the clock
 * stood still. As long as the answer itself; the deadline is never computed from it.
 */
export const reasonsOf = (calendar: WorkingCalendar, step: CountedStep): StepReasons => {
  const { term, start, end } = step
  switch (term.kind) {
    case 'working_days':
    case 'calendar_days':
      return dayReasons(calendar, term, step)
    case 'same_day':
      return { spans: runsOfDays([end.dueOn]), skipped: offDays(calendar, start.on, end.dueOn), paused: [] }
    case 'working_hours':
      return hourReasons(calendar, step)
  }
}
