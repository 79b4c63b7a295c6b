import type { Database } from '../db/database.ts'
import { DAY, type DayNumber, formatDate, startOfDay } from '../sla/date.ts'
import { chainHash, contentHash } from './chain.ts'
import { type Head, rootOf, sealHash } from './seal.ts'
import { type CheckedEvent, pageOfTrail, readSealing, readSealsOf } from './store.ts'

/** What does not fit, where; `expected` is what was computed anew, `found` what stands there. */
export type Misfit = {
  what:
    | 'event_changed'
    | 'event_missing'
    | 'dossier_missing'
    | 'row_changed'
    | 'seal_missing'
    | 'seal_changed'
    | 'seals_apart'
    | 'day_changed'
  agency: string
  day: string
  dossier: string | null
  event: number | null
  expected: string | null
  found: string | null
}

export type Verified = { events: number; seals: number; misfit: Misfit | null }

const PAGE = 2000

/** The first thing about an event that does not fit. */
const misfitOf = ({ event, code, head, previous, isLast }: CheckedEvent, day: string): Misfit | undefined => {
  const at = { agency: event.agency, day, dossier: code, event: event.number }
  if (code === null) return { what: 'dossier_missing', ...at, expected: null, found: null }
  if (event.number > 1 && previous === null) {
    return { what: 'event_missing', ...at, event: event.number - 1, expected: null, found: null }
  }
  const expected = chainHash(previous ?? '', contentHash(event), code)
  if (expected !== event.hash) return { what: 'event_changed', ...at, expected, found: event.hash }
  // The row knows its last event: one that was cut off at the end shows here.
  if (isLast && head !== expected) return { what: 'row_changed', ...at, expected, found: head }
  return undefined
}

type DayHeads = Map<string, { events: number; heads: Map<string, Head> }>

const remember = (days: DayHeads, { event, code }: CheckedEvent): void => {
  const ofAgency = days.get(event.agency) ?? { events: 0, heads: new Map() }
  ofAgency.events += 1
  ofAgency.heads.set(String(code), { code: String(code), number: event.number, hash: event.hash })
  days.set(event.agency, ofAgency)
}

/** Every sealed agency-day against what its events say, each seal against itself and the one before. */
const verifySeals = async (
  db: Database,
  agencies: readonly string[] | null,
  day: string,
  days: DayHeads,
  isOver: boolean,
): Promise<{ seals: number; misfit: Misfit | null }> => {
  const stored = await readSealsOf(db, agencies, day)
  const misfit = (what: Misfit['what'], agency: string, expected: string | null, found: string | null) => ({
    seals: stored.length,
    misfit: { what, agency, day, dossier: null, event: null, expected, found },
  })
  for (const { seal, before } of stored) {
    const { agency, previous, hash, root } = seal
    const expected = sealHash(seal)
    if (expected !== hash) return misfit('seal_changed', agency, expected, hash)
    if (before !== previous) return misfit('seals_apart', agency, before, previous)
    const { heads, events } = days.get(agency) ?? { heads: new Map<string, Head>(), events: 0 }
    const recomputed = rootOf([...heads.values()])
    if (recomputed !== root || events !== seal.events || heads.size !== seal.dossiers) {
      return misfit('day_changed', agency, recomputed, root)
    }
    days.delete(agency)
  }
  const [unsealed] = isOver ? days.keys() : []
  return unsealed === undefined ? { seals: stored.length, misfit: null } : misfit('seal_missing', unsealed, null, null)
}

/**
 * Recomputes all that was recorded on a day in the name of some agencies (`null`: all): each event's content and
 * chain, the row that it leads to and, where the day is sealed, its seals. Stops at the first thing that does not fit.
 */
export const verifyDay = async (
  db: Database,
  agencies: readonly string[] | null,
  dayNumber: DayNumber,
  pageSize = PAGE,
): Promise<Verified> => {
  const day = formatDate(dayNumber)
  const from = new Date(startOfDay(dayNumber))
  const until = new Date(from.getTime() + DAY)
  const { sealedUntil } = await readSealing(db)
  const days: DayHeads = new Map()
  let events = 0
  let after: readonly [number, number] = [0, 0]
  for (;;) {
    const page = await pageOfTrail(db, agencies, from, until, after, pageSize)
    for (const checked of page) {
      const misfit = misfitOf(checked, day)
      if (misfit) return { events, seals: 0, misfit }
      remember(days, checked)
      events += 1
    }
    const last = page.at(-1)
    if (!last || page.length < pageSize) break
    after = [last.event.dossierId, last.event.number]
  }
  // A seal is judged wherever it stands; only up to where the seals reach must each day have its own.
  return { events, ...(await verifySeals(db, agencies, day, days, until <= sealedUntil)) }
}
