import { hkdfSync, randomBytes } from 'node:crypto'

/** What personal numbers are encrypted and found by. Both keys come from one secret and stand for nothing else. */
export type NumberKey = { readonly id: string; readonly cipher: Buffer; readonly index: Buffer }

/** The current key and those from before it, by which older numbers are still read. */
export type KeyRing = { readonly current: NumberKey; readonly byId: ReadonlyMap<string, NumberKey> }

const SECRET_BYTES = 32

/** As many keys as are tried in a search; a rotation needs two. */
const MOST_KEYS = 8

const ONE_KEY = /^([a-z0-9]{1,16}):([A-Za-z0-9+/]{43}=)$/

const derived = (secret: Buffer, purpose: string): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, '', `motcua ${purpose}`, SECRET_BYTES))

const keyOf = (id: string, secret: Buffer): NumberKey => ({
  id,
  cipher: derived(secret, 'numbers'),
  index: derived(secret, 'index of numbers'),
})

/** A new key as the setting `PII_KEYS` holds it. Its id is random, so that no two keys are ever taken for one. */
export const newNumberKey = (): string =>
  `k${randomBytes(4).toString('hex')}:${randomBytes(SECRET_BYTES).toString('base64')}`

/** Reads `id:base64,id2:base64`, the current key first. Throws what is wrong with it, and never what it holds. */
export const readKeyRing = (text: string): KeyRing => {
  const keys = text.split(',').map((one) => {
    const [, id, secret] = ONE_KEY.exec(one.trim()) ?? []
    if (id === undefined || secret === undefined) {
      throw new Error('must be id:secret, or several with commas between, each secret 32 bytes in base64')
    }
    return keyOf(id, Buffer.from(secret, 'base64'))
  })
  const byId = new Map(keys.map((key) => [key.id, key]))
  const [current] = keys
  if (current === undefined || byId.size < keys.length) throw new Error('must not name one id twice')
  if (keys.length > MOST_KEYS) throw new Error(`must not hold more than ${MOST_KEYS} keys`)
  return { current, byId }
}
