import { parseArgs } from 'node:util'

export type DemoOptions = {
  readonly seed: number
  readonly dossiers: number
  /** How many entries of its overdue list a commune asks for at a time. */
  readonly page: number
}

const MOST_DOSSIERS = 100_000
const LARGEST_PAGE = 200

const whole = (name: string, text: string, least: number, most: number): number => {
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= least && value <= most) return value
  throw new Error(`--${name} must be a whole number from ${least} to ${most}, not ${text}.`)
}

/** `--seed 2021 --dossiers 3000 --page 10`. Throws a sentence on anything else. */
export const readOptions = (args: readonly string[]): DemoOptions => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string', default: '2021' },
      dossiers: { type: 'string', default: '3000' },
      page: { type: 'string', default: '10' },
    },
  })
  return {
    seed: whole('seed', values.seed, 0, 2 ** 32 - 1),
    dossiers: whole('dossiers', values.dossiers, 1, MOST_DOSSIERS),
    page: whole('page', values.page, 1, LARGEST_PAGE),
  }
}
