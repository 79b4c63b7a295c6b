import type { Database } from './db/database.ts'
import type { Reading } from './db/reading.ts'
import type { KeyRing } from './people/keys.ts'
import type { ReferenceSource } from './reference.ts'

/** What the application needs from outside. Kinds of work that must not wait for each other have databases of their own. */
export type Deps = {
  /** The desk's: what comes in, its moves, single dossiers, reference data. */
  readonly db: Database
  readonly lists: Reading
  /** Reports, their evidence, and what auditors ask. */
  readonly reports: Reading
  readonly now: () => Date
  readonly reference: ReferenceSource
  /** By which applicants' numbers are encrypted. */
  readonly numberKeys: KeyRing
}
