import type { Reference } from '../reference.ts'
import { Refusal } from '../refusal.ts'
import type { Caller } from './caller.ts'
import { type Grant, grantOf } from './claims.ts'
import { type IssuerSettings, type Log, tokenVerifier } from './issuer.ts'

/** How long a token that was verified is believed without another look at its signature, unless it expires earlier. */
const BELIEVED_FOR_MS = 60_000

/** As many tokens as are remembered; of more, the oldest is verified again. */
const MOST_BELIEVED = 1000

/** Whether a bearer key has the form of a signed token. */
export const isToken = (bearer: string): boolean => /^eyJ[\w-]*\.[\w-]+\.[\w-]*$/.test(bearer)

/** What tokens grant, each verified once in a while. */
const granter = (settings: IssuerSettings, log: Log) => {
  const verify = tokenVerifier(settings, log)
  const believed = new Map<string, { grant: Grant; until: number }>()

  const believe = (hash: string, grant: Grant, until: number): void => {
    // Those that were verified last stand last.
    believed.delete(hash)
    believed.set(hash, { grant, until })
    const [oldest] = believed.keys()
    if (believed.size > MOST_BELIEVED) believed.delete(String(oldest))
  }

  return async (hash: string, token: string, now: Date): Promise<Grant | undefined> => {
    const known = believed.get(hash)
    if (known && now.getTime() < known.until) return known.grant
    const claims = await verify(token, now)
    const grant = claims && grantOf(claims, settings.agencyClaim)
    if (grant) believe(hash, grant, Math.min(now.getTime() + BELIEVED_FOR_MS, Number(claims.exp) * 1000))
    return grant
  }
}

/**
 * Who sends a token; `undefined`: it is not to be believed.
 * Refuses `token_without_agency`, `scope_missing` and `issuer_unavailable`.
 */
export type TokenHolder = (hash: string, token: string, reference: Reference, now: Date) => Promise<Caller | undefined>

export const tokenHolder = (settings: IssuerSettings, log: Log): TokenHolder => {
  const grantBy = granter(settings, log)
  return async (hash, token, reference, now) => {
    const grant = await grantBy(hash, token, now)
    if (!grant) return undefined
    const { agency, ...who } = grant
    if (agency === undefined || (agency !== null && !reference.agencies.has(agency))) {
      throw new Refusal('token_without_agency', { claim: settings.agencyClaim })
    }
    return { ...who, agency, agencies: reference.seenFrom(agency) }
  }
}
