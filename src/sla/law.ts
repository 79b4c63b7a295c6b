import { type DayNumber, dayNumber } from './date.ts'
import type { Term } from './term.ts'

/** The decree in force at a receipt; a dossier stays under it for good. */
export type RuleSet = { readonly effectiveFrom: string; readonly citation: string; readonly verified: boolean }

const NATIONAL_RULES: readonly [RuleSet, ...RuleSet[]] = [
  { effectiveFrom: '2018-06-21', citation: 'Nghị định 61/2018/NĐ-CP Đ.15–20', verified: true },
  // Replaced from 1/7/2025; its clock articles are believed to carry over but were not read.
  { effectiveFrom: '2025-07-01', citation: 'Nghị định 118/2025/NĐ-CP', verified: false },
]

export const ruleSetOn = (day: DayNumber): RuleSet =>
  NATIONAL_RULES.findLast((rules) => dayNumber(rules.effectiveFrom) <= day) ?? NATIONAL_RULES[0]

/** The article by which a kind of term is counted. */
export const COUNTING_BASIS: Readonly<Record<Term['kind'], string>> = {
  working_days: 'Bộ luật Dân sự 2015 Đ.147.2',
  calendar_days: 'Bộ luật Dân sự 2015 Đ.147.2, Đ.148.5',
  working_hours: 'Bộ luật Dân sự 2015 Đ.147.1',
  same_day: 'Bộ luật Dân sự 2015 Đ.147, Đ.148.5',
}

/** Saturday and Sunday are off: the forty-hour week. */
export const WEEKEND_BASIS = 'Quyết định 188/1999/QĐ-TTg'

/** After a supplement request the term starts again in full. */
export const SUPPLEMENT_BASIS = 'Nghị định 61/2018/NĐ-CP Đ.19.4'
