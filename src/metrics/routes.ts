import { z } from 'zod'
import { hashKey, isSameHash } from '../access/key.ts'
import { publicRefusals } from '../http/answers.ts'
import type { App } from '../http/app-type.ts'
import { bearerOf } from '../http/caller.ts'
import { Refusal } from '../refusal.ts'
import type { Figures } from './measuring.ts'

/**
 * `GET /metrics`, in Prometheus's text format. It needs a token of the settings and no API key, because keys stand in
 * the database: it answers also when that is gone. Without a token in the settings nobody may read.
 */
export const metricsRoute = (app: App, figures: Figures, token: string | undefined): void => {
  const wanted = token === undefined ? undefined : hashKey(token)

  app.get(
    '/metrics',
    {
      config: { access: 'metrics_token', sight: 'everyone' },
      schema: {
        operationId: 'readMetrics',
        tags: ['operations'],
        summary: 'Số đo cho Prometheus · figures for Prometheus',
        description:
          'Cần METRICS_TOKEN của cài đặt, không phải khóa API · needs the METRICS_TOKEN of the settings, no API key. Không có dữ liệu cá nhân · no personal data.',
        security: [{ metricsToken: [] }],
        response: {
          200: {
            description: 'Định dạng văn bản của Prometheus · Prometheus’s text format',
            content: { 'text/plain': { schema: z.string() } },
          },
          ...publicRefusals('unauthenticated'),
        },
      },
    },
    async (request, reply) => {
      if (!wanted || !isSameHash(hashKey(bearerOf(request)), wanted)) throw new Refusal('unauthenticated')
      return reply.type(figures.contentType).send(await figures.read())
    },
  )
}
