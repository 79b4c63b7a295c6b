import { type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { ConnectionError, FastifyInstance, FastifyRequest } from 'fastify'
import { Refusal } from '../refusal.ts'
import { callerOf, knownCaller } from './caller.ts'
import { isAlwaysAnswered } from './lanes.ts'
import { problemOf } from './problems.ts'
import { SAFE_HEADERS } from './safe-headers.ts'

/** As many bytes as the line and the headers of a request may have; ours take some hundreds. */
export const HEADERS_LIMIT_BYTES = 8 * 1024

/** How long a client may take to send a request, and how often that is looked at. */
export const REQUEST_TIMEOUT_S = 30
export const CHECK_CONNECTIONS_MS = 5000

/** How long nothing may go either way: longer than any answer takes, and whoever stops reading one keeps no place. */
export const SILENCE_TIMEOUT_S = 120

const WINDOW_S = 10

/** How many requests a key, and an address that sends none that is live, may send within ten seconds. */
export type RateLimits = { readonly perKey: number; readonly perAddress: number }

export const setSafeHeaders = (app: FastifyInstance): void => {
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(SAFE_HEADERS)
    done()
  })
}

/**
 * Bounds how often a key may ask, whatever address it asks from: behind a gateway all have the same. Whoever sends no
 * live key is counted by address. In this process's memory, so each instance counts for itself.
 */
export const limitRates = (app: FastifyInstance, { perKey, perAddress }: RateLimits): void => {
  const options = {
    timeWindow: WINDOW_S * 1000,
    allowList: ({ routeOptions }: FastifyRequest) => isAlwaysAnswered(routeOptions),
  }
  const ofKey = app.createRateLimit({ ...options, max: perKey, keyGenerator: (request) => callerOf(request).keyId })
  const ofAddress = app.createRateLimit({ ...options, max: perAddress })
  app.addHook('onRequest', async (request, reply) => {
    const counted = await (knownCaller(request) ? ofKey(request) : ofAddress(request))
    if (counted.isAllowed) return
    const { max, remaining, ttlInSeconds } = counted
    reply.headers({ 'ratelimit-limit': max, 'ratelimit-remaining': remaining, 'ratelimit-reset': ttlInSeconds })
    if (counted.isExceeded) {
      throw new Refusal('too_many_requests', { limit: max, windowSeconds: WINDOW_S, retryAfter: ttlInSeconds })
    }
  })
}

/** What is wrong where nothing came in that could be called a request. */
const refusalOfConnection = (code: string): Refusal => {
  if (code === 'HPE_HEADER_OVERFLOW') return new Refusal('headers_too_large', { limit: HEADERS_LIMIT_BYTES })
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new Refusal('sent_too_slowly', { seconds: REQUEST_TIMEOUT_S })
  return new Refusal('malformed_request')
}

/** Answers what is no request with a problem, too, and hangs up; nobody can tell in which language it was meant. */
export const sayConnectionError = (error: ConnectionError, socket: Socket): void => {
  const { code, facts } = refusalOfConnection(error.code)
  const problem = problemOf(code, facts, 'vi')
  const body = JSON.stringify(problem)
  const head = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
    'content-type: application/problem+json',
    'content-language: vi',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
    ...Object.entries(SAFE_HEADERS).map(([name, value]) => `${name}: ${value}`),
  ]
  // Neither who has hung up is written to, nor into an answer that has begun, as Node.js has it, too.
  const { _httpMessage: running } = socket as Socket & { _httpMessage?: ServerResponse | null }
  if (socket.writable && !running?.headersSent) socket.write(`${head.join('\r\n')}\r\n\r\n${body}`)
  socket.destroySoon()
}
