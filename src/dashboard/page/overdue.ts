import type { OverdueCount, OverdueSummary } from './answers.ts'
import { withQuery } from './api.ts'
import { legend, stackedChart } from './charts.ts'
import { el } from './dom.ts'
import { type Evidence, figure, openEvidence } from './evidence.ts'
import { count, instant } from './format.ts'
import type { Parts } from './section.ts'
import { type Column, table } from './tables.ts'
import { say } from './texts.ts'

/** As many bars as a screen holds; the table has all. */
const MOST_BARS = 12

type Kind = keyof OverdueCount

const KINDS: readonly { kind: Kind; colour: string }[] = [
  { kind: 'overdue', colour: 'overdue' },
  { kind: 'dueSoon', colour: 'due-soon' },
]

/** What `GET /v1/overdue` calls them. */
const LISTS: Readonly<Record<Kind, string>> = { overdue: 'overdue', dueSoon: 'due_soon' }

type Row = OverdueSummary['agencies'][number]

/** The dossiers that an agency itself is late with: those below it have rows of their own. */
const listOf = ({ agency, name }: Row, kind: Kind, asOf: string): Evidence => ({
  what: `${say(kind)} · ${name}`,
  path: withQuery('/v1/overdue', { agency, below: 'false', asOf, punctuality: LISTS[kind] }),
  csv: false,
})

const listOfAll = (agency: string, kind: Kind, asOf: string): Evidence => ({
  what: `${say(kind)} · ${say('total')}`,
  path: withQuery('/v1/overdue', { agency, asOf, punctuality: LISTS[kind] }),
  csv: false,
})

const columns = (asOf: string): readonly Column<Row>[] => [
  { head: say('agency'), cell: ({ name }) => name, sortBy: ({ name }) => name },
  { head: say('code'), cell: ({ agency }) => agency, sortBy: ({ agency }) => agency },
  ...KINDS.map(
    ({ kind }): Column<Row> => ({
      head: say(kind),
      numeric: true,
      cell: (row) => figure(row[kind], listOf(row, kind, asOf), kind),
      sortBy: (row) => row[kind],
    }),
  ),
]

/** @param agency whose overdue dossiers these are; empty: all that the key sees */
export const showOverdue = (agency: string, summary: OverdueSummary, parts: Parts): void => {
  const { asOf, total } = summary
  const rows = summary.agencies.toSorted((a, b) => b.overdue - a.overdue || b.dueSoon - a.dueSoon)
  parts.headline.replaceChildren(
    el(
      'p',
      { class: 'share' },
      figure(total.overdue, listOfAll(agency, 'overdue', asOf), 'total.overdue'),
      ` ${say('overdue').toLowerCase()} · `,
      figure(total.dueSoon, listOfAll(agency, 'dueSoon', asOf), 'total.dueSoon'),
      ` ${say('dueSoon').toLowerCase()}`,
    ),
    el('p', { class: 'hint' }, say('overdueLead', { asOf: instant(asOf) })),
  )
  if (rows.length === 0) {
    parts.chart.replaceChildren(el('p', { class: 'note' }, say('overdueNone')))
    parts.table.replaceChildren()
    return
  }
  const top = rows.slice(0, MOST_BARS)
  const series = KINDS.map(({ kind, colour }) => ({ label: say(kind), colour, values: top.map((row) => row[kind]) }))
  const pick = (chosen: number, place: number): void => {
    const row = top[place]
    const kind = KINDS[chosen]?.kind
    if (row && kind) openEvidence(listOf(row, kind, asOf))
  }
  const names = top.map(({ name }) => name)
  const label = say('overdueChart', { n: count(top.length) })
  parts.chart.replaceChildren(legend(series), stackedChart(label, names, series, pick, true))
  const sorted = { column: 2, descending: true }
  parts.table.replaceChildren(table(columns(asOf), rows, { caption: say('overdueTable'), sorted }))
}
