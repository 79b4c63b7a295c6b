/** What was found of one thing: fine, to be seen to soon, or wrong. */
export type Verdict = 'ok' | 'warning' | 'wrong'

/** A line of the doctor's: what was looked at, what was found there and, unless it is fine, what to do. */
export type Finding = { readonly verdict: Verdict; readonly what: string; readonly says: string }

export const lineOf = ({ verdict, what, says }: Finding): string => `${verdict.padEnd(8)} ${what.padEnd(12)} ${says}`

/** The verdict on a figure that should be small. */
export const judged = (figure: number, warnFrom: number, wrongFrom: number): Verdict => {
  if (figure >= wrongFrom) return 'wrong'
  return figure >= warnFrom ? 'warning' : 'ok'
}
