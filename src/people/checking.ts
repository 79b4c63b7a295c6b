import { isNotNull, sql } from 'drizzle-orm'
import type { Database } from '../db/database.ts'
import { dossiers } from '../db/tables.ts'
import { NUMBER_FIELDS, type NumberField } from '../dossiers/dossier.ts'
import { readApplicant } from './applicant.ts'
import type { KeyRing } from './keys.ts'
import { findKept, indexOf } from './store.ts'

/** The newest dossier with such a number under a key, or 0: in the words of the index over it, which is small or empty. */
const newestIndexed = async (db: Database, field: NumberField): Promise<number> => {
  const id = sql`coalesce(max(${dossiers.id}), 0)`.mapWith(Number)
  const rows = await db.select({ id }).from(dossiers).where(isNotNull(indexOf[field]))
  return Math.max(...rows.map((row) => row.id))
}

/**
 * Refuses to start with keys that cannot read what was encrypted last: what is written meanwhile under another one
 * would leave the database in two parts, neither of which can be read with the other's.
 */
export const checkNumberKeys = async (db: Database, keys: KeyRing): Promise<void> => {
  const ids = await Promise.all(NUMBER_FIELDS.map((field) => newestIndexed(db, field)))
  const kept = await findKept(db, Math.max(...ids))
  if (!kept) return
  try {
    readApplicant(keys, kept.applicant, kept.opening)
  } catch (error) {
    throw new Error(
      'The keys (PII_KEYS, or pii.key in the folder of the embedded database) do not read the numbers that were encrypted last: bring back those of then.',
      { cause: error },
    )
  }
}
