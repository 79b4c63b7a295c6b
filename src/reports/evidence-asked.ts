import { sql } from 'drizzle-orm'
import { agenciesInView } from '../access/scope.ts'
import { firstDayOf, type Half } from '../figures/half.ts'
import type { FieldError } from '../refusal.ts'
import { invalid } from '../refusal.ts'
import { later, startOfDay } from '../sla/date.ts'
import type { Desk } from './answers.ts'
import { askedOf, type ReportQuery, type Switches } from './asked.ts'
import { type Asked, timesOf } from './counting.ts'
import { FIGURES, type FigureQuery, figuresOf, type Times } from './evidence.ts'
import type { ReportName } from './evidence-link.ts'
import type { EvidenceList } from './evidence-store.ts'

export type EvidenceQuery = ReportQuery &
  Partial<Switches> &
  Partial<FigureQuery> & { figure: string; group?: string | undefined; applicant?: boolean | undefined }

const noSuch = (pointer: FieldError['pointer'], possible: readonly string[]) =>
  invalid(pointer, `Chỉ có: ${possible.join(', ')}.`, `There are only: ${possible.join(', ')}.`)

const noGroup = () => invalid('/query/group', 'Báo cáo không có nhóm này.', 'The report has no such group.')

type Part = Pick<EvidenceList, 'agencies' | 'procedures'> & Pick<Times, 'from' | 'until'>

const earlier = (a: Date, b: Date): Date => (a < b ? a : b)

const startOf = (half: Half): Date => new Date(startOfDay(firstDayOf(half)))

/** What a group is limited to: some agencies, some procedures, or a part of the time. Refuses a group that cannot be. */
const partOf = ({ reference }: Desk, asked: Asked, group: string | undefined, until: Date): Part => {
  const { scope, from, procedures, groupBy, groupOf } = asked
  const whole = { agencies: scope.each, procedures, from, until }
  if (group === undefined) return whole
  switch (groupBy) {
    case 'agency': {
      const agencies = (scope.each ?? [...reference.agencies.keys()]).filter((code) => groupOf(code, '') === group)
      if (agencies.length === 0) throw noGroup()
      return { ...whole, agencies }
    }
    case 'procedure':
    case 'field': {
      const some = [...reference.procedures.keys()].filter((code) => groupOf('', code) === group)
      if (some.length === 0) throw noGroup()
      return { ...whole, procedures: some.filter((code) => procedures?.includes(code) ?? true) }
    }
    default: {
      const halves = timesOf(asked).find(({ key }) => key === group)?.halves
      const [first, last] = [halves?.at(0), halves?.at(-1)]
      if (first === undefined || last === undefined) throw noGroup()
      return { ...whole, from: later(startOf(first), from), until: earlier(startOf(last + 1), until) }
    }
  }
}

/**
 * The list behind a figure, limited as its report is. Refuses what `askedOf` does, a figure that the report does not
 * tell, and a group that it does not have.
 */
export const evidenceOf = (desk: Desk, report: ReportName, query: EvidenceQuery): EvidenceList => {
  const { figure, group, definition = 'either', by, promise, applicant = false } = query
  const possible = figuresOf(report, promise)
  const conditions = FIGURES[report][figure]
  if (!conditions || !possible.includes(figure)) throw noSuch('/query/figure', possible)
  const { eligible, online = 'include', certification = 'include', sameDay = 'include' } = query
  const switches = { eligible, online, certification, sameDay }
  const asked = askedOf(desk.caller, desk.reference, query, desk.now, switches)
  const until = earlier(asked.until, new Date(asked.asOf.getTime() + 1))
  const part = partOf(desk, asked, group, until)
  const times = { from: part.from, until: part.until, periodFrom: asked.from, periodUntil: until }
  return {
    counted: conditions(times, { definition, by, promise }),
    side: report === 'channel-ratio' ? 'receiving' : 'resolving',
    agencies: part.agencies,
    procedures: part.procedures,
    withoutSameDay: asked.withoutSameDay,
    withoutOnline: asked.withoutOnline,
    past: asked.past,
    outcome: by === 'recorded' ? sql`f.recorded_outcome` : sql`f.outcome`,
    withApplicant: applicant,
    seen: agenciesInView(desk.caller, desk.reference, undefined),
  }
}
