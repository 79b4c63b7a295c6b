import { DrizzleQueryError } from 'drizzle-orm/errors'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { LoggerOptions } from 'pino'
import { stdSerializers } from 'pino'
import { failureOf } from '../db/failure.ts'
import { wasTurnedAway } from './load.ts'

/**
 * An error without the values that went into it: drizzle puts every parameter of a failed statement into its
 * message, and PostgreSQL the row into its detail. Both may hold personal data.
 */
const withoutValues = (error: Error): object => {
  if (!(error instanceof DrizzleQueryError)) {
    const { detail: _, where: __, ...rest } = stdSerializers.err(error) as unknown as Record<string, unknown>
    return rest
  }
  const { cause, query } = error
  return {
    type: error.name,
    message: 'a statement failed',
    query,
    code: failureOf(error).code,
    stack: cause?.stack?.slice(cause.stack.indexOf('\n    at ') + 1),
  }
}

/** Structured logs, one line of JSON each, with no personal data and no key in them. */
export const logOptions = (level: string): LoggerOptions => ({
  level,
  redact: ['req.headers', 'headers.authorization'],
  serializers: {
    err: withoutValues,
    // The address is a person's where a person calls; the path is enough to follow a request.
    req: ({ method, url }: FastifyRequest) => ({ method, path: url.split('?')[0] }),
  },
})

/** One line a request, when it is answered; none for those who were turned away by the crowd, which are counted. */
export const logRequests = (app: FastifyInstance): void => {
  app.addHook('onResponse', (request, reply, done) => {
    if (wasTurnedAway(request)) return done()
    request.log.info(
      { req: request, statusCode: reply.statusCode, durationMs: Math.round(reply.elapsedTime) },
      'answered',
    )
    done()
  })
}
