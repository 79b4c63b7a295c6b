import type { Group, RatioFigures, RatioReport, Target } from './answers.ts'
import { legend, ratioChart } from './charts.ts'
import { el } from './dom.ts'
import { evidenceOf, figure, openEvidence } from './evidence.ts'
import { count, percent, shortMonth } from './format.ts'
import type { Parts } from './section.ts'
import { type Column, table, tableBehind } from './tables.ts'
import { say } from './texts.ts'

const inWords = ({ percent, comparison }: Target): string => say(`target_${comparison}`, { percent: String(percent) })

const named = (name: 'numerator' | 'denominator', label: string | undefined): string =>
  [say('ratioTitle'), say(name), label].filter(Boolean).join(' · ')

/** A figure of the report or of one of its months, with the list behind it. */
const figureOf = (figures: RatioFigures, name: 'numerator' | 'denominator', label?: string): HTMLElement =>
  figure(figures[name], evidenceOf(figures.evidence, name, named(name, label)), name)

const verdict = ({ met, target }: RatioReport): HTMLElement =>
  met === null
    ? el('p', { class: 'verdict' }, say('noRatio', { target: inWords(target) }))
    : el('p', { class: `verdict ${met ? 'good' : 'bad'}` }, say(met ? 'met' : 'notMet', { target: inWords(target) }))

const projection = ({ projection, target }: RatioReport): HTMLElement[] => {
  if (!projection) return []
  const facts = {
    ratio: percent(projection.ratio, target.percent),
    n: count(projection.numerator),
    d: count(projection.denominator),
    verdict: say(projection.met ? 'verdictMet' : 'verdictNotMet'),
    passed: count(projection.workingDaysPassed),
    days: count(projection.workingDays),
  }
  return [el('p', { class: 'note' }, say('projection', facts))]
}

const headline = (report: RatioReport): HTMLElement[] => [
  el('p', { class: 'big' }, percent(report.ratio, report.target.percent)),
  el('p', { class: 'share' }, figureOf(report, 'numerator'), ` ${say('of')} `, figureOf(report, 'denominator')),
  verdict(report),
  ...(report.shortfall ? [el('p', { class: 'note' }, say('shortfall', { n: count(report.shortfall) }))] : []),
  ...projection(report),
  el('p', { class: 'hint' }, report.definitionText),
]

type Row = RatioFigures & Partial<Group>

const columns = ({ target }: RatioReport): readonly Column<Row>[] => [
  { head: say('month'), cell: ({ label }) => label ?? say('total') },
  { head: say('numerator'), cell: (row) => figureOf(row, 'numerator', row.label), numeric: true },
  { head: say('denominator'), cell: (row) => figureOf(row, 'denominator', row.label), numeric: true },
  { head: say('ratio'), cell: ({ ratio }) => percent(ratio, target.percent), numeric: true },
  { head: say('verdict'), cell: ({ met }) => (met === null ? '—' : say(met ? 'yes' : 'no')) },
]

export const showRatio = (report: RatioReport, parts: Parts): void => {
  const { percent } = report.target
  const groups = report.groups ?? []
  const mainYear = report.period.to.slice(0, 4)
  const points = groups.map((group) => ({ ...group, label: shortMonth(group.key, mainYear) }))
  const pick = (_series: number, place: number): void => {
    const group = groups[place]
    if (group) openEvidence(evidenceOf(group.evidence, 'numerator', named('numerator', group.label)))
  }
  parts.headline.replaceChildren(...headline(report))
  const facts = { percent: String(percent) }
  const lines = [
    { label: say('metMonth'), colour: 'met' },
    { label: say('notMetMonth'), colour: 'not-met' },
    { label: say('targetLine', facts), colour: 'target' },
  ]
  parts.chart.replaceChildren(legend(lines), ratioChart(say('ratioChart', facts), points, percent, pick))
  const caption = `${say('ratioTitle')}: ${say('byMonthTable')}`
  const figures = table<Row>(columns(report), groups, { caption, foot: report })
  parts.table.replaceChildren(tableBehind(say('byMonthTable'), figures))
}
