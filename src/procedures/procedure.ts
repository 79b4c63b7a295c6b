import { Refusal } from '../refusal.ts'
import type { Limit } from '../sla/term.ts'

/** A limit and the day from which it governs receipts; `sample` marks one that nobody checked against the law. */
export type ProcedureVersion = { effectiveFrom: string; limit: Limit; sample: boolean }

/** An administrative procedure (thủ tục hành chính); its versions stand in the order of their days. */
export type Procedure = {
  code: string
  name: string
  field: string
  postAllowed: boolean
  versions: readonly ProcedureVersion[]
}

/** The version in force on an ISO date. Refuses `no_limit_in_force` before the first one. */
export const versionOn = (procedure: Procedure, date: string): ProcedureVersion => {
  const version = procedure.versions.findLast(({ effectiveFrom }) => effectiveFrom <= date)
  if (!version) throw new Refusal('no_limit_in_force', { procedure: procedure.code, date })
  return version
}
