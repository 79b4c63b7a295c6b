import { createHash } from 'node:crypto'
import { SCOPES, type Scope } from './caller.ts'

/** What a verified token claims, of what is looked at here. */
export type Claims = { readonly [name: string]: unknown }

/** What a token grants. An `agency` of `null` is the whole system; `undefined`: it names none. */
export type Grant = { keyId: string; scopes: readonly Scope[]; agency: string | null | undefined }

const PREFIX = 'oidc:'

/** Whether a caller came with a token, which changes every few minutes, and not with a key. */
export const isTokenCaller = (keyId: string): boolean => keyId.startsWith(PREFIX)

/** The client as it is trailed: its own name where that is plain and short, and otherwise, as of an address, a hash. */
const clientIn = ({ sub, client_id }: Claims): string | undefined => {
  const name = sub ?? client_id
  if (typeof name !== 'string' || name === '') return undefined
  const isPlain = /^[\w.-]{1,64}$/.test(name)
  return isPlain
    ? `${PREFIX}${name}`
    : `${PREFIX}~${createHash('sha256').update(name).digest('base64url').slice(0, 22)}`
}

/** Only our own scopes count; an issuer serves others, too. */
const scopesIn = ({ scope }: Claims): readonly Scope[] => {
  const claimed = typeof scope === 'string' ? scope.split(' ') : []
  return SCOPES.filter((one) => claimed.includes(one))
}

/** To see the whole system takes a word of its own: a claim that was forgotten grants nothing. */
const WHOLE_SYSTEM = '*'

const agencyIn = (claims: Claims, claim: string): string | null | undefined => {
  const agency = claims[claim]
  if (agency === WHOLE_SYSTEM) return null
  return typeof agency === 'string' ? agency : undefined
}

/** What the claims grant; `undefined`: they do not say to whom. */
export const grantOf = (claims: Claims, agencyClaim: string): Grant | undefined => {
  const keyId = clientIn(claims)
  return keyId === undefined ? undefined : { keyId, scopes: scopesIn(claims), agency: agencyIn(claims, agencyClaim) }
}
