import { z } from 'zod'
import { requireAgency } from '../access/caller.ts'
import { agenciesInView } from '../access/scope.ts'
import type { Deps } from '../deps.ts'
import { BODY_REFUSALS, refusals } from '../http/answers.ts'
import type { App } from '../http/app-type.ts'
import { callerOf } from '../http/caller.ts'
import { cutPage, readCursor, writeCursor } from '../http/page.ts'
import { agencyCode } from '../http/wire.ts'
import { Refusal } from '../refusal.ts'
import { pageOfTargets, saveTarget } from './store.ts'
import { targetBody, targetPage, targetsQuery } from './target-schemas.ts'

export const targetRoutes = (app: App, { db, reference }: Deps): void => {
  app.put(
    '/v1/targets',
    {
      config: { access: 'admin', sight: 'agencies' },
      schema: {
        operationId: 'putTarget',
        tags: ['reports'],
        summary: 'Đặt chỉ tiêu bưu chính · set a postal target',
        body: targetBody,
        response: { 200: targetBody, ...refusals(...BODY_REFUSALS, 'agency_not_found', 'outside_your_agency') },
      },
    },
    async (request) => {
      const { agency } = request.body
      if (!(await reference.current()).agencies.has(agency)) throw new Refusal('agency_not_found', { agency })
      requireAgency(callerOf(request), agency)
      await saveTarget(db, request.body)
      return request.body
    },
  )

  app.get(
    '/v1/targets',
    {
      config: { access: 'reports:read', sight: 'agencies' },
      schema: {
        operationId: 'listTargets',
        tags: ['reports'],
        summary: 'Danh sách chỉ tiêu · list the targets',
        querystring: targetsQuery,
        response: { 200: targetPage, ...refusals('agency_not_found', 'outside_your_agency', 'invalid_cursor') },
      },
    },
    async (request) => {
      const { limit, cursor, ...filters } = request.query
      const after = readCursor(cursor, filters, z.tuple([agencyCode, targetBody.shape.year])) ?? ['', 0]
      const agencies = agenciesInView(callerOf(request), await reference.current(), filters.agency)
      const rows = await pageOfTargets(db, agencies, after, limit + 1)
      return cutPage(rows, limit, (last) => writeCursor(filters, [last.agency, last.year]))
    },
  )
}
