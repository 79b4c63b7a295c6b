import { type Appointment, appointmentOf, byDate, type Clock, startedAt, type WaitFor, wentOn } from './appointment.ts'
import { afterWorkingHours, daysAfter, workedDays } from './days.ts'
import type { Act, Channel, PlannedDossier, Step } from './story.ts'

/** An appointment that stands. Open from `overdueFrom` on is overdue; only an extension puts that off. */
type Promised = Appointment & { readonly overdueFrom: string }

/** One dossier as the demo's own books have it: only what was sent, and what follows from it. */
export type Entry = {
  readonly dossier: PlannedDossier
  /** The only thing in here that the service said. */
  readonly code: string
  readonly status: string
  readonly openedAt: string
  /** Since when it stands as written here. */
  readonly since: string
  readonly submittedAt: string | null
  readonly acceptanceDueAt: string | null
  readonly receivedAt: string | null
  readonly clock: Clock | null
  /** None before receipt, nor while it waits, unless it was overdue already. */
  readonly promised: Promised | null
  readonly first: Appointment | null
  readonly waiting: { readonly for: WaitFor; readonly since: string } | null
  /** The status to which it comes back when it waits no more. */
  readonly waitedFrom: string
  /** One after the other, the dates that it was promised; none while it waits. */
  readonly dueDates: readonly (string | null)[]
  readonly extension: { readonly sentAt: string; readonly workingDays: number } | null
  readonly finishedAt: string | null
  readonly returnedAt: string | null
  readonly returnedChannel: Channel | null
  readonly closedAt: string | null
}

export type Ledger = {
  /** Writes down what was sent and accepted. */
  readonly write: (act: Act, code: string) => Entry
  readonly entries: () => readonly Entry[]
  /** Every dossier that there was at a moment, as it stood then. */
  readonly entriesAt: (moment: string) => readonly Entry[]
}

const ACCEPTANCE_HOURS = 8

const blank = ({ dossier, step }: Act, code: string): Entry => ({
  dossier,
  code,
  status: 'submitted',
  openedAt: step.at,
  since: step.at,
  submittedAt: dossier.submittedAt ?? null,
  acceptanceDueAt: dossier.submittedAt === undefined ? null : afterWorkingHours(dossier.submittedAt, ACCEPTANCE_HOURS),
  receivedAt: null,
  clock: null,
  promised: null,
  first: null,
  waiting: null,
  waitedFrom: 'submitted',
  dueDates: [],
  extension: null,
  finishedAt: null,
  returnedAt: null,
  returnedChannel: null,
  closedAt: null,
})

const promisedBy = ({ procedure, withVerification }: PlannedDossier, clock: Clock): Promised => {
  const appointment = appointmentOf(procedure, clock, withVerification)
  return { ...appointment, overdueFrom: appointment.lateFrom }
}

const withDueDate = (entry: Entry): Entry => {
  const dueOn = entry.promised === null ? null : entry.promised.dueOn
  const isTheSame = entry.receivedAt === null || entry.dueDates.at(-1) === dueOn
  return isTheSame ? entry : { ...entry, dueDates: [...entry.dueDates, dueOn] }
}

const received = (entry: Entry, receivedAt: string): Entry => {
  const clock = startedAt(receivedAt)
  const promised = promisedBy(entry.dossier, clock)
  return withDueDate({ ...entry, status: 'received', receivedAt, clock, promised, first: promised, waiting: null })
}

/** The clock stands still, and there is no date to keep; what is overdue by then stays so. */
const waiting = (entry: Entry, what: WaitFor, status: string, since: string): Entry => {
  const isOverdue = entry.promised !== null && since >= entry.promised.overdueFrom
  return withDueDate({
    ...entry,
    status,
    promised: isOverdue ? entry.promised : null,
    waiting: { for: what, since },
    waitedFrom: entry.status,
  })
}

/** Before acceptance the full papers make it received; after it the clock goes on, unless it had run out. */
const resumed = (entry: Entry, at: string): Entry => {
  const { dossier, clock, waiting } = entry
  if (waiting === null) return entry
  if (clock === null) return received(entry, at)
  const back: Entry = { ...entry, status: entry.waitedFrom, waiting: null }
  if (entry.promised !== null) return withDueDate(back)
  const next = wentOn(clock, dossier.procedure, waiting.for, [waiting.since, at])
  return withDueDate({ ...back, clock: next, promised: promisedBy(dossier, next) })
}

/** The appointment is put off; what is late stays what it was. */
const extended = (entry: Entry, { at, dueOn = '' }: Step): Entry => {
  const { promised } = entry
  const { dueAt, lateFrom } = byDate(dueOn)
  const workingDays = workedDays(daysAfter(String(promised?.dueOn), 1), dueOn).length
  return withDueDate({
    ...entry,
    promised: promised && { ...promised, dueOn, dueAt, overdueFrom: lateFrom },
    extension: { sentAt: at, workingDays },
  })
}

const written = (entry: Entry, step: Step): Entry => {
  const { verb, at } = step
  switch (verb) {
    case 'submit':
      return entry
    case 'receive':
    case 'accept':
      return received(entry, at)
    case 'start':
      return { ...entry, status: 'processing' }
    case 'request-supplement':
      return waiting(entry, 'supplement', 'supplement_requested', at)
    case 'await-payment':
      return waiting(entry, 'payment', 'awaiting_payment', at)
    case 'supplement-received':
    case 'payment-received':
      return resumed(entry, at)
    case 'extend':
      return extended(entry, step)
    case 'finish':
      return { ...resumed(entry, at), status: 'finished', finishedAt: at, closedAt: at }
    case 'return': {
      const returnedChannel = step.channel ?? entry.dossier.returnChannel
      return { ...entry, status: 'returned', returnedAt: at, returnedChannel }
    }
    case 'refuse':
      return { ...entry, status: 'refused', closedAt: at }
    case 'withdraw':
      return { ...entry, status: 'withdrawn', closedAt: at }
  }
}

export const openLedger = (): Ledger => {
  const books = new Map<string, Entry[]>()
  return {
    write: (act, code) => {
      const { reference } = act.dossier
      const book = books.get(reference) ?? []
      const entry = { ...written(book.at(-1) ?? blank(act, code), act.step), since: act.step.at }
      books.set(reference, [...book, entry])
      return entry
    },
    entries: () => [...books.values()].flatMap((book) => book.slice(-1)),
    entriesAt: (moment) => [...books.values()].flatMap((book) => book.filter(({ since }) => since <= moment).slice(-1)),
  }
}
