import { z } from 'zod'
import type { Caller } from '../access/caller.ts'
import { agenciesInView } from '../access/scope.ts'
import type { Deps } from '../deps.ts'
import { refusals } from '../http/answers.ts'
import type { App } from '../http/app-type.ts'
import { callerOf } from '../http/caller.ts'
import { cutPage, readCursor, writeCursor } from '../http/page.ts'
import { agencyCode, date } from '../http/wire.ts'
import { DAY, dayNumber, dayOf, formatDate, startOfDay } from '../sla/date.ts'
import { attemptPage, numberReadPage, sealPage, sealsQuery, verification, verifyQuery } from './schemas.ts'
import { type DeedKind, pageOfDeeds, pageOfSeals, readSealing } from './store.ts'
import { type Misfit, verifyDay } from './verify.ts'

/** A request verifies whole days until it has recomputed so many events, and says how far it came. */
const ENOUGH_EVENTS = 200_000

const startOf = (day: string): Date => new Date(startOfDay(dayNumber(day)))

type DeedsQuery = z.output<typeof sealsQuery>

export const auditRoutes = (app: App, { reports: { primary: db }, reference }: Deps): void => {
  const pageOf = async <Kind extends DeedKind>(
    kind: Kind,
    caller: Caller,
    { limit, cursor, ...filters }: DeedsQuery,
  ) => {
    const below = readCursor(cursor, filters, z.int())
    const agencies = agenciesInView(caller, await reference.current(), filters.agency)
    const until = new Date(startOf(filters.to).getTime() + DAY)
    const rows = await pageOfDeeds(db, kind, agencies, startOf(filters.from), until, below, limit + 1)
    return cutPage(rows, limit, ({ id }) => writeCursor(filters, id))
  }

  app.get(
    '/v1/audit/verify',
    {
      config: { access: 'audit:read', sight: 'agencies' },
      schema: {
        operationId: 'verifyTrail',
        tags: ['audit'],
        summary: 'Kiểm tra nhật ký và niêm phong · verify the trail and its seals',
        description:
          'Tính lại mọi băm đã ghi trong khoảng ngày và nêu chỗ đầu tiên không khớp · recomputes every hash recorded in the span and names the first that does not fit.',
        querystring: verifyQuery,
        response: { 200: verification, ...refusals('agency_not_found', 'outside_your_agency') },
      },
    },
    async (request) => {
      const { agency, from, to } = request.query
      const agencies = agenciesInView(callerOf(request), await reference.current(), agency)
      const total = { events: 0, seals: 0 }
      let misfit: Misfit | null = null
      let day = dayNumber(from) - 1
      while (day < dayNumber(to) && misfit === null && total.events < ENOUGH_EVENTS) {
        const verified = await verifyDay(db, agencies, day + 1)
        total.events += verified.events
        total.seals += verified.seals
        misfit = verified.misfit
        if (misfit === null) day += 1
      }
      const verifiedTo = day < dayNumber(from) ? null : formatDate(day)
      return { intact: misfit === null, verifiedTo, complete: day === dayNumber(to), ...total, misfit }
    },
  )

  app.get(
    '/v1/audit/seals',
    {
      config: { access: 'audit:read', sight: 'agencies' },
      schema: {
        operationId: 'listSeals',
        tags: ['audit'],
        summary: 'Niêm phong theo cơ quan và ngày · seals by agency and day',
        querystring: sealsQuery,
        response: { 200: sealPage, ...refusals('agency_not_found', 'outside_your_agency', 'invalid_cursor') },
      },
    },
    async (request) => {
      const { limit, cursor, ...filters } = request.query
      const after = readCursor(cursor, filters, z.tuple([date, agencyCode]))
      const agencies = agenciesInView(callerOf(request), await reference.current(), filters.agency)
      const { sealedUntil } = await readSealing(db)
      const rows = await pageOfSeals(db, agencies, filters.from, filters.to, after, limit + 1)
      const sealedTo = sealedUntil.getTime() === startOfDay(0) ? null : formatDate(dayOf(sealedUntil.getTime()) - 1)
      return { sealedTo, ...cutPage(rows, limit, (last) => writeCursor(filters, [last.day, last.agency])) }
    },
  )

  app.get(
    '/v1/audit/refused-attempts',
    {
      config: { access: 'audit:read', sight: 'agencies' },
      schema: {
        operationId: 'listRefusedAttempts',
        tags: ['audit'],
        summary: 'Những việc bị từ chối · what was tried and refused',
        querystring: sealsQuery,
        response: { 200: attemptPage, ...refusals('agency_not_found', 'outside_your_agency', 'invalid_cursor') },
      },
    },
    (request) => pageOf('refusedAttempt', callerOf(request), request.query),
  )

  app.get(
    '/v1/audit/pii-reads',
    {
      config: { access: 'audit:read', sight: 'agencies' },
      schema: {
        operationId: 'listPiiReads',
        tags: ['audit'],
        summary:
          'Ai đã xem đủ số của người nộp, hoặc tìm theo số · who read applicants’ numbers whole, or searched by one',
        querystring: sealsQuery,
        response: { 200: numberReadPage, ...refusals('agency_not_found', 'outside_your_agency', 'invalid_cursor') },
      },
    },
    (request) => pageOf('numberRead', callerOf(request), request.query),
  )
}
