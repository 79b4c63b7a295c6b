import type { FastifyInstance } from 'fastify'
import { Gauge, Histogram, type Registry } from 'prom-client'

const BUCKETS_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

/** What a request is counted under where no route was found, whatever it asked for. */
const UNMATCHED = 'unmatched'

/** Where the client hung up before its answer had gone out, as other servers count it. */
const CLIENT_GONE = 499

/**
 * Counts and times every request by method, route template and status, which are all bounded: a URL may hold a
 * dossier's code, and as many of them would be as many series.
 */
export const measureRequests = (app: FastifyInstance, registry: Registry): void => {
  const registers = [registry]
  const inWork = new Gauge({
    name: 'motcua_http_requests_in_work',
    help: 'Requests that have come in and are not answered yet',
    registers,
  })
  const durations = new Histogram({
    name: 'motcua_http_request_duration_seconds',
    help: 'Time from a request to the end of its answer; 499 where the client hung up before',
    labelNames: ['method', 'route', 'status'],
    buckets: BUCKETS_SECONDS,
    registers,
  })
  app.addHook('onRequest', (request, reply, done) => {
    inWork.inc()
    // Comes after every answer and also where the client hung up before one; `onResponse` does not.
    reply.raw.once('close', () => {
      inWork.dec()
      const { url = UNMATCHED } = request.routeOptions
      const method = url === UNMATCHED ? UNMATCHED : request.method
      const status = reply.raw.writableEnded ? reply.statusCode : CLIENT_GONE
      durations.observe({ method, route: url, status }, reply.elapsedTime / 1000)
    })
    done()
  })
}
