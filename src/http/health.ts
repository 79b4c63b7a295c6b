import { z } from 'zod'
import { type Database, ping } from '../db/database.ts'
import type { Deps } from '../deps.ts'
import { Refusal } from '../refusal.ts'
import { publicRefusals } from './answers.ts'
import type { App } from './app-type.ts'

const status = z.object({ status: z.literal('ok').meta({ description: 'Luôn là ok · always ok' }) })

/** Whether the database answers. No limit holds for who asks, so whoever asks meanwhile shares the question. */
const sharedPing = (db: Database): (() => Promise<void>) => {
  let asked: Promise<void> | undefined
  return () => {
    asked ??= ping(db).finally(() => {
      asked = undefined
    })
    return asked
  }
}

/** `healthz`: the process lives. `readyz`: it can serve, which needs the database. */
export const healthRoutes = (app: App, { db }: Deps): void => {
  const isAnswering = sharedPing(db)

  app.get(
    '/healthz',
    {
      config: { access: 'public', sight: 'everyone' },
      schema: {
        operationId: 'checkHealth',
        tags: ['operations'],
        summary: 'Tiến trình còn sống · the process lives',
        security: [],
        response: { 200: status, ...publicRefusals('headers_too_large') },
      },
    },
    () => ({ status: 'ok' as const }),
  )
  app.get(
    '/readyz',
    {
      config: { access: 'public', sight: 'everyone' },
      schema: {
        operationId: 'checkReadiness',
        tags: ['operations'],
        summary: 'Sẵn sàng phục vụ · ready to serve',
        security: [],
        response: { 200: status, ...publicRefusals('headers_too_large', 'not_ready') },
      },
    },
    async (request) => {
      try {
        await isAnswering()
      } catch (error) {
        request.log.warn({ err: error }, 'the database does not answer')
        throw new Refusal('not_ready')
      }
      return { status: 'ok' as const }
    },
  )
}
