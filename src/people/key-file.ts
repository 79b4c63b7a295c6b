import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type KeyRing, newNumberKey, readKeyRing } from './keys.ts'

/** The embedded database's keys: one made at the first start, readable by its owner alone. */
const keysInFolder = (folder: string): KeyRing => {
  const file = join(folder, 'pii.key')
  if (!existsSync(file)) writeFileSync(file, `${newNumberKey()}\n`, { mode: 0o600, flag: 'wx' })
  try {
    return readKeyRing(readFileSync(file, 'utf8').trim())
  } catch (error) {
    throw new Error(`The file ${file} is wrong: it ${(error as Error).message}.`)
  }
}

type KeySettings = { numberKeys: KeyRing | undefined; databaseUrl: string | undefined; dataDir: string }

/**
 * The keys of the settings or, for an embedded database without any, those in its folder. A server's must be set: made
 * here, each instance would have its own.
 */
export const numberKeysOf = ({ numberKeys, databaseUrl, dataDir }: KeySettings): KeyRing => {
  if (numberKeys) return numberKeys
  if (databaseUrl === undefined) return keysInFolder(dataDir)
  throw new Error(
    'The setting PII_KEYS is missing: identity and phone numbers are encrypted with it, so keep it apart from the database, and safe. `npm run pii -- new-key` prints a new one.',
  )
}
