import type { Ask } from './http.ts'
import type { Counted, Definition, Period } from './share.ts'

export type Figure = Counted & {
  readonly ratio: string | null
  readonly met: boolean | null
}

export type RatioAnswer = Figure & {
  readonly definition: Definition
  readonly definitionText: string
  readonly period: Period
  readonly target: { readonly percent: number; readonly comparison: 'gt' | 'gte' }
  readonly groups: readonly (Figure & { readonly key: string; readonly label: string })[]
}

/** Which nine months: by two days, or by name in one of the two kinds of year. */
export type Asked = Period | { readonly period: string; readonly year: 'administrative' | 'calendar' }

/** The auditor's question: what share went by post, by one of the definitions in use. */
export const askRatio = async (
  ask: Ask,
  definition: Definition,
  period: Asked,
  language: 'vi' | 'en' = 'vi',
): Promise<RatioAnswer> => {
  const query = new URLSearchParams({ definition, groupBy: 'month', ...period })
  const headers = { 'accept-language': language }
  return (await ask<RatioAnswer>('GET', `/v1/reports/channel-ratio?${query}`, { headers })).body
}
