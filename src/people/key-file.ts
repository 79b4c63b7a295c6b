import { secretInFolder } from '../db/folder.ts'
import { type KeyRing, newNumberKey, readKeyRing } from './keys.ts'

/** The embedded database's keys: one made at the first start. */
const keysInFolder = (folder: string): KeyRing => {
  const { secret, file } = secretInFolder(folder, 'pii.key', newNumberKey)
  try {
    return readKeyRing(secret)
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
