import { randomUUID } from 'node:crypto'
import accepts from '@fastify/accepts'
import rateLimit from '@fastify/rate-limit'
import { type FastifyBaseLogger, fastify, LogController } from 'fastify'
import { serializerCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod'
import type { z } from 'zod'
import { identifier } from './access/identify.ts'
import type { IssuerSettings } from './access/issuer.ts'
import { keyRoutes } from './access/routes.ts'
import { tokenHolder } from './access/tokens.ts'
import type { Uses } from './access/uses.ts'
import { agencyRoutes } from './agencies/routes.ts'
import { flagRoutes } from './audit/flag-routes.ts'
import { auditRoutes } from './audit/routes.ts'
import { calendarRoutes } from './calendars/routes.ts'
import { dashboardRoutes } from './dashboard/routes.ts'
import { deadlineRoutes } from './deadlines/routes.ts'
import type { Deps } from './deps.ts'
import { dossierRoutes } from './dossiers/routes.ts'
import type { App } from './http/app-type.ts'
import { trailRefusals } from './http/attempts.ts'
import { guard, identify } from './http/caller.ts'
import { closeGently } from './http/closing.ts'
import { healthRoutes } from './http/health.ts'
import { LANE_LIMITS, type Lane, type LaneLimits } from './http/lanes.ts'
import { keepDoor, takeTurns } from './http/load.ts'
import { logOfRequest, logRequests } from './http/log.ts'
import { describeApi, openapiRoute } from './http/openapi.ts'
import { InvalidRequest, sayError, sayProblems } from './http/problems.ts'
import { SAFE_HEADERS } from './http/safe-headers.ts'
import {
  CHECK_CONNECTIONS_MS,
  HEADERS_LIMIT_BYTES,
  limitRates,
  type RateLimits,
  REQUEST_TIMEOUT_S,
  SILENCE_TIMEOUT_S,
  sayConnectionError,
  setSafeHeaders,
} from './http/shield.ts'
import { answerTraces, traceOf } from './http/trace.ts'
import { openWaitingRoom } from './http/waiting-room.ts'
import { type Measured, measure } from './metrics/measuring.ts'
import { metricsRoute } from './metrics/routes.ts'
import { overdueRoutes } from './overdue/routes.ts'
import { peopleRoutes } from './people/routes.ts'
import { type TrackLimits, trackRoutes } from './people/track-routes.ts'
import { procedureRoutes } from './procedures/routes.ts'
import { evidenceRoutes } from './reports/evidence-routes.ts'
import { reportRoutes } from './reports/routes.ts'
import { snapshotRoutes } from './reports/snapshot-routes.ts'
import { targetRoutes } from './reports/target-routes.ts'

const BODY_LIMIT_BYTES = 64 * 1024

/** Ids of requests that came with none of their own, or with one that is no plain word. */
const requestId = (given: unknown): string =>
  typeof given === 'string' && /^[\w.-]{1,64}$/.test(given) ? given : randomUUID()

/** JSON, or nothing at all: a move needs no body, even where the client announces one. */
const readJson = (app: App): void => {
  app.removeContentTypeParser('text/plain')
  const parse = app.getDefaultJsonParser('error', 'error')
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) =>
    body === '' ? done(null, undefined) : parse(request, String(body), done),
  )
}

/** The whole application, ready to listen or to be asked directly. */
export const buildApp = async (
  deps: Deps,
  options: {
    logger?: FastifyBaseLogger
    mostAtOnce?: number
    measured?: Measured
    metricsToken?: string | undefined
    uses?: Uses
    trackLimits?: TrackLimits
    searchesAMinute?: number
    lanes?: Readonly<Record<Lane, LaneLimits>>
    /** Without them nobody is limited. */
    rateLimits?: RateLimits
    oidc?: IssuerSettings | undefined
  } = {},
): Promise<App> => {
  const app = fastify({
    ...(options.logger ? { loggerInstance: options.logger } : {}),
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT_BYTES,
    childLoggerFactory: (logger, bindings, options, raw) =>
      logOfRequest(() => logger.child({ ...bindings, ...traceOf(raw) }, options)),
    genReqId: (request) => requestId(request.headers['x-request-id']),
    requestTimeout: REQUEST_TIMEOUT_S * 1000,
    connectionTimeout: SILENCE_TIMEOUT_S * 1000,
    http: { maxHeaderSize: HEADERS_LIMIT_BYTES, connectionsCheckingInterval: CHECK_CONNECTIONS_MS },
    clientErrorHandler: sayConnectionError,
    return503OnClosing: false,
    // What is wrong before a route is found comes past all hooks and the error handler.
    frameworkErrors: (error, request, reply) => {
      reply.headers({ ...SAFE_HEADERS, 'x-request-id': request.id })
      sayError(error, request, reply)
    },
    routerOptions: { maxParamLength: 200 },
  }).withTypeProvider<ZodTypeProvider>()

  app.setValidatorCompiler<z.ZodType>(({ schema }) => (given) => {
    // A request without a body is as good as one with nothing in it.
    const input = given ?? undefined
    const parsed = schema.safeParse(input, { reportInput: true })
    return parsed.success ? { value: parsed.data } : { error: new InvalidRequest(parsed.error.issues) }
  })
  app.setSerializerCompiler(serializerCompiler)
  readJson(app)
  sayProblems(app)
  await app.register(accepts)
  await app.register(rateLimit, { global: false })
  const room = openWaitingRoom(options.lanes ?? LANE_LIMITS, () => performance.now())
  // Before anyone is refused: they count, too.
  const figures = measure(app, deps, room, options.measured ?? {})
  keepDoor(app, room, options.mostAtOnce)
  // Here, so that whoever is refused learns the id, too.
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id)
    done()
  })
  answerTraces(app)
  closeGently(app)
  setSafeHeaders(app)
  logRequests(app)
  // Who floods us is turned away before the others are made to wait for it.
  identify(app, identifier(deps, options.uses, options.oidc && tokenHolder(options.oidc, app.log)))
  if (options.rateLimits) limitRates(app, options.rateLimits)
  guard(app)
  takeTurns(app, room)
  trailRefusals(app, deps)
  await describeApi(app)

  healthRoutes(app, deps)
  metricsRoute(app, figures, options.metricsToken)
  openapiRoute(app)
  keyRoutes(app, deps)
  agencyRoutes(app, deps)
  procedureRoutes(app, deps)
  calendarRoutes(app, deps)
  deadlineRoutes(app, deps)
  dossierRoutes(app, deps)
  peopleRoutes(app, deps, options.searchesAMinute)
  trackRoutes(app, deps, options.trackLimits)
  overdueRoutes(app, deps)
  reportRoutes(app, deps)
  snapshotRoutes(app, deps)
  evidenceRoutes(app, deps)
  targetRoutes(app, deps)
  auditRoutes(app, deps)
  flagRoutes(app, deps)
  await dashboardRoutes(app)
  return app
}
