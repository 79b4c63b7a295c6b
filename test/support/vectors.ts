import { readFileSync } from 'node:fs'
import { type CalendarDay, type WorkingCalendar, workingCalendar } from '../../src/sla/calendar.ts'
import { dayNumber, isoWeekday } from '../../src/sla/date.ts'
import type { Period, WeeklyHours } from '../../src/sla/hours.ts'
import { at } from './calendars.ts'

export const readCases = <T>(name: string): readonly T[] =>
  JSON.parse(readFileSync(new URL(`../vectors/${name}`, import.meta.url), 'utf8')).cases

export type DeadlineVector = { received: string; dueDate: string } & (
  | { rule: 'working_days' | 'calendar_days'; amount: number }
  | { rule: 'same_day'; cutoff: string }
)

export type WorkingTimeVector = {
  source: string
  calendar: {
    week: WeeklyHours
    tz: string
    holidays?: string[]
    recurring?: string[]
    makeup?: Record<string, Period[]>
  }
  start: string
} & (
  | { op: 'add'; seconds: number; pauses: [string, string][]; expect: string }
  | { op: 'between'; end: string; expect: number }
)

/**
 * The kernel knows +07:00 alone, so a foreign wall clock is read as a Vietnamese one: between two instants
 * with the same offset that changes nothing.
 */
const asVietnamese = (wallClock: string): number => at(wallClock)

const offsetOf = (zone: string, instant: number): number => {
  const name = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' })
    .formatToParts(instant)
    .find((part) => part.type === 'timeZoneName')?.value
  return 0 - Date.parse(`1970-01-01T00:00:00${name?.replace('GMT', '')}`)
}

/** The true instant at which the clocks of that zone showed this time; where they showed it twice, the earlier. */
const asTrueInstant =
  (zone: string) =>
  (wallClock: string): number => {
    const local = Date.parse(`${wallClock.replace(' ', 'T')}Z`)
    return local - offsetOf(zone, local - offsetOf(zone, local))
  }

/**
 * São Paulo's two vectors cross a change of its clocks, so there the wall clocks must become true instants. Their
 * calendar is worked around the clock with no day off near, and such a calendar does not care about zones.
 */
export const readerFor = (zone: string) => (zone === 'America/Sao_Paulo' ? asTrueInstant(zone) : asVietnamese)

const hoursOn = (week: WeeklyHours, date: string): readonly Period[] | undefined =>
  Object.entries(week).find(([weekday]) => Number(weekday) === isoWeekday(dayNumber(date)))?.[1]

/** A recurring day is spelt out for each year that is covered. */
export const calendarFor = (
  { week, holidays = [], recurring = [], makeup = {} }: WorkingTimeVector['calendar'],
  from: number,
): WorkingCalendar => {
  const years = Array.from({ length: 5 }, (_, i) => from - 1 + i)
  const day = { name: '', status: 'confirmed', legalBasis: '' } as const
  const off = [...holidays, ...recurring.flatMap((monthDay) => years.map((year) => `${year}-${monthDay}`))].map(
    (date): CalendarDay => ({ ...day, date, kind: 'off', type: 'statutory' }),
  )
  // A makeup day states its hours; the kernel takes those of the day that it stands in for.
  const worked = Object.entries(makeup).map(([date, periods]): CalendarDay => {
    const kept = holidays.find((holiday) => JSON.stringify(hoursOn(week, holiday)) === JSON.stringify(periods))
    return { ...day, date, kind: 'worked', type: 'swap_worked', swapWith: kept }
  })
  const coverage = { from: `${from - 1}-01-01`, to: `${from + 3}-12-31`, confirmedTo: `${from + 3}-12-31` }
  return workingCalendar({ week: [1, 2, 3, 4, 5, 6, 7], coverage, days: [...off, ...worked] }, week)
}
