import type { Bilingual } from '../language.ts'
import { FORM_DEFINITIONS, type FormDefinition, type FormId, type Leaf, type Tree } from './form-columns.ts'
import { type PunctualityCounts, sumPunctuality } from './punctuality.ts'

/** A heading over the headings below it, or, where there are none, over the column of that number. */
export type FormColumn = {
  key: string
  label: Bilingual
  number: number | null
  /** Not in the official form: ours, after the form's own, so that nothing is hidden. */
  added: boolean
  columns: readonly FormColumn[]
}

/** A sum that the form promises, `(3) = (7) + (11)`, and by how much its left side exceeds the right. */
export type Identity = { text: string; holds: boolean; remainder: number }

export type FormFigures = { values: Readonly<Record<string, number>>; identities: readonly Identity[] }

export type FormRow = FormFigures & { key: string; label: string }

export type Form = {
  id: FormId
  title: Bilingual
  name: Bilingual
  citation: string
  columns: readonly FormColumn[]
  rows: readonly FormRow[]
  total: FormFigures
  notes: readonly Bilingual[]
}

/** The order of a row, and what it is about. */
const ROW_COLUMNS: readonly FormColumn[] = [
  { key: 'index', label: { vi: 'STT', en: 'No.' }, number: 1, added: false, columns: [] },
  { key: 'field', label: { vi: 'Lĩnh vực giải quyết', en: 'Field' }, number: 2, added: false, columns: [] },
]

const leavesOf = (tree: Tree): readonly Leaf[] => ('columns' in tree ? tree.columns.flatMap(leavesOf) : [tree])

const figuresOf = ({ own, added, sums }: FormDefinition, counts: PunctualityCounts): FormFigures => {
  const leaves = [...own, ...added].flatMap(leavesOf)
  const mark = (leaf: Leaf): string => `(${leaves.indexOf(leaf) + ROW_COLUMNS.length + 1})`
  return {
    values: Object.fromEntries(leaves.map(({ key, count }) => [key, count(counts)])),
    identities: sums.map(({ whole, parts }) => {
      const remainder = parts.reduce((rest, { count }) => rest - count(counts), whole.count(counts))
      return { text: `${mark(whole)} = ${parts.map(mark).join(' + ')}`, holds: remainder === 0, remainder }
    }),
  }
}

/** The headings with the columns numbered from left to right, as official forms number them. */
const numbered = ({ own, added }: FormDefinition): readonly FormColumn[] => {
  let last = ROW_COLUMNS.length
  const column =
    (isAdded: boolean) =>
    (tree: Tree): FormColumn => ({
      key: tree.key,
      label: tree.label,
      number: 'columns' in tree ? null : ++last,
      added: isAdded,
      columns: 'columns' in tree ? tree.columns.map(column(isAdded)) : [],
    })
  return [...ROW_COLUMNS, ...own.map(column(false)), ...added.map(column(true))]
}

/** An official form over the counts of each field, in their order. */
export const officialForm = (
  id: FormId,
  counts: ReadonlyMap<string, PunctualityCounts>,
  labelOf: (key: string) => string,
): Form => {
  const definition = FORM_DEFINITIONS[id]
  const { title, name, citation, notes } = definition
  return {
    id,
    title,
    name,
    citation,
    columns: numbered(definition),
    rows: [...counts].map(([key, group]) => ({ key, label: labelOf(key), ...figuresOf(definition, group) })),
    total: figuresOf(definition, sumPunctuality([...counts.values()])),
    notes,
  }
}
