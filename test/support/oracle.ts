import type { CalendarRules } from '../../src/sla/calendar.ts'
import type { WeeklyHours } from '../../src/sla/hours.ts'
import type { Limit, Term } from '../../src/sla/term.ts'

/**
 * The slow second opinion on the kernel. It takes nothing from src/sla but types: dates are texts, weekdays
 * come from `Date`, hours are a yes or no for each of a day's 1,440 minutes, days are walked one by one and
 * working time minute by minute. Every period opens and closes on a whole minute, so a minute is worked
 * wholly or not at all, and the part of a minute before or after an instant counts by its own length: that is
 * how seconds and milliseconds are exact. Pauses alone must begin and end on whole minutes.
 * Wherever an answer would need a day outside the published calendar it is `null`.
 */

export type OracleEnd = { dueOn: string; dueAt: number; judgedBy: 'date' | 'minute' }
export type OracleDeadline = OracleEnd & { provisional: boolean }
export type OraclePause = readonly [from: number, to: number]

const MINUTE = 60_000
const MINUTES_A_DAY = 1440
const AHEAD_OF_UTC = 7 * 60 * MINUTE

const wallClock = (instant: number): string => new Date(instant + AHEAD_OF_UTC).toISOString()
const dateOf = (instant: number): string => wallClock(instant).slice(0, 10)
const midnight = (date: string): number => Date.parse(`${date}T00:00:00+07:00`)

const nextDate = (date: string): string => {
  const day = new Date(`${date}T00:00:00Z`)
  day.setUTCDate(day.getUTCDate() + 1)
  return day.toISOString().slice(0, 10)
}

const weekdayOf = (date: string): number => {
  const sundayFirst = new Date(`${date}T00:00:00Z`).getUTCDay()
  return sundayFirst === 0 ? 7 : sundayFirst
}

const minuteOf = (time: string): number => {
  const [hour, minute] = time.split(':')
  return Number(hour) * 60 + Number(minute)
}

const clockOf = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`

const workedMinutes = (periods: readonly (readonly [string, string])[]): boolean[] => {
  const minutes = periods.map(([opens, closes]) => ({ opens: minuteOf(opens), closes: minuteOf(closes) }))
  return Array.from({ length: MINUTES_A_DAY }, (_, minute) =>
    minutes.some(({ opens, closes }) => opens <= minute && minute < closes),
  )
}

/** When finishing begins to be late, said without any of the kernel's instants: only to find the later of two ends. */
const lateAfter = (end: OracleEnd): string =>
  end.judgedBy === 'date' ? `${nextDate(end.dueOn)}T00:00` : wallClock(end.dueAt + MINUTE).slice(0, 16)

const NO_PAUSES: readonly OraclePause[] = []

export const oracleOf = (rules: CalendarRules, hours: WeeklyHours) => {
  const off = new Set(rules.days.filter((day) => day.kind === 'off').map((day) => day.date))
  const inExchangeFor = new Map(
    rules.days.filter((day) => day.kind === 'worked').map((day) => [day.date, day.swapWith ?? day.date]),
  )
  const never = workedMinutes([])
  const byWeekday = new Map(
    Object.entries(hours).map(([weekday, periods]) => [Number(weekday), workedMinutes(periods ?? [])]),
  )
  const byDate = new Map<string, boolean[] | null>()

  const lookUp = (date: string): boolean[] | null => {
    if (date < rules.coverage.from || date > rules.coverage.to) return null
    if (off.has(date)) return never
    const standsInFor = inExchangeFor.get(date)
    if (standsInFor !== undefined) return byWeekday.get(weekdayOf(standsInFor)) ?? never
    return rules.week.includes(weekdayOf(date)) ? (byWeekday.get(weekdayOf(date)) ?? never) : never
  }

  const minutesOn = (date: string): boolean[] | null => {
    let minutes = byDate.get(date)
    if (minutes === undefined) {
      minutes = lookUp(date)
      byDate.set(date, minutes)
    }
    return minutes
  }

  const workedBetween = (from: number, to: number): number | null => {
    if (to < from) {
      const backwards = workedBetween(to, from)
      return backwards === null ? null : 0 - backwards
    }
    let worked = 0
    let date = ''
    let minutes: boolean[] | null = never
    let ofDay = Math.floor((from - midnight(dateOf(from))) / MINUTE)
    for (let begins = Math.floor(from / MINUTE) * MINUTE; begins < to; begins += MINUTE, ofDay++) {
      if (date === '' || ofDay === MINUTES_A_DAY) {
        date = dateOf(begins)
        minutes = minutesOn(date)
        ofDay %= MINUTES_A_DAY
      }
      if (minutes === null) return null
      if (minutes[ofDay]) worked += Math.min(begins + MINUTE, to) - Math.max(begins, from)
    }
    return worked
  }

  const whenWorked = (start: number, amount: number, pauses: readonly OraclePause[] = NO_PAUSES): number | null => {
    if (amount === 0) return start
    let left = amount
    let date = ''
    let minutes: boolean[] | null = never
    let ofDay = Math.floor((start - midnight(dateOf(start))) / MINUTE)
    for (let begins = Math.floor(start / MINUTE) * MINUTE; ; begins += MINUTE, ofDay++) {
      if (date === '' || ofDay === MINUTES_A_DAY) {
        date = dateOf(begins)
        minutes = minutesOn(date)
        ofDay %= MINUTES_A_DAY
      }
      if (minutes === null) return null
      if (!minutes[ofDay] || pauses.some(([stops, resumes]) => stops <= begins && begins < resumes)) continue
      const from = Math.max(begins, start)
      if (left <= begins + MINUTE - from) return from + left
      left -= begins + MINUTE - from
    }
  }

  /** `null` beyond the calendar. */
  const isWorked = (date: string): boolean | null => minutesOn(date)?.includes(true) ?? null

  const endOfDay = (date: string): OracleEnd => {
    const closes = (minutesOn(date) ?? never).lastIndexOf(true) + 1
    return { dueOn: date, dueAt: midnight(date) + closes * MINUTE, judgedBy: 'date' }
  }

  const nthWorked = (after: string, count: number): OracleEnd | null => {
    let date = after
    for (let left = count; left > 0; ) {
      date = nextDate(date)
      const worked = isWorked(date)
      if (worked === null) return null
      if (worked) left--
    }
    return endOfDay(date)
  }

  const firstWorked = (from: string): OracleEnd | null => {
    for (let date = from; ; date = nextDate(date)) {
      const worked = isWorked(date)
      if (worked === null) return null
      if (worked) return endOfDay(date)
    }
  }

  const daysOn = (date: string, count: number): string => (count === 0 ? date : daysOn(nextDate(date), count - 1))

  const endOf = (term: Term, at: number, on: string): OracleEnd | null => {
    if (term.kind === 'working_days') return nthWorked(on, term.amount)
    if (term.kind === 'calendar_days') return firstWorked(daysOn(on, term.amount))
    if (term.kind === 'same_day') {
      const clock = wallClock(at).slice(11, 19)
      const closed = isWorked(on) === true && at > endOfDay(on).dueAt
      return firstWorked(clock <= `${term.cutoff}:00` && !closed ? on : nextDate(on))
    }
    const dueAt = whenWorked(at, term.amount * 60 * MINUTE)
    return dueAt === null ? null : { dueOn: dateOf(dueAt - 1), dueAt, judgedBy: 'minute' }
  }

  const deadlineOf = (limit: Limit, receivedAt: number, withVerification: boolean): OracleDeadline | null => {
    let end = endOf(limit, receivedAt, dateOf(receivedAt))
    if (end === null || minutesOn(dateOf(receivedAt)) === null) return null
    if (withVerification && limit.verification) {
      const second =
        limit.verification.counted === 'after_first_term'
          ? endOf(limit.verification, end.dueAt, end.dueOn)
          : endOf(limit.verification, receivedAt, dateOf(receivedAt))
      if (second === null) return null
      if (lateAfter(second) > lateAfter(end)) end = second
    }
    return { ...end, provisional: end.dueOn > rules.coverage.confirmedTo }
  }

  /** The earliest closing time of the week: a cutoff after it would lie outside opening hours. */
  const earliestClosing = (): string =>
    clockOf(
      Math.min(...[...byWeekday.values()].filter((day) => day.includes(true)).map((day) => day.lastIndexOf(true) + 1)),
    )

  return { workedBetween, whenWorked, isWorked, deadlineOf, earliestClosing }
}

export type Oracle = ReturnType<typeof oracleOf>

/** By date for day terms, by the minute for hour terms: two texts are compared, no instants. */
export const punctualityOf = (end: OracleEnd, finishedAt: number | null, asOf: number) => {
  const [length, due] = end.judgedBy === 'date' ? [10, end.dueOn] : [16, wallClock(end.dueAt).slice(0, 16)]
  const moment = wallClock(finishedAt ?? asOf).slice(0, length)
  if (finishedAt === null) return moment > due ? 'overdue' : 'in_time'
  if (moment === due) return 'on_time'
  return moment < due ? 'early' : 'late'
}
