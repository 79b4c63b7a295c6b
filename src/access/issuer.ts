import { createLocalJWKSet, createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose'
import { z } from 'zod'
import { Refusal } from '../refusal.ts'

/** Whose tokens are believed, for whom they must be made out, and which claim names the agency. */
export type IssuerSettings = { issuer: string; audience: string; agencyClaim: string }

export type Log = { warn: (facts: object, message: string) => void }

/** Signatures that only the issuer can make: with a shared secret, whoever can check could also sign. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519']

/** How far the issuer's clock and ours may be apart. */
const TOLERANCE_S = 5

const TIMEOUT_MS = 5000

/** After a failure the issuer is left alone for so long, and tokens are refused at once. */
const REST_S = 5

/** How soon an unknown key id makes us ask the issuer again; strangers can send as many as they like. */
const COOLDOWN_MS = 2000

/** How long its keys are believed without asking. */
const KEYS_FOR_MS = 10 * 60_000

type IssuerKeys = ReturnType<typeof createRemoteJWKSet>

/** The issuer's keys, found by OpenID Connect Discovery. Throws where the issuer does not say who it is. */
const discover = async (issuer: string): Promise<IssuerKeys> => {
  const response = await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, {
    signal: AbortSignal.timeout(TIMEOUT_MS),
    redirect: 'error',
  })
  const { protocol } = new URL(issuer)
  const metadata = z.object({ issuer: z.literal(issuer), jwks_uri: z.url().startsWith(`${protocol}//`) })
  const { jwks_uri } = metadata.parse(await response.json())
  return createRemoteJWKSet(new URL(jwks_uri), {
    timeoutDuration: TIMEOUT_MS,
    cooldownDuration: COOLDOWN_MS,
    cacheMaxAge: KEYS_FOR_MS,
  })
}

/** The token's own fault, not the issuer's. */
const isForeignKey = (error: unknown): boolean =>
  error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys

const refuseForNow = (): never => {
  throw new Refusal('issuer_unavailable', { retryAfter: REST_S })
}

/** The key that signed a token. Refuses `issuer_unavailable`. */
const keyFinder = (issuer: string, log: Log): JWTVerifyGetKey => {
  let keys: IssuerKeys | undefined
  let discovery: Promise<IssuerKeys> | undefined
  let restsUntil = Number.NEGATIVE_INFINITY
  return async (header, token) => {
    if (performance.now() < restsUntil) {
      // Anyone can send a token that makes us ask for its key: that must not close the door to keys that are at hand.
      const atHand = keys?.jwks()
      if (atHand) return createLocalJWKSet(atHand)(header, token).catch(refuseForNow)
      return refuseForNow()
    }
    try {
      discovery ??= discover(issuer)
      keys = await discovery
      return await keys(header, token)
    } catch (error) {
      if (isForeignKey(error)) throw error
      if (!keys) discovery = undefined
      restsUntil = performance.now() + REST_S * 1000
      log.warn({ err: error }, 'the issuer of tokens does not answer')
      return refuseForNow()
    }
  }
}

/** Verifies tokens: what one claims, or `undefined` for one that is not to be believed. Refuses `issuer_unavailable`. */
export type Verify = (token: string, now: Date) => Promise<JWTPayload | undefined>

export const tokenVerifier = ({ issuer, audience }: IssuerSettings, log: Log): Verify => {
  const findKey = keyFinder(issuer, log)
  return async (token, now) => {
    const requirements = { algorithms: ALGORITHMS, issuer, audience, requiredClaims: ['exp'] }
    try {
      const verified = await jwtVerify(token, findKey, {
        ...requirements,
        clockTolerance: TOLERANCE_S,
        currentDate: now,
      })
      return verified.payload
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined
      throw error
    }
  }
}
