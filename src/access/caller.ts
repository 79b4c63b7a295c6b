import { Refusal } from '../refusal.ts'

/** What a key may do. */
export const SCOPES = [
  'dossiers:write',
  'dossiers:correct',
  'dossiers:read',
  'dossiers:pii',
  'overdue:read',
  'reports:read',
  'audit:read',
  'admin',
] as const
export type Scope = (typeof SCOPES)[number]

/** Who calls: a key with its scopes and the agencies it sees, its own and all below. */
export type Caller = {
  readonly keyId: string
  readonly scopes: readonly Scope[]
  /** `null`: the whole system. */
  readonly agency: string | null
  readonly agencies: ReadonlySet<string> | null
}

/** Who acts by which request, as the trail keeps it. */
export type Act = {
  readonly keyId: string
  /** The officer at the keyboard, as the front-desk software names them. */
  readonly officer: string | null
  readonly requestId: string
  readonly idempotencyKey: string | null
  /** SHA-256 over the route and what was sent; personal data stay out of it. */
  readonly requestHash: string
}

export const sees = (caller: Caller, agency: string): boolean => caller.agencies?.has(agency) ?? true

/** A dossier belongs to the agency that received it and to the one that resolves it. */
export const seesDossier = (caller: Caller, dossier: { receivingAgency: string; resolvingAgency: string }): boolean =>
  sees(caller, dossier.receivingAgency) || sees(caller, dossier.resolvingAgency)

/** What belongs to an agency, as a key or a snapshot does; with `null`, to whoever sees the whole system. */
export const seesOwned = (caller: Caller, { agency }: { agency: string | null }): boolean =>
  agency === null ? caller.agencies === null : sees(caller, agency)

/** The same of what belongs to several agencies at once. */
export const seesAllOwned = (caller: Caller, { agencies }: { agencies: readonly string[] | null }): boolean =>
  agencies === null ? caller.agencies === null : agencies.every((agency) => sees(caller, agency))

/** Refuses `scope_missing`. */
export const requireScope = (caller: Caller, scope: Scope): void => {
  if (!caller.scopes.includes(scope)) throw new Refusal('scope_missing', { scope })
}

/** Refuses `scope_not_yours`: nobody hands on what they may not do themselves. */
export const requireOwnScopes = (caller: Caller, scopes: readonly Scope[]): void => {
  const lacking = scopes.filter((scope) => !caller.scopes.includes(scope))
  if (lacking.length > 0) throw new Refusal('scope_not_yours', { scopes: lacking })
}

/** Refuses `outside_your_agency`. That an agency exists is no secret; what it holds is. */
export const requireAgency = (caller: Caller, agency: string): void => {
  if (!sees(caller, agency)) throw new Refusal('outside_your_agency', { agency })
}

/** Refuses `whole_system_only`: what all agencies share is changed by a key that sees them all. */
export const requireWholeSystem = (caller: Caller): void => {
  if (caller.agencies !== null) throw new Refusal('whole_system_only')
}
