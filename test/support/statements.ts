import { NoopLogger } from 'drizzle-orm/logger'

let heard: string[] | undefined

// Every session without a logger of its own tells this one each statement it sends, also within transactions.
Object.assign(NoopLogger.prototype, {
  logQuery: (statement: string) => {
    // Once a second whichever request comes next looks whether the reference data have changed.
    if (!statement.includes('"reference_revision"')) heard?.push(statement)
  },
})

/** What the work answers, and the texts of the statements that it sent to the database, in order. */
export const hearing = async <T>(work: () => Promise<T>): Promise<{ answer: T; statements: readonly string[] }> => {
  const statements: string[] = []
  heard = statements
  try {
    return { answer: await work(), statements }
  } finally {
    heard = undefined
  }
}
