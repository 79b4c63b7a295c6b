import type { Deps } from '../deps.ts'
import { Refusal } from '../refusal.ts'
import type { Act, Scope } from './caller.ts'
import { deriveKey, hashKey, newKey, newKeyId, newSalt } from './key.ts'
import { addKey, findKeyByRequest, type StoredKey } from './store.ts'

export type KeyOrder = { name: string; scopes: readonly Scope[]; agency: string | null }

/**
 * Creates a key and shows it this once. Under an `Idempotency-Key` it is derived from the caller's own key, so
 * that the same request, sent again by the same caller, shows the same key and nobody else can learn it.
 */
export const createKey = async (
  { now, reference }: Deps,
  act: Act,
  bearer: string,
  order: KeyOrder,
): Promise<{ stored: StoredKey; key: string }> => {
  const salt = act.idempotencyKey === null ? null : newSalt()
  const key = salt === null ? newKey() : deriveKey(bearer, salt)
  const stored: StoredKey = {
    ...order,
    id: newKeyId(),
    hash: hashKey(key),
    createdAt: now(),
    revokedAt: null,
    createdBy: act.keyId,
    idempotencyKey: act.idempotencyKey,
    requestHash: act.requestHash,
    salt,
  }
  return reference.change(async (tx) => {
    if (await addKey(tx, stored)) return { stored, key }
    const first = await findKeyByRequest(tx, act.keyId, String(act.idempotencyKey))
    if (first?.requestHash !== act.requestHash || first.salt === null) throw new Refusal('idempotency_mismatch')
    return { stored: first, key: deriveKey(bearer, first.salt) }
  })
}
