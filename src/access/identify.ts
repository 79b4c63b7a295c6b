import type { Deps } from '../deps.ts'
import type { Reference } from '../reference.ts'
import type { Caller } from './caller.ts'
import { hashKey } from './key.ts'
import { isToken, type TokenHolder } from './tokens.ts'
import type { Uses } from './uses.ts'

/** Who sends a bearer key or token; `undefined`: nobody that we know. */
export type Identify = (bearer: string) => Promise<Caller | undefined>

/**
 * @param uses where it is to be told when keys were last used
 * @param tokens where an issuer of tokens is set
 */
export const identifier = ({ now, reference }: Deps, uses?: Uses, tokens?: TokenHolder): Identify => {
  const keyHolder = (hash: string, by: Reference): Caller | undefined => {
    const known = by.callerOf(hash, now())
    if (known) uses?.note(known.keyId, now())
    return known
  }

  return async (bearer) => {
    const hash = hashKey(bearer)
    const current = await reference.current()
    const known = keyHolder(hash, current)
    if (known) return known
    if (tokens && isToken(bearer)) return tokens(hash, bearer, current, now())
    // Another instance may have made this key a moment ago.
    return keyHolder(hash, await reference.renewed())
  }
}
