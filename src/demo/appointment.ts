import { afterWorkingHours, at, CLOSING, dayOf, daysAfter, isWorked, minuteOf, type Pause, workedFrom } from './days.ts'
import type { PostedProcedure, Term } from './procedures.ts'

/** Where a term counts from, and when its clock stood still since. */
export type Clock = { readonly from: string; readonly pauses: readonly Pause[] }

/** What is promised: finished before `onTimeFrom` is early, from `lateFrom` on it is late. */
export type Appointment = {
  readonly dueOn: string
  readonly dueAt: string
  readonly onTimeFrom: string
  readonly lateFrom: string
}

/** Days are judged by date. */
export const byDate = (day: string): Appointment => ({
  dueOn: day,
  dueAt: at(day, CLOSING),
  onTimeFrom: at(day, 0),
  lateFrom: at(daysAfter(day, 1), 0),
})

/** Hours are judged by the minute. */
const byMinute = (moment: string): Appointment => ({
  dueOn: dayOf(moment),
  dueAt: moment,
  onTimeFrom: moment,
  lateFrom: at(dayOf(moment), minuteOf(moment) + 1),
})

/** A day counts if the clock runs as it begins: the one on which it stopped does, the one on which it went on does not. */
const beginsRunning = (day: string, pauses: readonly Pause[]): boolean =>
  pauses.every(([stops, resumes]) => day <= dayOf(stops) || day > dayOf(resumes))

/** That day or the next worked one; where the clock stood still then, the day on which it went on. */
const endingOn = (day: string, pauses: readonly Pause[]): string => {
  const end = workedFrom(day)
  const pause = pauses.find(([stops, resumes]) => dayOf(stops) <= end && dayOf(resumes) > end)
  return pause === undefined ? end : endingOn(dayOf(pause[1]), pauses)
}

const daysOn = (from: string, amount: number, counts: (day: string) => boolean): string => {
  let day = from
  for (let left = amount; left > 0; ) {
    day = daysAfter(day, 1)
    if (counts(day)) left -= 1
  }
  return day
}

const sameDay = (from: string, cutoff: string): string =>
  workedFrom(from.slice(11, 16) <= cutoff ? dayOf(from) : daysAfter(dayOf(from), 1))

/** What is to be done within the day begins again where the clock goes on, as if handed in then. */
const sameDayOn = ({ from, pauses }: Clock, cutoff: string): string =>
  pauses.reduce(
    (end, [stops, resumes]) => (dayOf(stops) <= end ? sameDay(resumes, cutoff) : end),
    sameDay(from, cutoff),
  )

const endOf = (term: Term, clock: Clock): Appointment => {
  const { from, pauses } = clock
  switch (term.kind) {
    case 'working_days':
    case 'calendar_days': {
      const counts = (day: string): boolean =>
        beginsRunning(day, pauses) && (term.kind === 'calendar_days' || isWorked(day))
      return byDate(endingOn(daysOn(dayOf(from), term.amount, counts), pauses))
    }
    case 'working_hours':
      return byMinute(afterWorkingHours(from, term.amount, pauses))
    case 'same_day':
      return byDate(sameDayOn(clock, term.cutoff))
  }
}

/** What a dossier is promised whose clock ran so. Each second term here is a longer limit of its own. */
export const appointmentOf = (
  { term, verification }: PostedProcedure,
  clock: Clock,
  withVerification: boolean,
): Appointment => endOf((withVerification && verification) || term, clock)

export const startedAt = (from: string): Clock => ({ from, pauses: [] })

export type WaitFor = 'supplement' | 'payment'

/** The clock after a wait: full papers start it again, unless their procedure says otherwise; a payment only stops it. */
export const wentOn = (clock: Clock, { afterSupplement }: PostedProcedure, what: WaitFor, pause: Pause): Clock =>
  what === 'supplement' && afterSupplement !== 'pause'
    ? startedAt(pause[1])
    : { ...clock, pauses: [...clock.pauses, pause] }
