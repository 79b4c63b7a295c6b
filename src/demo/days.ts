import { NATIONAL_CALENDAR } from '../calendars/national.ts'

/**
 * The demo's own reckoning, against which it checks the service: it walks day by day and minute by minute, and
 * shares nothing with the service's kernel but the published list of days. Days are texts like `2021-09-02`,
 * moments texts like `2021-08-31T09:00:00+07:00`: all in Vietnamese time, so they compare as they stand.
 */
const LISTED: ReadonlyMap<string, string> = new Map(NATIONAL_CALENDAR.days.map(({ date, kind }) => [date, kind]))

const DAY_MS = 86_400_000

const midnight = (day: string): number => Date.parse(`${day}T00:00:00Z`)

export const daysAfter = (day: string, count: number): string =>
  new Date(midnight(day) + count * DAY_MS).toISOString().slice(0, 10)

const ofTheWeek = (day: string): string => ([0, 6].includes(new Date(midnight(day)).getUTCDay()) ? 'off' : 'worked')

export const isWorked = (day: string): boolean => (LISTED.get(day) ?? ofTheWeek(day)) === 'worked'

/** That day, or the first worked one after it. */
export const workedFrom = (day: string): string => (isWorked(day) ? day : workedFrom(daysAfter(day, 1)))

export const workedAfter = (day: string, count: number): string =>
  count === 0 ? day : workedAfter(workedFrom(daysAfter(day, 1)), count - 1)

/** The worked days from a day up to another, both included. */
export const workedDays = (from: string, to: string): string[] => {
  const days: string[] = []
  for (let day = from; day <= to; day = daysAfter(day, 1)) if (isWorked(day)) days.push(day)
  return days
}

export const daysBetween = (from: string, to: string): number => (midnight(to) - midnight(from)) / DAY_MS

const pad = (number: number): string => String(number).padStart(2, '0')

/** The moment of a day at so many minutes past midnight. */
export const at = (day: string, minute: number): string =>
  `${day}T${pad(Math.floor(minute / 60))}:${pad(minute % 60)}:00+07:00`

export const dayOf = (moment: string): string => moment.slice(0, 10)

export const minuteOf = (moment: string): number => Number(moment.slice(11, 13)) * 60 + Number(moment.slice(14, 16))

/** 07:30–11:30 and 13:30–17:00. */
const isOfficeMinute = (minute: number): boolean => (minute >= 450 && minute < 690) || (minute >= 810 && minute < 1020)

export const CLOSING = 17 * 60

/** From when until when a clock stood still. */
export type Pause = readonly [stops: string, resumes: string]

const isStill = (moment: string, pauses: readonly Pause[]): boolean =>
  pauses.some(([stops, resumes]) => moment >= stops && moment < resumes)

/** The first office minute from a moment on. */
const officeFrom = (moment: string): string => {
  let day = workedFrom(dayOf(moment))
  let minute = day === dayOf(moment) ? minuteOf(moment) : 0
  while (!isOfficeMinute(minute)) {
    minute += 1
    if (minute === 24 * 60) [day, minute] = [workedFrom(daysAfter(day, 1)), 0]
  }
  return at(day, minute)
}

/**
 * The moment at which so many working hours have passed, counted minute by minute; where none was left when the
 * clock stopped, the moment at which it goes on.
 */
export const afterWorkingHours = (moment: string, hours: number, pauses: readonly Pause[] = []): string => {
  let left = hours * 60
  let day = workedFrom(dayOf(moment))
  let minute = day === dayOf(moment) ? minuteOf(moment) : 0
  while (left > 0) {
    if (isOfficeMinute(minute) && !(pauses.length > 0 && isStill(at(day, minute), pauses))) left -= 1
    minute += 1
    if (minute === 24 * 60) [day, minute] = [workedFrom(daysAfter(day, 1)), 0]
  }
  return pauses.reduce((due, [stops, resumes]) => (stops === due ? officeFrom(resumes) : due), at(day, minute))
}

const officeMinutesOfDay = (from: number, to: number): number => {
  let count = 0
  for (let minute = from; minute < to; minute += 1) if (isOfficeMinute(minute)) count += 1
  return count
}

const WHOLE_DAY = officeMinutesOfDay(0, 24 * 60)

/** The working minutes from a moment to a later one. */
export const officeMinutes = (from: string, to: string): number => {
  const minutesOn = (day: string): number => {
    if (day > dayOf(from) && day < dayOf(to)) return WHOLE_DAY
    return officeMinutesOfDay(day === dayOf(from) ? minuteOf(from) : 0, day === dayOf(to) ? minuteOf(to) : 24 * 60)
  }
  return workedDays(dayOf(from), dayOf(to)).reduce((sum, day) => sum + minutesOn(day), 0)
}
