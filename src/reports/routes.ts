import { z } from 'zod'
import { requireAgency } from '../access/caller.ts'
import { agenciesInView } from '../access/scope.ts'
import { withAncestors } from '../agencies/agency.ts'
import type { Deps } from '../deps.ts'
import { BODY_REFUSALS, refusals } from '../http/answers.ts'
import type { App } from '../http/app-type.ts'
import { callerOf } from '../http/caller.ts'
import { languageOf } from '../http/language.ts'
import { cutPage, readCursor, writeCursor } from '../http/page.ts'
import { agencyCode } from '../http/wire.ts'
import { Refusal } from '../refusal.ts'
import { dayNumber, startOfDay } from '../sla/date.ts'
import { byField, channelFigures, nearestTarget } from './channels.ts'
import { DEFINITION_TEXT } from './definitions.ts'
import { datedPeriod, namedPeriod, type Period, type YearKind } from './period.ts'
import { channelRatio, channelRatioQuery, targetBody, targetPage, targetsQuery } from './schemas.ts'
import { countChannels, pageOfTargets, readTargets, saveTarget } from './store.ts'

type PeriodQuery = { from?: string | undefined; to?: string | undefined; period?: string | undefined; year: YearKind }

const periodOf = ({ from, to, period, year }: PeriodQuery): Period =>
  (period === undefined ? undefined : namedPeriod(period, year)) ?? datedPeriod(String(from), String(to))

export const reportRoutes = (app: App, { db, now, reference }: Deps): void => {
  app.get(
    '/v1/reports/channel-ratio',
    {
      config: { access: 'reports:read' },
      schema: {
        operationId: 'reportChannelRatio',
        tags: ['reports'],
        summary: 'Tỷ lệ bưu chính công ích · the postal ratio',
        description:
          'Không có công thức pháp lý; mỗi câu trả lời nêu rõ cách tính · no legal formula exists, so each answer states its definition, period, as-of and target.',
        querystring: channelRatioQuery,
        response: { 200: channelRatio, ...refusals('agency_not_found', 'outside_your_agency', 'too_many_groups') },
      },
    },
    async (request) => {
      const { agency, definition, groupBy, ...query } = request.query
      const caller = callerOf(request)
      const known = await reference.current()
      const agencies = agenciesInView(caller, known, agency)
      const { from, to, year } = periodOf(query)
      const counts = await countChannels(db, {
        agencies,
        from: new Date(startOfDay(dayNumber(from))),
        until: new Date(startOfDay(dayNumber(to) + 1)),
        groupBy: groupBy === 'field' ? 'procedure' : groupBy,
      })
      const groups = groupBy === 'field' ? byField(counts, known) : counts
      const ancestry = withAncestors(known.agencies, agency ?? caller.agency)
      const target = nearestTarget(ancestry, await readTargets(db, ancestry, year))
      const language = languageOf(request)
      const named = query.period !== undefined
      return {
        agency: agency ?? caller.agency,
        definition,
        definitionText: DEFINITION_TEXT[definition][language],
        period: { name: query.period ?? null, year: named ? query.year : null, from, to },
        asOf: now(),
        target,
        ...channelFigures(definition, groups, target, groupBy, known, language),
      }
    },
  )

  app.put(
    '/v1/targets',
    {
      config: { access: 'admin' },
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
      config: { access: 'reports:read' },
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
