import type { Database } from '../db/database.ts'
import type { Dossier, DossierState } from '../dossiers/dossier.ts'
import { replay } from '../dossiers/lifecycle.ts'
import { readEventsUntil } from '../dossiers/store.ts'

/** Dossiers as the events up to an instant left them. */
export const asTheyStood = async (
  db: Database,
  rows: readonly Dossier[],
  asOf: Date,
): Promise<readonly DossierState[]> => {
  const events = await readEventsUntil(
    db,
    rows.map(({ id }) => id),
    asOf,
  )
  return rows.map(({ id }) => replay(events.filter(({ dossierId }) => dossierId === id)))
}
