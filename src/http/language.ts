import type {} from '@fastify/accepts'
import type { FastifyRequest } from 'fastify'
import { LANGUAGES, type Language } from '../language.ts'

/** What `Accept-Language` asks for. */
export const languageOf = (request: FastifyRequest): Language => {
  // Where a request is refused before a route is found, it has none of the plugins' members.
  const preferred = 'language' in request ? request.language([...LANGUAGES]) : 'vi'
  return LANGUAGES.find((language) => language === preferred) ?? 'vi'
}
