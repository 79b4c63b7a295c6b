import { CALENDAR_FLAGS } from './calendar-flags.ts'
import { CODE_FLAGS } from './code-flags.ts'
import { INTAKE_FLAGS } from './intake-flags.ts'
import { PROMISE_FLAGS } from './promise-flags.ts'
import { SUPPLEMENT_FLAGS } from './supplement-flags.ts'
import { TIME_FLAGS } from './time-flags.ts'

/** All that an auditor looks for. A flag accuses nobody: it says where to look. */
export const FLAGS = {
  ...PROMISE_FLAGS,
  ...SUPPLEMENT_FLAGS,
  ...TIME_FLAGS,
  ...CODE_FLAGS,
  ...INTAKE_FLAGS,
  ...CALENDAR_FLAGS,
}

export type FlagName = keyof typeof FLAGS

export const FLAG_NAMES = Object.keys(FLAGS) as readonly FlagName[]
