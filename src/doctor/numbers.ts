import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Settings } from '../config.ts'
import type { Database } from '../db/database.ts'
import { checkNumberKeys } from '../people/checking.ts'
import { numberKeysOf } from '../people/key-file.ts'
import { type KeyRing, newNumberKey, readKeyRing } from '../people/keys.ts'
import type { Finding } from './finding.ts'

/** Whether the next start makes keys, which to look for them here would do, too. */
const areMissing = ({ numberKeys, databaseUrl, dataDir }: Settings): boolean =>
  numberKeys === undefined && databaseUrl === undefined && !existsSync(join(dataDir, 'pii.key'))

/** The keys with which the next start would go on, or new ones like those that it would make. */
const keysOf = (settings: Settings): KeyRing =>
  areMissing(settings) ? readKeyRing(newNumberKey()) : numberKeysOf(settings)

/** Whether the applicants' numbers can be read. */
export const checkNumbers = async (db: Database, settings: Settings): Promise<Finding[]> => {
  await checkNumberKeys(db, keysOf(settings))
  return [{ verdict: 'ok', what: 'numbers', says: 'the keys read what was encrypted last' }]
}
