import { requireWholeSystem } from '../access/caller.ts'
import type { Deps } from '../deps.ts'
import { BODY_REFUSALS, refusals } from '../http/answers.ts'
import type { App } from '../http/app-type.ts'
import { callerOf } from '../http/caller.ts'
import { cutPage, readCursor, writeCursor } from '../http/page.ts'
import { procedureCode } from '../http/wire.ts'
import { Refusal } from '../refusal.ts'
import { procedure, procedureBody, procedurePage, procedurePath, proceduresQuery } from './schemas.ts'
import { saveProcedure } from './store.ts'

export const procedureRoutes = (app: App, { reference }: Deps): void => {
  app.put(
    '/v1/procedures/:code',
    {
      config: { access: 'admin', sight: 'shared' },
      schema: {
        operationId: 'putProcedure',
        tags: ['procedures'],
        summary: 'Ghi một thủ tục · save a procedure',
        description: 'Hồ sơ đã tiếp nhận giữ nguyên thời hạn của mình · dossiers already received keep their limit.',
        params: procedurePath,
        body: procedureBody,
        response: {
          200: procedure.describe('Đã cập nhật · replaced'),
          201: procedure.describe('Đã tạo · created'),
          ...refusals(...BODY_REFUSALS, 'whole_system_only'),
        },
      },
    },
    async (request, reply) => {
      requireWholeSystem(callerOf(request))
      const wanted = { code: request.params.code, ...request.body }
      const known = (await reference.current()).procedures.has(wanted.code)
      await reference.change((tx) => saveProcedure(tx, wanted))
      return reply.code(known ? 200 : 201).send(wanted)
    },
  )

  app.get(
    '/v1/procedures/:code',
    {
      config: { access: 'any_key', sight: 'everyone' },
      schema: {
        operationId: 'getProcedure',
        tags: ['procedures'],
        summary: 'Xem một thủ tục · read a procedure',
        params: procedurePath,
        response: { 200: procedure, ...refusals('procedure_not_found') },
      },
    },
    async ({ params }) => {
      const found = (await reference.current()).procedures.get(params.code)
      if (!found) throw new Refusal('procedure_not_found', { procedure: params.code })
      return found
    },
  )

  app.get(
    '/v1/procedures',
    {
      config: { access: 'any_key', sight: 'everyone' },
      schema: {
        operationId: 'listProcedures',
        tags: ['procedures'],
        summary: 'Danh sách thủ tục · list procedures',
        querystring: proceduresQuery,
        response: { 200: procedurePage, ...refusals('invalid_cursor') },
      },
    },
    async ({ query: { limit, cursor, ...filters } }) => {
      const { procedures } = await reference.current()
      const after = readCursor(cursor, filters, procedureCode) ?? ''
      const rows = [...procedures.values()].filter(
        ({ code, field }) => code > after && (filters.field === undefined || field === filters.field),
      )
      return cutPage(rows, limit, ({ code }) => writeCursor(filters, code))
    },
  )
}
