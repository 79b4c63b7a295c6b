import type {} from '@fastify/accepts'
import type { FastifyRequest } from 'fastify'
import { LANGUAGES, type Language } from '../language.ts'

/** What `Accept-Language` asks for. */
export const languageOf = (request: FastifyRequest): Language => {
  // To weigh what nobody asked for takes time, too. Refused before a route is found, a request has no plugins' members.
  const asks = request.headers['accept-language'] !== undefined && 'language' in request
  const preferred = asks ? request.language([...LANGUAGES]) : 'vi'
  return LANGUAGES.find((language) => language === preferred) ?? 'vi'
}
