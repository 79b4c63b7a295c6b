import type { Applicant, KeptApplicant, KeptNumber, NumberField } from '../dossiers/dossier.ts'
import { decryptNumber, encryptNumber, keyIdOf, type Opening } from './cipher.ts'
import type { KeyRing } from './keys.ts'
import { maskNumber } from './numbers.ts'

/** An applicant as the row keeps them: the numbers encrypted, the rest as it is. */
export const keepApplicant = (keys: KeyRing, applicant: Applicant, opening: Opening): KeptApplicant => {
  const { idNumber, phone, ...rest } = applicant
  const kept = (field: NumberField, number: string | undefined) =>
    number === undefined ? {} : { [field]: encryptNumber(keys, field, number, opening) }
  return { ...rest, ...kept('idNumber', idNumber), ...kept('phone', phone) }
}

const withNumbers = (
  { name, idNumber, phone, address }: KeptApplicant,
  read: (field: NumberField, kept: KeptNumber) => string,
): Applicant => ({
  name,
  ...(idNumber === undefined ? {} : { idNumber: read('idNumber', idNumber) }),
  ...(phone === undefined ? {} : { phone: read('phone', phone) }),
  ...(address === undefined ? {} : { address }),
})

/** The applicant as they were handed in, whole. */
export const readApplicant = (keys: KeyRing, kept: KeptApplicant, opening: Opening): Applicant =>
  withNumbers(kept, (field, number) => decryptNumber(keys, field, number, opening))

/** The same for whoever may know who it is, but not their numbers. */
export const maskApplicant = (keys: KeyRing, kept: KeptApplicant, opening: Opening): Applicant =>
  withNumbers(kept, (field, number) => maskNumber(decryptNumber(keys, field, number, opening)))

/** The keys under which the numbers of an applicant are kept; `undefined` among them where one stands in clear. */
export const keyIdsOf = ({ idNumber, phone }: KeptApplicant): readonly (string | undefined)[] =>
  [idNumber, phone].filter((number) => number !== undefined).map(keyIdOf)
