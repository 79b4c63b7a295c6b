import { runCommand } from '../command.ts'
import { examine } from './examine.ts'

/** `doctor`: looks over the settings and the database of the settings. */
await runCommand(() => examine(process.env, () => new Date(), console.log))
