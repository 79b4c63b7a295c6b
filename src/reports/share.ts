/** `gt`: trên 30%. `gte`: từ 30% trở lên. */
export const COMPARISONS = ['gt', 'gte'] as const
export type Comparison = (typeof COMPARISONS)[number]

/** The share that an agency has to reach in a year. */
export type Target = { percent: number; comparison: Comparison }

/** "Trên 30%": what holds where nobody set a target. */
export const DEFAULT_TARGET: Target = { percent: 30, comparison: 'gt' }

/** A share is two integers; an empty whole has no ratio. */
export type Share = { numerator: number; denominator: number }

const DIGITS = 6
const SCALE = 10 ** DIGITS

/** The quotient as a decimal text of six digits, rounded half up in integers; `null` on an empty denominator. */
export const ratio = ({ numerator, denominator }: Share): string | null => {
  if (denominator === 0) return null
  const whole = BigInt(denominator)
  const scaled = (2n * BigInt(numerator) * BigInt(SCALE) + whole) / (2n * whole)
  const digits = scaled.toString().padStart(DIGITS + 1, '0')
  return `${digits.slice(0, -DIGITS)}.${digits.slice(-DIGITS)}`
}

/** Whether a share meets its target, in exact integers; `null` on an empty denominator. */
export const met = ({ numerator, denominator }: Share, { percent, comparison }: Target): boolean | null => {
  if (denominator === 0) return null
  const [part, whole] = [100 * numerator, percent * denominator]
  return comparison === 'gt' ? part > whole : part >= whole
}

/** The smallest numerator that meets a target over that denominator. */
const needed = (denominator: number, { percent, comparison }: Target): number =>
  comparison === 'gt' ? Math.floor((percent * denominator) / 100) + 1 : Math.ceil((percent * denominator) / 100)

/**
 * How many more of the counted dossiers would have had to go by post; 0 where the target is met,
 * `null` where the denominator is empty or even all of them would not do.
 */
export const shortfall = (share: Share, target: Target): number | null => {
  const enough = needed(share.denominator, target)
  if (share.denominator === 0 || enough > share.denominator) return null
  return Math.max(0, enough - share.numerator)
}
