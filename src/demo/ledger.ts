import {
  afterWorkingHours,
  at,
  CLOSING,
  dayOf,
  daysAfter,
  daysBetween,
  OFFICE_HOURS_A_DAY,
  workedDays,
} from './days.ts'
import { dueOn } from './procedures.ts'
import type { Act, Channel, PlannedDossier, Verb } from './story.ts'

/** One dossier as the demo's own books have it: only what was sent, and what follows from it. */
export type Entry = {
  readonly dossier: PlannedDossier
  /** The only thing in here that the service said. */
  readonly code: string
  readonly last: Verb
  readonly openedAt: string
  readonly submittedAt: string | null
  readonly receivedAt: string | null
  readonly dueOn: string | null
  readonly finishedAt: string | null
  readonly returnedAt: string | null
  readonly returnedChannel: Channel | null
  readonly closedAt: string | null
}

export type Ledger = {
  /** Writes down what was sent and accepted. */
  readonly write: (act: Act, code: string) => Entry
  readonly entries: () => readonly Entry[]
}

const blank = ({ dossier, step }: Act, code: string): Entry => ({
  dossier,
  code,
  last: step.verb,
  openedAt: step.at,
  submittedAt: dossier.submittedAt ?? null,
  receivedAt: null,
  dueOn: null,
  finishedAt: null,
  returnedAt: null,
  returnedChannel: null,
  closedAt: null,
})

const written = (entry: Entry, { dossier, step }: Act): Entry => {
  const { verb: last, at } = step
  switch (last) {
    case 'receive':
    case 'accept':
      return { ...entry, last, receivedAt: at, dueOn: dueOn(dossier.procedure, at, dossier.withVerification) }
    case 'finish':
      return { ...entry, last, finishedAt: at, closedAt: at }
    case 'return':
      return { ...entry, last, returnedAt: at, returnedChannel: step.channel ?? dossier.returnChannel }
    case 'refuse':
    case 'withdraw':
      return { ...entry, last, closedAt: at }
    case 'submit':
    case 'start':
      return { ...entry, last }
  }
}

export const openLedger = (): Ledger => {
  const entries = new Map<string, Entry>()
  return {
    write: (act, code) => {
      const { reference } = act.dossier
      const entry = written(entries.get(reference) ?? blank(act, code), act)
      entries.set(reference, entry)
      return entry
    },
    entries: () => [...entries.values()],
  }
}

const STATUS_AFTER: Readonly<Record<Verb, string>> = {
  submit: 'submitted',
  receive: 'received',
  accept: 'received',
  refuse: 'refused',
  start: 'processing',
  finish: 'finished',
  return: 'returned',
  withdraw: 'withdrawn',
}

export const statusOf = ({ last }: Entry): string => STATUS_AFTER[last]

/** By date, as the official reports do. The service's clock is years ahead: what is open is overdue by now. */
export const punctualityOf = ({ dueOn, finishedAt, closedAt }: Entry): string | null => {
  if (dueOn === null) return null
  if (finishedAt === null) return closedAt === null ? 'overdue' : null
  const day = dayOf(finishedAt)
  if (day < dueOn) return 'early'
  return day === dueOn ? 'on_time' : 'late'
}

/** What stands on the slip. */
export const slipOf = ({ dueOn }: Entry) => ({
  dueOn,
  dueAt: dueOn && at(dueOn, CLOSING),
  lateFrom: dueOn && at(daysAfter(dueOn, 1), 0),
})

const ACCEPTANCE_HOURS = 8

export const acceptanceDueAt = ({ dossier }: Entry): string | null =>
  dossier.submittedAt !== undefined && dossier.steps[0]?.verb === 'submit'
    ? afterWorkingHours(dossier.submittedAt, ACCEPTANCE_HOURS)
    : null

export type OverdueEntry = {
  readonly code: string
  readonly dueOn: string
  readonly lateBy: { readonly days: number; readonly workingDays: number; readonly workingHours: number }
}

type Dated = Pick<OverdueEntry, 'code' | 'dueOn'>

/** Which of two with the same due date comes first is the service's affair; here it is the code that decides. */
export const mostOverdueFirst = (a: Dated, b: Dated): number =>
  Number(a.dueOn + a.code > b.dueOn + b.code) - Number(a.dueOn + a.code < b.dueOn + b.code)

const openAt = ({ receivedAt, closedAt }: Entry, asOf: string): boolean =>
  receivedAt !== null && receivedAt <= asOf && (closedAt === null || closedAt > asOf)

/** The overdue list of a resolving agency at a day's closing time, most overdue first. */
export const overdueAt = (entries: readonly Entry[], agency: string, day: string): OverdueEntry[] =>
  entries
    .filter((entry) => entry.dossier.resolvingAgency === agency && openAt(entry, at(day, CLOSING)))
    .flatMap(({ code, dueOn }) => (dueOn !== null && dueOn < day ? [{ code, dueOn }] : []))
    .map(({ code, dueOn }) => {
      const workingDays = workedDays(daysAfter(dueOn, 1), day).length
      return {
        code,
        dueOn,
        lateBy: { days: daysBetween(dueOn, day), workingDays, workingHours: workingDays * OFFICE_HOURS_A_DAY },
      }
    })
    .sort(mostOverdueFirst)

/** How many were handed in to each agency on each day: so many codes must have been issued, without a gap. */
export const issuedCodes = (entries: readonly Entry[]): ReadonlyMap<string, readonly string[]> => {
  const issued = new Map<string, string[]>()
  for (const { code, dossier, openedAt } of entries) {
    const series = `${dossier.receivingAgency}-${dayOf(openedAt).slice(2).replaceAll('-', '')}`
    issued.set(series, [...(issued.get(series) ?? []), code])
  }
  return issued
}
