import type { Act } from '../access/caller.ts'
import { readAgencies } from '../agencies/store.ts'
import type { Database } from '../db/database.ts'
import type { Deps } from '../deps.ts'
import { Refusal } from '../refusal.ts'
import type { Calendar } from './calendar.ts'
import { type DaysOrder, decideDays } from './days.ts'
import { startRecalculation } from './recalculation.ts'
import { schedulesInUse } from './schedules.ts'
import { addCalendar, addSchedules, readNewestCalendars } from './store.ts'

/** Adds the schedules that a change of agencies or calendars has made necessary. */
export const addMissingSchedules = async (tx: Database): Promise<void> => {
  const agencies = new Map((await readAgencies(tx)).map((agency) => [agency.code, agency]))
  const calendars = new Map((await readNewestCalendars(tx)).map((calendar) => [calendar.id, calendar]))
  await addSchedules(tx, schedulesInUse({ agencies, calendars }))
}

/** The newest version after days were put, and the recalculation that this began. */
export type PutDays = { calendar: Calendar; isNew: boolean; recalculation: string | null }

/**
 * Puts days into a calendar: a new version, unless nothing would differ. Where more of it is confirmed now,
 * provisional deadlines become firm behind it; any other promise is moved by a recalculation alone.
 */
export const putDays = ({ now, reference }: Deps, act: Act, id: string, order: DaysOrder): Promise<PutDays> =>
  reference.change(async (tx) => {
    const calendar = (await readNewestCalendars(tx)).find((one) => one.id === id)
    if (!calendar) throw new Refusal('calendar_not_found', { calendar: id })
    const agencies = new Map((await readAgencies(tx)).map((agency) => [agency.code, agency]))
    const { keyId, officer, requestId } = act
    const next = decideDays(calendar, order, agencies, { keyId, officer, requestId }, now())
    if (!next) return { calendar, isNew: false, recalculation: null }
    await addCalendar(tx, next)
    await addMissingSchedules(tx)
    if (next.rules.coverage.confirmedTo === calendar.rules.coverage.confirmedTo) {
      return { calendar: next, isNew: true, recalculation: null }
    }
    const firm = { onlyProvisional: true, agencies: null }
    const { id: recalculation } = await startRecalculation(tx, { ...act, idempotencyKey: null }, next, firm, now())
    return { calendar: next, isNew: true, recalculation }
  })
