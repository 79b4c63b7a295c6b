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
import { cursorInstant, cutPage, readCursor, writeCursor } from '../http/page.ts'
import { isHeld, NOT_MODIFIED, notModifiedHeaders } from '../http/unchanged.ts'
import { asBuilt } from '../http/wire.ts'
import type { Language } from '../language.ts'
import type { Reference } from '../reference.ts'
import { invalid } from '../refusal.ts'
import { dayNumber, MINUTE } from '../sla/date.ts'
import { lateness } from '../sla/standing.ts'
import { asTheyStood } from './history.ts'
import {
  countOpen,
  countPastOpen,
  type OverdueFilter,
  type Position,
  pageOfOverdue,
  pageOfPastOverdue,
} from './query.ts'
import { overduePage, overdueQuery, overdueSummary, summaryQuery } from './schemas.ts'

/**
 * Every `lateFrom` lies on a whole minute, so judging lateness at the current minute misses nothing, and within
 * a minute the same list is the same bytes.
 */
const currentMinute = (now: Date): Date => new Date(Math.floor(now.getTime() / MINUTE) * MINUTE)

const instantOf = (asOf: Date | undefined, now: Date): { asOf: Date; live: boolean } => {
  if (asOf && asOf > now) throw invalid('/query/asOf', 'Không được ở tương lai.', 'Must not lie in the future.')
  return { asOf: asOf ?? currentMinute(now), live: asOf === undefined }
}

const itemView = (
  dossier: DossierState,
  { kind, asOf, by }: OverdueFilter,
  reference: Reference,
  language: Language,
) => {
  const view = dossierView(dossier, asOf, language)
  const { dueOn, dueAt, scheduleId, finishedAt, closedRecordedAt } = dossier
  if (kind === 'due_soon' || dueOn === null || dueAt === null || scheduleId === null) return { ...view, lateBy: null }
  const due = { dueOn: dayNumber(dueOn), dueAt: dueAt.getTime() }
  const finished = by === 'recorded' ? closedRecordedAt : finishedAt
  const until = kind === 'late' && finished ? finished : asOf
  return { ...view, lateBy: lateness(reference.schedule(scheduleId).working, due, until.getTime()) }
}

type Read = { dossiers: readonly DossierState[]; nextCursor: string | null }
type Continue = (since: Date | null, id: number) => string

/** A strong ETag over the very bytes; an unchanged list costs the caller no body. */
const tag = (body: string): string => `"${createHash('sha256').update(body).digest('base64url')}"`

const unlessUnchanged = (request: FastifyRequest, reply: FastifyReply, payload: unknown): unknown => {
  if (reply.statusCode !== 200 || typeof payload !== 'string') return payload
  const etag = tag(payload)
  reply
    .header('etag', etag)
    .header('cache-control', 'private, no-cache')
    .header('vary', 'accept-language, authorization')
  if (!isHeld(request, etag)) return payload
  reply.code(304)
  return ''
}

const CURSOR = z.object({ asOf: cursorInstant, live: z.boolean(), position: z.tuple([cursorInstant, z.int()]) })

export const overdueRoutes = (app: App, { lists, reference }: Deps): void => {
  /** A page as it is now, from the rows alone. */
  const readLive = async (
    db: Deps['db'],
    filter: OverdueFilter,
    position: Position | undefined,
    limit: number,
    cursor: Continue,
  ): Promise<Read> => {
    const rows = await pageOfOverdue(db, filter, position, limit + 1)
    const keyOf = (row: DossierState) => (filter.kind === 'late' ? row.lateFrom : row.overdueFrom)
    const { items, nextCursor } = cutPage(rows, limit, (row) => cursor(keyOf(row), row.id))
    return { dossiers: items, nextCursor }
  }

  /** A page as it stood, each dossier folded from its events up to then. */
  const readPast = async (
    db: Deps['db'],
    filter: OverdueFilter,
    position: Position | undefined,
    limit: number,
    cursor: Continue,
  ): Promise<Read> => {
    const rows = await pageOfPastOverdue(db, filter, position, limit + 1)
    const { items, nextCursor } = cutPage(rows, limit, ({ since, id }) => cursor(since, id))
    const ids = items.map(({ id }) => id)
    return { dossiers: await asTheyStood(db, ids, filter.asOf), nextCursor }
  }

  app.get(
    '/v1/overdue',
    {
      config: { access: 'overdue:read', sight: 'agencies' },
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
      const known = await reference.current()
      const inView = agenciesInView(callerOf(request), known, filters.agency)
      const first = from && { asOf: new Date(from.asOf), live: from.live }
      const read = async (db: Deps['db'], now: Date) => {
        const { asOf, live } = first ?? instantOf(filters.asOf, now)
        const filter: OverdueFilter = {
          kind: filters.punctuality,
          agencies: filters.below ? inView : [String(filters.agency)],
          asOf,
          soonUntil: new Date(asOf.getTime() + filters.within),
          by: filters.by,
          procedure: filters.procedure,
          channel: filters.channel,
        }
        const cursorAt: Continue = (since, id) => writeCursor(filters, { asOf, live, position: [since, id] })
        const page = await (live ? readLive : readPast)(db, filter, from?.position, limit, cursorAt)
        return { page, filter }
      }
      const { page, filter } = await lists.read(read, first?.asOf ?? filters.asOf)
      const language = languageOf(request)
      const counting = await reference.holding(page.dossiers.map(({ scheduleId }) => scheduleId))
      const items = page.dossiers.map((row) => itemView(row, filter, counting, language))
      return asBuilt(reply).send({ asOf: filter.asOf, items, nextCursor: page.nextCursor })
    },
  )

  app.get(
    '/v1/overdue/summary',
    {
      config: { access: 'overdue:read', sight: 'agencies' },
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
      const agencies = agenciesInView(callerOf(request), known, agency)
      const { asOf, counts } = await lists.read(async (db, now) => {
        const { asOf, live } = instantOf(request.query.asOf, now)
        const soonUntil = new Date(asOf.getTime() + within)
        const count = live ? countOpen : countPastOpen
        return { asOf, counts: await count(db, { agencies, asOf, soonUntil, procedure, channel }) }
      }, request.query.asOf)
      const total = { overdue: 0, dueSoon: 0 }
      for (const { overdue, dueSoon } of counts) {
        total.overdue += overdue
        total.dueSoon += dueSoon
      }
      const named = counts.map((row) => ({ ...row, name: known.agencies.get(row.agency)?.name ?? row.agency }))
      return { asOf, total, agencies: named }
    },
  )
}
