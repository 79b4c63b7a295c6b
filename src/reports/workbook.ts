import { Buffer } from 'node:buffer'
import { colToLetter, writeXlsx } from 'hucre/xlsx'
import type { Bilingual } from '../language.ts'
import { type FormHeading, type FormLayout, formLayout } from './form-layout.ts'
import type { Form } from './forms.ts'
import { type Block, blockCells, blockMerges, cellText, STYLES, type Styles } from './sheet-blocks.ts'

export const XLSX_TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'

const PAGE: Bilingual = { vi: 'Trang', en: 'Page' }

const INDEX_WIDTH = 5
const FIELD_WIDTH = 26
const LEAST_FIGURE_WIDTH = 9.2

/** Widths in characters. Each number has room for the longest, its thousands set apart: a narrower cell shows "####". */
const widthsOf = ({ total }: Form, { columns }: FormLayout): readonly number[] => {
  const longest = Math.max(...Object.values(total.values).map((value) => value.toLocaleString('en').length))
  const figure = Math.max(LEAST_FIGURE_WIDTH, longest + 2)
  return [INDEX_WIDTH, FIELD_WIDTH, ...Array<number>(columns - 2).fill(figure)]
}

/** The texts of any length. Office programs fit no row to a merged cell, and not all of them to others. */
const FITTED: ReadonlySet<Styles> = new Set(['agency', 'title', 'field', 'note'])

const LINE_HEIGHT = 15.5
const USUAL_SIZE = STYLES.text.font.size
const BOLD = 1.2

/** The height that a text takes, by an estimate of its lines. */
const heightOf = ({ value, column, columns, style }: Block, widths: readonly number[]): number => {
  const width = widths.slice(column, column + columns).reduce((sum, each) => sum + each)
  const { size, bold } = STYLES[style].font
  const scale = size / USUAL_SIZE
  const length = String(value).length * scale * (bold ? BOLD : 1)
  return Math.max(1, Math.ceil(length / width)) * LINE_HEIGHT * scale
}

const rowsOf = ({ blocks, headings }: FormLayout, widths: readonly number[]): Map<number, { height: number }> =>
  new Map([
    ...blocks
      .filter(({ style }) => FITTED.has(style))
      .map((block) => [block.row, { height: heightOf(block, widths) }] as const),
    ...Array.from({ length: headings.levels }, (_, level) => {
      const lines = level === headings.levels - 1 ? 4 : 2
      return [headings.first + level, { height: LINE_HEIGHT * lines }] as const
    }),
  ])

/** A name that the references to the printed area may hold without quotes, as the library writes none. */
const sheetName = ({ id }: Form): string => `Bieu_${id.replaceAll('.', '_')}`

/** A form as a workbook of one sheet, ready to print on A4. The same form and heading give the same bytes. */
export const formWorkbook = async (form: Form, heading: FormHeading): Promise<Buffer> => {
  const layout = formLayout(form, heading)
  const { blocks, columns, headings, lastRow } = layout
  const widths = widthsOf(form, layout)
  const bytes = await writeXlsx({
    sheets: [
      {
        name: sheetName(form),
        columns: widths.map((width) => ({ width })),
        cells: blockCells(blocks),
        merges: blockMerges(blocks),
        rowDefs: rowsOf(layout, widths),
        freezePane: { rows: headings.last + 1, columns: 2 },
        pageSetup: {
          paperSize: 'a4',
          orientation: 'landscape',
          fitToPage: true,
          fitToWidth: 1,
          fitToHeight: 0,
          horizontalCentered: true,
          margins: { top: 0.6, bottom: 0.6, left: 0.5, right: 0.5, header: 0.3, footer: 0.3 },
          printArea: `$A$1:$${colToLetter(columns - 1)}$${lastRow + 1}`,
          printTitlesRow: `$${headings.first + 1}:$${headings.last + 1}`,
        },
        headerFooter: { oddFooter: `&C${PAGE[heading.language]} &P/&N` },
      },
    ],
    defaultFont: STYLES.text.font,
    properties: {
      title: form.title[heading.language],
      creator: cellText(heading.madeBy),
      created: heading.madeAt,
      modified: heading.madeAt,
    },
  })
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
