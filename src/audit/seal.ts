import { sha256 } from './chain.ts'

/** The last event of a dossier on a day in an agency's name. */
export type Head = { code: string; number: number; hash: string }

/** One agency's day under one hash. */
export type Seal = {
  agency: string
  day: string
  dossiers: number
  events: number
  root: string
  previous: string
  hash: string
}

/** SHA-256, in hex, over a line `code number hash` for each head, in the byte order of their codes. */
export const rootOf = (heads: readonly Head[]): string =>
  sha256(
    heads
      .toSorted((a, b) => (a.code < b.code ? -1 : 1))
      .map(({ code, number, hash }) => `${code} ${number} ${hash}\n`)
      .join(''),
  )

/**
 * SHA-256, in hex, over `agency day dossiers events root previous`, apart by spaces; `previous` is the hash of the
 * agency's seal before, empty for its first. Whoever keeps a seal can tell years later whether its day, or any
 * day before it, was changed.
 */
export const sealHash = ({ agency, day, dossiers, events, root, previous }: Omit<Seal, 'hash'>): string =>
  sha256([agency, day, dossiers, events, root, previous].join(' '))
