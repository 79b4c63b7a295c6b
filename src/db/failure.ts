/** What the database said of a statement that it gave up, which drizzle wraps; nothing where the fault lay elsewhere. */
export const failureOf = (error: unknown): { code?: unknown; constraint?: unknown } => (error as Error).cause ?? {}
