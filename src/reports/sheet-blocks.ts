import type { Cell, CellStyle, MergeRange } from 'hucre/xlsx'

/** As long as a name gets on paper; a cell itself holds 32,767 characters, and a longer text breaks the file. */
const MOST_CHARACTERS = 300

/**
 * A name as a cell can hold it: in one line, without what XML or a printer cannot show (controls, lone
 * surrogates, characters that turn the direction of writing), and with `_x0041_`, which Excel reads as an
 * escape, kept as the text it is. Cells of text are never formulas, whatever they begin with.
 */
export const cellText = (text: string): string => {
  const clean = text
    .replaceAll(/\p{C}+/gu, ' ')
    .replaceAll(/\s+/gu, ' ')
    .trim()
  const characters = [...clean]
  const short = characters.length > MOST_CHARACTERS ? `${characters.slice(0, MOST_CHARACTERS).join('')}…` : clean
  return short.replaceAll(/_(?=x[0-9a-f]{4}_)/giu, '_x005F_')
}

const font = (size: number, bold = false, italic = false) => ({ name: 'Times New Roman', size, bold, italic })

const THIN = { style: 'thin', color: { rgb: '000000' } } as const
const BOX = { top: THIN, right: THIN, bottom: THIN, left: THIN }
const GREY = { type: 'pattern', pattern: 'solid', fgColor: { rgb: 'EDEDED' } } as const

const CENTRE = { horizontal: 'center', vertical: 'center', wrapText: true } as const
const LEFT = { horizontal: 'left', vertical: 'center', wrapText: true } as const
const RIGHT = { horizontal: 'right', vertical: 'center' } as const

/** A whole number with the thousands set apart, as the reader's office program does it. */
const WHOLE = '#,##0'

export const STYLES = {
  text: { font: font(11), alignment: LEFT },
  centre: { font: font(11), alignment: CENTRE },
  strong: { font: font(11, true), alignment: LEFT },
  agency: { font: font(11, true), alignment: CENTRE },
  strongCentre: { font: font(11, true), alignment: CENTRE },
  emphasis: { font: font(11, false, true), alignment: CENTRE },
  title: { font: font(14, true), alignment: CENTRE },
  unit: { font: font(11, false, true), alignment: RIGHT },
  note: { font: font(10, false, true), alignment: LEFT },
  heading: { font: font(11, true), alignment: CENTRE, border: BOX },
  addedHeading: { font: font(11, true, true), alignment: CENTRE, border: BOX, fill: GREY },
  number: { font: font(10, false, true), alignment: CENTRE, border: BOX },
  order: { font: font(11), alignment: CENTRE, border: BOX },
  field: { font: font(11), alignment: LEFT, border: BOX },
  figure: { font: font(11), alignment: RIGHT, border: BOX, numFmt: WHOLE },
  totalLabel: { font: font(11, true), alignment: CENTRE, border: BOX },
  total: { font: font(11, true), alignment: RIGHT, border: BOX, numFmt: WHOLE },
} as const satisfies Record<string, CellStyle>
export type Styles = keyof typeof STYLES

/** A value over one cell or, merged, over several; rows and columns are counted from 0. */
export type Block = {
  row: number
  column: number
  rows: number
  columns: number
  value: string | number
  style: Styles
}

/** The cells by `row,column`. Those under a merged block carry its style too: borders are drawn cell by cell. */
export const blockCells = (blocks: readonly Block[]): Map<string, Partial<Cell>> =>
  new Map(
    blocks.flatMap(({ row, column, rows, columns, value, style }) =>
      Array.from({ length: rows * columns }, (_, i): [string, Partial<Cell>] => [
        `${row + Math.floor(i / columns)},${column + (i % columns)}`,
        { value: i === 0 ? value : null, style: STYLES[style] },
      ]),
    ),
  )

export const blockMerges = (blocks: readonly Block[]): MergeRange[] =>
  blocks
    .filter(({ rows, columns }) => rows * columns > 1)
    .map(({ row, column, rows, columns }) => ({
      startRow: row,
      startCol: column,
      endRow: row + rows - 1,
      endCol: column + columns - 1,
    }))
