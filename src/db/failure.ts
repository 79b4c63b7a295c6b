/** The SQLSTATE with which the database gave a statement up; nothing where the fault lay elsewhere. */
export const sqlState = (error: unknown): string => String((error as { cause?: { code?: unknown } }).cause?.code)
