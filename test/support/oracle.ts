import type { CalendarRules } from '../../src/sla/calendar.ts'
import type { WeeklyHours } from '../../src/sla/hours.ts'
import type { Limit, Term } from '../../src/sla/term.ts'

/**
 * The slow second opinion on the kernel. It takes nothing from src/sla but types: dates are texts, weekdays
 * come from `Date`, hours are a yes or no for each of a day's 1,440 minutes, days are walked one by one and
 * working time minute by minute. Every period opens and closes on a whole minute, so a minute is worked
 * wholly or not at all, and the part of a minute before or after an instant, or outside a pause, counts by its
 * own length: that is how seconds and milliseconds are exact. Days are paused by their dates alone.
 * Wherever an answer would need a day outside the published calendar it is `null`.
 */

export type OracleEnd = { dueOn: string; dueAt: number; judgedBy: 'date' | 'minute' }
export type OracleDeadline = OracleEnd & { provisional: boolean }
export type OraclePause = readonly [from: number, to: number]

const MINUTE = 60_000
const MINUTES_A_DAY = 1440
const AHEAD_OF_UTC = 7 * 60 * MINUTE

const wallClock = (instant: number): string => new Date(instant + AHEAD_OF_UTC).toISOString()
export const dateOf = (instant: number): string => wallClock(instant).slice(0, 10)
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

/** Until when finishing is early, said without any of the kernel's instants. */
export const earlyUntil = (end: OracleEnd): string =>
  end.judgedBy === 'date' ? `${end.dueOn}T00:00` : wallClock(end.dueAt).slice(0, 16)

/** When finishing begins to be late, said without any of the kernel's instants. */
export const lateAfter = (end: OracleEnd): string =>
  end.judgedBy === 'date' ? `${nextDate(end.dueOn)}T00:00` : wallClock(end.dueAt + MINUTE).slice(0, 16)

const NO_PAUSES: readonly OraclePause[] = []

/** What is left of a minute when the pauses are cut out of it, in order. */
const runningIn = (from: number, to: number, pauses: readonly OraclePause[]): OraclePause[] => {
  const touching = pauses.filter(([stops, resumes]) => stops < to && resumes > from && stops < resumes)
  if (touching.length === 0) return [[from, to]]
  const edges = [from, to, ...touching.flat()].filter((edge) => edge >= from && edge <= to).sort((a, b) => a - b)
  return edges
    .map((edge, i): OraclePause => [edge, edges[i + 1] ?? edge])
    .filter(([a, b]) => a < b && !touching.some(([stops, resumes]) => stops <= a && b <= resumes))
}

/** Whether the clock stands still as a day begins: a pause began on a day before, and ends on this one or later. */
export const beginsPaused = (date: string, pauses: readonly OraclePause[]): boolean =>
  pauses.some(([stops, resumes]) => dateOf(stops) < date && date <= dateOf(resumes))

/** Whether the clock that stood still on a day, or came to, still does when the next one begins. */
const endsPaused = (date: string, pauses: readonly OraclePause[]): boolean => beginsPaused(nextDate(date), pauses)

/** Pauses that neither touch nor overlap, in order. */
const merged = (pauses: readonly OraclePause[]): readonly OraclePause[] => {
  const sound = pauses.filter(([stops, resumes]) => stops < resumes)
  const begins = sound.map(([stops]) => stops).filter((at) => !sound.some(([from, to]) => from < at && at <= to))
  const ends = sound.map(([, resumes]) => resumes).filter((at) => !sound.some(([from, to]) => from <= at && at < to))
  const unique = (instants: readonly number[]): number[] => [...new Set(instants)].sort((a, b) => a - b)
  const until = unique(ends)
  return unique(begins).map((at, i) => [at, until[i] ?? at])
}

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
      if (!minutes[ofDay]) continue
      for (const [from, to] of runningIn(Math.max(begins, start), begins + MINUTE, pauses)) {
        if (left <= to - from) return from + left
        left -= to - from
      }
    }
  }

  /** `null` beyond the calendar. */
  const isWorked = (date: string): boolean | null => minutesOn(date)?.includes(true) ?? null

  const endOfDay = (date: string): OracleEnd => {
    const closes = (minutesOn(date) ?? never).lastIndexOf(true) + 1
    return { dueOn: date, dueAt: midnight(date) + closes * MINUTE, judgedBy: 'date' }
  }

  /** The first day from one on that is worked and at whose end the clock runs. */
  const firstWorked = (from: string, pauses: readonly OraclePause[] = NO_PAUSES): OracleEnd | null => {
    for (let date = from; ; date = nextDate(date)) {
      const worked = isWorked(date)
      if (worked === null) return null
      if (worked && !endsPaused(date, pauses)) return endOfDay(date)
    }
  }

  /** Counts days one by one, all of them or the worked ones, but none that begins while the clock stands still. */
  const lastCounted = (
    on: string,
    count: number,
    all: boolean,
    pauses: readonly OraclePause[] = NO_PAUSES,
  ): string | null => {
    let date = on
    for (let left = count; left > 0; ) {
      date = nextDate(date)
      const worked = isWorked(date)
      if (worked === null) return null
      if ((all || worked) && !beginsPaused(date, pauses)) left--
    }
    return date
  }

  const sameDay = (cutoff: string, at: number, on: string): OracleEnd | null => {
    const clock = wallClock(at).slice(11, 19)
    const closed = isWorked(on) === true && at > endOfDay(on).dueAt
    return firstWorked(clock <= `${cutoff}:00` && !closed ? on : nextDate(on))
  }

  const pausedSameDay = (cutoff: string, at: number, on: string, pauses: readonly OraclePause[]): OracleEnd | null => {
    let end = sameDay(cutoff, at, on)
    for (const [stops, resumes] of merged(pauses)) {
      if (end === null) return null
      if (resumes > at && dateOf(stops) <= end.dueOn) end = sameDay(cutoff, resumes, dateOf(resumes))
    }
    return end
  }

  const endOf = (term: Term, at: number, on: string, pauses: readonly OraclePause[] = NO_PAUSES): OracleEnd | null => {
    if (term.kind === 'same_day') return pausedSameDay(term.cutoff, at, on, pauses)
    if (term.kind === 'working_hours') {
      let dueAt = whenWorked(at, term.amount * 60 * MINUTE, pauses)
      for (const [stops, resumes] of merged(pauses)) {
        if (dueAt === null) return null
        const began = wallClock(stops).slice(0, 16) <= wallClock(dueAt).slice(0, 16)
        // Nothing was left when it began: the term ends with the first worked millisecond after it.
        const moment = began && resumes > dueAt ? whenWorked(resumes, 1) : dueAt + 1
        dueAt = moment === null ? null : moment - 1
      }
      return dueAt === null ? null : { dueOn: dateOf(dueAt - 1), dueAt, judgedBy: 'minute' }
    }
    const last = lastCounted(on, term.amount, term.kind === 'calendar_days', pauses)
    return last === null ? null : firstWorked(last, pauses)
  }

  /** An extension: so many working days after the day on which a term ends. */
  const putOff = (
    end: OracleEnd,
    workingDays: number,
    pauses: readonly OraclePause[] = NO_PAUSES,
  ): OracleEnd | null => {
    const last = lastCounted(end.dueOn, workingDays, false, pauses)
    return last === null ? null : firstWorked(last, pauses)
  }

  const deadlineOf = (
    limit: Limit,
    receivedAt: number,
    withVerification: boolean,
    pauses: readonly OraclePause[] = NO_PAUSES,
  ): OracleDeadline | null => {
    let end = endOf(limit, receivedAt, dateOf(receivedAt), pauses)
    if (end === null || minutesOn(dateOf(receivedAt)) === null) return null
    if (withVerification && limit.verification) {
      const second =
        limit.verification.counted === 'after_first_term'
          ? endOf(limit.verification, end.dueAt, end.dueOn, pauses)
          : endOf(limit.verification, receivedAt, dateOf(receivedAt), pauses)
      if (second === null) return null
      if (lateAfter(second) > lateAfter(end)) end = second
    }
    return { ...end, provisional: end.dueOn > rules.coverage.confirmedTo }
  }

  /** How many days are worked after one instant's day, up to and with another's; `null` beyond the calendar. */
  const workedDaysAfter = (from: number, to: number): number | null => {
    let count = 0
    for (let date = dateOf(from); date < dateOf(to); ) {
      date = nextDate(date)
      const worked = isWorked(date)
      if (worked === null) return null
      if (worked) count++
    }
    return count
  }

  /** The earliest closing time of the week: a cutoff after it would lie outside opening hours. */
  const earliestClosing = (): string =>
    clockOf(
      Math.min(...[...byWeekday.values()].filter((day) => day.includes(true)).map((day) => day.lastIndexOf(true) + 1)),
    )

  return { workedBetween, whenWorked, isWorked, deadlineOf, putOff, workedDaysAfter, earliestClosing }
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
