import { examine } from './examine.ts'

/** `doctor`: looks over the settings and the database of the settings. */
process.exitCode = (await examine(process.env, () => new Date(), console.log)) ? 0 : 1
