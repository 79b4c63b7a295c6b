import { createHash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import stringify from 'safe-stable-stringify'
import { z } from 'zod'
import type { Act } from '../access/caller.ts'
import { Refusal } from '../refusal.ts'
import { callerOf } from './caller.ts'
import { message } from './problems.ts'

/** The header that names the officer who acts, or who reads what is trailed. */
export const officerHeader = z.object({
  'x-officer': z
    .string()
    .regex(/^[\x20-\x7e]{1,100}$/, {
      error: message('Gồm 1–100 ký tự ASCII.', 'Has 1–100 ASCII characters.'),
    })
    .optional()
    .meta({ description: 'Cán bộ thực hiện · the officer who acts', examples: ['cb-017'] }),
})

/** The header by which a client may repeat a POST without doing it twice. */
export const onceHeaders = officerHeader.extend({
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]{1,128}$/, {
      error: message('Gồm 1–128 ký tự ASCII không khoảng trắng.', 'Has 1–128 visible ASCII characters.'),
    })
    .optional()
    .meta({
      description:
        'Gửi lại cùng khóa và nội dung sẽ nhận lại câu trả lời đầu tiên · the same key and body get the first answer again',
      examples: ['5f0c6f0e-7f0d-4b8e-9d59-0a3b2d6f1c11'],
    }),
})

/** What each application is working on under an `Idempotency-Key`. */
const runningIn = new WeakMap<object, Set<string>>()

const hashRequest = (request: FastifyRequest, content: unknown): string =>
  createHash('sha256')
    .update(stringify([request.method, request.url, content]))
    .digest('hex')

/** Who acts: as the body says or, where it does not, the header. */
export const officerOf = ({ headers, body }: FastifyRequest): string | null => {
  const inBody = typeof body === 'object' && body !== null && 'officer' in body ? body.officer : undefined
  return String(inBody ?? headers['x-officer'] ?? '') || null
}

/**
 * Runs one change. While a request with the same key and `Idempotency-Key` is running, a second one is refused
 * with `idempotency_running`; that the change happens once for good, the database sees to.
 * @param content what was asked for, without personal data
 */
export const once = async <T>(request: FastifyRequest, content: unknown, run: (act: Act) => Promise<T>): Promise<T> => {
  const { keyId } = callerOf(request)
  const idempotencyKey = String(request.headers['idempotency-key'] ?? '') || null
  const act = {
    keyId,
    officer: officerOf(request),
    requestId: request.id,
    idempotencyKey,
    requestHash: hashRequest(request, content),
  }
  if (idempotencyKey === null) return run(act)
  const running = runningIn.get(request.server) ?? new Set()
  runningIn.set(request.server, running)
  const slot = `${keyId} ${idempotencyKey}`
  if (running.has(slot)) throw new Refusal('idempotency_running')
  running.add(slot)
  try {
    return await run(act)
  } finally {
    running.delete(slot)
  }
}
