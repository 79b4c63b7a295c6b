import type { Deps } from '../deps.ts'
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
  const keyHolder = async (hash: string): Promise<Caller | undefined> => {
    const known = (await reference.current()).callerOf(hash, now())
    if (known) uses?.note(known.keyId, now())
    return known
  }

  return async (bearer) => {
    const hash = hashKey(bearer)
    const known = await keyHolder(hash)
    if (known) return known
    if (tokens && isToken(bearer)) return tokens(hash, bearer, await reference.current(), now())
    // Another instance may have made this key a moment ago.
    await reference.renewed()
    return keyHolder(hash)
  }
}
