import { newNumberKey, readKeyRing } from '../../src/people/keys.ts'

/** By which the tests of a process encrypt. */
export const PII_KEYS = newNumberKey()

export const numberKeys = readKeyRing(PII_KEYS)
