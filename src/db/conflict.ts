import { failureOf } from './failure.ts'

const UNIQUE_VIOLATION = '23505'

/**
 * The name of the unique constraint that a statement ran into; anything else is thrown on. A conflict is
 * caught, not avoided by `on conflict do nothing`, where the whole statement has to be undone with it.
 */
export const conflictingConstraint = (error: unknown): string => {
  const { code, constraint } = failureOf(error)
  if (code === UNIQUE_VIOLATION) return String(constraint)
  throw error
}
