import type { Database } from './database.ts'

/** Something that is read from one state of a database, in which stands what was recorded up to `asOf`. */
export type Read<T> = (db: Database, asOf: Date) => Promise<T>

/** Where lists, or reports, are read: with connections of their own, from a replica where there is one. */
export type Reading = {
  /** The primary, for what must not be behind. */
  readonly primary: Database
  /** Reads from one state that is not before an instant. */
  readonly read: <T>(work: Read<T>, notBefore?: Date) => Promise<T>
  /** Where to read what is sent portion by portion: no state is held for a slow client. */
  readonly open: (notBefore?: Date) => Promise<{ db: Database; asOf: Date }>
}

/** A primary's state is that of the moment in which it is read, just after the instant that is told. */
export const onPrimary = (primary: Database, now: () => Date): Reading => ({
  primary,
  read: (work) => work(primary, now()),
  open: async () => ({ db: primary, asOf: now() }),
})
