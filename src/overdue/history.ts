import type { Database } from '../db/database.ts'
import type { DossierState } from '../dossiers/dossier.ts'
import { replay } from '../dossiers/fold.ts'
import { readEventsUntil } from '../dossiers/store.ts'

/** Dossiers as the events up to an instant left them. */
export const asTheyStood = async (
  db: Database,
  ids: readonly number[],
  asOf: Date,
): Promise<readonly DossierState[]> => {
  const events = await readEventsUntil(db, ids, asOf)
  return ids.map((id) => replay(events.filter(({ dossierId }) => dossierId === id)))
}
