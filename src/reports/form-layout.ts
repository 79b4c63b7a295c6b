import type { Clock } from '../figures/flows.ts'
import type { Bilingual, Language } from '../language.ts'
import { dayNumber, dayOf, formatDateForReaders, formatTime } from '../sla/date.ts'
import type { Form, FormColumn, FormFigures } from './forms.ts'
import { type Block, cellText, type Styles } from './sheet-blocks.ts'

/** What a form is of. `from` and `to` are days, both counted. */
export type FormHeading = {
  agency: string
  from: string
  to: string
  asOf: Date
  /** By which clock dossiers are counted, and, where `asOf` is of the past, by which it is. */
  by: Clock
  asOfBy: Clock | null
  madeBy: string
  madeAt: Date
  language: Language
}

const TEXT = {
  agency: { vi: 'Cơ quan báo cáo', en: 'Reporting agency' },
  period: { vi: 'Kỳ báo cáo', en: 'Period' },
  counted: { vi: 'Hồ sơ tính', en: 'Dossiers count' },
  unit: { vi: 'Đơn vị tính: Hồ sơ', en: 'Unit: dossiers' },
  total: { vi: 'TỔNG CỘNG', en: 'TOTAL' },
  unequal: { vi: 'Số liệu tổng cộng không khớp', en: 'The totals do not agree' },
  offBy: { vi: 'chênh', en: 'off by' },
  clerk: { vi: 'NGƯỜI LẬP BIỂU', en: 'PREPARED BY' },
  head: { vi: 'THỦ TRƯỞNG ĐƠN VỊ', en: 'HEAD OF THE AGENCY' },
  signed: { vi: '(Ký, ghi rõ họ tên)', en: '(Signature, full name)' },
  sealed: { vi: '(Ký, đóng dấu, ghi rõ họ tên)', en: '(Signature, seal, full name)' },
} satisfies Record<string, Bilingual>

const readDate = (date: string): string => formatDateForReaders(dayNumber(date))

const readInstant = (instant: Date, language: Language): string => {
  const [time, date] = [formatTime(instant.getTime()), formatDateForReaders(dayOf(instant.getTime()))]
  return language === 'vi' ? `${time} ngày ${date}` : `${time} on ${date}`
}

const periodText = ({ from, to, language }: FormHeading): string =>
  language === 'vi'
    ? `Từ ngày ${readDate(from)} đến ngày ${readDate(to)}`
    : `From ${readDate(from)} to ${readDate(to)}, both days counted`

const CLOCK = {
  effective: { vi: 'theo lúc xảy ra', en: 'by when it happened' },
  recorded: { vi: 'theo lúc ghi nhận', en: 'by when it was recorded' },
} satisfies Record<Clock, Bilingual>

const asOfText = ({ asOf, asOfBy, language }: FormHeading): string => {
  const clock = asOfBy ? ` (${CLOCK[asOfBy][language]})` : ''
  return `${language === 'vi' ? 'Số liệu tính đến' : 'As of'} ${readInstant(asOf, language)}${clock}`
}

const madeText = ({ madeBy, madeAt, language }: FormHeading): string =>
  `${language === 'vi' ? 'Người lập' : 'Made by'}: ${cellText(madeBy)}, ${readInstant(madeAt, language)}`

const signingDate = (language: Language): string =>
  language === 'vi' ? '……, ngày …… tháng …… năm ……' : '……, day …… month …… year ……'

/** A block over whole columns `left` to `right`, of one row. */
const line = (row: number, left: number, right: number, value: string, style: Styles): Block => ({
  row,
  column: left,
  rows: 1,
  columns: right - left + 1,
  value,
  style,
})

const titleBlocks = (form: Form, heading: FormHeading, width: number): readonly Block[] => {
  const { language } = heading
  const [half, last] = [Math.floor(width / 2), width - 1]
  return [
    line(0, 0, half - 1, form.name[language], 'strong'),
    line(0, half, last, `${TEXT.agency[language]}: ${cellText(heading.agency)}`, 'agency'),
    line(1, 0, half - 1, form.citation, 'text'),
    line(1, half, last, asOfText(heading), 'centre'),
    line(3, 0, last, form.title[language], 'title'),
    line(4, 0, last, `${TEXT.period[language]}: ${periodText(heading)}`, 'emphasis'),
    line(5, 0, last, `${TEXT.counted[language]} ${CLOCK[heading.by][language]}. ${TEXT.unit[language]}`, 'unit'),
  ]
}
const TITLE_ROWS = 6

const leavesOf = (column: FormColumn): readonly FormColumn[] =>
  column.columns.length === 0 ? [column] : column.columns.flatMap(leavesOf)

const depthOf = ({ columns }: FormColumn): number => 1 + Math.max(0, ...columns.map(depthOf))

/** A heading over others is as wide as they are; one over a column reaches down to the columns' numbers. */
const headingBlocks = (
  columns: readonly FormColumn[],
  row: number,
  left: number,
  depth: number,
  language: Language,
): readonly Block[] => {
  let next = left
  return columns.flatMap((column) => {
    const isLeaf = column.columns.length === 0
    const [at, width] = [next, leavesOf(column).length]
    next += width
    const own: Block = {
      row,
      column: at,
      rows: isLeaf ? depth : 1,
      columns: width,
      value: column.label[language],
      style: column.added ? 'addedHeading' : 'heading',
    }
    return [own, ...headingBlocks(column.columns, row + 1, at, depth - 1, language)]
  })
}

const numberBlocks = (leaves: readonly FormColumn[], row: number): readonly Block[] =>
  leaves.map(({ number }, column) => ({ row, column, rows: 1, columns: 1, value: `(${number})`, style: 'number' }))

/** The first two columns are the row's number and its field's name. */
const figureBlocks = (
  { values }: FormFigures,
  leaves: readonly FormColumn[],
  row: number,
  style: Styles,
): readonly Block[] =>
  leaves.flatMap(({ key }, column) => {
    const value = values[key]
    return value === undefined ? [] : [{ row, column, rows: 1, columns: 1, value, style }]
  })

const bodyBlocks = (form: Form, leaves: readonly FormColumn[], top: number, language: Language): readonly Block[] => {
  const bottom = top + form.rows.length
  return [
    ...form.rows.flatMap((row, i) => [
      { ...line(top + i, 0, 0, '', 'order'), value: i + 1 },
      line(top + i, 1, 1, cellText(row.label), 'field'),
      ...figureBlocks(row, leaves, top + i, 'figure'),
    ]),
    line(bottom, 0, 1, TEXT.total[language], 'totalLabel'),
    ...figureBlocks(form.total, leaves, bottom, 'total'),
  ]
}

/** What the reader of a printed form has to know, above all where a sum does not hold. */
const noteTexts = (form: Form, heading: FormHeading): readonly string[] => {
  const { language } = heading
  const broken = form.total.identities
    .filter(({ holds }) => !holds)
    .map(({ text, remainder }) => `${text} (${TEXT.offBy[language]} ${remainder})`)
  return [
    ...(broken.length === 0 ? [] : [`${TEXT.unequal[language]}: ${broken.join('; ')}.`]),
    ...form.notes.map((note) => note[language]),
    madeText(heading),
  ]
}

const signatureBlocks = (row: number, width: number, language: Language): readonly Block[] => {
  const [half, last] = [Math.floor(width / 2), width - 1]
  return [
    line(row, half, last, signingDate(language), 'emphasis'),
    line(row + 1, 0, half - 1, TEXT.clerk[language], 'strongCentre'),
    line(row + 1, half, last, TEXT.head[language], 'strongCentre'),
    line(row + 2, 0, half - 1, TEXT.signed[language], 'emphasis'),
    line(row + 2, half, last, TEXT.sealed[language], 'emphasis'),
  ]
}
/** Three lines, and room to sign. */
const SIGNATURE_ROWS = 7

/** Where everything of a form stands on its sheet; rows are counted from 0. */
export type FormLayout = {
  blocks: readonly Block[]
  columns: number
  /** The headings and the columns' numbers, which every printed page repeats. */
  headings: { first: number; levels: number; last: number }
  lastRow: number
}

export const formLayout = (form: Form, heading: FormHeading): FormLayout => {
  const { language } = heading
  const leaves = form.columns.flatMap(leavesOf)
  const columns = leaves.length
  const levels = Math.max(...form.columns.map(depthOf))
  const numberRow = TITLE_ROWS + levels
  const noteRow = numberRow + 1 + form.rows.length + 1
  const notes = noteTexts(form, heading)
  const signatureRow = noteRow + notes.length + 1
  return {
    blocks: [
      ...titleBlocks(form, heading, columns),
      ...headingBlocks(form.columns, TITLE_ROWS, 0, levels, language),
      ...numberBlocks(leaves, numberRow),
      ...bodyBlocks(form, leaves, numberRow + 1, language),
      ...notes.map((note, i) => line(noteRow + i, 0, columns - 1, note, 'note')),
      ...signatureBlocks(signatureRow, columns, language),
    ],
    columns,
    headings: { first: TITLE_ROWS, levels, last: numberRow },
    lastRow: signatureRow + SIGNATURE_ROWS - 1,
  }
}
