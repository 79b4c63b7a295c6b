import { randomBytes } from 'node:crypto'
import type { Act } from '../access/caller.ts'
import { readSealing } from '../audit/store.ts'
import type { Database } from '../db/database.ts'
import type { Deps } from '../deps.ts'
import { type BatchMove, type DatedDossier, holdDated, moveDossiers } from '../dossiers/batch.ts'
import type { DossierEvent } from '../dossiers/event.ts'
import { apply } from '../dossiers/fold.ts'
import type { Reference } from '../reference.ts'
import { Refusal } from '../refusal.ts'
import { later } from '../sla/date.ts'
import type { Calendar } from './calendar.ts'
import { agenciesCounting, recount } from './recounting.ts'
import {
  addRecalculation,
  findRecalculationByRequest,
  holdRecalculation,
  type Recalculation,
  saveProgress,
} from './store.ts'

type Order = Pick<Recalculation, 'onlyProvisional' | 'agencies'>

/**
 * Writes down that a calendar's newest version shall be put to open dossiers. A repeated request gets the first
 * answer, when nothing was done yet.
 */
export const startRecalculation = async (
  db: Database,
  act: Act,
  { id: calendarId, version: calendarVersion }: Pick<Calendar, 'id' | 'version'>,
  order: Order,
  now: Date,
): Promise<Recalculation> => {
  const id = `rec_${randomBytes(9).toString('base64url')}`
  const added = await addRecalculation(db, { id, calendarId, calendarVersion, ...order, ...act, startedAt: now })
  if (added) return added
  const first = await findRecalculationByRequest(db, act.keyId, String(act.idempotencyKey))
  if (first?.requestHash !== act.requestHash) throw new Refusal('idempotency_mismatch')
  return { ...first, finishedAt: null, lastDossierId: 0, examined: 0, moved: 0 }
}

/** Who asked for it did it; the trail of each dossier names the agency that must keep the promise. */
const trailOf = ({ keyId, officer, requestId, requestHash }: Recalculation, agency: string) => ({
  keyId,
  officer,
  requestId,
  requestHash: String(requestHash),
  agency,
  idempotencyKey: null,
  note: null,
})

const moveOf = (before: DatedDossier, job: Recalculation, reference: Reference, clock: Date): BatchMove | undefined => {
  const { id: _, head: __, lastRecordedAt, ...state } = before
  const promise = recount(state, reference)
  if (promise === undefined || promise === 'uncovered') return undefined
  const now = later(clock, lastRecordedAt)
  const event: DossierEvent = {
    type: 'recalculated',
    facts: { recalculation: job.id, promise },
    number: state.version + 1,
    effectiveAt: later(now, state.lastEventAt),
    recordedAt: now,
    recordedLate: false,
  }
  return { before, after: apply(state, event), event, trail: trailOf(job, state.resolvingAgency) }
}

/** As many dossiers as one transaction holds: a fraction of a second's work. */
const BATCH = 1000

/**
 * How old a recalculation is before it begins. By then every instance counts by what was put before it, and what
 * the others promised meanwhile is there to be read (`reference.ts`: a change is seen within a second).
 */
export const SETTLED_AFTER_MS = 2000

/**
 * Carries the oldest recalculation on by one batch, in one transaction: rows, events and progress go together, so
 * that whatever fails, the next to come goes on where the last one ended. Instances take turns by the lock on the
 * recalculation's row. Answers whether there was anything to do.
 */
export const runRecalculations = async (
  { db, now, reference }: Pick<Deps, 'db' | 'now' | 'reference'>,
  batch = BATCH,
): Promise<boolean> => {
  const known = await reference.current()
  return db.transaction(async (tx) => {
    const job = await holdRecalculation(tx, new Date(now().getTime() - SETTLED_AFTER_MS))
    // An instance that does not know the new version yet leaves it to one that does.
    if (!job || !(Number(known.calendars.get(job.calendarId)?.version) >= job.calendarVersion)) return false
    const { closedUntil } = await readSealing(tx)
    const at = later(now(), closedUntil)
    const agencies = agenciesCounting(known, job.calendarId, job.agencies)
    const rows = await holdDated(tx, { agencies, onlyProvisional: job.onlyProvisional }, job.lastDossierId, batch)
    const moves = rows.flatMap((row) => moveOf(row, job, known, at) ?? [])
    if (moves.length > 0) await moveDossiers(tx, moves)
    await saveProgress(tx, job.id, {
      lastDossierId: rows.at(-1)?.id ?? job.lastDossierId,
      examined: job.examined + rows.length,
      moved: job.moved + moves.length,
      finishedAt: rows.length < batch ? at : null,
    })
    return true
  })
}
