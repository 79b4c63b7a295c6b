import type { Caller } from '../access/caller.ts'
import { addNumberRead } from '../audit/store.ts'
import type { Deps } from '../deps.ts'
import type { Applicant } from '../dossiers/dossier.ts'
import { maskApplicant, readApplicant } from './applicant.ts'
import type { Kept } from './store.ts'

/** Who reads applicants, and by which request. */
export type Reader = { caller: Caller; officer: string | null; requestId: string; action: string }

/**
 * Applicants as a caller may know them: with their numbers whole under `dossiers:pii`, and masked otherwise. Whole
 * numbers, and what was found by one, are in the trail before they are told; where that cannot be written, nothing is.
 * @param dossierCode whose applicant it is, where one alone was asked for
 * @param isFound whether they were asked for by a number, which a mask does not hide from whoever knows it
 */
export const tellApplicants = async (
  { db, now, numberKeys }: Deps,
  { caller, ...reader }: Reader,
  people: readonly (Kept | null)[],
  { dossierCode = null, isFound = false }: { dossierCode?: string | null; isFound?: boolean } = {},
): Promise<(Applicant | null)[]> => {
  const isWhole = caller.scopes.includes('dossiers:pii')
  if (isWhole || isFound) {
    const shown = people.filter((kept) => kept !== null).length
    const { keyId, agency } = caller
    await addNumberRead(db, { ...reader, keyId, agency, at: now(), dossierCode, dossiers: shown })
  }
  const tell = isWhole ? readApplicant : maskApplicant
  return people.map((kept) => kept && tell(numberKeys, kept.applicant, kept.opening))
}
