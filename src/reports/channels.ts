import type { Language } from '../language.ts'
import type { Reference } from '../reference.ts'
import { Refusal } from '../refusal.ts'
import { type Counts, type Definition, type Grouping, received, returned, shareOf, sumCounts } from './definitions.ts'
import { DEFAULT_TARGET, met, ratio, shortfall, type Target } from './share.ts'

/** As many groups as one answer holds. */
const MOST_GROUPS = 2000

/** An agency's target for a year is its own, else its nearest ancestor's, else "trên 30%". */
export const nearestTarget = (ancestry: readonly string[], targets: ReadonlyMap<string, Target>): Target => {
  const holder = ancestry.find((agency) => targets.has(agency))
  return (holder === undefined ? undefined : targets.get(holder)) ?? DEFAULT_TARGET
}

const figureOf = (definition: Definition, counts: Counts, target: Target) => {
  const share = shareOf(definition, counts)
  return {
    ...share,
    ratio: ratio(share),
    met: met(share, target),
    shortfall: shortfall(share, target),
    received: {
      desk: counts.receivedDesk,
      post: counts.receivedPost,
      online: counts.receivedOnline,
      total: received(counts),
    },
    returned: {
      desk: counts.returnedDesk,
      post: counts.returnedPost,
      online: counts.returnedOnline,
      total: returned(counts),
    },
    postRequested: counts.postRequested,
  }
}

const labelOf = (grouping: Grouping, key: string, reference: Reference, language: Language): string => {
  switch (grouping) {
    case 'agency':
      return reference.agencies.get(key)?.name ?? key
    case 'procedure':
      return reference.procedures.get(key)?.name ?? key
    case 'field':
      return key
    case 'month': {
      const [year, month] = key.split('-')
      return language === 'vi' ? `Tháng ${Number(month)}/${year}` : `${month}/${year}`
    }
  }
}

/** Counts by procedure, added up by its field. */
export const byField = (counts: ReadonlyMap<string, Counts>, reference: Reference): ReadonlyMap<string, Counts> => {
  const fields = new Map<string, Counts[]>()
  for (const [code, group] of counts) {
    const field = reference.procedures.get(code)?.field ?? code
    fields.set(field, [...(fields.get(field) ?? []), group])
  }
  return new Map([...fields].map(([field, groups]) => [field, sumCounts(groups)]))
}

/** The figures of a whole and, where asked for, of its groups, which add up to it. */
export const channelFigures = (
  definition: Definition,
  counts: ReadonlyMap<string, Counts>,
  target: Target,
  groupBy: Grouping | undefined,
  reference: Reference,
  language: Language,
) => {
  if (counts.size > MOST_GROUPS) throw new Refusal('too_many_groups', { limit: MOST_GROUPS })
  const groups = groupBy
    ? [...counts]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, group]) => ({
          key,
          label: labelOf(groupBy, key, reference, language),
          ...figureOf(definition, group, target),
        }))
    : null
  return { ...figureOf(definition, sumCounts([...counts.values()]), target), groupBy: groupBy ?? null, groups }
}
