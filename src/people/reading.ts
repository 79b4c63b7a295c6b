import type { Caller } from '../access/caller.ts'
import { addNumberRead } from '../audit/store.ts'
import type { Deps } from '../deps.ts'
import type { Applicant } from '../dossiers/dossier.ts'
import { maskApplicant, readApplicant } from './applicant.ts'
import type { Kept } from './store.ts'

/** Who reads applicants, and by which request. */
export type Reader = { caller: Caller; officer: string | null; requestId: string; action: string }

/**
 * Applicants as a caller may know them: with their numbers whole under `dossiers:pii`, once that is in the trail —
 * where it cannot be written, nothing is told — and masked otherwise.
 * @param dossierCode whose applicant it is, where one alone was asked for
 */
export const tellApplicants = async (
  { db, now, numberKeys }: Deps,
  { caller, ...reader }: Reader,
  people: readonly (Kept | null)[],
  dossierCode: string | null = null,
): Promise<(Applicant | null)[]> => {
  if (!caller.scopes.includes('dossiers:pii')) {
    return people.map((kept) => kept && maskApplicant(numberKeys, kept.applicant, kept.opening))
  }
  const shown = people.filter((kept) => kept !== null).length
  const { keyId, agency } = caller
  await addNumberRead(db, { ...reader, keyId, agency, at: now(), dossierCode, dossiers: shown })
  return people.map((kept) => kept && readApplicant(numberKeys, kept.applicant, kept.opening))
}
