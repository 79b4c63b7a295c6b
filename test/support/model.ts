import type { DossierState, Status, WaitFor } from '../../src/dossiers/dossier.ts'
import type { Move } from '../../src/dossiers/lifecycle.ts'
import type { MoveOrder } from '../../src/dossiers/moves.ts'
import type { Punctuality } from '../../src/sla/standing.ts'
import type { Limit } from '../../src/sla/term.ts'
import { earlyUntil, lateAfter, type Oracle, type OracleEnd, type OraclePause, punctualityOf } from './oracle.ts'

/**
 * A second opinion on the life of a dossier: what is legal, and every appointment by the oracle. It takes nothing
 * but types from the application, and is told what happened, not what was decided.
 */
export type World = {
  limits: Readonly<Record<string, Limit>>
  oracles: Readonly<Record<string, Oracle>>
  confirmedTo: string
}

export type Told = {
  procedure: string
  agency: string
  verify: boolean
  status: Status
  submittedAt: number | null
  acceptanceDueAt: number | null
  receivedAt: number | null
  /** Where the running term counts from, and when it stood still since. */
  from: number
  pauses: readonly OraclePause[]
  wait: { for: WaitFor; since: number; back: Status } | null
  /** By what a finish is judged; the appointment is apart from it where it was put off. */
  law: OracleEnd | null
  appointment: OracleEnd | null
  first: OracleEnd | null
  extendedAt: number | null
  extendedDays: number | null
  finishedAt: number | null
  finishRecordedAt: number | null
  /** Whether it waited until it was finished. */
  finishedWaiting: boolean
  returnedAt: number | null
  closedAt: number | null
}

const wallClock = (text: string): Date => new Date(`${text}+07:00`)

const found = <T>(value: T | null | undefined): T => {
  if (value === null || value === undefined) throw new RangeError('a history leads out of its world')
  return value
}

export const oracleFor = (world: World, agency: string): Oracle => found(world.oracles[agency])
export const limitFor = (world: World, procedure: string): Limit => found(world.limits[procedure])

/** An extension is put off by what the dossier waited since, not by what it had waited before. */
const counted = (world: World, { procedure, agency, verify, from, pauses, extendedAt, extendedDays }: Told) => {
  const oracle = oracleFor(world, agency)
  const law: OracleEnd = found(oracle.deadlineOf(limitFor(world, procedure), from, verify, pauses))
  const since = pauses.filter(([stops]) => stops >= Number(extendedAt))
  return { law, appointment: extendedDays === null ? law : found(oracle.putOff(law, extendedDays, since)) }
}

const isPassed = (end: OracleEnd | null, at: number): boolean =>
  end !== null && punctualityOf(end, null, at) === 'overdue'

const acceptanceBy = (world: World, agency: string, submittedAt: number): number =>
  found(oracleFor(world, agency).whenWorked(submittedAt, 8 * 3_600_000))

const received = (world: World, told: Told, at: number): Told => {
  const open = { ...told, status: 2, receivedAt: at, from: at, pauses: [], wait: null } as const
  const { law, appointment } = counted(world, open)
  return { ...open, law, appointment, first: law }
}

type Begun = Pick<Told, 'procedure' | 'agency' | 'verify' | 'submittedAt'>

/** A dossier as it begins: received, or submitted and to be accepted. */
export const begun = (world: World, begin: Begun, receivedAt: number | null): Told => {
  const told: Told = {
    ...begin,
    status: 1,
    acceptanceDueAt: begin.submittedAt === null ? null : acceptanceBy(world, begin.agency, begin.submittedAt),
    receivedAt: null,
    from: 0,
    pauses: [],
    wait: null,
    law: null,
    appointment: null,
    first: null,
    extendedAt: null,
    extendedDays: null,
    finishedAt: null,
    finishRecordedAt: null,
    finishedWaiting: false,
    returnedAt: null,
    closedAt: null,
  }
  return receivedAt === null ? told : received(world, told, receivedAt)
}

/** The clock stands still; what was passed by then stays passed. */
const stoodStill = (told: Told): Told => {
  const since = found(told.wait).since
  const appointment = isPassed(told.appointment, since) ? told.appointment : null
  return { ...told, appointment, law: isPassed(told.law, since) ? told.law : null }
}

const waiting = (told: Told, what: WaitFor, since: number): Told =>
  stoodStill({ ...told, status: what === 'supplement' ? 5 : 6, wait: { for: what, since, back: told.status } })

const resumed = (world: World, told: Told, at: number): Told => {
  if (told.receivedAt === null) return received(world, told, at)
  const { for: what, since, back } = found(told.wait)
  const open: Told = { ...told, status: back, wait: null }
  if (told.appointment !== null) return open
  const pauses = what === 'payment' || limitFor(world, told.procedure).afterSupplement === 'pause'
  const running: Told = pauses
    ? { ...open, pauses: [...told.pauses, [since, at]] }
    : { ...open, from: at, pauses: [], extendedDays: null }
  const { law, appointment } = counted(world, running)
  return { ...running, appointment, law: told.law ?? law }
}

/** Whether it was late before its term began again, and so remains. */
export const keptLate = ({ law, from }: Told): boolean => law !== null && wallClock(lateAfter(law)).getTime() <= from

const corrected = (world: World, told: Told, order: MoveOrder & { move: 'correct' }): Told => {
  const { procedureCode, resolvingAgency, withVerification, submittedAt, receivedAt, finishedAt } = order.order
  const right: Told = {
    ...told,
    procedure: procedureCode ?? told.procedure,
    agency: resolvingAgency ?? told.agency,
    verify: withVerification ?? told.verify,
    submittedAt: submittedAt?.getTime() ?? told.submittedAt,
    receivedAt: receivedAt?.getTime() ?? told.receivedAt,
    from: told.from === told.receivedAt ? (receivedAt?.getTime() ?? told.from) : told.from,
    finishedAt: finishedAt?.getTime() ?? told.finishedAt,
    closedAt: finishedAt?.getTime() ?? told.closedAt,
  }
  if (told.acceptanceDueAt !== null && (submittedAt || resolvingAgency)) {
    right.acceptanceDueAt = acceptanceBy(world, right.agency, found(right.submittedAt))
  }
  const recounts = [procedureCode, resolvingAgency, withVerification, receivedAt].some((given) => given !== undefined)
  const last = told.pauses.at(-1)
  if (finishedAt && told.finishedWaiting && last) right.pauses = told.pauses.with(-1, [last[0], finishedAt.getTime()])
  if (right.receivedAt === null || (!recounts && right.pauses === told.pauses)) return right
  const recounted: Told = { ...right, ...counted(world, right) }
  if (keptLate(told)) recounted.law = told.law
  return right.wait ? stoodStill(recounted) : recounted
}

/** What a legal move makes of a dossier. */
export const after = (world: World, told: Told, ordered: MoveOrder, at: number, now: number): Told => {
  switch (ordered.move) {
    case 'accept':
      return received(world, told, at)
    case 'start':
      return { ...told, status: 4 }
    case 'refuse':
      return { ...told, status: 3, closedAt: at }
    case 'request-supplement':
      return waiting(told, 'supplement', at)
    case 'await-payment':
      return waiting(told, 'payment', at)
    case 'supplement-received':
    case 'payment-received':
      return resumed(world, told, at)
    case 'extend': {
      const { workingDays, dueOn } = ordered.order
      const day = (date: string) => Date.parse(`${date}T00:00:00+07:00`)
      const from = day(found(told.appointment).dueOn)
      const added = workingDays ?? oracleFor(world, told.agency).workedDaysAfter(from, day(found(dueOn)))
      const extended = { ...told, extendedAt: at, extendedDays: found(added) }
      return { ...extended, ...counted(world, extended) }
    }
    case 'finish': {
      const done = told.wait ? resumed(world, told, at) : told
      const finishedWaiting = told.wait !== null && told.appointment === null
      return { ...done, status: 9, finishedAt: at, finishRecordedAt: now, finishedWaiting, closedAt: at }
    }
    case 'return':
      return { ...told, status: 10, returnedAt: at }
    case 'withdraw':
      return { ...told, status: 7, closedAt: at }
    case 'stop':
      return { ...told, status: 8, closedAt: at }
    case 'reopen': {
      const open = told.wait ? resumed(world, told, at) : told
      return { ...open, status: 4, finishedAt: null, finishRecordedAt: null, finishedWaiting: false, closedAt: null }
    }
    case 'correct':
      return corrected(world, told, ordered)
  }
}

/** The moves that are legal. */
export const legalFor = ({ status, receivedAt }: Told): readonly Move[] => {
  const isReceived = receivedAt !== null
  switch (status) {
    case 1:
      return ['accept', 'refuse', 'request-supplement', 'await-payment', 'withdraw', 'correct']
    case 2:
      return ['start', 'request-supplement', 'await-payment', 'extend', 'finish', 'withdraw', 'stop', 'correct']
    case 4:
      return ['request-supplement', 'await-payment', 'extend', 'finish', 'withdraw', 'stop', 'correct']
    case 5:
      return ['supplement-received', 'withdraw', 'correct', isReceived ? 'stop' : 'refuse']
    case 6:
      return ['payment-received', 'withdraw', 'correct', ...(isReceived ? (['finish', 'stop'] as const) : [])]
    case 8:
      return ['reopen', 'correct']
    case 9:
      return ['return', 'reopen', 'correct']
    default:
      return ['correct']
  }
}

const instant = (at: number | null): Date | null => (at === null ? null : new Date(at))

/** How the dossier must stand. */
export const standing = (world: World, told: Told) => {
  const { law, appointment, first, wait } = told
  return {
    status: told.status,
    procedureCode: told.procedure,
    resolvingAgency: told.agency,
    withVerification: told.verify,
    submittedAt: instant(told.submittedAt),
    acceptanceDueAt: instant(told.acceptanceDueAt),
    receivedAt: instant(told.receivedAt),
    wait: wait && { for: wait.for, since: new Date(wait.since).toISOString(), status: wait.back },
    dueOn: appointment?.dueOn ?? null,
    dueAt: appointment && new Date(appointment.dueAt),
    onTimeFrom: law && wallClock(earlyUntil(law)),
    lateFrom: law && wallClock(lateAfter(law)),
    overdueFrom: appointment && wallClock(lateAfter(appointment)),
    firstDueAt: first && new Date(first.dueAt),
    firstLateFrom: first && wallClock(lateAfter(first)),
    provisional: appointment && appointment.dueOn > world.confirmedTo,
    extendedAt: instant(told.extendedAt),
    extendedDays: told.extendedDays,
    finishedAt: instant(told.finishedAt),
    returnedAt: instant(told.returnedAt),
    closedAt: instant(told.closedAt),
  } satisfies Partial<DossierState>
}

/** How it must be judged, by when it was finished or by when that was recorded. */
export const judged = (told: Told, asOf: number, by: 'effective' | 'recorded'): Punctuality | null => {
  if (told.receivedAt === null || (told.closedAt !== null && told.finishedAt === null)) return null
  if (told.finishedAt === null) return told.appointment ? punctualityOf(told.appointment, null, asOf) : 'waiting'
  return punctualityOf(found(told.law), by === 'effective' ? told.finishedAt : told.finishRecordedAt, asOf)
}

export const keptFirst = ({ first, finishedAt }: Told): boolean | null =>
  first && finishedAt !== null ? punctualityOf(first, finishedAt, finishedAt) !== 'late' : null
