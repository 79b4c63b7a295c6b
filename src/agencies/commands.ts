import { addMissingSchedules } from '../calendars/commands.ts'
import { readNewestCalendars } from '../calendars/store.ts'
import type { Database } from '../db/database.ts'
import { rollUp } from '../figures/folding.ts'
import { invalid } from '../refusal.ts'
import { dayHours } from '../sla/hours.ts'
import { type Agency, checkPlace } from './agency.ts'
import { childrenOf, findAgency, saveAgency } from './store.ts'

/** Saves an agency in its place, and the schedules by which it and those below it count. Answers whether it is new. */
export const putAgency = async (tx: Database, wanted: Agency): Promise<boolean> => {
  const parent = wanted.parent === null ? undefined : await findAgency(tx, wanted.parent)
  if (wanted.parent !== null && !parent) throw invalid('/parent', 'Không có cơ quan này.', 'There is no such agency.')
  checkPlace(wanted, parent, await childrenOf(tx, wanted.code))
  const calendars = await readNewestCalendars(tx)
  if (wanted.calendar !== null && !calendars.some(({ id }) => id === wanted.calendar)) {
    throw invalid('/calendar', 'Không có lịch này.', 'There is no such calendar.')
  }
  for (const periods of Object.values(wanted.hours ?? {})) dayHours(periods)
  const known = await findAgency(tx, wanted.code)
  await saveAgency(tx, wanted)
  await addMissingSchedules(tx)
  if (known && known.parent !== wanted.parent) await rollUp(tx)
  return known === undefined
}
