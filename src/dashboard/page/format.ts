import { language } from './texts.ts'

const locale = (): string => (language() === 'vi' ? 'vi-VN' : 'en-GB')

export const count = (value: number): string => new Intl.NumberFormat(locale()).format(value)

/** The digits after the point that tell a ratio from a target which it only nearly meets. */
const digitsFor = (ratio: number, target: number | undefined): number => {
  if (target === undefined) return 1
  return [1, 2, 3, 4].find((digits) => ratio === target || ratio.toFixed(digits) !== target.toFixed(digits)) ?? 4
}

/** `31,4 %` of the API's six decimals, with as many digits as it takes not to round onto the target. */
export const percent = (ratio: string | null, target?: number): string => {
  if (ratio === null) return '—'
  const value = Number(ratio) * 100
  const digits = digitsFor(value, target)
  const format = new Intl.NumberFormat(locale(), { minimumFractionDigits: digits, maximumFractionDigits: digits })
  return `${format.format(value)}\u202f%`
}

/** `7/9/2021` of `2021-09-07` or of an instant in Vietnamese time. */
export const date = (text: string): string => {
  const [year, month, day] = text.slice(0, 10).split('-').map(Number)
  return `${day}/${month}/${year}`
}

/** `08:15 7/9/2021`: every instant of the API carries Vietnamese time. */
export const instant = (text: string): string => `${text.slice(11, 16)} ${date(text)}`

/** A month's short name on an axis; the year where it is not the one that the period ends in. */
export const shortMonth = (key: string, mainYear: string): string => {
  const match = /^(\d{4})-(\d{2})$/.exec(key)
  if (!match) return key
  const [, year, month] = match
  const name = language() === 'vi' ? `T${Number(month)}` : `${Number(month)}`
  return year === mainYear && language() === 'vi' ? name : `${name}/${year}`
}

/** Today in Vietnam, which has kept +07:00 without summer time since 1975. */
export const todayInVietnam = (): string => new Date(Date.now() + 7 * 3_600_000).toISOString().slice(0, 10)
