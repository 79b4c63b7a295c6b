import { z } from 'zod'
import { seesAllOwned } from '../access/caller.ts'
import { agenciesInView } from '../access/scope.ts'
import type { Deps } from '../deps.ts'
import { BODY_REFUSALS, refusals } from '../http/answers.ts'
import type { App } from '../http/app-type.ts'
import { callerOf } from '../http/caller.ts'
import { once, onceHeaders } from '../http/once.ts'
import { cutPage, readCursor, writeCursor } from '../http/page.ts'
import { Refusal } from '../refusal.ts'
import { type PreviewedMove, previewRecalculation } from './preview.ts'
import { startRecalculation } from './recalculation.ts'
import { recalculateQuery, recalculation, recalculationPath, recalculationPreview } from './recalculation-schemas.ts'
import { agenciesCounting } from './recounting.ts'
import { calendarPath } from './schemas.ts'
import { findRecalculation, type Recalculation } from './store.ts'

const view = ({ lastDossierId: _, idempotencyKey: __, requestHash: ___, ...job }: Recalculation) => ({
  ...job,
  state: job.finishedAt === null ? ('running' as const) : ('done' as const),
})

const itemView = ({ dossier, promise, days }: PreviewedMove) => ({
  code: dossier.code,
  agency: dossier.resolvingAgency,
  before: { dueAt: new Date(Number(dossier.dueAt)), provisional: dossier.provisional === true },
  after: { dueAt: new Date(promise.dueAt), provisional: promise.provisional },
  days,
})

export const recalculationRoutes = (app: App, deps: Deps): void => {
  const { db, now, reference } = deps

  app.post(
    '/v1/calendars/:id/recalculate',
    {
      config: { access: 'admin', sight: 'agencies' },
      schema: {
        operationId: 'recalculate',
        tags: ['calendars'],
        summary: 'Tính lại các hạn đang mở · count open deadlines anew',
        description:
          'Theo lịch và giờ mới nhất. dryRun=true chỉ xem trước; nếu không, chạy nền từng đợt. Hồ sơ đã xong và lời hẹn đầu tiên không đổi. · By the newest calendar and hours. With dryRun=true it only says what would move; without, it runs behind, batch by batch. What is finished and first promises never change.',
        params: calendarPath,
        querystring: recalculateQuery,
        headers: onceHeaders,
        response: {
          200: recalculationPreview.describe('Xem trước · what would move'),
          202: recalculation.describe('Đã nhận, chạy nền · begun, it runs behind'),
          ...refusals(
            ...BODY_REFUSALS,
            'agency_not_found',
            'calendar_not_found',
            'outside_your_agency',
            'invalid_cursor',
            'idempotency_running',
            'idempotency_mismatch',
          ),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const { dryRun, agency, limit, cursor } = request.query
      const known = await reference.current()
      const calendar = known.calendars.get(id)
      if (!calendar) throw new Refusal('calendar_not_found', { calendar: id })
      const agencies = agenciesInView(callerOf(request), known, agency)
      if (dryRun === 'false') {
        return once(request, {}, async (act) => {
          const begun = await startRecalculation(db, act, calendar, { onlyProvisional: false, agencies }, now())
          return reply.code(202).header('location', `/v1/calendars/${id}/recalculations/${begun.id}`).send(view(begun))
        })
      }
      const filters = { id, agency }
      const after = readCursor(cursor, filters, z.int())
      const dated = { agencies: agenciesCounting(known, id, agencies), onlyProvisional: false }
      const isFirst = after === undefined
      const { moves, agencies: counts } = await previewRecalculation(db, known, dated, after ?? 0, limit + 1, isFirst)
      const { items, nextCursor } = cutPage(moves, limit, ({ dossier }) => writeCursor(filters, dossier.id))
      return reply.send({ agencies: isFirst ? counts : null, items: items.map(itemView), nextCursor })
    },
  )

  app.get(
    '/v1/calendars/:id/recalculations/:recalculationId',
    {
      config: { access: 'admin', sight: 'owned' },
      schema: {
        operationId: 'getRecalculation',
        tags: ['calendars'],
        summary: 'Xem tiến độ tính lại · read how far a recalculation has come',
        params: recalculationPath,
        response: { 200: recalculation, ...refusals('recalculation_not_found') },
      },
    },
    async (request) => {
      const { id, recalculationId } = request.params
      const found = await findRecalculation(db, recalculationId)
      if (found?.calendarId !== id || !seesAllOwned(callerOf(request), found)) {
        throw new Refusal('recalculation_not_found', { calendar: id, recalculation: recalculationId })
      }
      return view(found)
    },
  )
}
