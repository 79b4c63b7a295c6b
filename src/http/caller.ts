import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type Caller, requireScope, type Scope } from '../access/caller.ts'
import type { Identify } from '../access/identify.ts'
import { Refusal } from '../refusal.ts'

/** Who may call a route: anyone, any live key, a key of one scope, or who has the route's own token, which it checks. */
export type Access = 'public' | 'any_key' | 'metrics_token' | Scope

/** What a route shows or changes depends on, and what a caller learns of the rest. `test/walk.test.ts` tries each. */
export const SIGHTS = {
  everyone: 'the same for every caller',
  agencies: 'only what lies within the key’s agencies; one that does not is refused',
  dossier: 'one dossier, of the agencies that received it and resolve it; to others it looks absent',
  owned: 'one thing that belongs to an agency, such as a key or a snapshot; to others it looks absent',
  shared: 'what all agencies share; a key of some changes only what is theirs alone',
} as const
export type Sight = keyof typeof SIGHTS

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access
    sight?: Sight
  }
}

const callers = new WeakMap<FastifyRequest, Caller>()

/** The caller, where a live key was sent. */
export const knownCaller = (request: FastifyRequest): Caller | undefined => callers.get(request)

/** The caller of a route that is not public. */
export const callerOf = (request: FastifyRequest): Caller => {
  const caller = knownCaller(request)
  if (!caller) throw new RangeError('a public route has no caller')
  return caller
}

const sentKey = ({ headers }: FastifyRequest): string | undefined =>
  /^Bearer ([\w.~+/-]{8,4096})$/i.exec(headers.authorization ?? '')?.[1]

/** The API key or token as it was sent. Refuses `unauthenticated`. */
export const bearerOf = (request: FastifyRequest): string => {
  const key = sentKey(request)
  if (key === undefined) throw new Refusal('unauthenticated')
  return key
}

/** What only a key opens. */
export type Keyed = Exclude<Access, 'public' | 'metrics_token'>

export const asksForKey = (access: Access | undefined): access is Keyed =>
  access !== undefined && access !== 'public' && access !== 'metrics_token'

/** Finds out who calls a route that asks for a key; whether they may is another question. */
export const identify = (app: FastifyInstance, callerWith: Identify): void => {
  app.addHook('onRequest', async (request) => {
    const key = sentKey(request)
    if (key === undefined || !asksForKey(request.routeOptions.config.access)) return
    const caller = await callerWith(key)
    if (caller) callers.set(request, caller)
  })
}

const SIGHT_NAMES = Object.keys(SIGHTS).join(', ')

/** The wall: every route states who may call it and by what rule it shows things, or the application does not start. */
export const guard = (app: FastifyInstance): void => {
  app.addHook('onRoute', (route) => {
    if (/^\/docs(?:\/|$)/.test(route.url)) route.config = { ...route.config, access: 'public', sight: 'everyone' }
    const name = `${String(route.method)} ${route.url}`
    const { access, sight } = route.config ?? {}
    if (!access) throw new Error(`${name} does not state who may call it: give its config an access`)
    if (!sight) {
      throw new Error(
        `${name} does not state what a caller sees there: give its config a sight (${SIGHT_NAMES}; src/http/caller.ts says what each means)`,
      )
    }
  })
  app.addHook('onRequest', async (request) => {
    const { access } = request.routeOptions.config
    if (!asksForKey(access)) return
    const caller = knownCaller(request)
    if (!caller) throw new Refusal('unauthenticated')
    if (access !== 'any_key') requireScope(caller, access)
  })
}
