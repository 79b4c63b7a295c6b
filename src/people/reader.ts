import type { FastifyRequest } from 'fastify'
import { callerOf } from '../http/caller.ts'
import { officerOf } from '../http/once.ts'
import type { Reader } from './reading.ts'

/** Who reads by a request. */
export const readerOf = (request: FastifyRequest): Reader => ({
  caller: callerOf(request),
  officer: officerOf(request),
  requestId: request.id,
  action: String(request.routeOptions.schema?.operationId),
})
