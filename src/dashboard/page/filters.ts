import type { Agency } from './answers.ts'
import { byId, el } from './dom.ts'
import { todayInVietnam } from './format.ts'
import { DEFINITIONS, PARTS, type View, YEARS } from './state.ts'
import { say } from './texts.ts'

/** How far back the list of years goes; an older one in a shared address is added to it. */
const YEARS_BACK = 10

const FIELDS = ['agency', 'part', 'period-year', 'year', 'definition'] as const

const select = (id: (typeof FIELDS)[number]): HTMLSelectElement => byId(id, HTMLSelectElement)

const option = (value: string, text: string): HTMLOptionElement => el('option', { value }, text)

/** The agencies as they stand under each other; one whose parent the key does not see is at the top. */
const asTree = (agencies: readonly Agency[]): { agency: Agency; depth: number }[] => {
  const known = new Set(agencies.map(({ code }) => code))
  const below = new Map<string, Agency[]>()
  for (const agency of agencies) {
    const parent = agency.parent !== null && known.has(agency.parent) ? agency.parent : ''
    below.set(parent, [...(below.get(parent) ?? []), agency])
  }
  const under = (parent: string, depth: number): { agency: Agency; depth: number }[] =>
    (below.get(parent) ?? []).flatMap((agency) => [{ agency, depth }, ...under(agency.code, depth + 1)])
  return under('', 0)
}

const agencyOptions = (agencies: readonly Agency[]): HTMLOptionElement[] => [
  option('', say('allAgencies')),
  ...asTree(agencies).map(({ agency, depth }) => option(agency.code, `${'\u2003'.repeat(depth)}${agency.name}`)),
]

const yearOptions = (chosen: string): HTMLOptionElement[] => {
  const current = Number(todayInVietnam().slice(0, 4))
  const years = Array.from({ length: YEARS_BACK + 1 }, (_, back) => String(current - back))
  return [...new Set([...years, chosen])]
    .toSorted()
    .toReversed()
    .map((year) => option(year, year))
}

const choose = (id: (typeof FIELDS)[number], value: string, options: readonly HTMLOptionElement[]): void => {
  const field = select(id)
  field.replaceChildren(...options)
  field.value = value
}

const splitPeriod = (period: string): [string, string] => [period.slice(0, 4), period.slice(5)]

/** Fills the form: the choices, and what of them is looked at. */
export const showFilters = (view: View, agencies: readonly Agency[]): void => {
  const [year, part] = splitPeriod(view.period)
  choose('agency', view.agency, agencyOptions(agencies))
  choose(
    'part',
    part,
    PARTS.map((name) => option(name, say(`part_${name}`))),
  )
  choose('period-year', year, yearOptions(year))
  choose(
    'year',
    view.year,
    YEARS.map((name) => option(name, say(`year_${name}`))),
  )
  choose(
    'definition',
    view.definition,
    DEFINITIONS.map((name) => option(name, say(`definition_${name}`))),
  )
  for (const radio of document.querySelectorAll<HTMLInputElement>('#moment input')) {
    radio.checked = radio.value === view.overdue
  }
}

/** What the form asks for. */
const chosen = (view: View): View => {
  const part = select('part').value
  const year = select('period-year').value
  const moment = document.querySelector<HTMLInputElement>('#moment input:checked')?.value
  return {
    ...view,
    agency: select('agency').value,
    period: part === '' ? year : `${year}-${part}`,
    year: YEARS.find((name) => name === select('year').value) ?? view.year,
    definition: DEFINITIONS.find((name) => name === select('definition').value) ?? view.definition,
    overdue: moment === 'end' ? 'end' : 'now',
  }
}

/** Tells what is asked for each time that it changes. */
export const onFilter = (viewOf: () => View, look: (view: View) => void): void => {
  const fields = [...FIELDS.map(select), byId('moment', HTMLFieldSetElement)]
  for (const field of fields) field.addEventListener('change', () => look(chosen(viewOf())))
  byId('filters', HTMLFormElement).addEventListener('submit', (event) => event.preventDefault())
}

/** The view in words: for whoever reads it on paper. */
export const inWords = (view: View, agencies: readonly Agency[], period: { from: string; to: string }): string => {
  const [year, part] = splitPeriod(view.period)
  return say('shown', {
    agency: agencies.find(({ code }) => code === view.agency)?.name ?? say('allAgencies'),
    part: say(`part_${PARTS.find((name) => name === part) ?? ''}`),
    year,
    ...period,
  })
}
