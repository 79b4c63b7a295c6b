import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { FastifyInstance } from 'fastify'

/** Where a request stands in a trace, by the names under which OpenTelemetry finds it in a log. */
export type Trace = { readonly trace_id: string; readonly span_id: string; readonly trace_flags: string }

/** Of version 00 exactly these four; a later version may add more, and ff is none (W3C Trace Context, 3.2). */
const TRACEPARENT = /^(?!ff)([\da-f]{2})-(?!0{32})([\da-f]{32})-(?!0{16})[\da-f]{16}-([\da-f]{2})(-.*)?$/

const SAMPLED = 1

/** Half of a UUID is as unlike any other as a span needs to be. Node.js draws UUIDs ahead; bytes are a system call each. */
const newTraceId = (): string => randomUUID().replaceAll('-', '')
const newSpanId = (): string => newTraceId().slice(16)

/** The trace of whoever called, or a new one where nobody told of any, or not in the form of the standard. */
const traceFrom = (traceparent: string | undefined): Trace => {
  const [, version, given, flags, more] = TRACEPARENT.exec(traceparent ?? '') ?? []
  const isKnown = given !== undefined && !(version === '00' && more !== undefined)
  return {
    trace_id: isKnown ? given : newTraceId(),
    span_id: newSpanId(),
    // What we do not know is not passed on; what nobody asked to be sampled is not.
    trace_flags: isKnown && Number.parseInt(String(flags), 16) & SAMPLED ? '01' : '00',
  }
}

const traces = new WeakMap<IncomingMessage, Trace>()

/** The trace of a request, the same however often it is asked. */
export const traceOf = (request: IncomingMessage): Trace => {
  const known = traces.get(request)
  if (known) return known
  const { traceparent } = request.headers
  const trace = traceFrom(typeof traceparent === 'string' ? traceparent : undefined)
  traces.set(request, trace)
  return trace
}

/** Tells every caller, whoever is refused among them, by which trace its request is found in the logs. */
export const answerTraces = (app: FastifyInstance): void => {
  app.addHook('onRequest', (request, reply, done) => {
    const { trace_id, span_id, trace_flags } = traceOf(request.raw)
    reply.header('traceparent', `00-${trace_id}-${span_id}-${trace_flags}`)
    done()
  })
}
