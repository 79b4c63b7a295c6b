import type { Caller } from '../access/caller.ts'
import { agenciesInView } from '../access/scope.ts'
import type { Level } from '../agencies/agency.ts'
import type { Clock } from '../figures/flows.ts'
import type { Reference } from '../reference.ts'
import { invalid, Refusal } from '../refusal.ts'
import { workingDaysBetween } from '../sla/calendar.ts'
import { type DayNumber, dayNumber, dayOf, startOfDay } from '../sla/date.ts'
import type { Asked } from './counting.ts'
import { agencyGroup, agencyScope, fieldOf, type Grouping, wholeScope } from './grouping.ts'
import { datedPeriod, namedPeriod, type Period, type YearKind } from './period.ts'

/** What every report is asked. */
export type ReportQuery = {
  agency?: string | undefined
  from?: string | undefined
  to?: string | undefined
  period?: string | undefined
  year: YearKind
  asOf?: Date | undefined
  asOfBy: Clock
  groupBy?: Grouping | undefined
  level?: Level | undefined
}

/** Which dossiers a channel report is over. */
export type Switches = {
  eligible?: boolean | undefined
  online: Inclusion
  certification: Inclusion
  sameDay: Inclusion
}

export const INCLUSIONS = ['include', 'exclude'] as const
export type Inclusion = (typeof INCLUSIONS)[number]

/** As many groups as one answer holds. */
export const MOST_GROUPS = 2000

/** No dossier is later than this (`wire.ts`), and no date beyond it can be written to the database. */
const LATEST = startOfDay(dayNumber('2200-01-01'))

/** The field of certified copies and signatures (chứng thực), which some counts leave out. */
const CERTIFICATION = 'Chứng thực'

export const periodOf = ({ from, to, period, year }: ReportQuery): Period =>
  (period === undefined ? undefined : namedPeriod(period, year)) ?? datedPeriod(String(from), String(to))

const groupOf = (reference: Reference, root: string | null, { groupBy, level }: ReportQuery): Asked['groupOf'] => {
  const agency = agencyGroup(reference, root, level)
  switch (groupBy) {
    case 'agency':
      return agency
    case 'procedure':
      return (_, procedure) => procedure
    case 'field':
      return (_, procedure) => fieldOf(reference, procedure)
    default:
      return () => ''
  }
}

/**
 * The procedures that the switches leave in, by the catalogue as it is; `null` means all. Refuses
 * `no_certification_field` where another spelling would quietly leave everything in.
 */
const proceduresOf = (reference: Reference, { eligible, certification }: Switches): readonly string[] | null => {
  if (eligible !== true && certification === 'include') return null
  const procedures = [...reference.procedures.values()]
  if (certification === 'exclude' && !procedures.some(({ field }) => field === CERTIFICATION)) {
    throw new Refusal('no_certification_field', { field: CERTIFICATION })
  }
  return procedures
    .filter(({ postAllowed }) => postAllowed || eligible !== true)
    .filter(({ field }) => certification === 'include' || field !== CERTIFICATION)
    .map(({ code }) => code)
}

const EVERYTHING: Switches = { online: 'include', certification: 'include', sameDay: 'include' }

/**
 * What is to be counted for a caller. Refuses `agency_not_found`, `outside_your_agency`, an `asOf` in the future,
 * `no_certification_field`, and more groups than an answer holds before anything is counted.
 */
export const askedOf = (
  caller: Caller,
  reference: Reference,
  query: ReportQuery,
  now: Date,
  switches: Switches = EVERYTHING,
): Asked => {
  agenciesInView(caller, reference, query.agency)
  if (query.asOf && query.asOf > now) {
    throw invalid('/query/asOf', 'Không được ở tương lai.', 'Must not lie in the future.')
  }
  const agency = query.agency ?? caller.agency
  const { from, to } = periodOf(query)
  const byAgency = query.groupBy === 'agency'
  const scope = byAgency ? agencyScope(reference, agency, query.level) : wholeScope(reference, agency)
  if (scope.whole.length + scope.own.length > MOST_GROUPS) throw new Refusal('too_many_groups', { limit: MOST_GROUPS })
  return {
    scope,
    from: new Date(startOfDay(dayNumber(from))),
    until: new Date(Math.min(startOfDay(dayNumber(to) + 1), LATEST)),
    asOf: query.asOf ?? now,
    past: query.asOf ? { at: query.asOf, by: query.asOfBy } : null,
    groupBy: query.groupBy,
    year: query.period === undefined ? 'calendar' : query.year,
    groupOf: groupOf(reference, agency, query),
    procedures: proceduresOf(reference, switches),
    withoutSameDay: switches.sameDay === 'exclude',
    withoutOnline: switches.online === 'exclude',
  }
}

/**
 * The working days of a period that is under way, and how many of them have begun; `undefined` where it has not begun,
 * is over, or reaches beyond the published calendar.
 */
export const workingDaysOf = (
  reference: Reference,
  agency: string | null,
  { from, until, asOf, past }: Asked,
): { passed: number; all: number } | undefined => {
  if (past !== null || asOf < from || asOf >= until) return undefined
  const { working } = agency === null ? reference.officeSchedule('vn') : reference.scheduleOf(agency)
  const day = (at: Date): DayNumber => dayOf(at.getTime())
  const [first, last] = [day(from) - 1, day(until) - 1]
  if (first < working.from || last > working.to) return undefined
  const passed = workingDaysBetween(working, first, day(asOf))
  return passed === 0 ? undefined : { passed, all: workingDaysBetween(working, first, last) }
}
