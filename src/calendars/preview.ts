import type { Database } from '../db/database.ts'
import { type DatedDossier, type DatedFilter, pageOfDated } from '../dossiers/batch.ts'
import type { PromiseFacts } from '../dossiers/event.ts'
import type { Reference } from '../reference.ts'
import { daysMoved, recount } from './recounting.ts'

/** A dossier that would move, whereto, and by how many calendar days: less than nothing where it comes sooner. */
export type PreviewedMove = { dossier: DatedDossier; promise: PromiseFacts; days: number }

/** What a recalculation would do to the open dossiers that one agency resolves. */
export type AgencyPreview = {
  agency: string
  open: number
  moved: number
  sooner: number
  later: number
  leastDays: number | null
  mostDays: number | null
  uncovered: number
}

type Outcome = number | 'uncovered' | undefined

const NOTHING = { open: 0, moved: 0, sooner: 0, later: 0, leastDays: null, mostDays: null, uncovered: 0 }

const counted = (before: AgencyPreview, outcome: Outcome): AgencyPreview => {
  const seen = { ...before, open: before.open + 1 }
  if (outcome === undefined) return seen
  if (outcome === 'uncovered') return { ...seen, uncovered: seen.uncovered + 1 }
  return {
    ...seen,
    moved: seen.moved + 1,
    sooner: seen.sooner + Number(outcome < 0),
    later: seen.later + Number(outcome > 0),
    leastDays: Math.min(seen.leastDays ?? outcome, outcome),
    mostDays: Math.max(seen.mostDays ?? outcome, outcome),
  }
}

const CHUNK = 1000

/**
 * What a recalculation would do, read in chunks: the first moves after an id, as many as are wanted, and with
 * `countAll` the counts of all from there on.
 */
export const previewRecalculation = async (
  db: Database,
  reference: Reference,
  filter: DatedFilter,
  afterId: number,
  wanted: number,
  countAll: boolean,
): Promise<{ moves: readonly PreviewedMove[]; agencies: readonly AgencyPreview[] }> => {
  const moves: PreviewedMove[] = []
  const counts = new Map<string, AgencyPreview>()
  const judge = (dossier: DatedDossier): Outcome => {
    const promise = recount(dossier, reference)
    if (promise === undefined || promise === 'uncovered') return promise
    const days = daysMoved(dossier, promise)
    moves.push({ dossier, promise, days })
    return days
  }
  let after: number | undefined = afterId
  while (after !== undefined && (countAll || moves.length < wanted)) {
    const rows: readonly DatedDossier[] = await pageOfDated(db, filter, after, CHUNK)
    for (const dossier of rows) {
      const agency = dossier.resolvingAgency
      counts.set(agency, counted(counts.get(agency) ?? { agency, ...NOTHING }, judge(dossier)))
    }
    if (moves.length > wanted) moves.length = wanted
    after = rows.at(-1)?.id
  }
  return { moves, agencies: [...counts.values()].toSorted((a, b) => (a.agency < b.agency ? -1 : 1)) }
}
