import { addMonths, type DayNumber, dayNumber, formatDate } from '../sla/date.ts'

/** The administrative year runs from 15/12 of the year before to 14/12 (Thông tư 01/2020/TT-VPCP); the calendar year from 1/1. */
export const YEARS = ['administrative', 'calendar'] as const
export type YearKind = (typeof YEARS)[number]

/** Both days are counted. */
export type Period = { from: string; to: string; year: number }

export const PERIOD_NAME = /^((?:19|20|21)\d{2})(?:-(?:Q([1-4])|H([12])|(9M)))?$/

const firstDay = (year: number, kind: YearKind): DayNumber =>
  kind === 'calendar' ? dayNumber(`${year}-01-01`) : dayNumber(`${year - 1}-12-15`)

/** Which months of the year a name spans: from, and how many. */
const months = (quarter: string | undefined, half: string | undefined, nine: string | undefined): [number, number] => {
  if (quarter) return [3 * (Number(quarter) - 1), 3]
  if (half) return [6 * (Number(half) - 1), 6]
  return nine ? [0, 9] : [0, 12]
}

/** `2021`, `2021-Q3`, `2021-H1` or `2021-9M` in either kind of year; `undefined` for any other name. */
export const namedPeriod = (name: string, kind: YearKind): Period | undefined => {
  const match = PERIOD_NAME.exec(name)
  if (!match) return undefined
  const [, year, quarter, half, nine] = match
  const [from, length] = months(quarter, half, nine)
  const start = firstDay(Number(year), kind)
  return {
    from: formatDate(addMonths(start, from)),
    to: formatDate(addMonths(start, from + length) - 1),
    year: Number(year),
  }
}

/** A period by its two days; its targets are those of the year in which it ends. */
export const datedPeriod = (from: string, to: string): Period => ({ from, to, year: Number(to.slice(0, 4)) })
