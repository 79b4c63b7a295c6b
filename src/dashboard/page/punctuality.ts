import type { Group, PunctualityFigures, PunctualityReport, Share } from './answers.ts'
import { legend, stackedChart } from './charts.ts'
import { el } from './dom.ts'
import { type Evidence, evidenceOf, figure, openEvidence } from './evidence.ts'
import { count, percent, shortMonth } from './format.ts'
import type { Parts } from './section.ts'
import { type Column, table, tableBehind } from './tables.ts'
import { say, type TextName } from './texts.ts'

/** One number of the report: where it stands in the answer, what it is called, and its colour where it has one. */
type Item = {
  readonly path: string
  readonly text: TextName
  readonly colour?: string
  readonly valueOf: (figures: PunctualityFigures) => number | null
}

const RESOLVED = (['early', 'onTime', 'lateWithApology', 'lateWithoutApology'] as const).map(
  (name): Item => ({
    path: `resolved.${name}`,
    text: name,
    colour: name,
    valueOf: ({ resolved }) => resolved[name],
  }),
)

const PENDING = (['inTime', 'overdue', 'waiting'] as const).map(
  (name): Item => ({
    path: `pending.${name}`,
    text: name,
    colour: `pending-${name}`,
    valueOf: ({ pending }) => pending[name],
  }),
)

const ALL_RESOLVED: Item = { path: 'resolved.total', text: 'resolved', valueOf: ({ resolved }) => resolved.total }
const ALL_PENDING: Item = { path: 'pending.total', text: 'pending', valueOf: ({ pending }) => pending.total }

const APART: readonly Item[] = [
  { path: 'carriedOver', text: 'carriedOver', valueOf: ({ carriedOver }) => carriedOver },
  { path: 'received.total', text: 'received', valueOf: ({ received }) => received.total },
  { path: 'refused', text: 'refused', valueOf: ({ refused }) => refused },
  { path: 'withdrawn', text: 'withdrawn', valueOf: ({ withdrawn }) => withdrawn },
  { path: 'stopped', text: 'stopped', valueOf: ({ stopped }) => stopped },
]

const listOf = ({ evidence }: PunctualityFigures, { path, text }: Item, label?: string): Evidence | undefined =>
  evidenceOf(evidence, path, [say('punctualityTitle'), say(text), label].filter(Boolean).join(' · '))

const figureOf = (figures: PunctualityFigures, item: Item, label?: string): HTMLElement => {
  const value = item.valueOf(figures)
  // Where the first promise is what counts, early and on time are one.
  return value === null ? el('span', {}, '—') : figure(value, listOf(figures, item, label), item.path)
}

const list = (report: PunctualityReport, heading: TextName, items: readonly Item[], sum?: Item): HTMLElement =>
  el(
    'div',
    {},
    el('h3', {}, say(heading)),
    el(
      'dl',
      { class: 'figures' },
      ...items.flatMap((item) => [
        el('dt', {}, ...(item.colour ? [el('i', { class: `swatch ${item.colour}` })] : []), say(item.text)),
        el('dd', {}, figureOf(report, item)),
      ]),
      ...(sum ? [el('dt', { class: 'sum' }, say('total')), el('dd', { class: 'sum' }, figureOf(report, sum))] : []),
    ),
  )

const rate = ({ ratio, numerator, denominator }: Share, text: TextName): HTMLElement =>
  el(
    'div',
    {},
    el('p', { class: 'big second' }, percent(ratio)),
    el('p', { class: 'note' }, `${say(text)} (${count(numerator)}/${count(denominator)})`),
  )

const headline = (report: PunctualityReport): HTMLElement[] => [
  el(
    'div',
    { class: 'rates' },
    rate(report.rates.onTimeOfResolved, 'onTimeOfResolved'),
    rate(report.rates.onTimeOfReceived, 'onTimeOfReceived'),
  ),
  ...(report.remainder === 0 ? [] : [el('p', { class: 'notice' }, say('remainder', { n: count(report.remainder) }))]),
]

const lists = (report: PunctualityReport): HTMLElement =>
  el(
    'div',
    { class: 'lists' },
    list(report, 'resolved', RESOLVED, ALL_RESOLVED),
    list(report, 'pending', PENDING, ALL_PENDING),
    list(report, 'apart', APART),
  )

type Row = PunctualityFigures & Partial<Group>

const columns = (): readonly Column<Row>[] => [
  { head: say('month'), cell: ({ label }) => label ?? say('total') },
  ...[...RESOLVED, ALL_RESOLVED, ...PENDING, ALL_PENDING].map(
    (item): Column<Row> => ({
      head: say(item.text),
      numeric: true,
      cell: (row) => figureOf(row, item, row.label),
    }),
  ),
]

export const showPunctuality = (report: PunctualityReport, parts: Parts): void => {
  const groups = report.groups ?? []
  const mainYear = report.period.to.slice(0, 4)
  const series = RESOLVED.map((item) => ({
    label: say(item.text),
    colour: String(item.colour),
    values: groups.map((group) => item.valueOf(group) ?? 0),
  }))
  const pick = (chosen: number, place: number): void => {
    const group = groups[place]
    const item = RESOLVED[chosen]
    if (group && item) openEvidence(listOf(group, item, group.label))
  }
  const months = groups.map(({ key }) => shortMonth(key, mainYear))
  parts.headline.replaceChildren(...headline(report))
  parts.chart.replaceChildren(legend(series), stackedChart(say('punctualityChart'), months, series, pick))
  const caption = `${say('punctualityTitle')}: ${say('byMonthTable')}`
  const figures = table<Row>(columns(), groups, { caption, foot: report })
  parts.table.replaceChildren(lists(report), tableBehind(say('byMonthTable'), figures))
}
