import stringify from 'safe-stable-stringify'
import type { CalendarRules, WorkingCalendar } from '../sla/calendar.ts'
import type { WeeklyHours } from '../sla/hours.ts'

/** A published version of a calendar. It never changes; a correction is a new version. */
export type Calendar = { id: string; version: number; name: string; rules: CalendarRules }

/** One calendar version joined with one set of hours. A dossier keeps the one by which it was promised. */
export type Schedule = { id: number; calendarId: string; calendarVersion: number; hours: WeeklyHours }

/** A schedule ready to count by. */
export type CountingSchedule = Schedule & { readonly working: WorkingCalendar }

/** Says whether two schedules are the same one, whatever the order of their JSON. */
export const scheduleIdentity = (schedule: Omit<Schedule, 'id'>): string =>
  stringify([schedule.calendarId, schedule.calendarVersion, schedule.hours])
