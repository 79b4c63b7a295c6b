import type { FastifyInstance, FastifyRequest } from 'fastify'
import { addRefusedAttempt } from '../audit/store.ts'
import type { Deps } from '../deps.ts'
import { isCode } from '../dossiers/code.ts'
import type { RefusalCode } from '../refusal.ts'
import { knownCaller } from './caller.ts'
import { officerOf } from './once.ts'
import { refusalOf } from './problems.ts'

/** What says nothing about what was tried: the same request may well go through in a moment. */
const PASSING: readonly RefusalCode[] = [
  'too_many_requests',
  'overloaded',
  'idempotency_running',
  'not_ready',
  'database_unavailable',
  'took_too_long',
  'storage_full',
  'internal',
]

const READING: readonly string[] = ['GET', 'HEAD', 'OPTIONS']

/** What was sent in a body that was refused is not kept, whatever it calls itself. */
const officerInHeader = ({ headers }: FastifyRequest): string | null =>
  /^[\x20-\x7e]{1,100}$/.exec(String(headers['x-officer'] ?? ''))?.[0] ?? null

const codeIn = ({ params }: FastifyRequest): string | null => {
  const code = typeof params === 'object' && params !== null && 'code' in params ? String(params.code) : ''
  return isCode(code) ? code : null
}

/**
 * Trails every change that a known key tried and was refused: who, what, on which dossier and why, and nothing of
 * what was sent. Written before the answer goes out; where it cannot be written, the answer goes out all the same.
 */
export const trailRefusals = (app: FastifyInstance, { db, now }: Deps): void => {
  app.addHook('onSend', async (request, _reply, payload) => {
    const refusal = refusalOf(request)
    const caller = knownCaller(request)
    if (!refusal || !caller || READING.includes(request.method) || PASSING.includes(refusal)) return payload
    const attempt = {
      at: now(),
      keyId: caller.keyId,
      officer: refusal === 'invalid_input' ? officerInHeader(request) : officerOf(request),
      agency: caller.agency,
      requestId: request.id,
      action: String(request.routeOptions.schema?.operationId),
      dossierCode: codeIn(request),
      refusal,
    }
    await addRefusedAttempt(db, attempt).catch((error) =>
      request.log.error({ err: error }, 'a refused attempt was not trailed'),
    )
    return payload
  })
}
