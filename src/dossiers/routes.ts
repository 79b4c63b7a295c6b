import { z } from 'zod'
import { agenciesInView } from '../access/scope.ts'
import { explain } from '../deadlines/explanation.ts'
import type { Deps } from '../deps.ts'
import { BODY_REFUSALS, refusals } from '../http/answers.ts'
import type { App } from '../http/app-type.ts'
import { callerOf } from '../http/caller.ts'
import { languageOf } from '../http/language.ts'
import { once, onceHeaders } from '../http/once.ts'
import { cutPage, readCursor, writeCursor } from '../http/page.ts'
import { asBuilt } from '../http/wire.ts'
import { Refusal } from '../refusal.ts'
import { dayNumber, startOfDay } from '../sla/date.ts'
import { moveOn, receiveDossier, seenDossier } from './commands.ts'
import { STATUSES, type Status } from './dossier.ts'
import { MOVE_NAMES, type Move } from './lifecycle.ts'
import { pageOfDossiers } from './query.ts'
import {
  dossier,
  dossierDeadline,
  dossierPage,
  dossierPath,
  dossiersQuery,
  dossierWithApplicant,
  eventPage,
  intakeBody,
  moveBody,
  returnBody,
} from './schemas.ts'
import { readEvents } from './store.ts'
import { dossierView } from './view.ts'

const MOVE_SUMMARIES: Readonly<Record<Move, string>> = {
  accept: 'Tiếp nhận hồ sơ trực tuyến · accept an online dossier',
  refuse: 'Không tiếp nhận · refuse at intake',
  start: 'Bắt đầu xử lý · start processing',
  finish: 'Xử lý xong, dừng đồng hồ · the result is ready, the clock stops',
  return: 'Trả kết quả · hand over the result',
  withdraw: 'Công dân rút hồ sơ · the citizen withdraws',
}

const statusOf = (key: string | undefined): Status | undefined =>
  (Object.keys(STATUSES).map(Number) as Status[]).find((status) => STATUSES[status].key === key)

const startOf = (date: string | undefined, daysOn: number): Date | undefined =>
  date === undefined ? undefined : new Date(startOfDay(dayNumber(date) + daysOn))

const moveRoute = (app: App, deps: Deps, move: Move): void => {
  app.post(
    `/v1/dossiers/:code/${move}`,
    {
      config: { access: 'dossiers:write' },
      schema: {
        operationId: `${move}Dossier`,
        tags: ['dossiers'],
        summary: MOVE_SUMMARIES[move],
        params: dossierPath,
        headers: onceHeaders,
        body: (move === 'return' ? returnBody : moveBody).default({}),
        response: {
          200: dossier,
          ...refusals(
            ...BODY_REFUSALS,
            'dossier_not_found',
            'illegal_move',
            'concurrent_change',
            'idempotency_running',
            'idempotency_mismatch',
            'calendar_not_covering',
            'no_limit_in_force',
            'no_verification_term',
          ),
        },
      },
    },
    (request, reply) =>
      once(request, request.body, async (act) => {
        const { dossier: moved, asOf } = await moveOn(
          deps,
          callerOf(request),
          act,
          request.params.code,
          move,
          request.body,
        )
        return asBuilt(reply).send(dossierView(moved, asOf, languageOf(request)))
      }),
  )
}

export const dossierRoutes = (app: App, deps: Deps): void => {
  const { db, now } = deps

  app.post(
    '/v1/dossiers',
    {
      config: { access: 'dossiers:write' },
      schema: {
        operationId: 'receiveDossier',
        tags: ['dossiers'],
        summary: 'Tiếp nhận hồ sơ · take in a dossier',
        headers: onceHeaders,
        body: intakeBody,
        response: {
          200: dossier.describe('Hồ sơ đã có từ cùng source · the dossier that the same source handed in before'),
          201: dossier.describe('Đã tiếp nhận · taken in'),
          ...refusals(
            ...BODY_REFUSALS,
            'outside_your_agency',
            'code_taken',
            'source_conflict',
            'concurrent_change',
            'idempotency_running',
            'idempotency_mismatch',
            'post_not_allowed',
            'calendar_not_covering',
            'no_limit_in_force',
            'no_verification_term',
          ),
        },
      },
    },
    (request, reply) => {
      const { applicant: _, ...content } = request.body
      return once(request, content, async (act) => {
        const { dossier: taken, asOf, isNew } = await receiveDossier(deps, callerOf(request), act, request.body)
        return asBuilt(reply)
          .code(isNew ? 201 : 200)
          .header('location', `/v1/dossiers/${taken.code}`)
          .send(dossierView(taken, asOf, languageOf(request)))
      })
    },
  )

  for (const move of MOVE_NAMES) moveRoute(app, deps, move)

  app.get(
    '/v1/dossiers/:code',
    {
      config: { access: 'dossiers:read' },
      schema: {
        operationId: 'getDossier',
        tags: ['dossiers'],
        summary: 'Xem hồ sơ · read a dossier',
        params: dossierPath,
        response: { 200: dossierWithApplicant, ...refusals('dossier_not_found') },
      },
    },
    async (request) => {
      const found = await seenDossier(db, callerOf(request), request.params.code)
      return { ...dossierView(found, now(), languageOf(request)), applicant: found.applicant }
    },
  )

  app.get(
    '/v1/dossiers/:code/events',
    {
      config: { access: 'dossiers:read' },
      schema: {
        operationId: 'listEvents',
        tags: ['dossiers'],
        summary: 'Nhật ký hồ sơ · the dossier’s trail',
        params: dossierPath,
        response: { 200: eventPage, ...refusals('dossier_not_found') },
      },
    },
    async (request) => {
      const { id } = await seenDossier(db, callerOf(request), request.params.code)
      return { items: await readEvents(db, id) }
    },
  )

  app.get(
    '/v1/dossiers/:code/deadline',
    {
      config: { access: 'dossiers:read' },
      schema: {
        operationId: 'explainDeadline',
        tags: ['dossiers', 'deadlines'],
        summary: 'Giải trình thời hạn · explain the deadline',
        params: dossierPath,
        response: { 200: dossierDeadline, ...refusals('dossier_not_found', 'no_clock') },
      },
    },
    async (request) => {
      const found = await seenDossier(db, callerOf(request), request.params.code)
      const { code, receivedAt, limit, sampleLimit, scheduleId, firstDueAt, procedureVersion, withVerification } = found
      if (!receivedAt || !limit || scheduleId === null || !firstDueAt || procedureVersion === null) {
        throw new Refusal('no_clock', { dossier: code })
      }
      const reference = await deps.reference.holding([scheduleId])
      const procedure = {
        code: found.procedureCode,
        name: reference.procedures.get(found.procedureCode)?.name ?? found.procedureCode,
        effectiveFrom: procedureVersion,
        sample: sampleLimit === true,
      }
      const schedule = reference.schedule(scheduleId)
      const explained = explain(
        { receivedAt, limit, withVerification, schedule, procedure, agency: found.resolvingAgency },
        languageOf(request),
      )
      return { code, firstDueAt, ...explained }
    },
  )

  app.get(
    '/v1/dossiers',
    {
      config: { access: 'dossiers:read' },
      schema: {
        operationId: 'listDossiers',
        tags: ['dossiers'],
        summary: 'Danh sách hồ sơ · list dossiers',
        querystring: dossiersQuery,
        response: { 200: dossierPage, ...refusals('agency_not_found', 'outside_your_agency', 'invalid_cursor') },
      },
    },
    async (request, reply) => {
      const { limit, cursor, ...filters } = request.query
      const below = readCursor(cursor, filters, z.int())
      const asOf = now()
      const filter = {
        ...filters,
        agencies: agenciesInView(callerOf(request), await deps.reference.current(), filters.agency),
        status: statusOf(filters.status),
        receivedFrom: startOf(filters.receivedFrom, 0),
        receivedBefore: startOf(filters.receivedTo, 1),
      }
      const rows = await pageOfDossiers(db, filter, asOf, below, limit + 1)
      const page = cutPage(rows, limit, ({ id }) => writeCursor(filters, id))
      const items = page.items.map((row) => dossierView(row, asOf, languageOf(request)))
      return asBuilt(reply).send({ ...page, items })
    },
  )
}
