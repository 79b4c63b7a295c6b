import type { Chart as ChartClass, ChartConfiguration, ChartOptions, Plugin } from 'chart.js'
import { el } from './dom.ts'
import { count, percent } from './format.ts'

/** Loaded by the page's own script tag: the UMD file is one request and registers every kind of chart. */
declare const Chart: typeof ChartClass

export type Series = {
  readonly label: string
  /** The name of a colour in the style sheet, which knows both schemes. */
  readonly colour: string
  readonly values: readonly number[]
}

/** Called with the series and the place of the bar or point that was chosen. */
export type Pick = (series: number, place: number) => void

const colourOf = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()

const drawn = new Map<HTMLCanvasElement, { chart: ChartClass; draw: () => ChartClass }>()

const forget = (): void => {
  for (const [canvas, { chart }] of drawn) {
    if (canvas.isConnected) continue
    chart.destroy()
    drawn.delete(canvas)
  }
}

/** Draws all charts again: in the colours of another scheme, or of paper. */
export const redraw = (): void => {
  forget()
  for (const [canvas, { chart, draw }] of drawn) {
    chart.destroy()
    drawn.set(canvas, { chart: draw(), draw })
  }
}

/** What all charts share. Nothing moves: a figure is there at once, for whoever dislikes motion and whoever prints. */
const common = (pick: Pick): ChartOptions => ({
  animation: false,
  responsive: true,
  maintainAspectRatio: false,
  font: { family: getComputedStyle(document.body).fontFamily, size: 12 },
  color: colourOf('muted'),
  onClick: (_event, [chosen]) => {
    if (chosen) pick(chosen.datasetIndex, chosen.index)
  },
  onHover: (event, chosen) => {
    const canvas = event.native?.target
    if (canvas instanceof HTMLCanvasElement) canvas.style.cursor = chosen.length ? 'pointer' : 'default'
  },
})

/** A figure's axis on a phone has room for few of them. */
const mostTicks = (): number => (innerWidth < 480 ? 3 : 6)

/** As much of a name as stands beside a bar; the table has it whole. */
const MOST_OF_NAME = 28

const short = (name: string): string =>
  name.length > MOST_OF_NAME ? `${name.slice(0, MOST_OF_NAME - 1).trimEnd()}…` : name

const axis = (grid: boolean) => ({
  border: { display: !grid, color: colourOf('rule') },
  grid: { display: grid, color: colourOf('rule') },
  ticks: {
    color: colourOf('muted'),
    font: { family: getComputedStyle(document.body).fontFamily, size: 12 },
    maxRotation: 0,
  },
})

const tooltip = () => ({
  backgroundColor: colourOf('ink'),
  titleColor: colourOf('paper'),
  bodyColor: colourOf('paper'),
  padding: 10,
  cornerRadius: 4,
  boxPadding: 4,
})

/** A canvas that says what it shows, in a box that gives it its height. */
const place = (label: string, kind: string, configure: () => ChartConfiguration): HTMLElement => {
  const canvas = el('canvas', { role: 'img', 'aria-label': label })
  const box = el('div', { class: `chart ${kind}` }, canvas)
  const draw = () => new Chart(canvas, configure())
  // A chart takes its size from the page, where its canvas must stand first.
  requestAnimationFrame(() => {
    forget()
    if (canvas.isConnected) drawn.set(canvas, { chart: draw(), draw })
  })
  return box
}

export const legend = (series: readonly { label: string; colour: string }[]): HTMLElement =>
  el(
    'ul',
    { class: 'legend', 'aria-hidden': 'true' },
    ...series.map(({ label, colour }) => el('li', {}, el('i', { class: `swatch ${colour}` }), label)),
  )

const targetLabel = (target: number): Plugin => ({
  id: 'target-label',
  afterDatasetsDraw: ({ ctx, chartArea, scales }) => {
    const y = scales.y?.getPixelForValue(target)
    if (y === undefined) return
    ctx.save()
    ctx.fillStyle = colourOf('target')
    ctx.font = `600 12px ${getComputedStyle(document.body).fontFamily}`
    ctx.textBaseline = 'middle'
    ctx.fillText(`${target}\u202f%`, chartArea.right + 6, y)
    ctx.restore()
  },
})

export type RatioPoint = {
  readonly label: string
  readonly numerator: number
  readonly denominator: number
  readonly ratio: string | null
  readonly met: boolean | null
}

/** The ratio over time; a month that meets the target is a full point, one that does not a hollow one. */
export const ratioChart = (label: string, points: readonly RatioPoint[], target: number, pick: Pick): HTMLElement =>
  place(label, 'tall', () => {
    const values = points.map(({ ratio }) => (ratio === null ? null : Number(ratio) * 100))
    const highest = Math.max(target, ...values.map(Number))
    return {
      type: 'line',
      data: {
        labels: points.map((point) => point.label),
        datasets: [
          {
            data: values,
            borderColor: colourOf('post'),
            borderWidth: 2.5,
            pointRadius: 5,
            pointHoverRadius: 7,
            pointHitRadius: 14,
            pointBorderWidth: 2,
            pointBackgroundColor: points.map(({ met }) => colourOf(met ? 'post' : 'paper')),
          },
          {
            data: points.map(() => target),
            borderColor: colourOf('target'),
            borderWidth: 1.5,
            borderDash: [6, 4],
            pointRadius: 0,
            pointHitRadius: 0,
          },
        ],
      },
      options: {
        ...common((series, index) => series === 0 && pick(series, index)),
        layout: { padding: { right: 44 } },
        scales: {
          x: { ...axis(false), offset: true },
          y: {
            ...axis(true),
            min: 0,
            suggestedMax: Math.min(100, highest * 1.25),
            ticks: { ...axis(true).ticks, maxTicksLimit: mostTicks(), callback: (value) => `${value}\u202f%` },
          },
        },
        plugins: {
          legend: { display: false },
          tooltip: {
            ...tooltip(),
            displayColors: false,
            filter: ({ datasetIndex }) => datasetIndex === 0,
            callbacks: {
              label: ({ dataIndex }) => {
                const point = points[dataIndex]
                if (!point) return ''
                return `${percent(point.ratio, target)} = ${count(point.numerator)} / ${count(point.denominator)}`
              },
            },
          },
        },
      },
      plugins: [targetLabel(target)],
    }
  })

/** Bars on top of each other, or, where they lie, end to end. */
export const stackedChart = (
  label: string,
  places: readonly string[],
  series: readonly Series[],
  pick: Pick,
  lying = false,
): HTMLElement => {
  const height = lying ? `lying rows-${Math.min(places.length, 12)}` : 'tall'
  const names = () => ({ ...axis(false), stacked: true })
  const counts = () => ({
    ...axis(true),
    stacked: true,
    ticks: {
      ...axis(true).ticks,
      maxTicksLimit: mostTicks(),
      precision: 0,
      callback: (value: number | string) => count(Number(value)),
    },
  })
  return place(label, height, () => ({
    type: 'bar',
    data: {
      labels: places.map(short),
      datasets: series.map(({ label, colour, values }) => ({
        label,
        data: [...values],
        backgroundColor: colourOf(colour),
        borderColor: colourOf('paper'),
        borderWidth: lying ? { right: 1 } : { top: 1 },
        borderSkipped: false,
        maxBarThickness: lying ? 22 : 44,
      })),
    },
    options: {
      ...common(pick),
      indexAxis: lying ? 'y' : 'x',
      scales: lying ? { x: counts(), y: names() } : { x: names(), y: counts() },
      plugins: {
        legend: { display: false },
        tooltip: {
          ...tooltip(),
          callbacks: {
            label: ({ dataset, parsed }) => ` ${dataset.label}: ${count(Number(lying ? parsed.x : parsed.y))}`,
          },
        },
      },
    },
  }))
}
