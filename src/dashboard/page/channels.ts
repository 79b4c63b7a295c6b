import type { Channel, Group, RatioFigures, RatioReport } from './answers.ts'
import { legend, stackedChart } from './charts.ts'
import { el } from './dom.ts'
import { evidenceOf, figure, openEvidence } from './evidence.ts'
import { percent, shortMonth } from './format.ts'
import type { Parts } from './section.ts'
import { type Column, table, tableBehind } from './tables.ts'
import { say } from './texts.ts'

const CHANNELS: readonly Channel[] = ['desk', 'post', 'online']

const named = (channel: Channel | 'total', label?: string): string =>
  [say('channelsTitle'), say(channel), label].filter(Boolean).join(' · ')

const listOf = (figures: RatioFigures, channel: Channel | 'total', label?: string) =>
  evidenceOf(figures.evidence, `received.${channel}`, named(channel, label))

const figureOf = (figures: RatioFigures, channel: Channel | 'total', label?: string): HTMLElement =>
  figure(figures.received[channel], listOf(figures, channel, label), `received.${channel}`)

const shareOf = (part: number, whole: number): string => percent(whole === 0 ? null : String(part / whole))

const totals = (report: RatioReport): HTMLElement =>
  el(
    'dl',
    { class: 'figures' },
    ...CHANNELS.flatMap((channel) => [
      el('dt', {}, el('i', { class: `swatch ${channel}` }), say(channel)),
      el(
        'dd',
        {},
        figureOf(report, channel),
        el('small', {}, shareOf(report.received[channel], report.received.total)),
      ),
    ]),
    el('dt', { class: 'sum' }, say('total')),
    el('dd', { class: 'sum' }, figureOf(report, 'total')),
  )

/** How results went out, by how their dossiers came in. */
const matrix = ({ matrix, evidence }: RatioReport): HTMLElement[] => {
  if (!matrix) return []
  const columns: readonly Column<Channel>[] = [
    { head: say('matrixCorner'), cell: (intake) => say(intake) },
    ...CHANNELS.map(
      (back): Column<Channel> => ({
        head: say(back),
        numeric: true,
        cell: (intake) => {
          const name = `matrix.${intake}.${back}`
          const what = `${say('matrixTitle')} · ${say(intake)} → ${say(back)}`
          return figure(matrix[intake][back], evidenceOf(evidence, name, what), name)
        },
      }),
    ),
  ]
  const caption = say('matrixTitle')
  return [el('h3', {}, caption), table(columns, CHANNELS, { caption })]
}

type Row = RatioFigures & Partial<Group>

const columns = (): readonly Column<Row>[] => [
  { head: say('month'), cell: ({ label }) => label ?? say('total') },
  ...([...CHANNELS, 'total'] as const).map(
    (channel): Column<Row> => ({
      head: say(channel),
      numeric: true,
      cell: (row) => figureOf(row, channel, row.label),
    }),
  ),
]

export const showChannels = (report: RatioReport, parts: Parts): void => {
  const groups = report.groups ?? []
  const mainYear = report.period.to.slice(0, 4)
  const series = CHANNELS.map((channel) => ({
    label: say(channel),
    colour: channel,
    values: groups.map(({ received }) => received[channel]),
  }))
  const pick = (chosen: number, place: number): void => {
    const group = groups[place]
    const channel = CHANNELS[chosen]
    if (group && channel) openEvidence(listOf(group, channel, group.label))
  }
  const months = groups.map(({ key }) => shortMonth(key, mainYear))
  parts.headline.replaceChildren(el('p', { class: 'lead' }, say('channelsLead')), totals(report), ...matrix(report))
  parts.chart.replaceChildren(legend(series), stackedChart(say('channelsChart'), months, series, pick))
  const caption = `${say('channelsTitle')}: ${say('byMonthTable')}`
  const figures = table<Row>(columns(), groups, { caption, foot: report })
  parts.table.replaceChildren(tableBehind(say('byMonthTable'), figures))
}
