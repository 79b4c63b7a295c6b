import type { RouteOptions } from 'fastify'
import { asksForKey, type Keyed } from './caller.ts'

/** Kinds of work in the order of their importance: somebody stands at a desk; who reads can look again; a report can wait. */
export const LANES = ['desk', 'reading', 'reports'] as const
export type Lane = (typeof LANES)[number]

export type LaneLimits = {
  /** As many requests as are worked on at once. */
  readonly most: number
  /** As many as are worked on even while somebody waits in a more important lane, so that none comes to a stop. */
  readonly least: number
  /** As many as may wait. */
  readonly waiting: number
}

/**
 * Enough at once for as many changes to share a statement as makes them cheap; of the others, about as many as two
 * cores work on without getting slower by each other. What comes above that waits here, where its time is measured.
 */
export const LANE_LIMITS: Readonly<Record<Lane, LaneLimits>> = {
  desk: { most: 32, least: 32, waiting: 250 },
  reading: { most: 16, least: 2, waiting: 250 },
  reports: { most: 4, least: 1, waiting: 100 },
}

/** By what a route may be called with stands what kind of work it is. */
const LANE_BY_ACCESS: Readonly<Record<Keyed, Lane>> = {
  'dossiers:write': 'desk',
  'dossiers:correct': 'desk',
  // A key is revoked and a calendar put right also while everybody else is waiting.
  admin: 'desk',
  any_key: 'reading',
  'dossiers:read': 'reading',
  'dossiers:pii': 'reading',
  'overdue:read': 'reading',
  'reports:read': 'reports',
  'audit:read': 'reports',
}

/** The lane of a route; `undefined` for pages and documents, which are at hand and cost next to nothing. */
export const laneOf = ({ config, url }: Pick<RouteOptions, 'config' | 'url'>): Lane | undefined => {
  const access = config?.access
  if (asksForKey(access)) return LANE_BY_ACCESS[access]
  return access === 'public' && url.startsWith('/v1/') ? 'reading' : undefined
}

const ALWAYS_ANSWERED: readonly (string | undefined)[] = ['/healthz', '/readyz', '/metrics']

/** Whether a route says how the service does, which is asked most urgently when it does badly: no limit holds for it. */
export const isAlwaysAnswered = ({ url }: { readonly url?: string | undefined }): boolean =>
  ALWAYS_ANSWERED.includes(url)
