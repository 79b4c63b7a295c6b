import { type Agency, withAncestors } from '../agencies/agency.ts'
import { OFFICE_HOURS } from '../sla/hours.ts'
import { type Calendar, placesOf, type Schedule, scheduleIdentity } from './calendar.ts'
import { NATIONAL_CALENDAR } from './national.ts'

type Known = { agencies: ReadonlyMap<string, Agency>; calendars: ReadonlyMap<string, Calendar> }

/** What an agency counts by today: its calendar's newest version, its hours and the local days that reach it. */
export const scheduleFor = ({ agencies, calendars }: Known, agency: Agency): Omit<Schedule, 'id'> | undefined => {
  const calendar = calendars.get(agency.calendar ?? NATIONAL_CALENDAR.id)
  return (
    calendar && {
      calendarId: calendar.id,
      calendarVersion: calendar.version,
      hours: agency.hours ?? OFFICE_HOURS,
      places: placesOf(calendar.rules, withAncestors(agencies, agency.code)),
    }
  )
}

/** A calendar's newest version with office hours, where nothing is local. */
export const officeScheduleOf = ({ id, version }: Calendar): Omit<Schedule, 'id'> => ({
  calendarId: id,
  calendarVersion: version,
  hours: OFFICE_HOURS,
  places: [],
})

/** Every schedule by which anything may be counted today, each once. */
export const schedulesInUse = (known: Known): readonly Omit<Schedule, 'id'>[] => {
  const wanted = [
    ...[...known.calendars.values()].map(officeScheduleOf),
    ...[...known.agencies.values()].flatMap((agency) => scheduleFor(known, agency) ?? []),
  ]
  return [...new Map(wanted.map((schedule) => [scheduleIdentity(schedule), schedule])).values()]
}
