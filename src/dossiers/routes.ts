import { z } from 'zod'
import { agenciesInView } from '../access/scope.ts'
import { explain } from '../deadlines/explanation.ts'
import { promisesOf } from '../deadlines/promises.ts'
import type { Deps } from '../deps.ts'
import { BODY_REFUSALS, refusals } from '../http/answers.ts'
import type { App } from '../http/app-type.ts'
import { callerOf } from '../http/caller.ts'
import { languageOf } from '../http/language.ts'
import { officerHeader, once, onceHeaders } from '../http/once.ts'
import { cursorInstant, cutPage, readCursor, writeCursor } from '../http/page.ts'
import { asBuilt } from '../http/wire.ts'
import { readerOf } from '../people/reader.ts'
import { tellApplicants } from '../people/reading.ts'
import { findKept } from '../people/store.ts'
import { Refusal } from '../refusal.ts'
import { dayNumber, startOfDay } from '../sla/date.ts'
import { moveOn, receiveDossier, seenDossier } from './commands.ts'
import { type DossierState, STATUSES, type Status } from './dossier.ts'
import { MOVE_NAMES, MOVES, type Move, targetsOf } from './lifecycle.ts'
import type { MoveOrder } from './moves.ts'
import { countingOf, pauseOf, pausesSince } from './promise.ts'
import { pageOfDossiers } from './query.ts'
import {
  dossier,
  dossierDeadline,
  dossierPage,
  dossierPath,
  dossiersQuery,
  dossierWithApplicant,
  eventPage,
  ifMatchHeaders,
  intakeBody,
  MOVE_BODIES,
  WORDLESS,
} from './schemas.ts'
import { readEvents } from './store.ts'
import { dossierView } from './view.ts'

const MOVE_SUMMARIES: Readonly<Record<Move, string>> = {
  accept: 'Tiếp nhận hồ sơ trực tuyến · accept an online dossier',
  refuse: 'Không tiếp nhận · refuse at intake',
  start: 'Bắt đầu xử lý · start processing',
  'request-supplement': 'Yêu cầu bổ sung, đồng hồ dừng · request a supplement, the clock stands still',
  'supplement-received': 'Đã bổ sung, đồng hồ chạy tiếp · the papers are full, the clock goes on',
  'await-payment': 'Chờ nghĩa vụ tài chính, đồng hồ dừng · wait for a payment, the clock stands still',
  'payment-received': 'Đã nộp tiền, đồng hồ chạy tiếp · the payment came, the clock goes on',
  extend: 'Xin lỗi và hẹn lại, một lần · apologize and put off, once',
  finish: 'Xử lý xong, dừng đồng hồ · the result is ready, the clock stops',
  return: 'Trả kết quả · hand over the result',
  withdraw: 'Công dân rút hồ sơ · the citizen withdraws',
  stop: 'Dừng xử lý · stop the case',
  reopen: 'Mở lại hồ sơ · reopen',
  correct: 'Đính chính · correct what was recorded wrongly',
}

/** From which statuses a move leads to which. */
const movesText = (move: Move): string =>
  MOVES[move].from.map((from) => `${from} → ${targetsOf(move, from).join(' | ')}`).join(', ')

const operationOf = (move: Move): string =>
  `${move.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())}Dossier`

/** The version that `If-Match` asks for; `*` asks for any. */
const expectedVersion = (ifMatch: string | undefined): number | undefined =>
  ifMatch === undefined || ifMatch === '*' ? undefined : Number(ifMatch.slice(1, -1))

const etagOf = ({ version }: DossierState): string => `"${version}"`

const statusOf = (key: string | undefined): Status | undefined =>
  (Object.keys(STATUSES).map(Number) as Status[]).find((status) => STATUSES[status].key === key)

const startOf = (date: string | undefined, daysOn: number): Date | undefined =>
  date === undefined ? undefined : new Date(startOfDay(dayNumber(date) + daysOn))

const CURSOR = z.object({ asOf: cursorInstant, id: z.int() })

const moveRoute = (app: App, deps: Deps, move: Move): void => {
  app.post(
    `/v1/dossiers/:code/${move}`,
    {
      config: { access: move === 'correct' ? 'dossiers:correct' : 'dossiers:write', sight: 'dossier' },
      schema: {
        operationId: operationOf(move),
        tags: ['dossiers'],
        summary: MOVE_SUMMARIES[move],
        description: `Trạng thái · statuses: ${movesText(move)}`,
        params: dossierPath,
        headers: ifMatchHeaders,
        body: WORDLESS.includes(move) ? MOVE_BODIES[move].default({}) : MOVE_BODIES[move],
        response: {
          200: dossier,
          ...refusals(
            ...BODY_REFUSALS,
            'dossier_not_found',
            'illegal_move',
            'version_mismatch',
            'concurrent_change',
            'idempotency_running',
            'idempotency_mismatch',
            'recorded_too_late',
            'too_many_events',
            'calendar_not_covering',
            'no_limit_in_force',
            'no_verification_term',
            ...(move === 'extend' ? (['already_extended', 'extended_too_late'] as const) : []),
            ...(move === 'correct' ? (['outside_your_agency', 'post_not_allowed'] as const) : []),
          ),
        },
      },
    },
    (request, reply) =>
      once(request, request.body, async (act) => {
        // The schema of this route's body is what this move's order is made of.
        const ordered = { move, order: request.body } as MoveOrder
        const expected = expectedVersion(request.headers['if-match'])
        const answer = await moveOn(deps, callerOf(request), act, request.params.code, ordered, expected)
        return asBuilt(reply)
          .header('etag', etagOf(answer.dossier))
          .send(dossierView(answer.dossier, answer.asOf, languageOf(request)))
      }),
  )
}

export const dossierRoutes = (app: App, deps: Deps): void => {
  const { db, now } = deps

  app.post(
    '/v1/dossiers',
    {
      config: { access: 'dossiers:write', sight: 'agencies' },
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
            'recorded_too_late',
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
          .header('etag', etagOf(taken))
          .send(dossierView(taken, asOf, languageOf(request)))
      })
    },
  )

  for (const move of MOVE_NAMES) moveRoute(app, deps, move)

  app.get(
    '/v1/dossiers/:code',
    {
      config: { access: 'dossiers:read', sight: 'dossier' },
      schema: {
        operationId: 'getDossier',
        tags: ['dossiers'],
        summary: 'Xem hồ sơ · read a dossier',
        description:
          'Số định danh và điện thoại được che, trừ khi khóa có dossiers:pii; mỗi lần xem đủ số đều được ghi lại · numbers are masked unless the key has dossiers:pii, and who reads them whole is trailed',
        params: dossierPath,
        headers: officerHeader,
        response: { 200: dossierWithApplicant, ...refusals('dossier_not_found') },
      },
    },
    async (request, reply) => {
      const found = await seenDossier(db, callerOf(request), request.params.code)
      reply.header('etag', etagOf(found))
      const kept = await findKept(db, found.id)
      const [applicant = null] = await tellApplicants(deps, readerOf(request), [kept], { dossierCode: found.code })
      return { ...dossierView(found, now(), languageOf(request)), applicant }
    },
  )

  app.get(
    '/v1/dossiers/:code/events',
    {
      config: { access: 'dossiers:read', sight: 'dossier' },
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
      config: { access: 'dossiers:read', sight: 'dossier' },
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
      const { receivedAt, scheduleId, firstDueAt } = found
      if (!receivedAt || scheduleId === null || !firstDueAt) throw new Refusal('no_clock', { dossier: found.code })
      const events = await readEvents(db, found.id)
      const schedules = events.map(({ facts }) => ('promise' in facts ? (facts.promise?.scheduleId ?? null) : null))
      const reference = await deps.reference.holding([scheduleId, ...schedules])
      const language = languageOf(request)
      const { clockFrom, extendedAt, extendedDays, limit, procedureVersion, sampleLimit, ...counted } =
        countingOf(found)
      const pauses = counted.pauses.map(pauseOf)
      const explained = explain(
        {
          receivedAt,
          limit,
          withVerification: found.withVerification,
          schedule: reference.schedule(scheduleId),
          procedure: {
            code: found.procedureCode,
            name: reference.procedures.get(found.procedureCode)?.name ?? found.procedureCode,
            effectiveFrom: procedureVersion,
            sample: sampleLimit,
          },
          agency: found.resolvingAgency,
          clock: {
            from: clockFrom,
            pauses,
            extension:
              extendedDays === null ? null : { workingDays: extendedDays, pauses: pausesSince(extendedAt, pauses) },
          },
        },
        language,
      )
      const { code, dueOn, dueAt, lateFrom, overdueFrom, provisional, waiting, extension } = dossierView(
        found,
        now(),
        language,
      )
      const history = promisesOf(events, reference.schedule, language)
      return {
        ...explained,
        // While the clock stands still there is no date to explain: the last line of the history says why.
        sentence: String(dueAt === null ? history.at(-1)?.sentence : explained.sentence),
        ...{ code, firstDueAt, dueOn, dueAt, lateFrom, overdueFrom, provisional, waiting, extension },
        history,
      }
    },
  )

  app.get(
    '/v1/dossiers',
    {
      config: { access: 'dossiers:read', sight: 'agencies' },
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
      const after = readCursor(cursor, filters, CURSOR)
      const filter = {
        ...filters,
        agencies: agenciesInView(callerOf(request), await deps.reference.current(), filters.agency),
        status: statusOf(filters.status),
        receivedFrom: startOf(filters.receivedFrom, 0),
        receivedBefore: startOf(filters.receivedTo, 1),
      }
      // No page is older than the first one: a replica that is behind would leave out what stood just after it.
      const notBefore = after && new Date(after.asOf)
      const { asOf, rows } = await deps.lists.read(
        async (lists, asOf) => ({ asOf, rows: await pageOfDossiers(lists, filter, asOf, after?.id, limit + 1) }),
        notBefore,
      )
      const page = cutPage(rows, limit, ({ id }) => writeCursor(filters, { asOf: notBefore ?? asOf, id }))
      const items = page.items.map((row) => dossierView(row, asOf, languageOf(request)))
      return asBuilt(reply).send({ asOf, ...page, items })
    },
  )
}
