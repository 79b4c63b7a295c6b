import { Refusal } from '../refusal.ts'
import {
  type DayNumber,
  dayNumber,
  dayOf,
  formatDate,
  type Instant,
  isoWeekday,
  type Milliseconds,
  startOfDay,
} from './date.ts'
import { type DayHours, dayHours, timeWhenWorked, type WeeklyHours, workedByTime } from './hours.ts'

/** A day that differs from the plain working week: off, or worked in exchange for another. */
export type CalendarDay = {
  date: string
  kind: 'off' | 'worked'
  type: 'statutory' | 'compensatory' | 'swap_off' | 'swap_worked' | 'closure'
  name: string
  status: 'confirmed' | 'provisional'
  legalBasis: string
  swapWith?: string | undefined
  /** Only for this agency and all below it. */
  agency?: string | undefined
  /** When it was announced. */
  publishedAt?: string | undefined
}

/** What is published: the working week, the days that differ from it, and how far all of it reaches. */
export type CalendarRules = {
  week: readonly number[]
  coverage: { from: string; to: string; confirmedTo: string }
  days: readonly CalendarDay[]
}

/**
 * A calendar joined with one set of hours: the sorted list of its working days, each day's rank in that
 * list and the working time before it. "n working days on" is an index, "working time between" is a
 * subtraction, a swapped Saturday is one more entry, and nothing loops over days.
 */
export type WorkingCalendar = {
  readonly from: DayNumber
  readonly to: DayNumber
  readonly confirmedTo: DayNumber
  readonly days: Int32Array
  /** By `day - from`: how many working days lie before that day. */
  readonly rank: Int32Array
  /** By rank: the working milliseconds of all days before. One longer than `days`. */
  readonly workedBefore: Float64Array
  /** By rank: the hours that day keeps. */
  readonly hours: readonly DayHours[]
  readonly marked: ReadonlyMap<DayNumber, CalendarDay>
}

/** The time between two instants during which the clock stands still. */
export type Pause = readonly [stops: Instant, resumes: Instant]

export const NO_PAUSES: readonly Pause[] = []

/** Pauses in the order in which they begin; one that does not last, or ends before it begins, is none. */
export const inOrder = (pauses: readonly Pause[]): readonly Pause[] =>
  pauses.filter(([stops, resumes]) => resumes > stops).toSorted((a, b) => a[0] - b[0])

/** A Saturday worked in exchange keeps the hours of the day it stands in for. */
const weekdayKept = (day: DayNumber, marked: CalendarDay | undefined): number =>
  isoWeekday(marked?.kind === 'worked' && marked.swapWith ? dayNumber(marked.swapWith) : day)

const isWorked = (week: ReadonlySet<number>, day: DayNumber, marked: CalendarDay | undefined): boolean =>
  marked ? marked.kind === 'worked' : week.has(isoWeekday(day))

/**
 * Builds the calendar once; everything else reads it. Days without hours are no working days.
 * Refuses `no_working_time` where nothing is left to count.
 */
export const workingCalendar = (rules: CalendarRules, weekly: WeeklyHours): WorkingCalendar => {
  const from = dayNumber(rules.coverage.from)
  const to = dayNumber(rules.coverage.to)
  const week = new Set(rules.week)
  const marked = new Map(rules.days.map((day) => [dayNumber(day.date), day]))
  const byWeekday = new Map(Object.entries(weekly).map(([weekday, periods]) => [Number(weekday), dayHours(periods)]))

  const days: DayNumber[] = []
  const hours: DayHours[] = []
  const workedBefore: Milliseconds[] = [0]
  const rank = new Int32Array(to - from + 2)
  let worked = 0
  for (let day = from; day <= to; day++) {
    rank[day - from] = days.length
    const mark = marked.get(day)
    const kept = byWeekday.get(weekdayKept(day, mark))
    if (!isWorked(week, day, mark) || !kept?.length) continue
    days.push(day)
    hours.push(kept)
    worked += kept.length
    workedBefore.push(worked)
  }
  rank[to - from + 1] = days.length
  if (worked === 0) throw new Refusal('no_working_time')
  return {
    from,
    to,
    confirmedTo: dayNumber(rules.coverage.confirmedTo),
    days: Int32Array.from(days),
    rank,
    workedBefore: Float64Array.from(workedBefore),
    hours,
    marked,
  }
}

const beyond = (calendar: WorkingCalendar, day: DayNumber | undefined): Refusal =>
  new Refusal('calendar_not_covering', {
    date: day === undefined ? null : formatDate(day),
    from: formatDate(calendar.from),
    to: formatDate(calendar.to),
  })

/** Refuses `calendar_not_covering` for a day outside what is published. */
export const requireCovered = (calendar: WorkingCalendar, day: DayNumber): void => {
  if (day < calendar.from || day > calendar.to) throw beyond(calendar, day)
}

/** How many working days lie before `day`. Refuses `calendar_not_covering` rather than guess. */
const rankOf = (calendar: WorkingCalendar, day: DayNumber): number => {
  requireCovered(calendar, day)
  return Number(calendar.rank[day - calendar.from])
}

/** How many working days lie before the day after `day`. */
const rankAfter = (calendar: WorkingCalendar, day: DayNumber): number => {
  requireCovered(calendar, day)
  return Number(calendar.rank[day + 1 - calendar.from])
}

/** The working day of that rank. Refuses `calendar_not_covering` past the last one published. */
const nthWorkingDay = (calendar: WorkingCalendar, rank: number): DayNumber => {
  const day = calendar.days[rank]
  if (day === undefined) throw beyond(calendar, undefined)
  return day
}

export const isWorkingDay = (calendar: WorkingCalendar, day: DayNumber): boolean =>
  calendar.days[rankOf(calendar, day)] === day

/** The working day `count` ≥ 1 after `day`, which itself is not counted (Civil Code 2015, art. 147). */
export const addWorkingDays = (calendar: WorkingCalendar, day: DayNumber, count: number): DayNumber =>
  nthWorkingDay(calendar, rankAfter(calendar, day) + count - 1)

/** That day, or the next working day where it is off (Civil Code 2015, art. 148.5). */
export const rollForward = (calendar: WorkingCalendar, day: DayNumber): DayNumber =>
  nthWorkingDay(calendar, rankOf(calendar, day))

/** Working days after `from` up to and including `to`; negative where `to` comes first. */
export const workingDaysBetween = (calendar: WorkingCalendar, from: DayNumber, to: DayNumber): number =>
  rankAfter(calendar, to) - rankAfter(calendar, from)

const hoursOfRank = (calendar: WorkingCalendar, rank: number): DayHours => {
  const hours = calendar.hours[rank]
  if (hours === undefined) throw beyond(calendar, undefined)
  return hours
}

/** When a working day's last period ends. */
export const closingOf = (calendar: WorkingCalendar, day: DayNumber): Instant =>
  startOfDay(day) + hoursOfRank(calendar, rankOf(calendar, day)).closes

/** Working time from the first day of the calendar to an instant; the midnight that ends its last day is the last one. */
const workedUntil = (calendar: WorkingCalendar, instant: Instant): Milliseconds => {
  const day = dayOf(instant)
  if (instant === startOfDay(calendar.to + 1)) return Number(calendar.workedBefore.at(-1))
  const rank = rankOf(calendar, day)
  const before = Number(calendar.workedBefore[rank])
  return calendar.days[rank] === day
    ? before + workedByTime(hoursOfRank(calendar, rank), instant - startOfDay(day))
    : before
}

/** Working milliseconds from one instant to another; negative where `to` comes first. */
export const workingTimeBetween = (calendar: WorkingCalendar, from: Instant, to: Instant): Milliseconds =>
  workedUntil(calendar, to) - workedUntil(calendar, from)

/** The last rank whose day begins before `worked` has passed. */
const rankWhenWorked = (calendar: WorkingCalendar, worked: Milliseconds): number => {
  let low = 0
  let high = calendar.days.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (Number(calendar.workedBefore[middle + 1]) < worked) low = middle + 1
    else high = middle
  }
  return low
}

const addUnpaused = (calendar: WorkingCalendar, start: Instant, amount: Milliseconds): Instant => {
  const worked = workedUntil(calendar, start) + amount
  if (amount === 0) return start
  const rank = rankWhenWorked(calendar, worked)
  const day = nthWorkingDay(calendar, rank)
  return startOfDay(day) + timeWhenWorked(hoursOfRank(calendar, rank), worked - Number(calendar.workedBefore[rank]))
}

/**
 * The first instant at which `amount` ≥ 0 working milliseconds after `start` are spent; closing time is
 * kept, not rolled to the next opening. The clock stands still during `pauses`, in any order, overlapping or not.
 */
export const addWorkingTime = (
  calendar: WorkingCalendar,
  start: Instant,
  amount: Milliseconds,
  pauses: readonly Pause[] = NO_PAUSES,
): Instant => {
  if (amount === 0) return addUnpaused(calendar, start, amount)
  let from = start
  let left = amount
  for (const [stops, resumes] of inOrder(pauses)) {
    if (resumes <= from) continue
    if (stops > from) {
      const end = addUnpaused(calendar, from, left)
      if (end <= stops) return end
      left -= workingTimeBetween(calendar, from, stops)
    }
    from = resumes
  }
  return addUnpaused(calendar, from, left)
}
