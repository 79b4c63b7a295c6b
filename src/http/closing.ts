import { setTimeout } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'

/** What was sent before anyone knew of the end has been read by then. */
const LINGER_MS = 500

/**
 * Ends every connection with its next answer once the application is closing, so that nobody sends another request
 * where none will be read; and cuts no connection that is silent before what may be on its way has come.
 */
export const closeGently = (app: FastifyInstance): void => {
  let isClosing = false
  app.addHook('preClose', async () => {
    isClosing = true
    if (app.server.listening) await setTimeout(LINGER_MS)
  })
  // Of requests that come in later Fastify says so itself.
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (isClosing) reply.header('connection', 'close')
    done(null, payload)
  })
}
