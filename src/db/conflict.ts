const UNIQUE_VIOLATION = '23505'

/**
 * The name of the unique constraint that a statement ran into; anything else is thrown on. A conflict is
 * caught, not avoided by `on conflict do nothing`, where the whole statement has to be undone with it.
 */
export const conflictingConstraint = (error: unknown): string => {
  const cause = error instanceof Error ? error.cause : undefined
  if (cause instanceof Error && 'code' in cause && cause.code === UNIQUE_VIOLATION && 'constraint' in cause) {
    return String(cause.constraint)
  }
  throw error
}
