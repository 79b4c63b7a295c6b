import { type DayNumber, dayNumber, dayOf, formatDate } from '../sla/date.ts'

/**
 * Half a month: from the 1st to the 14th, or from the 15th on. Months, quarters and years of both kinds, the calendar
 * one and the administrative one (15/12–14/12, Thông tư 01/2020/TT-VPCP), begin and end on such edges. Counted from
 * January of year 0, so that a later half is a larger number; `figure_half` in SQL (migration 0005) counts the same.
 */
export type Half = number

const HALVES_A_YEAR = 24

/** The day on which a half's second one begins. */
const MIDDLE = 15

export const halfOf = (day: DayNumber): Half => {
  const [year = 0, month = 1, date = 1] = formatDate(day).split('-').map(Number)
  return year * HALVES_A_YEAR + (month - 1) * 2 + (date >= MIDDLE ? 1 : 0)
}

export const halfAt = (at: Date): Half => halfOf(dayOf(at.getTime()))

export const firstDayOf = (half: Half): DayNumber => {
  const month = Math.floor((half % HALVES_A_YEAR) / 2) + 1
  const year = String(Math.floor(half / HALVES_A_YEAR)).padStart(4, '0')
  return dayNumber(`${year}-${String(month).padStart(2, '0')}-${half % 2 === 0 ? '01' : MIDDLE}`)
}
