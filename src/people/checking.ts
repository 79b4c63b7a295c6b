import { desc, sql } from 'drizzle-orm'
import type { Database } from '../db/database.ts'
import { dossiers } from '../db/tables.ts'
import { readApplicant } from './applicant.ts'
import type { KeyRing } from './keys.ts'
import { findKept } from './store.ts'

/**
 * Refuses to start with keys that cannot read what was encrypted last: what is written meanwhile under another one
 * would leave the database in two parts, neither of which can be read with the other's.
 */
export const checkNumberKeys = async (db: Database, keys: KeyRing): Promise<void> => {
  const { applicant } = dossiers
  const [newest] = await db
    .select({ id: dossiers.id })
    .from(dossiers)
    .where(sql`coalesce(${applicant} -> 'idNumber' ->> 'index', ${applicant} -> 'phone' ->> 'index') is not null`)
    .orderBy(desc(dossiers.id))
    .limit(1)
  const kept = newest && (await findKept(db, newest.id))
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
