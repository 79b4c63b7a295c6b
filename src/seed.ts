import { SAMPLE_AGENCIES } from './agencies/sample.ts'
import { saveAgency } from './agencies/store.ts'
import { addMissingSchedules } from './calendars/commands.ts'
import { NATIONAL_CALENDAR } from './calendars/national.ts'
import { addCalendar } from './calendars/store.ts'
import type { Database } from './db/database.ts'
import { SAMPLE_PROCEDURES } from './procedures/sample.ts'
import { saveProcedure } from './procedures/store.ts'
import type { ReferenceSource } from './reference.ts'

/** The version of the national calendar that this release ships. */
const NATIONAL_VERSION = 1

/** The day on which Nghị định 61/2018/NĐ-CP came into force. */
const SAMPLE_FROM = '2018-06-21'

const seedNationalCalendar = async (tx: Database): Promise<void> => {
  const { id, name, ...rules } = NATIONAL_CALENDAR
  await addCalendar(tx, { id, version: NATIONAL_VERSION, name, rules, change: null })
  await addMissingSchedules(tx)
}

const seedSampleCatalogue = async (tx: Database): Promise<void> => {
  for (const agency of SAMPLE_AGENCIES) {
    await saveAgency(tx, { parent: null, ...agency, calendar: null, hours: null, lateRecordingDays: null })
  }
  for (const { code, name, field, limit, verified } of SAMPLE_PROCEDURES) {
    const versions = [{ effectiveFrom: SAMPLE_FROM, limit, sample: !verified }]
    await saveProcedure(tx, { code, name, field, postAllowed: true, versions })
  }
}

/** Puts in what a database needs from its first day; what is there already is left as it is. */
export const seed = async (reference: ReferenceSource, withSample: boolean): Promise<void> => {
  const { agencies, calendars, procedures } = await reference.current()
  if (!calendars.has(NATIONAL_CALENDAR.id)) await reference.change(seedNationalCalendar)
  if (withSample && agencies.size === 0 && procedures.size === 0) await reference.change(seedSampleCatalogue)
}
