import { versionOn } from '../procedures/procedure.ts'
import type { Reference } from '../reference.ts'
import { Refusal } from '../refusal.ts'
import { dayOf, formatDate, type Instant } from '../sla/date.ts'
import { deadline } from '../sla/deadline.ts'
import type { PromiseFacts } from './lifecycle.ts'

type Promised = { procedureCode: string; resolvingAgency: string; withVerification: boolean }

/**
 * The promise given to a dossier received at an instant: the procedure's version in force that day, counted by
 * the resolving agency's schedule. All that it was counted from goes into the trail with it.
 */
export const promiseFor = (dossier: Promised, receivedAt: Instant, reference: Reference): PromiseFacts => {
  const procedure = reference.procedures.get(dossier.procedureCode)
  if (!procedure) throw new Refusal('procedure_not_found', { procedure: dossier.procedureCode })
  const { effectiveFrom, limit, sample } = versionOn(procedure, formatDate(dayOf(receivedAt)))
  const schedule = reference.scheduleOf(dossier.resolvingAgency)
  const due = deadline(schedule.working, limit, receivedAt, dossier.withVerification)
  return {
    procedureVersion: effectiveFrom,
    limit,
    sampleLimit: sample,
    scheduleId: schedule.id,
    dueOn: formatDate(due.dueOn),
    dueAt: new Date(due.dueAt).toISOString(),
    onTimeFrom: new Date(due.onTimeFrom).toISOString(),
    lateFrom: new Date(due.lateFrom).toISOString(),
    provisional: due.provisional,
  }
}
