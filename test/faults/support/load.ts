import { Agent, request as ask } from 'node:http'
import { setTimeout } from 'node:timers/promises'
import { intake } from '../../support/desk.ts'
import type { Change, Ledger, Told } from './ledger.ts'

/** What one attempt came to. */
export type Answer = { status: number; retryAfter: string | undefined; problem: string; tookMs: number; text: string }

/** Clients at work on a service. */
export type Load = {
  /** Every answer that was no success, in the order of coming. */
  readonly refusals: readonly Answer[]
  /** When attempts began whose connection broke, or stayed silent, before an answer had come. */
  readonly broken: readonly number[]
  /** The longest that any answer took. */
  readonly slowestMs: () => number
  /** Lets each client finish what it has asked for, however often it must ask again, and stops. */
  readonly finish: () => Promise<void>
  /** Stops asking again: what has not been answered by its last attempt stays open. */
  readonly giveUp: () => Promise<void>
}

/** What a client waits for an answer at most. */
const PATIENCE_MS = 30_000

/** How long a client asks for one change before it calls that a defect. */
const PERSISTENCE_MS = 120_000

const AGENCIES = ['H20.19.05', 'H20.19.06', 'H20.20.02']

/** What may be asked again: it was not done, or nobody knows. */
const PASSING = [409, 429, 503, 507]

/** One attempt at a change, on the connection of an agent. Rejects where no whole answer comes. */
export const attempt = (agent: Agent, url: string, key: string, change: Change, body: object): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const began = performance.now()
    const headers = {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      'idempotency-key': change.id,
      'x-officer': change.id,
    }
    const path = change.code === undefined ? '/v1/dossiers' : `/v1/dossiers/${change.code}/${change.what}`
    const sent = ask(new URL(path, url), { agent, method: 'POST', headers, timeout: PATIENCE_MS }, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (chunk) => (text += chunk))
      answer.on('end', () => {
        const { type = '' } = answer.complete ? JSON.parse(text) : {}
        resolve({
          status: Number(answer.statusCode),
          retryAfter: answer.headers['retry-after'],
          problem: String(type),
          tookMs: performance.now() - began,
          text,
        })
      })
      answer.on('error', reject)
    })
    sent.on('timeout', () => sent.destroy(new Error(`no answer within ${PATIENCE_MS} ms`)))
    sent.on('error', reject)
    sent.end(JSON.stringify(body))
  })

export const toldBy = ({ text }: Answer): Told => {
  const { code, version } = JSON.parse(text) as Told
  return { code, version, text }
}

/**
 * Clients that take dossiers in and move them on, each on a connection of its own, one request after the other. What
 * is refused for now or breaks off is asked for again under the same key; what else is refused ends the client.
 */
export const startLoad = (url: string, key: string, ledger: Ledger, connections = 8): Load => {
  const refusals: Answer[] = []
  const broken: number[] = []
  let slowestMs = 0
  let state: 'working' | 'finishing' | 'givenUp' = 'working'

  const pause = (retryAfter: string | undefined): Promise<void> =>
    setTimeout(retryAfter === undefined ? 50 + Math.random() * 100 : Math.min(Number(retryAfter), 2) * 1000)

  const untilTold = async (agent: Agent, change: Change, body: object): Promise<boolean> => {
    const until = performance.now() + PERSISTENCE_MS
    while (performance.now() < until) {
      const began = performance.now()
      const answer = await attempt(agent, url, key, change, body).catch(() => undefined)
      slowestMs = Math.max(slowestMs, answer?.tookMs ?? 0)
      if (answer && answer.status < 300) {
        change.told = toldBy(answer)
        return true
      }
      if (answer) refusals.push(answer)
      else broken.push(began)
      if (answer && !PASSING.includes(answer.status)) throw new Error(`${change.id}: ${answer.status} ${answer.text}`)
      if (state === 'givenUp') return false
      await pause(answer?.retryAfter)
    }
    throw new Error(`${change.id} was not done within ${PERSISTENCE_MS} ms`)
  }

  const client = async (agent: Agent, n: number): Promise<void> => {
    for (let round = n; state === 'working'; round++) {
      const received = ledger.open('receive')
      const receivingAgency = AGENCIES[round % AGENCIES.length]
      if (!(await untilTold(agent, received, intake({ receivingAgency, receivedAt: undefined })))) return
      for (const move of ['start', 'finish', 'return']) {
        if (state !== 'working') return
        if (!(await untilTold(agent, ledger.open(move, received.told?.code), {}))) return
      }
    }
  }

  const clients = Array.from({ length: connections }, async (_, n) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    await client(agent, n).finally(() => agent.destroy())
  })
  const all = Promise.all(clients)
  // Whoever stops the load hears of it; until then it must not end the process.
  all.catch(() => undefined)
  const stop = async (how: typeof state): Promise<void> => {
    state = how
    await all
  }
  return {
    refusals,
    broken,
    slowestMs: () => slowestMs,
    finish: () => stop('finishing'),
    giveUp: () => stop('givenUp'),
  }
}
