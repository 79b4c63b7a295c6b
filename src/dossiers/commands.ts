import stringify from 'safe-stable-stringify'
import { type Act, type Caller, requireAgency, seesDossier } from '../access/caller.ts'
import { readSealing } from '../audit/store.ts'
import type { Database } from '../db/database.ts'
import type { Deps } from '../deps.ts'
import { keepApplicant, readApplicant } from '../people/applicant.ts'
import type { Opening } from '../people/cipher.ts'
import type { KeyRing } from '../people/keys.ts'
import type { Reference } from '../reference.ts'
import { Refusal, type RefusalFacts } from '../refusal.ts'
import { dayOf, formatDate, formatInstant, later } from '../sla/date.ts'
import { addDossier, type CodeSeries, skipTakenCodes } from './additions.ts'
import { codePrefix } from './code.ts'
import { type Applicant, type DossierState, type KeptApplicant, STATUSES } from './dossier.ts'
import type { DossierEvent } from './event.ts'
import { apply, replay } from './fold.ts'
import { decideIntake, type Intake } from './intake.ts'
import { decideMove, type MoveOrder } from './moves.ts'
import type { Bench } from './recording.ts'
import {
  type FoundDossier,
  findBySource,
  findDossier,
  findDossierById,
  findEvent,
  findEventByRequest,
  moveDossier,
  readEvents,
} from './store.ts'

/** A dossier as an answer shows it: its state, as of the instant at which the answer was first given. */
export type Answer = { dossier: DossierState; asOf: Date; isNew: boolean }

/** How often a write that met another one is tried again before the caller is told. */
const ATTEMPTS = 5

/** Where personal data were deleted since, there is nothing left to compare. */
const sameApplicant = (
  keys: KeyRing,
  kept: KeptApplicant | null | undefined,
  opening: Opening,
  sent: Applicant | undefined,
): boolean => sent === undefined || !kept || stringify(readApplicant(keys, kept, opening)) === stringify(sent)

/**
 * What this very request was answered when it was made first: the dossier as its event left it. The event
 * carries the request's key, so the answer is there exactly if the change is.
 */
const firstAnswer = async ({ db, numberKeys }: Deps, act: Act, applicant?: Applicant): Promise<Answer | undefined> => {
  if (act.idempotencyKey === null) return undefined
  const event = await findEventByRequest(db, act.keyId, act.idempotencyKey)
  if (!event) return undefined
  const dossier = await findDossierById(db, event.dossierId)
  // What was sent is that of an intake only where the event is the one that opened the dossier.
  if (event.requestHash !== act.requestHash || !sameApplicant(numberKeys, dossier?.applicant, event, applicant)) {
    throw new Refusal('idempotency_mismatch')
  }
  const history = await readEvents(db, event.dossierId)
  return { dossier: replay(history.slice(0, event.number)), asOf: event.recordedAt, isNew: event.number === 1 }
}

/** A change is refused only when it was not made before: a repeated request gets its first answer. */
const unlessDone = async (first: () => Promise<Answer | undefined>, run: () => Promise<Answer>): Promise<Answer> => {
  try {
    return await run()
  } catch (error) {
    const answer = error instanceof Refusal ? await first() : undefined
    if (answer) return answer
    throw error
  }
}

/** Refuses `dossier_not_found` also where the caller may not see it: the two look the same. */
export const seenDossier = async (db: Database, caller: Caller, code: string): Promise<FoundDossier> => {
  const dossier = await findDossier(db, code)
  if (!seesDossier(caller, dossier)) throw new Refusal('dossier_not_found', { dossier: code })
  return dossier
}

/**
 * The dossier that a source system handed in before, if the request is the same and the caller still sees it;
 * otherwise `source_conflict`.
 */
const sameSource = async (
  { db, numberKeys }: Deps,
  caller: Caller,
  act: Act,
  { source, applicant }: Intake,
): Promise<DossierState | undefined> => {
  if (!source) return undefined
  const existing = await findBySource(db, source.system, source.reference)
  if (!existing) return undefined
  const [opening] = await readEvents(db, existing.id)
  const isSame =
    opening?.requestHash === act.requestHash && sameApplicant(numberKeys, existing.applicant, opening, applicant)
  if (!isSame || !seesDossier(caller, existing)) throw new Refusal('source_conflict', source)
  return existing
}

const seriesOf = (intake: Intake, { effectiveAt }: DossierEvent): CodeSeries | null => {
  if (intake.code !== undefined) return null
  const at = effectiveAt.getTime()
  return {
    codeAgency: intake.receivingAgency,
    codeDay: formatDate(dayOf(at)),
    codePrefix: codePrefix(intake.receivingAgency, at),
  }
}

const benchFor = (caller: Caller, reference: Reference, now: Date): Bench => ({
  reference,
  now,
  mayCorrect: caller.scopes.includes('dossiers:correct'),
})

/** Now, or the first moment that can still be recorded, where this server's clock is so far behind. */
const recordable = async (db: Database, now: Date): Promise<Date> => {
  const { closedUntil } = await readSealing(db)
  return new Date(Math.max(now.getTime(), closedUntil.getTime()))
}

/** Takes in a dossier: one statement where all goes well. */
export const receiveDossier = async (deps: Deps, caller: Caller, act: Act, intake: Intake): Promise<Answer> => {
  const { db, now, numberKeys, reference } = deps
  const first = () => firstAnswer(deps, act, intake.applicant)
  return unlessDone(first, async () => {
    requireAgency(caller, intake.receivingAgency)
    const trail = { ...act, agency: caller.agency ?? intake.receivingAgency, note: null }
    let at = now()
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const event = decideIntake(intake, benchFor(caller, await reference.current(), at))
      const state = apply(null, event)
      const series = seriesOf(intake, event)
      const applicant = keepApplicant(numberKeys, intake.applicant, { ...act, recordedAt: event.recordedAt })
      const added = await addDossier(db, state, applicant, event, trail, series)
      if (typeof added !== 'string')
        return { dossier: { ...state, code: added.code }, asOf: event.recordedAt, isNew: true }
      const answered = await first()
      if (answered) return answered
      const existing = await sameSource(deps, caller, act, intake)
      if (existing) return { dossier: existing, asOf: now(), isNew: false }
      if (added === 'events_closed_day') at = await recordable(db, now())
      else if (series === null) throw new Refusal('code_taken', { dossier: state.code })
      else await skipTakenCodes(db, series)
    }
    throw new Refusal('concurrent_change')
  })
}

/** What a caller is told whose move another one has overtaken: how the dossier stands, and what was done last. */
const whatHappened = async (db: Database, { id, version, status }: FoundDossier): Promise<RefusalFacts> => {
  const last = await findEvent(db, id, version)
  return {
    currentVersion: version,
    currentStatus: STATUSES[status].key,
    lastEvent: last.type,
    lastEventAt: formatInstant(last.effectiveAt),
    lastRecordedAt: formatInstant(last.recordedAt),
    lastOfficer: last.officer,
  }
}

const decide = async (db: Database, dossier: FoundDossier, expected: number | undefined, run: () => DossierEvent) => {
  if (expected !== undefined && expected !== dossier.version) {
    throw new Refusal('version_mismatch', await whatHappened(db, dossier))
  }
  try {
    return run()
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'illegal_move') throw error
    throw new Refusal(error.code, { ...error.facts, ...(await whatHappened(db, dossier)) })
  }
}

/** A dossier is moved to no agency that the caller does not see. */
const checkDestination = (caller: Caller, { move, order }: MoveOrder): void => {
  if (move !== 'correct') return
  for (const agency of [order.receivingAgency, order.resolvingAgency]) {
    if (agency !== undefined) requireAgency(caller, agency)
  }
}

/**
 * Moves a dossier on: read, decide, write; decided anew where someone else's event came first.
 * @param expected the version that the caller has seen; any other is refused with `version_mismatch`
 */
export const moveOn = async (
  deps: Deps,
  caller: Caller,
  act: Act,
  code: string,
  ordered: MoveOrder,
  expected: number | undefined,
): Promise<Answer> => {
  const { db, now, reference } = deps
  const first = () => firstAnswer(deps, act)
  return unlessDone(first, async () => {
    checkDestination(caller, ordered)
    let at = now()
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const before = await seenDossier(db, caller, code)
      const bench = benchFor(caller, await reference.current(), later(at, before.lastRecordedAt))
      const event = await decide(db, before, expected, () => decideMove(before, ordered, bench))
      const after = apply(before, event)
      const trail = { ...act, agency: caller.agency ?? before.resolvingAgency, note: ordered.order.note ?? null }
      const conflict = await moveDossier(db, before, after, event, trail)
      if (conflict === undefined) return { dossier: after, asOf: event.recordedAt, isNew: false }
      const answered = await first()
      if (answered) return answered
      at = conflict === 'events_closed_day' ? await recordable(db, now()) : now()
    }
    throw new Refusal('concurrent_change', await whatHappened(db, await seenDossier(db, caller, code)))
  })
}
