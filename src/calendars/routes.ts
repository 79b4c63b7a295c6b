import { requireAgency, requireWholeSystem } from '../access/caller.ts'
import type { Deps } from '../deps.ts'
import { BODY_REFUSALS, refusals } from '../http/answers.ts'
import type { App } from '../http/app-type.ts'
import { callerOf } from '../http/caller.ts'
import { once, onceHeaders } from '../http/once.ts'
import { Refusal } from '../refusal.ts'
import { dayNumber, formatDate } from '../sla/date.ts'
import type { Calendar } from './calendar.ts'
import { putDays } from './commands.ts'
import { recalculationRoutes } from './recalculation-routes.ts'
import { calendar, calendarPath, calendarQuery, daysBody, putCalendar } from './schemas.ts'
import { findCalendar } from './store.ts'

/** The announcement of a whole year, and some. */
const DAYS_LIMIT_BYTES = 512 * 1024

const view = ({ id, version, name, rules, change }: Calendar) => {
  const { to, confirmedTo } = rules.coverage
  return {
    id,
    version,
    name,
    ...rules,
    days: rules.days.map(({ publishedAt, ...day }) => ({
      ...day,
      publishedAt: publishedAt === undefined ? undefined : new Date(publishedAt),
    })),
    provisional: confirmedTo < to ? { from: formatDate(dayNumber(confirmedTo) + 1), to } : null,
    change: change && {
      ...change,
      publishedAt: new Date(change.publishedAt),
      recordedAt: new Date(change.recordedAt),
    },
  }
}

export const calendarRoutes = (app: App, deps: Deps): void => {
  const { db, reference } = deps

  app.get(
    '/v1/calendars/:id',
    {
      config: { access: 'any_key', sight: 'everyone' },
      schema: {
        operationId: 'getCalendar',
        tags: ['calendars'],
        summary: 'Xem lịch làm việc · read a working calendar',
        params: calendarPath,
        querystring: calendarQuery,
        response: { 200: calendar, ...refusals('calendar_not_found') },
      },
    },
    async ({ params: { id }, query: { version } }) => {
      const found =
        version === undefined ? (await reference.current()).calendars.get(id) : await findCalendar(db, id, version)
      if (!found) throw new Refusal('calendar_not_found', { calendar: id })
      return view(found)
    },
  )

  app.put(
    '/v1/calendars/:id/days',
    {
      config: { access: 'admin', sight: 'shared' },
      bodyLimit: DAYS_LIMIT_BYTES,
      schema: {
        operationId: 'putCalendarDays',
        tags: ['calendars'],
        summary: 'Ghi ngày được công bố, thành phiên bản mới · put announced days, as a new version',
        description:
          'Ngày chung cần khóa toàn hệ thống; với agency là ngày riêng của cơ quan đó và cấp dưới. Hạn đã hẹn chỉ đổi khi tính lại. · Everyone’s days need a whole-system key; with agency they are that agency’s and all below. Promises move only by a recalculation.',
        params: calendarPath,
        headers: onceHeaders.pick({ 'x-officer': true }),
        body: daysBody,
        response: {
          200: putCalendar.describe('Không có gì mới · nothing new in it'),
          201: putCalendar.describe('Phiên bản mới · a new version'),
          ...refusals(
            ...BODY_REFUSALS,
            'outside_your_agency',
            'whole_system_only',
            'calendar_not_found',
            'no_working_time',
            'idempotency_running',
          ),
        },
      },
    },
    async (request, reply) => {
      const { officer: _, ...order } = request.body
      const caller = callerOf(request)
      if (order.agency === undefined) requireWholeSystem(caller)
      else requireAgency(caller, order.agency)
      const { id } = request.params
      return once(request, order, async (act) => {
        const { calendar, isNew, recalculation } = await putDays(deps, act, id, order)
        return reply
          .code(isNew ? 201 : 200)
          .header('location', `/v1/calendars/${id}?version=${calendar.version}`)
          .send({ ...view(calendar), recalculation })
      })
    },
  )

  recalculationRoutes(app, deps)
}
