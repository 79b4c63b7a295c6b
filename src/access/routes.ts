import type { Deps } from '../deps.ts'
import { BODY_REFUSALS, refusals } from '../http/answers.ts'
import type { App } from '../http/app-type.ts'
import { bearerOf, callerOf } from '../http/caller.ts'
import { once, onceHeaders } from '../http/once.ts'
import { cutPage, readCursor, writeCursor } from '../http/page.ts'
import { invalid, Refusal } from '../refusal.ts'
import { requireAgency, requireWholeSystem, seesOwned } from './caller.ts'
import { createKey } from './commands.ts'
import { apiKey, keyBody, keyPage, keyPath, keysQuery, newApiKey } from './schemas.ts'
import { agenciesInView } from './scope.ts'
import { findKey, pageOfKeys, revokeKey } from './store.ts'

export const keyRoutes = (app: App, deps: Deps): void => {
  const { db, now, reference } = deps

  app.post(
    '/v1/keys',
    {
      config: { access: 'admin', sight: 'agencies' },
      schema: {
        operationId: 'createKey',
        tags: ['keys'],
        summary: 'Tạo khóa API · create an API key',
        headers: onceHeaders,
        body: keyBody,
        response: {
          201: newApiKey,
          ...refusals(
            ...BODY_REFUSALS,
            'outside_your_agency',
            'whole_system_only',
            'idempotency_running',
            'idempotency_mismatch',
          ),
        },
      },
    },
    async (request, reply) => {
      const { agency: wanted, ...order } = request.body
      const agency = wanted ?? null
      const caller = callerOf(request)
      if (agency === null) requireWholeSystem(caller)
      else {
        if (!(await reference.current()).agencies.has(agency)) {
          throw invalid('/agency', 'Không có cơ quan này.', 'There is no such agency.')
        }
        requireAgency(caller, agency)
      }
      return once(request, request.body, async (act) => {
        const { stored, key } = await createKey(deps, act, bearerOf(request), { ...order, agency })
        return reply
          .code(201)
          .header('cache-control', 'no-store')
          .send({ ...stored, key })
      })
    },
  )

  app.get(
    '/v1/keys',
    {
      config: { access: 'admin', sight: 'agencies' },
      schema: {
        operationId: 'listKeys',
        tags: ['keys'],
        summary: 'Danh sách khóa API · list the API keys',
        querystring: keysQuery,
        response: { 200: keyPage, ...refusals('invalid_cursor') },
      },
    },
    async (request) => {
      const { limit, cursor } = request.query
      const after = readCursor(cursor, {}, keyPath.shape.id) ?? ''
      const agencies = agenciesInView(callerOf(request), await reference.current(), undefined)
      const rows = await pageOfKeys(db, agencies, after, limit + 1)
      return cutPage(rows, limit, ({ id }) => writeCursor({}, id))
    },
  )

  app.delete(
    '/v1/keys/:id',
    {
      config: { access: 'admin', sight: 'owned' },
      schema: {
        operationId: 'revokeKey',
        tags: ['keys'],
        summary: 'Thu hồi khóa API · revoke an API key',
        params: keyPath,
        response: { 200: apiKey, ...refusals('key_not_found') },
      },
    },
    async (request) => {
      const { id } = request.params
      const found = await findKey(db, id)
      if (!found || !seesOwned(callerOf(request), found)) throw new Refusal('key_not_found', { key: id })
      const revokedAt = found.revokedAt ?? now()
      await reference.change((tx) => revokeKey(tx, id, revokedAt))
      return { ...found, revokedAt }
    },
  )
}
