import { Refusal } from '../refusal.ts'
import { DAY, HOUR, MINUTE, type Milliseconds } from './date.ts'

/** `["07:30", "11:30"]`; `24:00` closes a day. */
export type Period = readonly [opens: string, closes: string]

/** The working periods of each ISO weekday, 1 Monday … 7 Sunday, in order and apart. */
export type WeeklyHours = { [weekday in '1' | '2' | '3' | '4' | '5' | '6' | '7']?: readonly Period[] | undefined }

const OFFICE_DAY: readonly Period[] = [
  ['07:30', '11:30'],
  ['13:30', '17:00'],
]

/** The usual hours of a Vietnamese office, where an agency states none of its own. */
export const OFFICE_HOURS: WeeklyHours = { 1: OFFICE_DAY, 2: OFFICE_DAY, 3: OFFICE_DAY, 4: OFFICE_DAY, 5: OFFICE_DAY }

/** One day's periods as offsets from its midnight, with the working time spent before each. */
export type DayHours = {
  readonly periods: readonly {
    readonly opens: Milliseconds
    readonly closes: Milliseconds
    readonly before: Milliseconds
  }[]
  readonly opens: Milliseconds
  readonly closes: Milliseconds
  readonly length: Milliseconds
}

/** `HH:mm` as an offset from midnight. */
export const timeOfDay = (text: string): Milliseconds =>
  Number(text.slice(0, 2)) * HOUR + Number(text.slice(3, 5)) * MINUTE

/** Refuses `no_working_time` where the periods are out of order, overlap or hold no time. */
export const dayHours = (periods: readonly Period[] = []): DayHours => {
  let length = 0
  let previous = 0
  const parsed = periods.map(([from, to]) => {
    const opens = timeOfDay(from)
    const closes = timeOfDay(to)
    const sound = opens >= previous && closes > opens && closes <= DAY
    if (!sound) throw new Refusal('no_working_time', { period: `${from}–${to}` })
    const period = { opens, closes, before: length }
    previous = closes
    length += closes - opens
    return period
  })
  return { periods: parsed, opens: parsed[0]?.opens ?? 0, closes: previous, length }
}

/** The working time of a day that has passed at an offset from its midnight. */
export const workedByTime = (hours: DayHours, time: Milliseconds): Milliseconds => {
  for (const period of hours.periods) {
    if (time <= period.opens) return period.before
    if (time <= period.closes) return period.before + time - period.opens
  }
  return hours.length
}

/** The first offset from midnight at which `worked` (more than 0, at most the day's length) has passed. */
export const timeWhenWorked = (hours: DayHours, worked: Milliseconds): Milliseconds => {
  let time = hours.opens
  for (const period of hours.periods) if (period.before < worked) time = period.opens + worked - period.before
  return time
}
