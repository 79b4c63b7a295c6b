import type { FastifyReply } from 'fastify'
import { z } from 'zod'
import { agenciesInView } from '../access/scope.ts'
import type { Deps } from '../deps.ts'
import { BODY_REFUSALS, refusals } from '../http/answers.ts'
import type { App } from '../http/app-type.ts'
import { callerOf } from '../http/caller.ts'
import { once, onceHeaders } from '../http/once.ts'
import { cursorInstant, cutPage, readCursor, writeCursor } from '../http/page.ts'
import { isHeld, NOT_MODIFIED, notModifiedHeaders } from '../http/unchanged.ts'
import { asBuilt } from '../http/wire.ts'
import { primaryDeskOf } from './routes.ts'
import { snapshot, snapshotBody, snapshotDiff, snapshotPage, snapshotPath, snapshotsQuery } from './snapshot-schemas.ts'
import { pageOfSnapshots, type StoredSnapshot } from './snapshot-store.ts'
import { compareSnapshot, type ReportOrder, seenSnapshot, takeSnapshot } from './snapshots.ts'

const etagOf = ({ hash }: StoredSnapshot): string => `"${hash}"`

/** The very bytes that were hashed, unread: whoever gets them can hash them anew, and `npm run verify` does. */
const sendContent = (reply: FastifyReply, snapshot: StoredSnapshot) =>
  reply
    .type('application/json; charset=utf-8')
    .header('etag', etagOf(snapshot))
    .header('repr-digest', `sha-256=:${Buffer.from(snapshot.hash, 'hex').toString('base64')}:`)
    .serializer((text: string) => text)
    .send(snapshot.content as never)

export const snapshotRoutes = (app: App, deps: Deps): void => {
  const { db, reference } = deps

  app.post(
    '/v1/reports/snapshots',
    {
      config: { access: 'reports:read', sight: 'agencies' },
      schema: {
        operationId: 'takeSnapshot',
        tags: ['reports'],
        summary: 'Chốt một báo cáo · freeze a report',
        description:
          'Chốt đúng những gì đã ghi nhận đến lúc này · exactly what is recorded by now. `etag` is the SHA-256 over the answer.',
        headers: onceHeaders,
        body: snapshotBody,
        response: {
          201: snapshot,
          ...refusals(
            ...BODY_REFUSALS,
            'agency_not_found',
            'outside_your_agency',
            'too_many_groups',
            'too_many_snapshots',
            'no_certification_field',
            'idempotency_running',
            'idempotency_mismatch',
          ),
        },
      },
    },
    (request, reply) =>
      once(request, request.body, async (act) => {
        const taken = await takeSnapshot(await primaryDeskOf(deps, request), act, request.body as ReportOrder)
        return sendContent(reply.code(201).header('location', `/v1/reports/snapshots/${taken.id}`), taken)
      }),
  )

  app.get(
    '/v1/reports/snapshots/:id',
    {
      config: { access: 'reports:read', sight: 'owned' },
      schema: {
        operationId: 'getSnapshot',
        tags: ['reports'],
        summary: 'Xem bản chốt, từng byte như cũ · read a snapshot, byte for byte',
        params: snapshotPath,
        headers: notModifiedHeaders,
        response: { 200: snapshot, ...NOT_MODIFIED, ...refusals('snapshot_not_found') },
      },
    },
    async (request, reply) => {
      const found = await seenSnapshot(db, callerOf(request), request.params.id)
      if (isHeld(request, etagOf(found)))
        return reply
          .code(304)
          .header('etag', etagOf(found))
          .send(undefined as never)
      return sendContent(reply, found)
    },
  )

  app.get(
    '/v1/reports/snapshots/:id/diff',
    {
      config: { access: 'reports:read', sight: 'owned' },
      schema: {
        operationId: 'compareSnapshot',
        tags: ['reports'],
        summary: 'So với bản chốt · what has changed since',
        params: snapshotPath,
        response: {
          200: snapshotDiff,
          ...refusals('snapshot_not_found', 'outside_your_agency', 'too_much_happened_since'),
        },
      },
    },
    async (request, reply) => {
      const found = await seenSnapshot(db, callerOf(request), request.params.id)
      return asBuilt(reply).send((await compareSnapshot(await primaryDeskOf(deps, request), found)) as never)
    },
  )

  app.get(
    '/v1/reports/snapshots',
    {
      config: { access: 'reports:read', sight: 'agencies' },
      schema: {
        operationId: 'listSnapshots',
        tags: ['reports'],
        summary: 'Danh sách bản chốt · list the snapshots',
        querystring: snapshotsQuery,
        response: { 200: snapshotPage, ...refusals('invalid_cursor') },
      },
    },
    async (request, reply) => {
      const { limit, cursor } = request.query
      const after = readCursor(cursor, {}, z.tuple([cursorInstant, snapshotPath.shape.id]))
      const agencies = agenciesInView(callerOf(request), await reference.current(), undefined)
      const rows = await pageOfSnapshots(db, agencies, after, limit + 1)
      return asBuilt(reply).send(cutPage(rows, limit, (last) => writeCursor({}, [last.takenAt, last.id])) as never)
    },
  )
}
