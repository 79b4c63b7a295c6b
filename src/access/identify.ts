import type { Deps } from '../deps.ts'
import type { Caller } from './caller.ts'
import { hashKey } from './key.ts'
import type { Uses } from './uses.ts'

/** Who sends a bearer key; `undefined`: nobody that we know. */
export type Identify = (bearer: string) => Promise<Caller | undefined>

/** @param uses where it is to be told when keys were last used */
export const identifier = ({ now, reference }: Deps, uses?: Uses): Identify => {
  const keyHolder = async (hash: string): Promise<Caller | undefined> =>
    (await reference.current()).callerOf(hash, now()) ??
    // Another instance may have made it a moment ago.
    (await reference.renewed()).callerOf(hash, now())

  return async (bearer) => {
    const caller = await keyHolder(hashKey(bearer))
    if (caller) uses?.note(caller.keyId, now())
    return caller
  }
}
