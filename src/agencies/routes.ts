import { requireAgency, requireWholeSystem } from '../access/caller.ts'
import type { Deps } from '../deps.ts'
import { BODY_REFUSALS, refusals } from '../http/answers.ts'
import type { App } from '../http/app-type.ts'
import { callerOf } from '../http/caller.ts'
import { cutPage, readCursor, writeCursor } from '../http/page.ts'
import { agencyCode } from '../http/wire.ts'
import { Refusal } from '../refusal.ts'
import { putAgency } from './commands.ts'
import { agenciesQuery, agency, agencyBody, agencyPage, agencyPath } from './schemas.ts'

export const agencyRoutes = (app: App, { reference }: Deps): void => {
  app.put(
    '/v1/agencies/:code',
    {
      config: { access: 'admin', sight: 'shared' },
      schema: {
        operationId: 'putAgency',
        tags: ['agencies'],
        summary: 'Ghi một cơ quan · save an agency',
        params: agencyPath,
        body: agencyBody,
        response: {
          200: agency.describe('Đã cập nhật · replaced'),
          201: agency.describe('Đã tạo · created'),
          ...refusals(
            ...BODY_REFUSALS,
            'outside_your_agency',
            'whole_system_only',
            'level_out_of_order',
            'no_working_time',
          ),
        },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request)
      const wanted = { code: request.params.code, ...request.body }
      if (wanted.parent === null) requireWholeSystem(caller)
      else requireAgency(caller, wanted.parent)
      if ((await reference.current()).agencies.has(wanted.code)) requireAgency(caller, wanted.code)
      const created = await reference.change((tx) => putAgency(tx, wanted))
      return reply.code(created ? 201 : 200).send(wanted)
    },
  )

  app.get(
    '/v1/agencies/:code',
    {
      config: { access: 'any_key', sight: 'everyone' },
      schema: {
        operationId: 'getAgency',
        tags: ['agencies'],
        summary: 'Xem một cơ quan · read an agency',
        params: agencyPath,
        response: { 200: agency, ...refusals('agency_not_found') },
      },
    },
    async ({ params }) => {
      const found = (await reference.current()).agencies.get(params.code)
      if (!found) throw new Refusal('agency_not_found', { agency: params.code })
      return found
    },
  )

  app.get(
    '/v1/agencies',
    {
      config: { access: 'any_key', sight: 'everyone' },
      schema: {
        operationId: 'listAgencies',
        tags: ['agencies'],
        summary: 'Danh sách cơ quan · list agencies',
        querystring: agenciesQuery,
        response: { 200: agencyPage, ...refusals('agency_not_found', 'invalid_cursor') },
      },
    },
    async ({ query: { limit, cursor, ...filters } }) => {
      const { agencies, below } = await reference.current()
      const after = readCursor(cursor, filters, agencyCode) ?? ''
      const within = filters.under === undefined ? undefined : new Set(below(filters.under))
      const rows = [...agencies.values()].filter(({ code }) => code > after && (within?.has(code) ?? true))
      return cutPage(rows, limit, ({ code }) => writeCursor(filters, code))
    },
  )
}
