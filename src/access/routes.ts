import type { FastifyRequest } from 'fastify'
import type { Deps } from '../deps.ts'
import { BODY_REFUSALS, refusals } from '../http/answers.ts'
import type { App } from '../http/app-type.ts'
import { bearerOf, callerOf } from '../http/caller.ts'
import { once, onceHeaders } from '../http/once.ts'
import { cutPage, readCursor, writeCursor } from '../http/page.ts'
import { invalid, Refusal } from '../refusal.ts'
import { type Act, type Caller, requireAgency, requireOwnScopes, requireWholeSystem, seesOwned } from './caller.ts'
import { isTokenCaller } from './claims.ts'
import { createKey, endKey, requireKey, rotateKey, type SecretAsker } from './commands.ts'
import { apiKey, keyBody, keyPage, keyPath, keysQuery, newApiKey, rotationBody } from './schemas.ts'
import { agenciesInView } from './scope.ts'
import { pageOfKeys, type StoredKey } from './store.ts'

/**
 * Who asks for a secret, and the bearer key from which it is derived under an `Idempotency-Key`. From a token nothing
 * can be derived again: by the time a request is repeated there is another.
 */
const askerOf = (request: FastifyRequest, { keyId, idempotencyKey, requestHash }: Act): SecretAsker => {
  if (idempotencyKey !== null && isTokenCaller(keyId)) {
    throw invalid(
      '/header/idempotency-key',
      'Với token, bí mật không thể hiện lại: hãy bỏ tiêu đề này, và thu hồi khóa nếu mất câu trả lời.',
      'To a token a secret cannot be shown again: leave this header out, and revoke the key if the answer is lost.',
    )
  }
  return { keyId, idempotencyKey, requestHash, bearer: bearerOf(request) }
}

export const keyRoutes = (app: App, deps: Deps): void => {
  const { db, reference } = deps

  /** To whoever does not see it, a key looks absent. */
  const keyInSight = async (caller: Caller, id: string): Promise<StoredKey> => {
    const key = await requireKey(db, id)
    if (!seesOwned(caller, key)) throw new Refusal('key_not_found', { key: id })
    return key
  }

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
            'scope_not_yours',
            'outside_your_agency',
            'whole_system_only',
            'idempotency_running',
            'idempotency_mismatch',
          ),
        },
      },
    },
    async (request, reply) => {
      const { name, scopes, agency = null, expiresAt = null } = request.body
      const caller = callerOf(request)
      requireOwnScopes(caller, scopes)
      if (agency === null) requireWholeSystem(caller)
      else {
        if (!(await reference.current()).agencies.has(agency)) {
          throw invalid('/agency', 'Không có cơ quan này.', 'There is no such agency.')
        }
        requireAgency(caller, agency)
      }
      return once(request, request.body, async (act) => {
        const { stored, key } = await createKey(deps, askerOf(request, act), { name, scopes, agency, expiresAt })
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

  app.post(
    '/v1/keys/:id/rotate',
    {
      config: { access: 'admin', sight: 'owned' },
      schema: {
        operationId: 'rotateKey',
        tags: ['keys'],
        summary: 'Thay bí mật của khóa API · give an API key a new secret',
        headers: onceHeaders,
        params: keyPath,
        body: rotationBody,
        response: {
          200: newApiKey,
          ...refusals(
            ...BODY_REFUSALS,
            'key_not_found',
            'scope_not_yours',
            'key_ended',
            'too_many_secrets',
            'idempotency_running',
            'idempotency_mismatch',
          ),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const caller = callerOf(request)
      // Whoever sees the new secret can do all that the key can.
      requireOwnScopes(caller, (await keyInSight(caller, id)).scopes)
      return once(request, request.body, async (act) => {
        const { stored, key } = await rotateKey(deps, askerOf(request, act), id, request.body.overlapHours)
        return reply.header('cache-control', 'no-store').send({ ...stored, key })
      })
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
        response: { 200: apiKey, ...refusals(...BODY_REFUSALS, 'key_not_found') },
      },
    },
    async (request) => {
      const caller = callerOf(request)
      const { id } = await keyInSight(caller, request.params.id)
      return endKey(deps, caller.keyId, id)
    },
  )
}
