import { Refusal } from '../refusal.ts'
import type { WeeklyHours } from '../sla/hours.ts'

/** From the widest to the narrowest; a parent always stands before its children. */
export const LEVELS = ['province', 'district', 'commune'] as const

export type Level = (typeof LEVELS)[number]

/**
 * An agency that receives or resolves dossiers. `calendar` and `hours` are `null` where the usual ones hold;
 * `lateRecordingDays` says how many working days after it happened something may still be recorded.
 */
export type Agency = {
  code: string
  name: string
  level: Level
  parent: string | null
  calendar: string | null
  hours: WeeklyHours | null
  lateRecordingDays: number | null
}

/**
 * Refuses `level_out_of_order` unless a parent stands at a wider level and each child at a narrower one.
 * Levels that only narrow leave no room for a circle, but for an agency below what it was itself until now.
 */
export const checkPlace = (
  agency: Pick<Agency, 'code' | 'level'>,
  parent: Agency | undefined,
  children: readonly Agency[],
): void => {
  const rank = (level: Level): number => LEVELS.indexOf(level)
  const isItself = parent?.code === agency.code
  const wrong = [
    ...(parent && (isItself || rank(parent.level) >= rank(agency.level)) ? [parent] : []),
    ...children.filter((child) => rank(child.level) <= rank(agency.level)),
  ]
  const [other] = wrong
  if (other)
    throw new Refusal('level_out_of_order', {
      agency: agency.code,
      level: agency.level,
      other: other.code,
      otherLevel: other.level,
    })
}

/** An agency and all below it, each parent before its children. */
export const subtree = (root: string, childrenOf: ReadonlyMap<string, readonly string[]>): readonly string[] => [
  root,
  ...(childrenOf.get(root) ?? []).flatMap((child) => subtree(child, childrenOf)),
]

/** An agency and all above it, nearest first. */
export const withAncestors = (agencies: ReadonlyMap<string, Agency>, agency: string | null): readonly string[] => {
  const above: string[] = []
  for (let code = agency; code !== null; code = agencies.get(code)?.parent ?? null) above.push(code)
  return above
}
