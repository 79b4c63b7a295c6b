import { NATIONAL_CALENDAR } from '../calendars/national.ts'
import type { Deps } from '../deps.ts'
import { BODY_REFUSALS, refusals } from '../http/answers.ts'
import type { App } from '../http/app-type.ts'
import { languageOf } from '../http/language.ts'
import { versionOn } from '../procedures/procedure.ts'
import type { Reference } from '../reference.ts'
import { Refusal } from '../refusal.ts'
import { dayOf, formatDate } from '../sla/date.ts'
import type { Limit } from '../sla/term.ts'
import { explain } from './explanation.ts'
import { deadlineBody, explanation } from './schemas.ts'

type Governed = { limit: Limit; procedure: Parameters<typeof explain>[0]['procedure'] }

/** The limit that a procedure puts on a receipt. Refuses `procedure_not_found` and `no_limit_in_force`. */
const limitOf = (reference: Reference, procedureCode: string, receivedAt: Date): Governed => {
  const procedure = reference.procedures.get(procedureCode)
  if (!procedure) throw new Refusal('procedure_not_found', { procedure: procedureCode })
  const { limit, effectiveFrom, sample } = versionOn(procedure, formatDate(dayOf(receivedAt.getTime())))
  return { limit, procedure: { code: procedure.code, name: procedure.name, effectiveFrom, sample } }
}

export const deadlineRoutes = (app: App, deps: Deps): void => {
  app.post(
    '/v1/deadlines',
    {
      config: { access: 'any_key', sight: 'everyone' },
      schema: {
        operationId: 'computeDeadline',
        tags: ['deadlines'],
        summary: 'Tính thử thời hạn · compute a deadline',
        description:
          'Cùng phép tính như khi tiếp nhận, không lưu gì · the computation of an intake, with nothing stored.',
        body: deadlineBody,
        response: {
          200: explanation,
          ...refusals(
            ...BODY_REFUSALS,
            'agency_not_found',
            'procedure_not_found',
            'calendar_not_found',
            'calendar_not_covering',
            'no_limit_in_force',
            'no_verification_term',
          ),
        },
      },
    },
    async (request) => {
      const { receivedAt, procedureCode, limit, agency, calendar, withVerification } = request.body
      const reference = await deps.reference.current()
      const governed: Governed = limit
        ? { limit, procedure: null }
        : limitOf(reference, String(procedureCode), receivedAt)
      const schedule = agency
        ? reference.scheduleOf(agency)
        : reference.officeSchedule(calendar ?? NATIONAL_CALENDAR.id)
      return explain(
        { ...governed, receivedAt, withVerification, schedule, agency: agency ?? null },
        languageOf(request),
      )
    },
  )
}
