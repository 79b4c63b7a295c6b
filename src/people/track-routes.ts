import type { FastifyRequest } from 'fastify'
import type { Deps } from '../deps.ts'
import { NUMBER_FIELDS } from '../dossiers/dossier.ts'
import { dossierPath } from '../dossiers/schemas.ts'
import { statusView } from '../dossiers/view.ts'
import { publicRefusals } from '../http/answers.ts'
import type { App } from '../http/app-type.ts'
import { languageOf } from '../http/language.ts'
import { Refusal } from '../refusal.ts'
import { readApplicant } from './applicant.ts'
import { endsIn } from './numbers.ts'
import { digitsHeader, tracked } from './schemas.ts'
import { findTracked } from './store.ts'

const MINUTE = 60_000

type Limit = { readonly max: number; readonly timeWindow: number }

/** How many look-ups an address has, one address for one code, and all together for one code. */
export type TrackLimits = { readonly perAddress: Limit; readonly perAddressAndCode: Limit; readonly perCode: Limit }

/**
 * No address can use up alone what all have for a code, and a window is short, so a stranger keeps no citizen out for
 * long; to try all ten thousand endings takes one address 26 days, and all the world together 9.
 */
const TRACK_LIMITS: TrackLimits = {
  perAddress: { max: 20, timeWindow: MINUTE },
  perAddressAndCode: { max: 4, timeWindow: 15 * MINUTE },
  perCode: { max: 12, timeWindow: 15 * MINUTE },
}

const codeOf = ({ params }: FastifyRequest): string => (params as { code: string }).code

/** Refuses `tracked_too_often`. Addresses are counted in this process's memory, some thousands at most, and never written down. */
const boundTracking = (app: App, limits: TrackLimits): ((request: FastifyRequest) => Promise<void>) => {
  const ofAddress = app.createRateLimit(limits.perAddress)
  const ofBoth = app.createRateLimit({
    ...limits.perAddressAndCode,
    keyGenerator: async (request) => `${(await ofAddress(request, { increment: false })).key} ${codeOf(request)}`,
  })
  const ofCode = app.createRateLimit({ ...limits.perCode, keyGenerator: codeOf })
  return async (request) => {
    for (const count of [ofAddress, ofBoth, ofCode]) {
      const counted = await count(request)
      if ('isExceeded' in counted && counted.isExceeded) {
        throw new Refusal('tracked_too_often', { limit: counted.max, retryAfter: counted.ttlInSeconds })
      }
    }
  }
}

/** The public look-up: what became of a dossier, for whoever has its slip and knows its applicant's number. */
export const trackRoutes = (app: App, { db, numberKeys }: Deps, limits: TrackLimits = TRACK_LIMITS): void => {
  const bound = boundTracking(app, limits)

  app.get(
    '/v1/track/:code',
    {
      config: { access: 'public', sight: 'everyone' },
      schema: {
        operationId: 'trackDossier',
        tags: ['dossiers'],
        summary: 'Công dân tra cứu hồ sơ · a citizen looks up a dossier',
        description:
          'Chỉ có trạng thái và ngày. Mã không có và số không đúng được trả lời như nhau · status and dates only; a code that there is not and digits that are wrong are answered alike. Mỗi mã tra được 12 lần trong 15 phút, mỗi nơi 4 lần · 12 times a code in 15 minutes, 4 of them from one place.',
        security: [],
        params: dossierPath,
        headers: digitsHeader,
        response: {
          200: tracked,
          ...publicRefusals('invalid_input', 'track_not_found', 'tracked_too_often', 'too_many_requests', 'overloaded'),
        },
      },
      // Before the headers are looked at: what is no guess counts, too.
      preValidation: bound,
    },
    async (request, reply) => {
      const { code } = request.params
      const found = await findTracked(db, code)
      const applicant = found?.kept && readApplicant(numberKeys, found.kept.applicant, found.kept.opening)
      const knows = NUMBER_FIELDS.some((field) => endsIn(applicant?.[field], request.headers['x-digits']))
      if (!found || !knows) throw new Refusal('track_not_found')
      reply.header('cache-control', 'no-store')
      const { status, submittedAt, receivedAt, dueOn, dueAt, finishedAt, returnedAt } = found.dossier
      const standing = statusView(status, languageOf(request))
      return { code, status: standing, submittedAt, receivedAt, dueOn, dueAt, finishedAt, returnedAt }
    },
  )
}
