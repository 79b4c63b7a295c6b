import type {} from '@fastify/accepts'
import type { FastifyRequest } from 'fastify'
import { LANGUAGES, type Language } from '../language.ts'

/** What `Accept-Language` asks for. */
export const languageOf = (request: FastifyRequest): Language => {
  const preferred = request.language([...LANGUAGES])
  return LANGUAGES.find((language) => language === preferred) ?? 'vi'
}
