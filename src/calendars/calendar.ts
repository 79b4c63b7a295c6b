import stringify from 'safe-stable-stringify'
import type { CalendarRules, WorkingCalendar } from '../sla/calendar.ts'
import type { WeeklyHours } from '../sla/hours.ts'

/** A day on which the plain week holds again: its mark was taken away, and on which ground. */
export type UsualDay = { date: string; name: string; legalBasis: string }

/** What made a version of the one before: who put which days, when, and by which announcement. */
export type CalendarChange = {
  /** The days that differ from the version before. */
  dates: readonly string[]
  /** Those of them that lost their mark: nothing else in the new version says so. */
  usual: readonly UsualDay[]
  /** Whose local days they are; `null` where they are everyone's. */
  agency: string | null
  publishedAt: string
  recordedAt: string
  keyId: string
  officer: string | null
  requestId: string
}

/** A published version of a calendar. It never changes; a correction is a new version. */
export type Calendar = {
  id: string
  version: number
  name: string
  rules: CalendarRules
  change: CalendarChange | null
}

/**
 * One calendar version joined with one set of hours and the agencies (`places`) whose local days apply. A dossier
 * keeps the one by which it was promised.
 */
export type Schedule = {
  id: number
  calendarId: string
  calendarVersion: number
  hours: WeeklyHours
  places: readonly string[]
}

/** A schedule ready to count by. */
export type CountingSchedule = Schedule & { readonly working: WorkingCalendar }

/** Says whether two schedules are the same one, whatever the order of their JSON. */
export const scheduleIdentity = (schedule: Omit<Schedule, 'id'>): string =>
  stringify([schedule.calendarId, schedule.calendarVersion, schedule.hours, schedule.places])

/** The rules of one place: days that are everyone's, and those of the agencies that it lies in. */
export const rulesAt = (rules: CalendarRules, places: readonly string[]): CalendarRules => ({
  ...rules,
  days: rules.days.filter(({ agency }) => agency === undefined || places.includes(agency)),
})

/** Of an agency and all above it, those that have local days in a calendar, in the order of their codes. */
export const placesOf = (rules: CalendarRules, ancestry: readonly string[]): readonly string[] => {
  const local = new Set(rules.days.map(({ agency }) => agency))
  return ancestry.filter((agency) => local.has(agency)).toSorted()
}
