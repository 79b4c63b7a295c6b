import type { FastifyInstance } from 'fastify'
import { Refusal } from '../refusal.ts'

/** As many requests as are worked on at once; more would only wait, and each holds memory. */
const MOST_AT_ONCE = 2000

/** Bounds the queue: above the limit a request is refused at once, before anything is read or written. */
export const boundLoad = (app: FastifyInstance, limit = MOST_AT_ONCE): void => {
  let running = 0
  app.addHook('onRequest', (_request, reply, done) => {
    running += 1
    // Comes after every answer and also where the client hung up before one; `onResponse` does not.
    reply.raw.once('close', () => {
      running -= 1
    })
    done(running > limit ? new Refusal('too_many_requests', { limit }) : undefined)
  })
}
