import type { Socket } from 'node:net'
import { type Asked, askingInTurn, type Kind } from './asked.ts'
import { answerLength, opened } from './client.ts'
import { type Fate, openTally, type Told } from './tally.ts'

/** As many connections as are opened; each carries one request at a time, and what is due beyond them waits here. */
const CONNECTIONS = 400

/** How long after the last request its answer is waited for. */
const LAST_ANSWER_MS = 15_000

/** What is asked of the generator: requests at a constant rate, of which those of the first seconds do not count. */
export type Order = { address: string; rate: number; warmUpSeconds: number; seconds: number }

export type Outcome = {
  readonly all: Told
  readonly kinds: Readonly<Record<Kind, Told>>
  /** What the first answer said that was neither a success nor a refusal. */
  readonly failure: string | null
  /** The dossiers whose intake was acknowledged, and how many moves were. */
  readonly taken: readonly string[]
  readonly moves: number
}

const CODE = /\r\nlocation: \/v1\/dossiers\/(\S+)/i

const fateOf = (status: number): Fate => {
  if (status < 300) return 'accepted'
  return status === 503 || status === 429 ? 'refused' : 'failed'
}

type Due = Asked & { readonly at: number }

/** One connection: sends what it is given, one at a time, and says what was answered. */
const line = (socket: Socket, onAnswer: (due: Due, status: number, answer: string) => void) => {
  let carried: Due | undefined
  let arrived: Buffer = Buffer.alloc(0)
  socket.on('data', (chunk: Buffer) => {
    arrived = arrived.length === 0 ? chunk : Buffer.concat([arrived, chunk])
    const length = answerLength(arrived)
    if (length === undefined || arrived.length < length || !carried) return
    const answer = arrived.toString('latin1', 0, Math.min(length, 1500))
    arrived = arrived.subarray(length)
    const answered = carried
    carried = undefined
    onAnswer(answered, Number(answer.slice(9, 12)), answer)
  })
  return {
    send: (due: Due): void => {
      carried = due
      socket.write(due.text)
    },
    socket,
  }
}

/**
 * An open loop: what is due is sent when it is due, whatever became of what was sent before, and times count from when
 * it was due; so a server that stalls is charged for all whom it keeps waiting.
 */
const generate = async ({ address, rate, warmUpSeconds, seconds }: Order): Promise<Outcome> => {
  const { next, learn } = askingInTurn()
  const tally = openTally()
  const taken: string[] = []
  let [moves, failure, carried]: [number, string | null, number] = [0, null, 0]
  const overdue: Due[] = []
  const free: ReturnType<typeof line>[] = []
  const began = performance.now()
  const countsFrom = began + warmUpSeconds * 1000
  const until = countsFrom + seconds * 1000

  const onAnswer = (due: Due, status: number, answer: string): void => {
    const fate = fateOf(status)
    const code = status === 201 ? CODE.exec(answer)?.[1] : undefined
    learn(due, fate === 'accepted', code)
    if (code !== undefined) taken.push(code)
    if (due.kind === 'move' && fate === 'accepted') moves += 1
    if (fate === 'failed') failure ??= answer
    if (due.at >= countsFrom) tally.note(due.kind, fate, performance.now() - due.at)
    carried -= 1
  }
  const lines = await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      const one = line(await opened(address), (...answered) => {
        onAnswer(...answered)
        const waiting = overdue.shift()
        if (waiting) one.send(waiting)
        else free.push(one)
      })
      one.socket.on('error', () => {})
      one.socket.on('close', () => {
        failure ??= 'the server hung up'
      })
      return one
    }),
  )
  free.push(...lines)

  const start = performance.now()
  const sendDue = (sent: number): number => {
    const due = Math.floor(((Math.min(performance.now(), until) - start) / 1000) * rate)
    for (let n = sent; n < due; n++) {
      const asked = { ...next(), at: start + (n / rate) * 1000 }
      // By turns: the server hangs up on connections that say nothing.
      const one = free.shift()
      carried += 1
      if (one) one.send(asked)
      else overdue.push(asked)
    }
    return Math.max(sent, due)
  }
  let sent = 0
  while (performance.now() < until) {
    sent = sendDue(sent)
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  const patience = performance.now() + LAST_ANSWER_MS
  while (carried > 0 && performance.now() < patience) await new Promise((resolve) => setTimeout(resolve, 20))
  for (const { socket } of lines) socket.removeAllListeners('close').destroy()
  if (carried > 0) failure ??= `${carried} requests were not answered`
  return { ...tally.sums(), failure, taken, moves }
}

process.once('message', async (order: Order) => {
  process.send?.(await generate(order), () => process.exit())
})
