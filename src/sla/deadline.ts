import { Refusal } from '../refusal.ts'
import { addWorkingTime, NO_PAUSES, type Pause, requireCovered, type WorkingCalendar } from './calendar.ts'
import { dayOf, HOUR, type Instant } from './date.ts'
import { type Limit, type Term, type TermEnd, type TermStart, termEnd } from './term.ts'

/** A promise: where the limit ends, and whether the calendar up to there is confirmed. */
export type Deadline = TermEnd & { readonly provisional: boolean }

/** One term as it was counted. */
export type CountedStep = {
  readonly part: 'limit' | 'verification'
  readonly term: Term
  readonly start: TermStart
  readonly pauses: readonly Pause[]
  readonly end: TermEnd
}

const atReceipt = (receivedAt: Instant): TermStart => ({ at: receivedAt, on: dayOf(receivedAt) })

const afterTerm = (end: TermEnd): TermStart => ({ at: end.dueAt, on: end.dueOn })

/**
 * The terms of a limit in the order in which they count. "Không quá 23 ngày" for a verified case is a whole
 * limit of its own, from receipt; "kéo dài thêm không quá 2 ngày" begins where the first term ends.
 */
export const countSteps = (
  calendar: WorkingCalendar,
  limit: Limit,
  receivedAt: Instant,
  withVerification: boolean,
  pauses: readonly Pause[] = NO_PAUSES,
): readonly [CountedStep, ...CountedStep[]] => {
  const receipt = atReceipt(receivedAt)
  requireCovered(calendar, receipt.on)
  const first: CountedStep = {
    part: 'limit',
    term: limit,
    start: receipt,
    pauses,
    end: termEnd(calendar, limit, receipt, pauses),
  }
  if (!withVerification) return [first]
  const term = limit.verification
  if (!term) throw new Refusal('no_verification_term')
  const start = term.counted === 'after_first_term' ? afterTerm(first.end) : receipt
  return [first, { part: 'verification', term, start, pauses, end: termEnd(calendar, term, start, pauses) }]
}

/** The promise is the latest end of all terms: verifying never shortens a limit. */
export const latestEnd = (calendar: WorkingCalendar, steps: readonly [CountedStep, ...CountedStep[]]): Deadline => {
  let latest = steps[0].end
  for (const { end } of steps) if (end.lateFrom > latest.lateFrom) latest = end
  const { dueOn, dueAt, onTimeFrom, lateFrom } = latest
  // Named one by one: spreading the end took nine tenths of a deadline's time.
  return { dueOn, dueAt, onTimeFrom, lateFrom, provisional: dueOn > calendar.confirmedTo }
}

/**
 * The deadline of a dossier received at an instant, whose clock stood still during `pauses`.
 * Legal source: Nghị định 61/2018/NĐ-CP art. 15–20; Bộ luật Dân sự 2015 art. 145–148.
 * Refuses `calendar_not_covering` past the published calendar and `no_verification_term` where the limit has none.
 */
export const deadline = (
  calendar: WorkingCalendar,
  limit: Limit,
  receivedAt: Instant,
  withVerification = false,
  pauses: readonly Pause[] = NO_PAUSES,
): Deadline => latestEnd(calendar, countSteps(calendar, limit, receivedAt, withVerification, pauses))

/** The desk must accept or refuse an online dossier within this time (Nghị định 61/2018/NĐ-CP). */
export const ACCEPTANCE_HOURS = 8

/** When an online dossier must have been accepted or refused. */
export const acceptanceDueAt = (calendar: WorkingCalendar, submittedAt: Instant): Instant =>
  addWorkingTime(calendar, submittedAt, ACCEPTANCE_HOURS * HOUR)
