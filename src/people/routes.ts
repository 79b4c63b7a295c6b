import { z } from 'zod'
import { agenciesInView } from '../access/scope.ts'
import type { Deps } from '../deps.ts'
import { type Applicant, NUMBER_FIELDS } from '../dossiers/dossier.ts'
import { dossierView } from '../dossiers/view.ts'
import { BODY_REFUSALS, refusals } from '../http/answers.ts'
import type { App } from '../http/app-type.ts'
import { callerOf } from '../http/caller.ts'
import { languageOf } from '../http/language.ts'
import { officerHeader } from '../http/once.ts'
import { cutPage, readCursor, writeCursor } from '../http/page.ts'
import { asBuilt } from '../http/wire.ts'
import { Refusal } from '../refusal.ts'
import { indexesOf } from './cipher.ts'
import { readerOf } from './reader.ts'
import { tellApplicants } from './reading.ts'
import { foundPage, searchBody } from './schemas.ts'
import { pageByNumber } from './store.ts'

const WINDOW_S = 60

/** How many searches a key has in a minute: enough for a dozen desks, and too few to try what a mask hides. */
const SEARCHES_A_MINUTE = 60

export const peopleRoutes = (app: App, deps: Deps, searchesAMinute = SEARCHES_A_MINUTE): void => {
  const { db, now, numberKeys, reference } = deps
  const count = app.createRateLimit({
    max: searchesAMinute,
    timeWindow: WINDOW_S * 1000,
    keyGenerator: (request) => callerOf(request).keyId,
  })

  app.post(
    '/v1/dossiers/search',
    {
      config: { access: 'dossiers:read', sight: 'agencies' },
      schema: {
        operationId: 'searchDossiers',
        tags: ['dossiers'],
        summary: 'Tìm hồ sơ theo số định danh hoặc điện thoại · find dossiers by identity or phone number',
        description:
          'So sánh đúng cả số, không kể dấu cách, dấu chấm, +84. Số được che, trừ khi khóa có dossiers:pii; mỗi lần tìm đều được ghi lại, mỗi khóa 60 lần một phút · the whole number, however it is spaced or prefixed; masked unless the key has dossiers:pii. Each search is trailed; a key has 60 a minute',
        headers: officerHeader,
        body: searchBody,
        response: { 200: foundPage, ...refusals(...BODY_REFUSALS, 'invalid_cursor') },
      },
    },
    async (request, reply) => {
      const counted = await count(request)
      if (!counted.isAllowed && counted.isExceeded) {
        const { max: limit, ttlInSeconds: retryAfter } = counted
        throw new Refusal('too_many_requests', { limit, windowSeconds: WINDOW_S, retryAfter })
      }
      const { limit, cursor, ...number } = request.body
      const [field = 'idNumber'] = NUMBER_FIELDS.filter((name) => number[name] !== undefined)
      const indexes = indexesOf(numberKeys, field, String(number[field]))
      // A cursor tells of the number no more than its index does.
      const filters = { field, index: indexes[0] }
      const below = readCursor(cursor, filters, z.int())
      const agencies = agenciesInView(callerOf(request), await reference.current(), undefined)
      const rows = await pageByNumber(db, field, indexes, agencies, below, limit + 1)
      const page = cutPage(rows, limit, ({ dossier }) => writeCursor(filters, dossier.id))
      const told = await tellApplicants(
        deps,
        readerOf(request),
        page.items.map(({ kept }) => kept),
        { isFound: true },
      )
      const [asOf, language] = [now(), languageOf(request)]
      return asBuilt(reply).send({
        ...page,
        items: page.items.map(({ dossier }, i) => ({
          ...dossierView(dossier, asOf, language),
          applicant: told[i] as Applicant | null,
        })),
      })
    },
  )
}
