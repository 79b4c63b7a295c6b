import { DrizzleQueryError } from 'drizzle-orm/errors'
import type { FastifyBaseLogger, FastifyInstance, FastifyRequest } from 'fastify'
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

const METHODS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent', 'child'] as const

/** Stands for a log that is made with its first line: whoever a crowd turns away has none. */
class LogToBe {
  private made: FastifyBaseLogger | undefined
  private readonly make: () => FastifyBaseLogger

  constructor(make: () => FastifyBaseLogger) {
    this.make = make
  }

  own(): FastifyBaseLogger {
    this.made ??= this.make()
    return this.made
  }

  get level(): string {
    return this.own().level
  }
}

for (const method of METHODS) {
  Object.defineProperty(LogToBe.prototype, method, {
    value: function (this: LogToBe, ...given: readonly unknown[]) {
      return Reflect.apply(this.own()[method], this.own(), given)
    },
  })
}

/** The log of one request, by which its lines are found. */
export const logOfRequest = (make: () => FastifyBaseLogger): FastifyBaseLogger =>
  new LogToBe(make) as unknown as FastifyBaseLogger

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
