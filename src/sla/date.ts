import dayjs from 'dayjs'
import utc from 'dayjs/plugin/utc.js'

dayjs.extend(utc)

/** A Vietnamese day, counted from 1970-01-01 = 0. */
export type DayNumber = number

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type Instant = number

/** A length of time in milliseconds. */
export type Milliseconds = number

export const MINUTE: Milliseconds = 60_000
export const HOUR: Milliseconds = 60 * MINUTE
export const DAY: Milliseconds = 24 * HOUR

/** Vietnam has kept +07:00 without daylight saving since 1975, so a constant is exact. */
const OFFSET: Milliseconds = 7 * HOUR

const ISO_DATE = 'YYYY-MM-DD'

/** The Vietnamese day on which an instant falls. */
export const dayOf = (instant: Instant): DayNumber => Math.floor((instant + OFFSET) / DAY)

/** The later of two instants. */
export const later = (a: Date, b: Date): Date => (a < b ? b : a)

/** 00:00 in Vietnam of that day. */
export const startOfDay = (day: DayNumber): Instant => day * DAY - OFFSET

/** 1 Monday … 7 Sunday; day 0 was a Thursday. */
export const isoWeekday = (day: DayNumber): number => ((((day + 3) % 7) + 7) % 7) + 1

/** `YYYY-MM-DD` to its day; `undefined` where the text is no real date (31/2). */
export const parseDate = (text: string): DayNumber | undefined => {
  const time = Date.parse(text)
  return Number.isNaN(time) || formatDate(Math.floor(time / DAY)) !== text ? undefined : time / DAY
}

/** The day of a date that the program itself wrote, such as one of the shipped calendar. */
export const dayNumber = (text: string): DayNumber => {
  const day = parseDate(text)
  if (day === undefined) throw new RangeError(`${text} is not a date`)
  return day
}

export const formatDate = (day: DayNumber): string => new Date(day * DAY).toISOString().slice(0, ISO_DATE.length)

/** `30/4/2021`, as Vietnamese readers write a date. */
export const formatDateForReaders = (day: DayNumber): string => dayjs.utc(day * DAY).format('D/M/YYYY')

/** `YYMMDD`, the middle of a dossier's code. */
export const formatCompactDate = (day: DayNumber): string => formatDate(day).slice(2).replaceAll('-', '')

/** An instant as Vietnamese wall-clock time with its offset; milliseconds only where there are any. */
export const formatInstant = (instant: Date): string =>
  `${new Date(instant.getTime() + OFFSET).toISOString().slice(0, -1).replace('.000', '')}+07:00`

/** `08:05` or, with seconds, `08:05:30`. */
export const formatTime = (instant: Instant): string => {
  const local = dayjs.utc(instant + OFFSET)
  return local.format(local.second() === 0 ? 'HH:mm' : 'HH:mm:ss')
}

/** The same day of the month some months on, or that month's last day. */
export const addMonths = (day: DayNumber, months: number): DayNumber =>
  dayjs
    .utc(day * DAY)
    .add(months, 'month')
    .valueOf() / DAY
