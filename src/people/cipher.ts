import { createCipheriv, createDecipheriv, createHmac, randomFillSync } from 'node:crypto'
import type { KeptNumber, NumberField } from '../dossiers/dossier.ts'
import type { KeyRing, NumberKey } from './keys.ts'
import { normalNumber } from './numbers.ts'

/** What names a dossier before its code is issued, and never changes: its first event. */
export type Opening = { keyId: string; requestId: string; recordedAt: Date }

const ALGORITHM = 'aes-256-gcm'
const VERSION = '1'
/** Random, so one key should not encrypt more than 2^32 numbers: two each of two thousand million dossiers. */
const NONCE_BYTES = 12
const TAG_BYTES = 16
/** Half of SHA-256: 128 bits collide for nobody, and the index stays small. */
const INDEX_BYTES = 16

/** Drawn ahead, a thousand at a time: each by itself would be a call to the system. */
const nonces = Buffer.alloc(1000 * NONCE_BYTES)
let used = nonces.length

/** One that was never used before; it stands until the next thousand are drawn. */
const newNonce = (): Buffer => {
  if (used === nonces.length) {
    randomFillSync(nonces)
    used = 0
  }
  used += NONCE_BYTES
  return nonces.subarray(used - NONCE_BYTES, used)
}

/** Binds a number to its dossier and its field: put into another row, it cannot be read. */
const boundTo = (field: NumberField, { keyId, requestId, recordedAt }: Opening): Buffer =>
  Buffer.from(JSON.stringify([VERSION, field, keyId, requestId, recordedAt.toISOString()]))

const indexUnder = ({ index }: NumberKey, field: NumberField, number: string): string =>
  createHmac('sha256', index)
    .update(`${field} ${normalNumber(field, number)}`)
    .digest()
    .subarray(0, INDEX_BYTES)
    .toString('base64url')

/** By what a number is found, under each of the keys: it may stand under any of them. */
export const indexesOf = ({ byId }: KeyRing, field: NumberField, number: string): readonly string[] =>
  [...byId.values()].map((key) => indexUnder(key, field, number))

/** A number as it is kept: `version.key.nonce tag text`, and its blind index. */
export const encryptNumber = (
  { current }: KeyRing,
  field: NumberField,
  number: string,
  opening: Opening,
): KeptNumber => {
  const nonce = newNonce()
  const cipher = createCipheriv(ALGORITHM, current.cipher, nonce).setAAD(boundTo(field, opening))
  const text = Buffer.concat([cipher.update(number, 'utf8'), cipher.final()])
  const bytes = Buffer.concat([nonce, cipher.getAuthTag(), text])
  return {
    cipher: `${VERSION}.${current.id}.${bytes.toString('base64url')}`,
    index: indexUnder(current, field, number),
  }
}

/** The id of the key under which a number is kept; `undefined` where it stands in clear. */
export const keyIdOf = (kept: KeptNumber): string | undefined =>
  typeof kept === 'string' ? undefined : kept.cipher.split('.')[1]

/** Throws where the key is not in the settings, and where the text was changed or belongs to another row. */
export const decryptNumber = ({ byId }: KeyRing, field: NumberField, kept: KeptNumber, opening: Opening): string => {
  if (typeof kept === 'string') return kept
  const [version, keyId = '', text = ''] = kept.cipher.split('.')
  if (version !== VERSION)
    throw new RangeError(`a number is kept in version ${version}, which this software cannot read`)
  const key = byId.get(keyId)
  if (key === undefined) throw new RangeError(`PII_KEYS does not hold the key ${keyId}, under which a number is kept`)
  const bytes = Buffer.from(text, 'base64url')
  const tagEnd = NONCE_BYTES + TAG_BYTES
  const decipher = createDecipheriv(ALGORITHM, key.cipher, bytes.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  })
  decipher.setAAD(boundTo(field, opening)).setAuthTag(bytes.subarray(NONCE_BYTES, tagEnd))
  return Buffer.concat([decipher.update(bytes.subarray(tagEnd)), decipher.final()]).toString('utf8')
}
