import { at, CLOSING, dayOf, daysAfter, minuteOf, workedFrom } from './days.ts'
import type { Random } from './random.ts'

export const OPENING = 7 * 60 + 30
export const LUNCH = 11 * 60 + 30
const AFTER_LUNCH = 13 * 60 + 30
const LAST_MINUTE = 24 * 60 - 1

export const officeMinute = (random: Random, latest: number): number =>
  random.chance(0.55) ? random.between(OPENING, LUNCH) : random.between(AFTER_LUNCH, latest)

export const laterOf = (a: string, b: string): string => (a < b ? b : a)

/** Some minutes after a moment, and still on its day. */
export const soonAfter = (moment: string, minutes: number): string =>
  at(dayOf(moment), Math.min(minuteOf(moment) + minutes, LAST_MINUTE))

/** A moment of a day, and after what went before; on that day's own, or on a later one where the day is past. */
export const momentOn = (random: Random, day: string, before: string): string => {
  if (day < dayOf(before)) return momentOn(random, workedFrom(daysAfter(dayOf(before), 1)), before)
  const evening = random.chance(0.04)
  const earliest = soonAfter(before, 5)
  if (evening) return laterOf(earliest, at(day, random.between(CLOSING + 30, 21 * 60)))
  if (day > dayOf(before)) return at(day, officeMinute(random, CLOSING))
  return at(day, random.between(minuteOf(earliest), Math.max(minuteOf(earliest), CLOSING)))
}
