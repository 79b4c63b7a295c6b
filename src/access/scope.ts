import type { Reference } from '../reference.ts'
import { type Caller, requireAgency } from './caller.ts'

/**
 * The agencies that a query may look at: the one asked for and all below it, or all that the caller sees;
 * `null` means the whole system. Every list, count and report passes through here.
 * Refuses `agency_not_found` and `outside_your_agency`.
 */
export const agenciesInView = (
  caller: Caller,
  reference: Reference,
  agency: string | undefined,
): readonly string[] | null => {
  if (agency === undefined) return caller.agencies === null ? null : [...caller.agencies]
  const below = reference.below(agency)
  requireAgency(caller, agency)
  return below
}
