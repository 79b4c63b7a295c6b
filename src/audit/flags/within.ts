import { withAncestors } from '../../agencies/agency.ts'
import type { Reference } from '../../reference.ts'
import { isWorkingDay, type WorkingCalendar } from '../../sla/calendar.ts'
import { type DayNumber, dayNumber, formatDate, startOfDay } from '../../sla/date.ts'

/** By which schedule each agency counts, and what those say of each day. */
export type OfficeDays = {
  readonly agencies: readonly { agency: string; schedule: number }[]
  readonly days: readonly OfficeDay[]
}

type OfficeDay = {
  schedule: number
  day: string
  off: boolean
  /** A supplement may be asked for on that day of what was received on this one or later. */
  receivedSince: string
}

/** What an auditor looks at: some agencies and a span of time. */
export type Within = {
  /** `null` means all. */
  readonly agencies: readonly string[] | null
  /** These agencies and all above them: whose local days hold there. `null` means all. */
  readonly places: readonly string[] | null
  readonly from: Date
  /** Not included. */
  readonly until: Date
  readonly office: OfficeDays
}

/** A supplement is asked for within so many working days of receipt (Nghị định 61/2018/NĐ-CP art. 19). */
const SUPPLEMENT_DAYS = 3

/** The first day of receipt whose third working day comes no sooner than `day`. */
const receivedSince = ({ days, rank, from }: WorkingCalendar, day: DayNumber): DayNumber =>
  days[Number(rank[day - from]) - SUPPLEMENT_DAYS] ?? from

/** The days of a span as far as a calendar covers them: what lies beyond is not judged. */
const daysOf = (schedule: number, calendar: WorkingCalendar, from: DayNumber, to: DayNumber): OfficeDay[] => {
  const days: OfficeDay[] = []
  for (let day = Math.max(from, calendar.from); day <= Math.min(to, calendar.to); day++) {
    const since = formatDate(receivedSince(calendar, day))
    days.push({ schedule, day: formatDate(day), off: !isWorkingDay(calendar, day), receivedSince: since })
  }
  return days
}

/** Every agency's days, by the calendar that it counts by today. */
const officeDays = (reference: Reference, from: DayNumber, to: DayNumber): OfficeDays => {
  const calendars = new Map<number, WorkingCalendar>()
  const agencies = [...reference.agencies.keys()].map((agency) => {
    const { id, working } = reference.scheduleOf(agency)
    calendars.set(id, working)
    return { agency, schedule: id }
  })
  return { agencies, days: [...calendars].flatMap(([schedule, calendar]) => daysOf(schedule, calendar, from, to)) }
}

/** Some agencies (`null`: all) from one day to another, both included. */
export const withinDays = (
  agencies: readonly string[] | null,
  span: { from: string; to: string },
  reference: Reference,
): Within => {
  const [from, to] = [dayNumber(span.from), dayNumber(span.to)]
  return {
    agencies,
    places: agencies && [...new Set(agencies.flatMap((agency) => withAncestors(reference.agencies, agency)))],
    from: new Date(startOfDay(from)),
    until: new Date(startOfDay(to + 1)),
    office: officeDays(reference, from, to),
  }
}
