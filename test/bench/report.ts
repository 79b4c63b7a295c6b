/** One line of the table. `floor` is what ours is compared with; `met` is `undefined` where nothing was promised. */
export type Row = {
  name: string
  ours: string
  floor?: string | undefined
  ratio?: string | undefined
  target?: string | undefined
  met?: boolean | undefined
  note?: string | undefined
}

export const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0

export const whole = (value: number): string => Math.round(value).toLocaleString('en')

/** A line of progress: none of it belongs to the figures. */
export const say = (line: string): void => {
  process.stderr.write(`${line}\n`)
}

const HEADINGS = ['', 'ours', 'floor', 'ratio', 'target', 'met', '']

const cellsOf = ({ name, ours, floor = '', ratio = '', target = '', met, note = '' }: Row): string[] => [
  name,
  ours,
  floor,
  ratio,
  target,
  met === undefined ? '' : met ? 'yes' : 'NO',
  note,
]

export const table = (rows: readonly Row[]): string => {
  const lines = [HEADINGS, ...rows.map(cellsOf)]
  const widths = HEADINGS.map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)))
  return lines
    .map((cells) =>
      cells
        .map((cell, column) => {
          const width = widths[column] ?? 0
          return column === 0 || column === cells.length - 1 ? cell.padEnd(width) : cell.padStart(width)
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
