import type { NumberField } from '../dossiers/dossier.ts'

/** `+84 912…` and `0084 912…` are `0912…`; no number within the country begins so. */
const COUNTRY = /^(?:00)?840?(?=\d{9,10}$)/

/** A number as it is compared: however it was spaced, dotted or prefixed. */
export const normalNumber = (field: NumberField, number: string): string =>
  field === 'phone'
    ? number.replace(/\D/g, '').replace(COUNTRY, '0')
    : number.toUpperCase().replace(/[^\p{L}\p{N}]/gu, '')

/** As many characters as are hidden at least, and as are shown at most before and after them. */
const HIDDEN = 5
const SHOWN_BEFORE = 4
const SHOWN_AFTER = 3

/** `0871•••••789`: enough to tell two apart, too little to use. A short one hides altogether. Spaces would hide nothing. */
export const maskNumber = (number: string): string => {
  const characters = [...number.replace(/[^\p{L}\p{N}]/gu, '')]
  const after = characters.length < HIDDEN + SHOWN_AFTER ? 0 : SHOWN_AFTER
  const before = after === 0 ? 0 : Math.min(SHOWN_BEFORE, characters.length - HIDDEN - after)
  const hidden = '•'.repeat(Math.max(HIDDEN, characters.length - before - after))
  return `${characters.slice(0, before).join('')}${hidden}${after === 0 ? '' : characters.slice(-after).join('')}`
}

/** Whether the digits of a number end in these. */
export const endsIn = (number: string | undefined, digits: string): boolean =>
  number?.replace(/\D/g, '').endsWith(digits) ?? false
