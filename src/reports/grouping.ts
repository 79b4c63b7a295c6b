import { type Level, withAncestors } from '../agencies/agency.ts'
import type { Half } from '../figures/half.ts'
import type { FlowScope } from '../figures/query.ts'
import type { Language } from '../language.ts'
import type { Reference } from '../reference.ts'
import type { YearKind } from './period.ts'

/** By what a report may be divided. */
export const GROUPINGS = ['agency', 'procedure', 'field', 'month', 'quarter'] as const
export type Grouping = (typeof GROUPINGS)[number]

const allAgencies = ({ agencies }: Reference): readonly string[] => [...agencies.keys()]

const roots = ({ agencies }: Reference): readonly string[] =>
  [...agencies.values()].filter(({ parent }) => parent === null).map(({ code }) => code)

/** The agency over all others, if there is one: its target is the whole system's. */
export const onlyRoot = (reference: Reference): string | null => {
  const [first = null, ...others] = roots(reference)
  return others.length === 0 ? first : null
}

/** An agency with all below it, or the whole system. */
export const wholeScope = (reference: Reference, agency: string | null): FlowScope => ({
  whole: agency === null ? roots(reference) : [agency],
  own: [],
  each: agency === null ? null : reference.below(agency),
})

/**
 * Groups by agency: each by itself or, at a level, each agency of that level with all below it; what a wider one does
 * itself stands under its own name.
 */
export const agencyScope = (reference: Reference, agency: string | null, level: Level | undefined): FlowScope => {
  const each = agency === null ? null : reference.below(agency)
  const all = each ?? allAgencies(reference)
  if (level === undefined) return { whole: [], own: all, each }
  const group = agencyGroup(reference, agency, level)
  const isWhole = (code: string): boolean => reference.agencies.get(code)?.level === level
  // Wider ones, and what stands under none of that level here: a commune right under a province, or asked for alone.
  return { whole: all.filter(isWhole), own: all.filter((code) => !isWhole(code) && group(code) === code), each }
}

/** The group in which an agency's dossiers stand: its nearest one at the level among those looked at, or else itself. */
export const agencyGroup = (
  reference: Reference,
  agency: string | null,
  level: Level | undefined,
): ((agency: string) => string) => {
  if (level === undefined) return (code) => code
  const inView = agency === null ? null : new Set(reference.below(agency))
  const isGroup = (code: string): boolean =>
    reference.agencies.get(code)?.level === level && (inView?.has(code) ?? true)
  return (code) => withAncestors(reference.agencies, code).find(isGroup) ?? code
}

/** Months and quarters run from the 1st or, in the administrative year, from the 15th of the month before. */
const monthOf = (half: Half, year: YearKind): number => Math.floor((year === 'calendar' ? half : half + 1) / 2)

const QUARTER = 3
const YEAR = 12

/** `2021-08` or `2021-Q3`, in either kind of year. */
export const timeKey = (half: Half, by: 'month' | 'quarter', year: YearKind): string => {
  const month = monthOf(half, year)
  const within = month % YEAR
  const part = by === 'month' ? String(within + 1).padStart(2, '0') : `Q${Math.floor(within / QUARTER) + 1}`
  return `${Math.floor(month / YEAR)}-${part}`
}

const timeLabel = (key: string, language: Language): string => {
  const [year, part = ''] = key.split('-')
  if (part.startsWith('Q')) return language === 'vi' ? `Quý ${part.slice(1)}/${year}` : `${part} ${year}`
  return language === 'vi' ? `Tháng ${Number(part)}/${year}` : `${part}/${year}`
}

/** A group's name for readers. */
export const labelOf = (by: Grouping, key: string, reference: Reference, language: Language): string => {
  switch (by) {
    case 'agency':
      return reference.agencies.get(key)?.name ?? key
    case 'procedure':
      return reference.procedures.get(key)?.name ?? key
    case 'field':
      return key
    case 'month':
    case 'quarter':
      return timeLabel(key, language)
  }
}

/** The field of a procedure; one that is not in the catalogue any more stands by its code. */
export const fieldOf = (reference: Reference, procedure: string): string =>
  reference.procedures.get(procedure)?.field ?? procedure

/** A group of time: its key, and the halves in it. */
export type TimeGroup = { readonly key: string; readonly halves: readonly Half[] }

/** The groups of a span of halves, in order; each half is in one. */
export const timeGroups = (first: Half, last: Half, by: 'month' | 'quarter', year: YearKind): readonly TimeGroup[] => {
  const groups: { key: string; halves: Half[] }[] = []
  for (let half = first; half <= last; half++) {
    const key = timeKey(half, by, year)
    if (groups.at(-1)?.key === key) groups.at(-1)?.halves.push(half)
    else groups.push({ key, halves: [half] })
  }
  return groups
}
