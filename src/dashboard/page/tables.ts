import { el } from './dom.ts'

export type Column<Row> = {
  readonly head: string
  readonly cell: (row: Row) => Node | string
  readonly numeric?: boolean
  /** By what rows may be sorted; a column without it cannot be sorted by. */
  readonly sortBy?: (row: Row) => number | string
}

type TableOptions<Row> = {
  readonly caption: string
  readonly foot?: Row
  readonly sorted?: { readonly column: number; readonly descending: boolean }
  /** Whether rows become cards where the screen is narrow. */
  readonly cards?: boolean
}

const compare = (a: number | string, b: number | string): number =>
  typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b), 'vi')

const classOf = (numeric: boolean | undefined): Record<string, string> => (numeric ? { class: 'number' } : {})

/** A row. The roles are said, because a card's display would take them away. */
const rowOf = <Row>(columns: readonly Column<Row>[], row: Row): HTMLTableRowElement =>
  el(
    'tr',
    { role: 'row' },
    ...columns.map(({ head, cell, numeric }, index) =>
      index === 0
        ? el('th', { scope: 'row', role: 'rowheader' }, cell(row))
        : el('td', { role: 'cell', 'data-head': head, ...classOf(numeric) }, cell(row)),
    ),
  )

/** A table of figures that scrolls within itself where it is wider than the screen. */
export const table = <Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  { caption, foot, sorted, cards }: TableOptions<Row>,
): HTMLElement => {
  const body = el('tbody', { role: 'rowgroup' })
  let order = sorted
  const fill = (): void => {
    const by = order && columns[order.column]?.sortBy
    const direction = order?.descending ? -1 : 1
    const shown = by ? rows.toSorted((a, b) => direction * compare(by(a), by(b))) : rows
    body.replaceChildren(...shown.map((row) => rowOf(columns, row)))
    heads.forEach((head, index) => {
      if (!columns[index]?.sortBy) return
      const state = order?.column === index ? (order.descending ? 'descending' : 'ascending') : 'none'
      head.setAttribute('aria-sort', state)
    })
  }
  const heads = columns.map(({ head, numeric, sortBy }, index) => {
    const cell = el('th', { scope: 'col', role: 'columnheader', ...classOf(numeric) })
    if (!sortBy) {
      cell.append(head)
      return cell
    }
    const button = el('button', { type: 'button', class: 'sort' }, head)
    button.addEventListener('click', () => {
      // Numbers are most often wanted from the largest, names from the first.
      const descending = order?.column === index ? !order.descending : numeric === true
      order = { column: index, descending }
      fill()
    })
    cell.append(button)
    return cell
  })
  fill()
  const whole = el(
    'table',
    { role: 'table', ...(cards ? { class: 'cards' } : {}) },
    el('caption', { class: 'unseen' }, caption),
    el('thead', { role: 'rowgroup' }, el('tr', { role: 'row' }, ...heads)),
    body,
    ...(foot === undefined ? [] : [el('tfoot', { role: 'rowgroup' }, rowOf(columns, foot))]),
  )
  return el('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': caption }, whole)
}

/** The table behind a chart, opened by whoever wants it. */
export const tableBehind = (summary: string, content: HTMLElement): HTMLDetailsElement =>
  el('details', {}, el('summary', {}, summary), content)
