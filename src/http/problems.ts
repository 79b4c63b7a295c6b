import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { en, vi } from 'zod/locales'
import { type Outage, outageOf } from '../db/failure.ts'
import type { Bilingual, Language } from '../language.ts'
import { type FieldError, Refusal, type RefusalCode, type RefusalFacts } from '../refusal.ts'
import { languageOf } from './language.ts'
import { PROBLEMS } from './problem-types.ts'

const fill = (text: string, facts: RefusalFacts): string =>
  text.replace(/\{(\w+)\}/g, (_, name: string) => {
    const fact = facts[name]
    return Array.isArray(fact) ? fact.join(', ') : String(fact)
  })

const LOCALES = { vi: vi(), en: en() }
const SEPARATOR = '\u001f'

/** A message for a zod schema, in both languages: zod keeps one text, `detailOf` takes it apart again. */
export const message = (vietnamese: string, english: string): string => `${vietnamese}${SEPARATOR}${english}`

const UNKNOWN_FIELD: Bilingual = { vi: 'Không có mục này; hãy bỏ đi.', en: 'There is no such field; leave it out.' }

const detailOf = (issue: z.core.$ZodIssue, language: Language): string => {
  const [vietnamese, english] = issue.message.split(SEPARATOR)
  if (english !== undefined) return String(language === 'vi' ? vietnamese : english)
  const worded = LOCALES[language].localeError(issue as z.core.$ZodRawIssue)
  return String(worded)
}

/** What a request's schema found, before anyone knows in which language to say it. */
export class InvalidRequest extends Error {
  readonly issues: readonly z.core.$ZodIssue[]
  constructor(issues: readonly z.core.$ZodIssue[]) {
    super('invalid request')
    this.issues = issues
  }
}

const PLACES: Readonly<Record<string, string>> = {
  body: '',
  querystring: '/query',
  params: '/path',
  headers: '/header',
}

const pointerOf = (place: string, path: readonly PropertyKey[]): string =>
  `${PLACES[place]}${path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')}`

/** Where and what is wrong; zod names all unknown fields at once, the caller gets each by its own pointer. */
const fieldErrors = (issue: z.core.$ZodIssue, place: string, language: Language) =>
  issue.code === 'unrecognized_keys'
    ? issue.keys.map((key) => ({ pointer: pointerOf(place, [...issue.path, key]), detail: UNKNOWN_FIELD[language] }))
    : [{ pointer: pointerOf(place, issue.path), detail: detailOf(issue, language) }]

/** As many field errors as anyone reads; a hostile body could name thousands. */
const MOST_ERRORS = 20

/** After these the same request may go through later. */
const PASSING_STATUSES: readonly number[] = [429, 503, 507]

const refusedAs = new WeakMap<FastifyRequest, RefusalCode>()

/** Why a request was refused, once it has been. */
export const refusalOf = (request: FastifyRequest): RefusalCode | undefined => refusedAs.get(request)

/** What a problem says of itself, in one language. */
export const problemOf = (code: RefusalCode, facts: RefusalFacts, language: Language) => {
  const { status, title, detail } = PROBLEMS[code]
  return {
    type: `/problems/${code}`,
    title: title[language],
    status,
    detail: fill(detail[language], facts),
    ...facts,
  }
}

const sayProblem = (
  request: FastifyRequest,
  reply: FastifyReply,
  code: RefusalCode,
  facts: RefusalFacts,
  errors: readonly { pointer: string; detail: string }[],
): FastifyReply => {
  const language = languageOf(request)
  const problem = problemOf(code, facts, language)
  const { status } = problem
  refusedAs.set(request, code)
  if (code === 'unauthenticated') reply.header('www-authenticate', 'Bearer')
  if (PASSING_STATUSES.includes(status)) reply.header('retry-after', String(facts.retryAfter ?? 1))
  return reply
    .code(status)
    .header('content-language', language)
    .type('application/problem+json')
    .serializer(JSON.stringify)
    .send(errors.length ? { ...problem, errors } : problem)
}

const noRoute = ({ method, url }: FastifyRequest): Refusal =>
  new Refusal('route_not_found', { method, path: url.split('?')[0] })

const byFastifyCode: Readonly<Record<string, (request: FastifyRequest) => Refusal>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: (request) => new Refusal('body_too_large', { limit: request.routeOptions.bodyLimit }),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: () => new Refusal('unsupported_media_type'),
  FST_ERR_BAD_URL: (request) => noRoute(request),
  FST_ERR_MAX_PARAM_LENGTH: (request) => noRoute(request),
}

const badRequest = new Refusal('invalid_input', {}, [
  { pointer: '', detail: { vi: 'Yêu cầu không phải là JSON hợp lệ.', en: 'The request is not valid JSON.' } },
])

/** How long until it is worth another try: a server restarts within seconds, and a full disk waits for someone. */
const RETRY_AFTER_S: Readonly<Record<Outage, number>> = { database_unavailable: 2, took_too_long: 10, storage_full: 60 }

const refusalFor = (error: FastifyError | Refusal, request: FastifyRequest): Refusal => {
  if (error instanceof Refusal) return error
  const known = byFastifyCode[error.code]
  if (known) return known(request)
  if (error.statusCode === 400) return badRequest
  const outage = outageOf(error)
  if (outage) {
    request.log.warn({ err: error }, 'the database failed a request')
    return new Refusal(outage, { retryAfter: RETRY_AFTER_S[outage] })
  }
  // An error of ours, or one that nobody foresaw: the log gets all of it, the caller none.
  request.log.error({ err: error }, 'request failed')
  return new Refusal('internal', { requestId: request.id })
}

/** Answers with the problem that an error is, in the caller's language. */
export const sayError = (
  error: FastifyError | Refusal | InvalidRequest,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply => {
  const language = languageOf(request)
  if (error instanceof InvalidRequest) {
    const place = String((error as { validationContext?: string }).validationContext)
    const errors = error.issues.flatMap((issue) => fieldErrors(issue, place, language))
    return sayProblem(request, reply, 'invalid_input', {}, errors.slice(0, MOST_ERRORS))
  }
  const refusal = refusalFor(error, request)
  const errors = refusal.errors.map(({ pointer, detail }: FieldError) => ({ pointer, detail: detail[language] }))
  return sayProblem(request, reply, refusal.code, refusal.facts, errors)
}

/** Makes every answer that is no success an RFC 9457 problem. */
export const sayProblems = (app: FastifyInstance): void => {
  app.setErrorHandler(sayError)
  app.setNotFoundHandler((request, reply) => sayError(noRoute(request), request, reply))
}
