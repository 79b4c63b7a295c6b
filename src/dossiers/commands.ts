import stringify from 'safe-stable-stringify'
import { type Act, type Caller, requireAgency, seesDossier } from '../access/caller.ts'
import type { Database } from '../db/database.ts'
import type { Deps } from '../deps.ts'
import { Refusal } from '../refusal.ts'
import { dayOf, formatDate } from '../sla/date.ts'
import { codePrefix } from './code.ts'
import type { Applicant, Dossier, DossierState } from './dossier.ts'
import { decideIntake, type Intake } from './intake.ts'
import { apply, type DossierEvent, type Move, replay } from './lifecycle.ts'
import { decideMove, type MoveOrder } from './moves.ts'
import {
  addDossier,
  type CodeSeries,
  findBySource,
  findDossier,
  findDossierById,
  findEventByRequest,
  moveDossier,
  readEvents,
  skipTakenCodes,
} from './store.ts'

/** A dossier as an answer shows it: its state, as of the instant at which the answer was first given. */
export type Answer = { dossier: DossierState; asOf: Date; isNew: boolean }

/** How often a write that met another one is tried again before the caller is told. */
const ATTEMPTS = 5

/** Where personal data were deleted since, there is nothing left to compare. */
const sameApplicant = (kept: Applicant | null, sent: Applicant | undefined): boolean =>
  sent === undefined || kept === null || stringify(kept) === stringify(sent)

/**
 * What this very request was answered when it was made first: the dossier as its event left it. The event
 * carries the request's key, so the answer is there exactly if the change is.
 */
const firstAnswer = async (db: Database, act: Act, applicant?: Applicant): Promise<Answer | undefined> => {
  if (act.idempotencyKey === null) return undefined
  const event = await findEventByRequest(db, act.keyId, act.idempotencyKey)
  if (!event) return undefined
  const dossier = await findDossierById(db, event.dossierId)
  if (event.requestHash !== act.requestHash || !sameApplicant(dossier?.applicant ?? null, applicant)) {
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
export const seenDossier = async (db: Database, caller: Caller, code: string): Promise<Dossier> => {
  const dossier = await findDossier(db, code)
  if (!seesDossier(caller, dossier)) throw new Refusal('dossier_not_found', { dossier: code })
  return dossier
}

/** The dossier that a source system handed in before, if the request is the same; otherwise `source_conflict`. */
const sameSource = async (db: Database, act: Act, { source, applicant }: Intake): Promise<Dossier | undefined> => {
  if (!source) return undefined
  const existing = await findBySource(db, source.system, source.reference)
  if (!existing) return undefined
  const [opening] = await readEvents(db, existing.id)
  if (opening?.requestHash !== act.requestHash || !sameApplicant(existing.applicant, applicant)) {
    throw new Refusal('source_conflict', source)
  }
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

/** Takes in a dossier: one statement where all goes well. */
export const receiveDossier = async (
  { db, now, reference }: Deps,
  caller: Caller,
  act: Act,
  intake: Intake,
): Promise<Answer> => {
  const first = () => firstAnswer(db, act, intake.applicant)
  return unlessDone(first, async () => {
    requireAgency(caller, intake.receivingAgency)
    const event = decideIntake(intake, await reference.current(), now())
    const state = apply(null, event)
    const series = seriesOf(intake, event)
    const trail = { ...act, note: null }
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const added = await addDossier(db, state, intake.applicant, event, trail, series)
      if (typeof added !== 'string')
        return { dossier: { ...state, code: added.code }, asOf: event.recordedAt, isNew: true }
      const answered = await first()
      if (answered) return answered
      const existing = await sameSource(db, act, intake)
      if (existing) return { dossier: existing, asOf: now(), isNew: false }
      if (series === null) throw new Refusal('code_taken', { dossier: state.code })
      await skipTakenCodes(db, series)
    }
    throw new Refusal('concurrent_change')
  })
}

/** Moves a dossier on: read, decide, write; decided anew where someone else's event came first. */
export const moveOn = async (
  { db, now, reference }: Deps,
  caller: Caller,
  act: Act,
  code: string,
  move: Move,
  order: MoveOrder,
): Promise<Answer> => {
  const first = () => firstAnswer(db, act)
  return unlessDone(first, async () => {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const dossier = await seenDossier(db, caller, code)
      const event = decideMove(dossier, move, order, await reference.current(), now())
      const { id, applicant: _, ...state } = dossier
      const next = apply(state, event)
      const conflict = await moveDossier(db, id, next, event, { ...act, note: order.note ?? null })
      if (conflict === undefined) return { dossier: next, asOf: event.recordedAt, isNew: false }
      const answered = await first()
      if (answered) return answered
    }
    throw new Refusal('concurrent_change')
  })
}
