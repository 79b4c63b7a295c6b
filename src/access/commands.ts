import type { Database } from '../db/database.ts'
import type { Deps } from '../deps.ts'
import { invalid, Refusal } from '../refusal.ts'
import type { Scope } from './caller.ts'
import { deriveKey, hashKey, isLive, newKey, newKeyId, newSalt } from './key.ts'
import {
  addKey,
  addSecret,
  BOOTSTRAP,
  countOpenSecrets,
  endSecrets,
  findKey,
  findSecretByRequest,
  forgetSecrets,
  revokeKey,
  type StoredKey,
  type StoredSecret,
} from './store.ts'

export type KeyOrder = { name: string; scopes: readonly Scope[]; agency: string | null; expiresAt: Date | null }

/** Who asks for a secret, by which request and with which bearer key; one on the command line cannot repeat. */
export type SecretAsker = { keyId: string; idempotencyKey: string | null; requestHash: string | null; bearer: string }

/** A key as it stands and the secret that is shown this once. */
export type Shown = { stored: StoredKey; key: string }

/** What keys need of what the application has. */
export type KeyDeps = Pick<Deps, 'db' | 'now' | 'reference'>

/** As many of a key's secrets as work at once. */
const MOST_SECRETS = 5

const HOUR_MS = 3_600_000

/** How long a secret that ended is remembered, and with it the request that asked for it. */
const REMEMBERED_MS = 7 * 24 * HOUR_MS

/** Refuses the key that the settings bring back with the next start, however it is ended here. */
const refuseBootstrap = (id: string): void => {
  if (id === BOOTSTRAP) throw invalid('/path/id', 'Khóa này do cài đặt quy định.', 'The settings say what this key is.')
}

export const requireKey = async (db: Database, id: string): Promise<StoredKey> => {
  const found = await findKey(db, id)
  if (!found) throw new Refusal('key_not_found', { key: id })
  return found
}

/**
 * A new secret. Under an `Idempotency-Key` it is derived from the caller's own, so that the same request, sent again
 * by the same caller, shows the same secret and nobody else can learn it.
 */
const newSecret = ({ idempotencyKey, requestHash, bearer }: SecretAsker) => {
  const salt = idempotencyKey === null ? null : newSalt()
  const key = salt === null ? newKey() : deriveKey(bearer, salt)
  return { key, hash: hashKey(key), request: { idempotencyKey, requestHash, salt } }
}

/**
 * What the same request was answered before. A caller whose own secret was rotated since then cannot derive the
 * answer any more. Refuses `idempotency_mismatch`.
 */
const firstAnswer = async (tx: Database, asker: SecretAsker): Promise<Shown | undefined> => {
  if (asker.idempotencyKey === null) return undefined
  const first = await findSecretByRequest(tx, asker.keyId, asker.idempotencyKey)
  if (!first) return undefined
  const key = deriveKey(asker.bearer, String(first.salt))
  if (first.requestHash !== asker.requestHash || first.hash !== hashKey(key)) throw new Refusal('idempotency_mismatch')
  return { stored: await requireKey(tx, first.key), key }
}

/** Creates a key and shows its secret this once. Refuses `invalid_input` and `idempotency_mismatch`. */
export const createKey = ({ now, reference }: KeyDeps, asker: SecretAsker, order: KeyOrder): Promise<Shown> =>
  reference.change(async (tx) => {
    const first = await firstAnswer(tx, asker)
    if (first) return first
    const createdAt = now()
    if (order.expiresAt !== null && order.expiresAt <= createdAt) {
      throw invalid('/expiresAt', 'Phải ở tương lai.', 'Must lie in the future.')
    }
    const { key, hash, request } = newSecret(asker)
    const stored = {
      ...order,
      id: newKeyId(),
      createdAt,
      createdBy: asker.keyId,
      revokedAt: null,
      revokedBy: null,
      lastUsedAt: null,
    }
    await addKey(tx, { ...stored, hash }, request)
    return { stored, key }
  })

/**
 * Gives a key a new secret and shows it this once; the earlier ones work until the overlap ends.
 * Refuses `key_not_found`, `key_ended`, `too_many_secrets` and `idempotency_mismatch`.
 */
export const rotateKey = (
  { now, reference }: KeyDeps,
  asker: SecretAsker,
  id: string,
  overlapHours: number,
): Promise<Shown> =>
  reference.change(async (tx) => {
    const first = await firstAnswer(tx, asker)
    if (first) return first
    refuseBootstrap(id)
    const stored = await requireKey(tx, id)
    const at = now()
    if (!isLive(stored, at)) throw new Refusal('key_ended', { key: id })
    await endSecrets(tx, id, new Date(at.getTime() + overlapHours * HOUR_MS))
    if ((await countOpenSecrets(tx, id, at)) >= MOST_SECRETS) {
      throw new Refusal('too_many_secrets', { key: id, limit: MOST_SECRETS })
    }
    await forgetSecrets(tx, id, new Date(at.getTime() - REMEMBERED_MS))
    const { key, hash, request } = newSecret(asker)
    const secret: StoredSecret = { hash, key: id, createdAt: at, endsAt: null, createdBy: asker.keyId, ...request }
    await addSecret(tx, secret)
    return { stored, key }
  })

/** Ends a key at once, here, and elsewhere within a second. Refuses `key_not_found`, and the bootstrap key. */
export const endKey = ({ now, reference }: KeyDeps, by: string, id: string): Promise<StoredKey> =>
  reference.change(async (tx) => {
    refuseBootstrap(id)
    await revokeKey(tx, id, now(), by)
    return requireKey(tx, id)
  })
