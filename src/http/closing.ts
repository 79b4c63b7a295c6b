import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'

/** What was sent before anyone knew of the end has been read by then. */
const LINGER_MS = 500

/** The connections over which no request has come yet. Node.js takes them for busy, and would wait for them for ever. */
const watchSilent = (app: FastifyInstance): ReadonlySet<Socket> => {
  const silent = new Set<Socket>()
  app.server.on('connection', (socket: Socket) => {
    silent.add(socket)
    socket.once('close', () => silent.delete(socket))
  })
  app.server.on('request', ({ socket }: IncomingMessage) => silent.delete(socket))
  return silent
}

/**
 * Ends every connection with its next answer once the application is closing, so that nobody sends another request
 * where none will be read; and cuts no connection that is silent before what may be on its way has come.
 */
export const closeGently = (app: FastifyInstance): void => {
  const silent = watchSilent(app)
  let isClosing = false
  app.addHook('preClose', async () => {
    isClosing = true
    if (app.server.listening) await setTimeout(LINGER_MS)
    for (const socket of silent) socket.destroy()
  })
  // Of requests that come in later Fastify says so itself.
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (isClosing) reply.header('connection', 'close')
    done(null, payload)
  })
}
