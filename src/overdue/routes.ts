import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { agenciesInView } from '../access/scope.ts'
import type { Deps } from '../deps.ts'
import type { DossierState } from '../dossiers/dossier.ts'
import { dossierView } from '../dossiers/view.ts'
import { refusals } from '../http/answers.ts'
import type { App } from '../http/app-type.ts'
import { callerOf } from '../http/caller.ts'
import { languageOf } from '../http/language.ts'
import { cutPage, readCursor, writeCursor } from '../http/page.ts'
import { asBuilt } from '../http/wire.ts'
import type { Language } from '../language.ts'
import type { Reference } from '../reference.ts'
import { invalid } from '../refusal.ts'
import { dayNumber, MINUTE } from '../sla/date.ts'
import { lateness } from '../sla/standing.ts'
import { asTheyStood } from './history.ts'
import { countOpen, type Kind, type OverdueFilter, pageOfOverdue } from './query.ts'
import { notModifiedHeaders, overduePage, overdueQuery, overdueSummary, summaryQuery } from './schemas.ts'

/**
 * Every `lateFrom` lies on a whole minute, so judging lateness at the current minute misses nothing, and within
 * a minute the same list is the same bytes.
 */
const currentMinute = (now: Date): Date => new Date(Math.floor(now.getTime() / MINUTE) * MINUTE)

const instantOf = (asOf: Date | undefined, now: Date): { asOf: Date; live: boolean } => {
  if (asOf && asOf > now) throw invalid('/query/asOf', 'Không được ở tương lai.', 'Must not lie in the future.')
  return { asOf: asOf ?? currentMinute(now), live: asOf === undefined }
}

const itemView = (dossier: DossierState, kind: Kind, asOf: Date, reference: Reference, language: Language) => {
  const view = dossierView(dossier, asOf, language)
  const { dueOn, dueAt, scheduleId, finishedAt } = dossier
  if (kind === 'due_soon' || dueOn === null || dueAt === null || scheduleId === null) return { ...view, lateBy: null }
  const due = { dueOn: dayNumber(dueOn), dueAt: dueAt.getTime() }
  const until = kind === 'late' && finishedAt ? finishedAt : asOf
  return { ...view, lateBy: lateness(reference.schedule(scheduleId).working, due, until.getTime()) }
}

/** A strong ETag over the very bytes; an unchanged list costs the caller no body. */
const tag = (body: string): string => `"${createHash('sha256').update(body).digest('base64url')}"`

const unlessUnchanged = (request: FastifyRequest, reply: FastifyReply, payload: unknown): unknown => {
  if (reply.statusCode !== 200 || typeof payload !== 'string') return payload
  const etag = tag(payload)
  reply
    .header('etag', etag)
    .header('cache-control', 'private, no-cache')
    .header('vary', 'accept-language, authorization')
  const known = String(request.headers['if-none-match'] ?? '').split(/\s*,\s*/)
  if (!known.includes(etag) && !known.includes('*')) return payload
  reply.code(304)
  return ''
}

/** PostgreSQL has no year 0. */
const moment = z.iso.datetime().refine((text) => text >= '1970')

const CURSOR = z.object({ asOf: moment, live: z.boolean(), position: z.tuple([moment, z.int()]) })

const NOT_MODIFIED = { 304: z.null().describe('Không thay đổi · unchanged since that ETag') }

export const overdueRoutes = (app: App, { db, now, reference }: Deps): void => {
  app.get(
    '/v1/overdue',
    {
      config: { access: 'overdue:read' },
      onSend: async (request, reply, payload) => unlessUnchanged(request, reply, payload),
      schema: {
        operationId: 'listOverdue',
        tags: ['overdue'],
        summary: 'Danh sách quá hạn · the overdue list',
        querystring: overdueQuery,
        headers: notModifiedHeaders,
        response: {
          200: overduePage,
          ...NOT_MODIFIED,
          ...refusals('agency_not_found', 'outside_your_agency', 'invalid_cursor'),
        },
      },
    },
    async (request, reply) => {
      const { limit, cursor, ...filters } = request.query
      const from = readCursor(cursor, filters, CURSOR)
      const { asOf, live } = from ? { asOf: new Date(from.asOf), live: from.live } : instantOf(filters.asOf, now())
      const known = await reference.current()
      const filter: OverdueFilter = {
        kind: filters.punctuality,
        agencies: agenciesInView(callerOf(request), known, filters.agency),
        asOf,
        live,
        soonUntil: new Date(asOf.getTime() + filters.within),
        procedure: filters.procedure,
        channel: filters.channel,
      }
      const rows = await pageOfOverdue(db, filter, from?.position, limit + 1)
      const page = cutPage(rows, limit, ({ lateFrom, id }) =>
        writeCursor(filters, { asOf, live, position: [lateFrom, id] }),
      )
      const language = languageOf(request)
      const counting = await reference.holding(rows.map(({ scheduleId }) => scheduleId))
      const items = live ? page.items : await asTheyStood(db, page.items, asOf)
      const views = items.map((row) => itemView(row, filter.kind, asOf, counting, language))
      return asBuilt(reply).send({ asOf, ...page, items: views })
    },
  )

  app.get(
    '/v1/overdue/summary',
    {
      config: { access: 'overdue:read' },
      onSend: async (request, reply, payload) => unlessUnchanged(request, reply, payload),
      schema: {
        operationId: 'summarizeOverdue',
        tags: ['overdue'],
        summary: 'Số hồ sơ quá hạn theo cơ quan · overdue counts per agency',
        querystring: summaryQuery,
        headers: notModifiedHeaders,
        response: { 200: overdueSummary, ...NOT_MODIFIED, ...refusals('agency_not_found', 'outside_your_agency') },
      },
    },
    async (request) => {
      const { agency, within, procedure, channel } = request.query
      const known = await reference.current()
      const instant = instantOf(request.query.asOf, now())
      const agencies = agenciesInView(callerOf(request), known, agency)
      const soonUntil = new Date(instant.asOf.getTime() + within)
      const counts = await countOpen(db, { agencies, ...instant, soonUntil, procedure, channel })
      const total = { overdue: 0, dueSoon: 0 }
      for (const { overdue, dueSoon } of counts) {
        total.overdue += overdue
        total.dueSoon += dueSoon
      }
      const named = counts.map((row) => ({ ...row, name: known.agencies.get(row.agency)?.name ?? row.agency }))
      return { asOf: instant.asOf, total, agencies: named }
    },
  )
}
