import type { Database } from './db/database.ts'
import type { ReferenceSource } from './reference.ts'

/** What the application needs from outside. */
export type Deps = {
  readonly db: Database
  readonly now: () => Date
  readonly reference: ReferenceSource
}
