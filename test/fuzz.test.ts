import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import t from 'tap'
import { SCOPES } from '../src/access/caller.ts'
import { move, take } from './support/asking.ts'
import { type Client, openDesk } from './support/desk.ts'
import { type Answer, judgeBy } from './support/judge.ts'
import { documentOf, operationsOf, resolver } from './support/operations.ts'
import { requests, type Sent, validRequest } from './support/requests.ts'
import { buildWorld, NO_LIMITS } from './support/world.ts'

const REQUESTS = Number(process.env.FUZZ_REQUESTS ?? 1500)
const SEED = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31)

/** No answer takes longer, on a slow machine that does other things, too. */
const LONGEST_MS = 10_000

/** What remains of so many requests, beside what they put into the database. */
const MOST_LEFT_BYTES = 64 * 1024 * 1024

/** As many requests as are tried until one of an operation succeeds: most moves are illegal for most dossiers. */
const MOST_TRIES = 400

/** As many names of things as requests choose among. */
const MOST_WORDS = 1000

const METRICS_TOKEN = 'fuzz-metrics-token-of-its-own'

const desk = await openDesk(t, { metricsToken: METRICS_TOKEN, ...NO_LIMITS })
const document = await documentOf(desk.app)
const operations = operationsOf(document)
const resolve = resolver(document)
const judge = judgeBy(document)

/** Dossiers that stand where each move is legal. */
const stock = async (client: Client): Promise<string[]> => {
  const effectiveAt = '2021-09-30T09:00:00+07:00'
  const ground = { ground: 'Nghị định 61/2018/NĐ-CP Đ.17' }
  const ways: readonly (readonly [name: string, order?: Record<string, unknown>])[][] = [
    [],
    [['start']],
    [['request-supplement', { missing: 'Bản sao', ...ground }]],
    [['await-payment', ground]],
    [['stop', ground]],
    [['finish']],
  ]
  const codes: string[] = []
  for (let i = 0; i < 4; i++) {
    const at = { procedureCode: '1.004194', receivedAt: '2021-09-29T09:00:00+07:00' }
    const online = { ...at, intakeChannel: 'online', receivedAt: undefined, submittedAt: at.receivedAt }
    codes.push((await take(client, online)).code)
    for (const way of ways) {
      const { code } = await take(client, at)
      for (const [name, order] of way) await move(client, code, name, effectiveAt, order)
      codes.push(code)
    }
  }
  return codes
}

const world = await buildWorld(desk)
const whole = await desk.client()
const words = [
  ...(await stock(whole)),
  ...world.things.map(({ id }) => id),
  ...['H20', 'H20.19', 'H20.19.05', 'H20.20.01', 'W77.01.01', '2.000720', '1.004194', '1.001193', 'vn'],
]
const known = () => words

const keys = [
  whole.key,
  (await desk.client(SCOPES, 'H20.19')).key,
  (await desk.client(['dossiers:read', 'overdue:read'], 'H20.19.05')).key,
  '',
  'motcua_no-such-key',
]

/** Requests are made with the widest key, but for some. */
const keyFor = (n: number): string => keys[n % 12] ?? whole.key

/** How often each operation was answered how. */
const answered = new Map<string, Map<number, number>>()

const count = ({ operation }: Sent, { status }: Answer): void => {
  const name = operation?.id ?? '(none)'
  const counts = answered.get(name) ?? new Map<number, number>()
  answered.set(name, counts.set(status, (counts.get(status) ?? 0) + 1))
}

/** What was made can be named from then on. */
const learn = (text: string): void => {
  const { code, id } = JSON.parse(text) as { code?: unknown; id?: unknown }
  const made = code ?? id
  if (typeof made === 'string' && words.length < MOST_WORDS) words.push(made)
}

const send = async (sent: Sent, key: string): Promise<Answer> => {
  const { method, url, headers, payload } = sent
  const started = performance.now()
  const answer = await desk.app.inject({
    method: method as 'GET',
    url,
    headers: { ...(key ? { authorization: `Bearer ${key}` } : {}), ...headers },
    ...(payload === undefined ? {} : { payload }),
  })
  const told = { status: answer.statusCode, type: String(answer.headers['content-type'] ?? ''), text: answer.body }
  const took = performance.now() - started
  count(sent, told)
  const wrong = took > LONGEST_MS ? `took ${Math.round(took)} ms` : judge(sent.operation, told)
  if (wrong !== undefined) throw new Error(`${wrong}\n${method} ${url}\n${told.status} ${told.text.slice(0, 2000)}`)
  if (told.status === 201) learn(told.text)
  return told
}

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

const heapUsed = (): number => {
  collectGarbage()
  return process.memoryUsage().heapUsed
}

t.comment(`FUZZ_SEED=${SEED} FUZZ_REQUESTS=${REQUESTS}`)

t.test('a request as the document describes it succeeds, for every operation', async (t) => {
  for (const [i, operation] of operations.entries()) {
    const tries = fc.sample(validRequest(operation, resolve, known), { numRuns: MOST_TRIES, seed: SEED + i })
    let last: Answer | undefined
    for (const sent of tries) {
      last = await send(sent, operation.access === 'metrics_token' ? METRICS_TOKEN : whole.key)
      if (last.status < 300) break
    }
    t.ok(last && last.status < 300, `${operation.id}: ${last?.text}`)
  }
})

t.test('whatever is sent is answered as documented, in time, and leaves nothing behind', async (t) => {
  const before = heapUsed()
  const property = fc.asyncProperty(requests(operations, resolve, known), fc.nat(), async (sent, n) => {
    await send(sent, keyFor(n))
  })
  const { failed, errorInstance } = await fc.check(property, { numRuns: REQUESTS, seed: SEED, endOnFailure: true })
  t.notOk(failed, `FUZZ_SEED=${SEED} FUZZ_REQUESTS=${REQUESTS}: ${errorInstance}`)
  const left = heapUsed() - before
  t.ok(left < MOST_LEFT_BYTES, `${Math.round(left / 1024)} KiB remain`)
  for (const [name, counts] of [...answered].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const line = [...counts].toSorted(([a], [b]) => a - b).map(([status, times]) => `${status}×${times}`)
    t.comment(`${name.padEnd(28)} ${line.join(' ')}`)
  }
  t.equal(answered.size, operations.length + 1, 'every operation was asked, and what is none')
})
