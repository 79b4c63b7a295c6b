import { at, CLOSING, dayOf, daysAfter, daysBetween, officeMinutes, workedDays } from './days.ts'
import type { Entry } from './ledger.ts'

/** The service's clock is years ahead: what is open and does not wait is overdue by now. */
export const punctualityOf = ({ receivedAt, promised, finishedAt, closedAt }: Entry): string | null => {
  if (receivedAt === null) return null
  if (finishedAt === null) {
    if (closedAt !== null) return null
    return promised === null ? 'waiting' : 'overdue'
  }
  if (promised !== null && finishedAt < promised.onTimeFrom) return 'early'
  return promised !== null && finishedAt < promised.lateFrom ? 'on_time' : 'late'
}

const NO_DATE = { dueOn: null, dueAt: null, lateFrom: null, overdueFrom: null } as const

/** What stands on the slip, and what judges the dossier. */
export const slipOf = ({ promised, first }: Entry) => {
  const { dueOn, dueAt, lateFrom, overdueFrom } = promised ?? NO_DATE
  return { dueOn, dueAt, lateFrom, overdueFrom, firstDueAt: first === null ? null : first.dueAt }
}

/** Whether the result was there by what was promised first, whatever came between. */
export const keptFirstPromise = ({ first, finishedAt }: Entry): boolean | null =>
  first === null || finishedAt === null ? null : finishedAt < first.lateFrom

export type OverdueEntry = {
  readonly code: string
  readonly dueOn: string
  readonly status: string
  readonly waiting: Entry['waiting']
  readonly lateBy: { readonly days: number; readonly workingDays: number; readonly workingHours: number }
}

type Dated = Pick<OverdueEntry, 'code' | 'dueOn'>

/** Which of two with the same due date comes first is the service's affair; here it is the code that decides. */
export const mostOverdueFirst = (a: Dated, b: Dated): number =>
  Number(a.dueOn + a.code > b.dueOn + b.code) - Number(a.dueOn + a.code < b.dueOn + b.code)

/** Hours to hundredths, cut. */
const hoursOf = (minutes: number): number => Math.floor((minutes * 100) / 60) / 100

/**
 * The overdue list of a resolving agency at a day's closing time, most overdue first. Whoever waits is on it only
 * if overdue before.
 * @param entries as they stood at that moment
 */
export const overdueAt = (entries: readonly Entry[], agency: string, day: string): OverdueEntry[] => {
  const now = at(day, CLOSING)
  return entries
    .filter(({ dossier, closedAt }) => dossier.resolvingAgency === agency && closedAt === null)
    .flatMap(({ code, status, waiting, promised }) =>
      promised !== null && promised.overdueFrom <= now ? [{ code, status, waiting, ...promised }] : [],
    )
    .map(({ code, status, waiting, dueOn, dueAt }) => ({
      code,
      dueOn,
      status,
      waiting,
      lateBy: {
        days: daysBetween(dueOn, day),
        workingDays: workedDays(daysAfter(dueOn, 1), day).length,
        workingHours: hoursOf(officeMinutes(dueAt, now)),
      },
    }))
    .sort(mostOverdueFirst)
}

/** How many were handed in to each agency on each day: so many codes must have been issued, without a gap. */
export const issuedCodes = (entries: readonly Entry[]): ReadonlyMap<string, readonly string[]> => {
  const issued = new Map<string, string[]>()
  for (const { code, dossier, openedAt } of entries) {
    const series = `${dossier.receivingAgency}-${dayOf(openedAt).slice(2).replaceAll('-', '')}`
    issued.set(series, [...(issued.get(series) ?? []), code])
  }
  return issued
}
