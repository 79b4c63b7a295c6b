import { todayInVietnam } from './format.ts'
import { LANGUAGES, type Language } from './texts.ts'

export const YEARS = ['calendar', 'administrative'] as const
export const DEFINITIONS = ['either', 'intake', 'return', 'both', 'legs'] as const
export const PARTS = ['', 'H1', '9M', 'Q1', 'Q2', 'Q3', 'Q4'] as const
export const MOMENTS = ['now', 'end'] as const

/** What is looked at: all that a shared address holds. The key is not in it. */
export type View = {
  /** Empty: everything that the key sees. */
  readonly agency: string
  /** `2021`, `2021-9M`. */
  readonly period: string
  readonly year: (typeof YEARS)[number]
  readonly definition: (typeof DEFINITIONS)[number]
  /** Whether what is overdue is told as it stands or as it stood when the period ended. */
  readonly overdue: (typeof MOMENTS)[number]
  readonly lang: Language
}

const PERIOD = /^(?:19|20|21)\d{2}(?:-(?:Q[1-4]|H1|9M))?$/
const AGENCY = /^[\w.]{1,40}$/

const oneOf = <T extends string>(allowed: readonly T[], given: string | null, otherwise: T): T =>
  allowed.find((value) => value === given) ?? otherwise

const matching = (pattern: RegExp, given: string | null, otherwise: string): string =>
  given !== null && pattern.test(given) ? given : otherwise

/** Whatever the address does not say, or says wrongly, is as it is usually. */
export const readView = (hash: string): View => {
  const given = new URLSearchParams(hash.replace(/^#/, ''))
  return {
    agency: matching(AGENCY, given.get('agency'), ''),
    period: matching(PERIOD, given.get('period'), todayInVietnam().slice(0, 4)),
    year: oneOf(YEARS, given.get('year'), 'calendar'),
    definition: oneOf(DEFINITIONS, given.get('definition'), 'either'),
    overdue: oneOf(MOMENTS, given.get('overdue'), 'now'),
    lang: oneOf(LANGUAGES, given.get('lang'), 'vi'),
  }
}

export const writeView = (view: View): string => `#${new URLSearchParams(view)}`
