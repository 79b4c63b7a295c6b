import type { Deps } from '../deps.ts'
import { refusals } from '../http/answers.ts'
import type { App } from '../http/app-type.ts'
import { Refusal } from '../refusal.ts'
import { dayNumber, formatDate } from '../sla/date.ts'
import type { Calendar } from './calendar.ts'
import { calendar, calendarPath } from './schemas.ts'

const view = ({ id, version, name, rules }: Calendar) => {
  const { to, confirmedTo } = rules.coverage
  const provisional = confirmedTo < to ? { from: formatDate(dayNumber(confirmedTo) + 1), to } : null
  return { id, version, name, ...rules, provisional }
}

export const calendarRoutes = (app: App, { reference }: Deps): void => {
  app.get(
    '/v1/calendars/:id',
    {
      config: { access: 'any_key' },
      schema: {
        operationId: 'getCalendar',
        tags: ['calendars'],
        summary: 'Xem lịch làm việc · read a working calendar',
        params: calendarPath,
        response: { 200: calendar, ...refusals('calendar_not_found') },
      },
    },
    async ({ params }) => {
      const found = (await reference.current()).calendars.get(params.id)
      if (!found) throw new Refusal('calendar_not_found', { calendar: params.id })
      return view(found)
    },
  )
}
