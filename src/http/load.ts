import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Language } from '../language.ts'
import { isAlwaysAnswered, type Lane, laneOf } from './lanes.ts'
import { languageOf } from './language.ts'
import { problemOf } from './problems.ts'
import { SAFE_HEADERS } from './safe-headers.ts'
import type { WaitingRoom } from './waiting-room.ts'

/** As many requests as are inside at once, waiting or not; each holds memory. */
const MOST_AT_ONCE = 2000

/** When to come again, in seconds, drawn at random so that those who were refused together do not return together. */
const RETRY_AFTER_S: Readonly<Record<Lane, { from: number; to: number }>> = {
  desk: { from: 1, to: 3 },
  reading: { from: 2, to: 5 },
  reports: { from: 5, to: 15 },
}

const retryAfterOf = (lane: Lane): number => {
  const { from, to } = RETRY_AFTER_S[lane]
  return from + Math.floor(Math.random() * (to + 1 - from))
}

const laneAsked = ({ routeOptions: { config, url = '' } }: FastifyRequest): Lane | undefined => laneOf({ config, url })

/** The few texts that there are, each made once. Not as bytes: Node.js sends a text with its head in one piece. */
const texts = new Map<string, string>()

const textOf = (retryAfter: number, language: Language): string => {
  const name = `${retryAfter} ${language}`
  const text = texts.get(name) ?? JSON.stringify(problemOf('overloaded', { retryAfter }, language))
  texts.set(name, text)
  return text
}

const turnedAway = new WeakSet<FastifyRequest>()

/** Whether a request was refused by the crowd: so many may be that a line in the log for each would be a load itself. */
export const wasTurnedAway = (request: FastifyRequest): boolean => turnedAway.has(request)

/**
 * Says `overloaded` past everything that Fastify does with an answer: in a crowd most requests end here, and what each
 * takes is taken from those that are served. Measured: a third of what it takes to refuse by an error.
 */
const turnAway = (request: FastifyRequest, reply: FastifyReply, lane: Lane): void => {
  turnedAway.add(request)
  const [retryAfter, language] = [retryAfterOf(lane), languageOf(request)]
  const text = textOf(retryAfter, language)
  reply.hijack()
  reply.raw
    .writeHead(503, {
      'content-type': 'application/problem+json',
      'content-language': language,
      'content-length': Buffer.byteLength(text),
      'retry-after': String(retryAfter),
      'x-request-id': request.id,
      ...SAFE_HEADERS,
    })
    .end(text)
}

/**
 * Turns away, before anything is read or looked up, whoever would wait in vain, and whoever is more than the process
 * has memory for.
 */
export const keepDoor = (app: FastifyInstance, room: WaitingRoom, limit = MOST_AT_ONCE): void => {
  let inside = 0
  app.addHook('onRequest', (request, reply, done) => {
    // Fastify makes them anew whenever they are asked for.
    const { config, url = '' } = request.routeOptions
    if (isAlwaysAnswered({ url })) return done()
    const lane = laneOf({ config, url })
    if (inside >= limit || (lane !== undefined && room.isShut(lane))) return turnAway(request, reply, lane ?? 'reading')
    inside += 1
    // Comes after every answer and also where the client hung up before one; `onResponse` does not.
    reply.raw.once('close', () => {
      inside -= 1
    })
    done()
  })
}

/**
 * Lets requests wait for their turn, or refuses them, once all of a request is here: who sends slowly keeps nobody from
 * a place. A place is given back when the answer is out; where the client hung up meanwhile, when the work is done that
 * nobody waits for any more: otherwise who asks, hangs up and asks again would have more work done at once than there
 * are places.
 */
export const takeTurns = (app: FastifyInstance, room: WaitingRoom): void => {
  const working = new WeakSet<FastifyRequest>()
  const leaving = new WeakMap<FastifyRequest, () => void>()

  app.addHook('onRoute', (route) => {
    if (laneOf(route) === undefined) return
    const work = route.handler
    route.handler = async function (request, reply) {
      working.add(request)
      try {
        return await work.call(this, request, reply)
      } finally {
        leaving.get(request)?.()
      }
    }
  })
  app.addHook('preValidation', async (request, reply) => {
    const lane = laneAsked(request)
    if (lane === undefined) return
    const { admitted, leave } = room.enter(lane)
    leaving.set(request, leave)
    reply.raw.once('close', () => {
      if (!working.has(request)) leave()
    })
    if (!(await admitted)) turnAway(request, reply, lane)
  })
}
