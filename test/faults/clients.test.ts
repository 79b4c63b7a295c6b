import { once } from 'node:events'
import { Agent } from 'node:http'
import { connect, type Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import t from 'tap'
import { ON_SERVER } from '../support/database.ts'
import { intake } from '../support/desk.ts'
import { type Change, openLedger } from './support/ledger.ts'
import { type Answer, attempt, startLoad, toldBy } from './support/load.ts'
import { reckon } from './support/reckoning.ts'
import { KEY, NO_PLACE, openPlace, startService, untilMore } from './support/running.ts'

/** What a server may not have read yet of a request that was sent just before a signal. */
const READ_WITHIN_MS = 50

const open = async (url: string): Promise<Socket> => {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  return socket
}

/** An intake as it goes over the wire. */
const written = ({ id }: Change): string => {
  const body = JSON.stringify(intake({ receivedAt: undefined }))
  const head = [
    'POST /v1/dossiers HTTP/1.1',
    'Host: motcua',
    `Authorization: Bearer ${KEY}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    `Idempotency-Key: ${id}`,
    `X-Officer: ${id}`,
  ]
  return `${head.join('\r\n')}\r\n\r\n${body}`
}

/** As many as ask for the same at once. The embedded database answers them one by one. */
const REPEATS = ON_SERVER ? 300 : 60

const AGENT = { keepAlive: true, maxSockets: 1 }

t.test('SIGTERM under load drops no request that was accepted', { skip: NO_PLACE }, async (t) => {
  const { settings, database } = await openPlace(t)
  const service = await startService(t, settings)
  const ledger = openLedger()
  const load = startLoad(service.url, KEY, ledger, 16)
  await untilMore(ledger, 40)

  // A request that is still coming in, on a connection that its client keeps open for the next.
  const slow = ledger.open('receive')
  const socket = await open(service.url)
  let answered = ''
  socket.setEncoding('utf8').on('data', (text) => (answered += text))
  const request = written(slow)
  socket.write(request.slice(0, -20))
  await setTimeout(READ_WITHIN_MS)
  const signalled = performance.now()
  const ended = service.stop()
  await setTimeout(READ_WITHIN_MS)
  socket.write(request.slice(-20))

  t.equal(await ended, 0)
  const tookMs = Math.round(performance.now() - signalled)
  await load.giveUp()
  t.match(answered, /^HTTP\/1\.1 201 /, 'what was coming in is done and answered')
  t.match(answered, /\r\nconnection: close\r\n/i, 'and the connection ends with it')
  slow.told = toldBy({ text: answered.split('\r\n\r\n')[1] ?? '' } as Answer)
  t.ok(tookMs < 5_000, 'no connection that nobody uses any more holds up the end')
  const dropped = load.broken.filter((began) => began < signalled - READ_WITHIN_MS)
  t.strictSame(dropped, [], 'no connection broke under a request that had been sent before')
  t.strictSame(load.refusals, [])
  t.comment(`ended within ${tookMs} ms`)
  const { openAndDone } = await reckon(t, ledger, database)
  t.equal(openAndDone, 0, 'all that was done was answered')
})

t.test('of a client that is gone mid-request all is done, or nothing', { skip: NO_PLACE }, async (t) => {
  const { settings, database } = await openPlace(t)
  const service = await startService(t, settings)
  const ledger = openLedger()
  const leave = async (n: number): Promise<Change> => {
    const change = ledger.open('receive')
    const socket = await open(service.url)
    const request = written(change)
    socket.write(n % 4 === 0 ? request.slice(0, -1) : request)
    await setTimeout(Math.random() * 10)
    socket.resetAndDestroy()
    return change
  }
  const left: Change[] = []
  for (let n = 0; n < 200; n += 20) {
    left.push(...(await Promise.all(Array.from({ length: 20 }, (_, i) => leave(n + i)))))
  }
  await setTimeout(500)
  await service.kill()
  const halves = left.filter((_, n) => n % 4 === 0)
  const { openAndDone, openAndNotDone } = await reckon(t, ledger, database)
  t.equal(openAndDone + openAndNotDone, 200)
  t.ok(openAndNotDone >= halves.length, 'nothing is done of what did not come whole')

  await service.start()
  const agent = new Agent(AGENT)
  for (const change of left) {
    const answer = await attempt(agent, service.url, KEY, change, intake({ receivedAt: undefined }))
    t.equal(answer.status, 201)
    change.told = toldBy(answer)
  }
  agent.destroy()
  t.equal(await service.stop(), 0)
  await reckon(t, ledger, database)
})

t.test('a storm of retries makes one change of each, and all get the same answer', { skip: NO_PLACE }, async (t) => {
  const { settings, database } = await openPlace(t)
  const service = await startService(t, settings)
  const ledger = openLedger()
  const storm = async (change: Change, body: object): Promise<void> => {
    const statuses: number[] = []
    const untilTold = async (): Promise<string> => {
      const agent = new Agent(AGENT)
      try {
        for (let pauseMs = 100; ; pauseMs *= 2) {
          const answer = await attempt(agent, service.url, KEY, change, body)
          statuses.push(answer.status)
          if (answer.status < 300) return answer.text
          if (!['/problems/idempotency_running', '/problems/overloaded'].includes(answer.problem))
            throw new Error(answer.text)
          await setTimeout(Math.random() * Math.min(pauseMs, 2000))
        }
      } finally {
        agent.destroy()
      }
    }
    const told = new Set(await Promise.all(Array.from({ length: REPEATS }, untilTold)))
    t.equal(told.size, 1)
    const [text = ''] = told
    change.told = toldBy({ text } as Answer)
    t.comment(`${change.what}: ${statuses.length} requests, ${statuses.length - REPEATS} told to wait`)
  }
  const received = ledger.open('receive')
  await storm(received, intake({ receivedAt: undefined }))
  await storm(ledger.open('finish', received.told?.code), {})
  t.equal(await service.stop(), 0)
  await reckon(t, ledger, database)
})
