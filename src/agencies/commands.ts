import { NATIONAL_CALENDAR } from '../calendars/national.ts'
import { addSchedule, newestVersion } from '../calendars/store.ts'
import type { Database } from '../db/database.ts'
import { invalid } from '../refusal.ts'
import { dayHours, OFFICE_HOURS } from '../sla/hours.ts'
import { type Agency, checkPlace } from './agency.ts'
import { childrenOf, findAgency, saveAgency } from './store.ts'

/** Saves an agency in its place, and the schedule by which it counts. Answers whether it is new. */
export const putAgency = async (tx: Database, wanted: Agency): Promise<boolean> => {
  const parent = wanted.parent === null ? undefined : await findAgency(tx, wanted.parent)
  if (wanted.parent !== null && !parent) throw invalid('/parent', 'Không có cơ quan này.', 'There is no such agency.')
  checkPlace(wanted, parent, await childrenOf(tx, wanted.code))
  const calendarId = wanted.calendar ?? NATIONAL_CALENDAR.id
  const calendarVersion = await newestVersion(tx, calendarId)
  if (calendarVersion === undefined) throw invalid('/calendar', 'Không có lịch này.', 'There is no such calendar.')
  for (const periods of Object.values(wanted.hours ?? {})) dayHours(periods)
  const known = await findAgency(tx, wanted.code)
  await addSchedule(tx, { calendarId, calendarVersion, hours: wanted.hours ?? OFFICE_HOURS })
  await saveAgency(tx, wanted)
  return known === undefined
}
