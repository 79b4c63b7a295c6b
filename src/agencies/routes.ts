import { requireAgency, requireWholeSystem } from '../access/caller.ts'
import { NATIONAL_CALENDAR } from '../calendars/national.ts'
import { addSchedule, newestVersion } from '../calendars/store.ts'
import type { Database } from '../db/connect.ts'
import type { Deps } from '../deps.ts'
import { refusals } from '../http/answers.ts'
import type { App } from '../http/app-type.ts'
import { callerOf } from '../http/caller.ts'
import { cutPage, readCursor, writeCursor } from '../http/page.ts'
import { agencyCode } from '../http/wire.ts'
import { invalid, Refusal } from '../refusal.ts'
import { dayHours, OFFICE_HOURS } from '../sla/hours.ts'
import { type Agency, checkPlace } from './agency.ts'
import { agenciesQuery, agency, agencyBody, agencyPage, agencyPath } from './schemas.ts'
import { childrenOf, findAgency, saveAgency } from './store.ts'

/** Saves an agency in its place, and the schedule by which it counts. Answers whether it is new. */
const putAgency = async (tx: Database, wanted: Agency): Promise<boolean> => {
  const parent = wanted.parent === null ? undefined : await findAgency(tx, wanted.parent)
  if (wanted.parent !== null && !parent) throw invalid('/parent', 'Không có cơ quan này.', 'There is no such agency.')
  checkPlace(wanted, parent, await childrenOf(tx, wanted.code))
  const calendarId = wanted.calendar ?? NATIONAL_CALENDAR.id
  const calendarVersion = await newestVersion(tx, calendarId)
  if (calendarVersion === undefined) throw invalid('/calendar', 'Không có lịch này.', 'There is no such calendar.')
  for (const periods of Object.values(wanted.hours ?? {})) dayHours(periods)
  const known = await findAgency(tx, wanted.code)
  await addSchedule(tx, { calendarId, calendarVersion, hours: wanted.hours ?? OFFICE_HOURS })
  await saveAgency(tx, wanted)
  return known === undefined
}

export const agencyRoutes = (app: App, { reference }: Deps): void => {
  app.put(
    '/v1/agencies/:code',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'putAgency',
        tags: ['agencies'],
        summary: 'Ghi một cơ quan · save an agency',
        params: agencyPath,
        body: agencyBody,
        response: {
          200: agency.describe('Đã cập nhật · replaced'),
          201: agency.describe('Đã tạo · created'),
          ...refusals(400, 401, 403, 409, 422),
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
      config: { access: 'any_key' },
      schema: {
        operationId: 'getAgency',
        tags: ['agencies'],
        summary: 'Xem một cơ quan · read an agency',
        params: agencyPath,
        response: { 200: agency, ...refusals(400, 401, 404) },
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
      config: { access: 'any_key' },
      schema: {
        operationId: 'listAgencies',
        tags: ['agencies'],
        summary: 'Danh sách cơ quan · list agencies',
        querystring: agenciesQuery,
        response: { 200: agencyPage, ...refusals(400, 401, 404) },
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
