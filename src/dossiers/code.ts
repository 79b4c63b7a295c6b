import { dayOf, formatCompactDate, type Instant, parseDate } from '../sla/date.ts'

/** A dossier's code, issued here or elsewhere (Thông tư 01/2018/TT-VPCP art. 19 and newer forms). */
export const CODE_PATTERN = /^(?:\d{3}\.\d{2}\.\d{2}\.[A-Z]\d{2}|[A-Z]\d{2}(?:\.\d{1,3}){0,8})-(?:\d{6}|\d{8})-\d{4,7}$/

/** `YYMMDD` or `YYYYMMDD` must be a real day. */
const datePart = (code: string): string => {
  const digits = code.slice(code.indexOf('-') + 1, code.lastIndexOf('-'))
  const full = digits.length === 6 ? `20${digits}` : digits
  return `${full.slice(0, 4)}-${full.slice(4, 6)}-${full.slice(6)}`
}

export const isCode = (text: string): boolean => CODE_PATTERN.test(text) && parseDate(datePart(text)) !== undefined

/** All codes that an agency issues on the day of an instant begin so. */
export const codePrefix = (agency: string, at: Instant): string => `${agency}-${formatCompactDate(dayOf(at))}-`
