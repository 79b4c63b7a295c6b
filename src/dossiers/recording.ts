import type { Reference } from '../reference.ts'
import { Refusal } from '../refusal.ts'
import { type WorkingCalendar, workingDaysBetween } from '../sla/calendar.ts'
import { dayOf } from '../sla/date.ts'

/** What stands around a decision: the clock and who decides. */
export type Bench = {
  readonly reference: Reference
  readonly now: Date
  /** Scope `dossiers:correct`: may record what is older than the agency's limit, and an extension sent late. */
  readonly mayCorrect: boolean
}

const within = (calendar: WorkingCalendar, at: Date): number =>
  Math.min(Math.max(dayOf(at.getTime()), calendar.from), calendar.to)

/** How many working days late an officer may record what happened, where the agency states nothing else. */
export const LATE_RECORDING_DAYS = 5

/**
 * Whether something is recorded later than its agency allows, in working days of that agency. Refuses
 * `recorded_too_late` to whoever may not correct.
 */
export const isRecordedLate = (agency: string, effectiveAt: Date, { reference, now, mayCorrect }: Bench): boolean => {
  const { working } = reference.scheduleOf(agency)
  const limit = reference.agencies.get(agency)?.lateRecordingDays ?? LATE_RECORDING_DAYS
  const isLate = workingDaysBetween(working, within(working, effectiveAt), within(working, now)) > limit
  if (isLate && !mayCorrect) throw new Refusal('recorded_too_late', { agency, limit })
  return isLate
}
