import type { Caller } from '../access/caller.ts'
import { withAncestors } from '../agencies/agency.ts'
import type { Database } from '../db/database.ts'
import type { Clock } from '../figures/flows.ts'
import type { Language } from '../language.ts'
import type { Reference } from '../reference.ts'
import { Refusal } from '../refusal.ts'
import { askedOf, MOST_GROUPS, periodOf, type ReportQuery, type Switches, workingDaysOf } from './asked.ts'
import { channelFigures, nearestTarget, projection } from './channels.ts'
import { type Asked, countChannels, countLives } from './counting.ts'
import { DEFINITION_TEXT, type Definition, sumCounts } from './definitions.ts'
import { evidenceLink, type ReportName } from './evidence-link.ts'
import type { FormId } from './form-columns.ts'
import { type Form, type FormColumn, officialForm } from './forms.ts'
import { labelOf, onlyRoot } from './grouping.ts'
import { type Promised, punctualityFigures } from './punctuality.ts'
import { readTargets } from './store.ts'

/**
 * What a report is answered from: the database and the instant up to which it reaches, the reference data, and who asks
 * in which language.
 */
export type Desk = { db: Database; reference: Reference; now: Date; caller: Caller; language: Language }

const periodView = (query: ReportQuery) => {
  const { from, to } = periodOf(query)
  const named = query.period !== undefined
  return { name: query.period ?? null, year: named ? query.year : null, from, to }
}

/** What every report says of itself. */
const heading = ({ caller }: Desk, query: ReportQuery, asked: Asked) => ({
  agency: query.agency ?? caller.agency,
  period: periodView(query),
  asOf: asked.asOf,
  asOfBy: query.asOfBy,
})

/**
 * What a list of evidence is asked. Where the report told of now, what was known at that moment: whatever is recorded
 * later, the list sums to the number.
 */
const askedOfEvidence = <Q extends ReportQuery>({ caller }: Desk, query: Q, { asOf }: Asked): Q => ({
  ...query,
  // Whose the report is, whoever follows the link: a key of more agencies would be told of more.
  agency: query.agency ?? caller.agency ?? undefined,
  ...(query.asOf ? {} : { asOf, asOfBy: 'recorded' }),
})

/** Groups in the order of their keys, each with its name. */
const named = <T, V>(
  desk: Desk,
  query: ReportQuery,
  groups: ReadonlyMap<string, T>,
  view: (group: T, key: string) => V,
) => {
  const { groupBy } = query
  if (groupBy === undefined) return { groupBy: null, groups: null }
  if (groups.size > MOST_GROUPS) throw new Refusal('too_many_groups', { limit: MOST_GROUPS })
  const sorted = [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1))
  return {
    groupBy,
    groups: sorted.map(([key, group]) => ({
      key,
      label: labelOf(groupBy, key, desk.reference, desk.language),
      ...view(group, key),
    })),
  }
}

export type ChannelQuery = ReportQuery & Switches & { definition: Definition }

/** By whose targets a report's groups are judged: by their own where they are agencies, else by that of the whole. */
const judgedBy = ({ reference }: Desk, query: ReportQuery, { scope }: Asked, agency: string | null) => {
  const ancestry = (of: string | null) => withAncestors(reference.agencies, of)
  const whole = ancestry(agency ?? onlyRoot(reference))
  const isByAgency = query.groupBy === 'agency'
  const all = isByAgency ? [...whole, ...[...scope.whole, ...scope.own].flatMap(ancestry)] : whole
  return { whole, ofGroup: (key: string) => (isByAgency ? ancestry(key) : whole), all: [...new Set(all)] }
}

/** The postal ratio and all that it rests on. */
export const channelReport = async (desk: Desk, query: ChannelQuery) => {
  const { db, reference, now, caller, language } = desk
  const asked = askedOf(caller, reference, query, now, query)
  const agency = query.agency ?? caller.agency
  const behind = askedOfEvidence(desk, query, asked)
  const judges = judgedBy(desk, query, asked, agency)
  // One after the other: on the one connection of a transaction they could only take turns.
  const groups = await countChannels(db, asked)
  const targets = await readTargets(db, judges.all, periodOf(query).year)
  const target = nearestTarget(judges.whole, targets)
  const { definition, eligible = false, online, certification, sameDay } = query
  const whole = sumCounts([...groups.values()])
  const days = workingDaysOf(reference, agency, asked)
  return {
    ...heading(desk, query, asked),
    definition,
    definitionText: DEFINITION_TEXT[definition][language],
    filters: { eligible, online, certification, sameDay },
    target,
    ...channelFigures(definition, whole, target),
    projection: days ? projection(definition, whole, target, days, language) : null,
    evidence: evidenceLink('channel-ratio', behind),
    ...named(desk, query, groups, (counts, key) => {
      const target = nearestTarget(judges.ofGroup(key), targets)
      return {
        target,
        ...channelFigures(definition, counts, target),
        evidence: evidenceLink('channel-ratio', behind, key),
      }
    }),
  }
}

export type PunctualityQuery = ReportQuery & { by: Clock; promise: Promised }

/** How what agencies resolve was kept to its dates. */
export const punctualityReport = async (desk: Desk, query: PunctualityQuery) => {
  const asked = askedOf(desk.caller, desk.reference, query, desk.now)
  const behind = askedOfEvidence(desk, query, asked)
  const { whole, groups } = await countLives(desk.db, asked, query.by, query.promise)
  return {
    ...heading(desk, query, asked),
    by: query.by,
    promise: query.promise,
    ...punctualityFigures(whole, query.promise),
    evidence: evidenceLink('punctuality', behind),
    ...named(desk, query, groups, (counts, key) => ({
      ...punctualityFigures(counts, query.promise),
      evidence: evidenceLink('punctuality', behind, key),
    })),
  }
}

export type FormQuery = ReportQuery & { by: Clock }

/** The reports that are official forms, by their paths. */
export const FORM_OF = { 'ii-06a': 'II.06a', '07a': '07a' } as const satisfies Partial<Record<ReportName, FormId>>
export type FormPath = keyof typeof FORM_OF

/** An official form, a row for each field. */
export const countForm = async (
  desk: Desk,
  path: FormPath,
  query: FormQuery,
): Promise<{ asked: Asked; form: Form }> => {
  const byField = { ...query, groupBy: 'field' } as const
  const asked = askedOf(desk.caller, desk.reference, byField, desk.now)
  const { groups } = await countLives(desk.db, asked, query.by, 'current')
  const sorted = new Map([...groups].toSorted(([a], [b]) => a.localeCompare(b, 'vi')))
  return { asked, form: officialForm(FORM_OF[path], sorted, (field) => field) }
}

type ColumnView = Omit<FormColumn, 'label' | 'columns'> & { label: string; columns: ColumnView[] }

const columnView = (column: FormColumn, language: Language): ColumnView => ({
  ...column,
  label: column.label[language],
  columns: column.columns.map((below) => columnView(below, language)),
})

export const formReport = async (desk: Desk, path: FormPath, query: FormQuery) => {
  const { asked, form } = await countForm(desk, path, query)
  const behind = askedOfEvidence(desk, query, asked)
  const { language } = desk
  return {
    ...heading(desk, query, asked),
    by: query.by,
    form: form.id,
    title: form.title[language],
    name: form.name[language],
    citation: form.citation,
    columns: form.columns.map((column) => columnView(column, language)),
    rows: form.rows.map((row) => ({ ...row, evidence: evidenceLink(path, behind, row.key) })),
    total: { ...form.total, evidence: evidenceLink(path, behind) },
    notes: form.notes.map((note) => note[language]),
  }
}
