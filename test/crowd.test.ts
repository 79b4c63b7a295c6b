import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import t, { type Test } from 'tap'
import type { Database } from '../src/db/database.ts'
import { LANES, type Lane, type LaneLimits, laneOf } from '../src/http/lanes.ts'
import { openWaitingRoom, type Visit } from '../src/http/waiting-room.ts'
import { take } from './support/asking.ts'
import { type Answered, intake, openDesk } from './support/desk.ts'
import { hearing } from './support/statements.ts'

const ONE_EACH = { most: 1, least: 1, waiting: 2 }
const NARROW: Record<Lane, LaneLimits> = { desk: ONE_EACH, reading: ONE_EACH, reports: ONE_EACH }

/** A waiting room whose clock the test moves, and who has been admitted so far, in order. */
const openRoom = (limits: Record<Lane, LaneLimits>) => {
  let clock = 0
  const room = openWaitingRoom(limits, () => clock)
  const admitted: string[] = []
  const enter = (lane: Lane, name: string): Visit => {
    const visit = room.enter(lane)
    void Promise.resolve(visit.admitted).then((isAdmitted) => isAdmitted && admitted.push(name))
    return visit
  }
  return {
    room,
    enter,
    pass: (ms: number) => {
      clock += ms
    },
    /** Lets a lane learn that its work takes so long. */
    learn: (lane: Lane, ms: number) => {
      for (let i = 0; i < 200; i++) {
        const visit = room.enter(lane)
        clock += ms
        visit.leave()
      }
    },
    admitted: async () => {
      await setTimeout(0)
      return admitted
    },
  }
}

t.test('a place that comes free goes to who came first', async (t) => {
  const { room, enter, admitted } = openRoom(NARROW)
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => enter('desk', name))
  t.equal(a?.admitted, true, 'nobody waits while there is a place')
  t.equal(d?.admitted, false, 'no more may wait than the lane allows')
  t.strictSame(room.counts('desk'), { running: 1, waiting: 2 })
  a?.leave()
  a?.leave()
  t.strictSame(await admitted(), ['a', 'b'], 'who leaves twice gives back one place')
  c?.leave()
  b?.leave()
  t.strictSame(await admitted(), ['a', 'b'], 'and who left the queue is not called')
  t.strictSame(room.counts('desk'), { running: 0, waiting: 0 })
})

t.test('while somebody waits at the desk, reading and reports go on at a trickle', async (t) => {
  const { room, enter, admitted, learn } = openRoom({
    desk: { most: 1, least: 1, waiting: 9 },
    reading: { most: 3, least: 1, waiting: 9 },
    reports: { most: 2, least: 1, waiting: 9 },
  })
  learn('reading', 5000)
  learn('reports', 5000)
  const intakes = ['intake', 'next intake'].map((name) => enter('desk', name))
  const reads = ['read', 'read 2', 'read 3'].map((name) => enter('reading', name))
  const reports = ['report', 'report 2'].map((name) => enter('reports', name))
  t.strictSame(await admitted(), ['intake', 'read', 'report'])
  reads[0]?.leave()
  t.strictSame((await admitted()).slice(3), ['read 2'])
  intakes[0]?.leave()
  t.strictSame((await admitted()).slice(4), ['next intake', 'read 3', 'report 2'], 'nobody waits there any more')
  for (const visit of [...intakes, ...reads, ...reports]) visit.leave()
  for (const lane of LANES) t.strictSame(room.counts(lane), { running: 0, waiting: 0 }, lane)
})

t.test('a burst is borne; in a crowd that stays nobody waits long in vain', async (t) => {
  const { enter, pass } = openRoom({ ...NARROW, desk: { most: 1, least: 1, waiting: 9 } })
  const first = enter('desk', 'first')
  const patient = enter('desk', 'came in the burst')
  pass(1100)
  const began = performance.now()
  t.equal(await enter('desk', 'came to a crowd').admitted, false)
  const waited = performance.now() - began
  t.ok(waited > 15 && waited < 5000, `after ${waited} ms`)
  first.leave()
  t.equal(await patient.admitted, true)
})

t.test('who waits for work that takes long may wait as long as it takes', async (t) => {
  const { enter, pass, learn } = openRoom({ ...NARROW, reports: { most: 1, least: 1, waiting: 9 } })
  learn('reports', 400)
  const running = enter('reports', 'running')
  const burst = enter('reports', 'burst')
  pass(1100)
  const began = performance.now()
  t.equal(await enter('reports', 'late').admitted, false)
  t.ok(performance.now() - began > 350)
  burst.leave()
  running.leave()
})

t.test('who waits for the desk’s burst to pass waits in earnest, for its crowd in vain', async (t) => {
  const { enter, pass } = openRoom(NARROW)
  for (const name of ['intake', 'next intake']) enter('desk', name)
  const [, early] = ['read', 'early read'].map((name) => enter('reading', name))
  t.equal(await Promise.race([early?.admitted, setTimeout(200, 'still waiting')]), 'still waiting')
  early?.leave()
  pass(1100)
  t.equal(await enter('reading', 'late read').admitted, false)
})

t.test('whoever would wait in vain is turned away at the door', async (t) => {
  const { room, enter, pass, learn } = openRoom({ ...NARROW, desk: { most: 1, least: 1, waiting: 9 } })
  learn('desk', 100)
  const inside = ['running', 'next', 'last'].map((name) => enter('desk', name))
  t.notOk(room.isShut('desk'), 'it may be a burst')
  pass(1100)
  t.ok(room.isShut('desk'), 'two are before it, each with a tenth of a second of work')
  inside[0]?.leave()
  t.notOk(room.isShut('desk'), 'one is')
  for (const visit of inside) visit.leave()
  t.notOk(room.isShut('desk'))
})

t.test('a crowd is over once nobody has waited for a while', async (t) => {
  const { enter, pass } = openRoom(NARROW)
  const running = enter('desk', 'running')
  const waiting = enter('desk', 'waiting')
  pass(1100)
  running.leave()
  pass(100)
  const later = enter('desk', 'later')
  const outcome = await Promise.race([later.admitted, setTimeout(200, 'still waiting')])
  t.equal(outcome, 'still waiting', 'this one came in a burst of its own')
  waiting.leave()
  t.equal(await later.admitted, true)
  later.leave()
})

t.test('where the last at the desk gives up waiting, the reading goes on in full', async (t) => {
  const { enter, admitted, learn } = openRoom({ ...NARROW, reading: { most: 2, least: 1, waiting: 9 } })
  learn('reading', 5000)
  enter('desk', 'intake')
  const impatient = enter('desk', 'impatient')
  enter('reading', 'read')
  enter('reading', 'read 2')
  t.strictSame(await admitted(), ['intake', 'read'])
  impatient.leave()
  t.strictSame(await admitted(), ['intake', 'read', 'read 2'])
})

t.test('what a route may be called with says how much its work matters', async (t) => {
  const lanes = {
    'dossiers:write': 'desk',
    'dossiers:correct': 'desk',
    admin: 'desk',
    any_key: 'reading',
    'dossiers:read': 'reading',
    'dossiers:pii': 'reading',
    'overdue:read': 'reading',
    'reports:read': 'reports',
    'audit:read': 'reports',
  } as const
  for (const [access, lane] of Object.entries(lanes)) {
    t.equal(laneOf({ config: { access: access as keyof typeof lanes }, url: '/v1/x' }), lane, access)
  }
  t.equal(laneOf({ config: { access: 'public' }, url: '/v1/x' }), 'reading')
  t.equal(laneOf({ config: { access: 'public' }, url: '/docs' }), undefined)
  t.equal(laneOf({ config: {}, url: '/nowhere' }), undefined)
})

/** Keeps dossiers from being read and written for as long as the work takes. */
const whileHeld = (db: Database, work: () => Promise<unknown>): Promise<unknown> =>
  db.transaction(async (tx) => {
    await tx.execute(sql`lock table dossiers in access exclusive mode`)
    await work()
  })

/** Until the application has looked at what was sent. */
const looked = (): Promise<void> => setTimeout(60)

const isOverloaded = (t: Test, { status, headers, body }: Answered, most: number): void => {
  t.match({ status, body }, { status: 503, body: { type: '/problems/overloaded', status: 503 } })
  const retryAfter = Number(headers['retry-after'])
  t.ok(retryAfter >= 1 && retryAfter <= most, `come again in ${retryAfter} s`)
  t.equal(body.retryAfter, retryAfter)
  t.match(headers, { 'x-content-type-options': 'nosniff', 'content-security-policy': /^default-src 'none'/ })
}

t.test('a full lane refuses at once what comes more, and health always answers', async (t) => {
  const desk = await openDesk(t, { lanes: NARROW })
  const { ask } = await desk.client()
  await ask('GET', '/v1/agencies')
  const held: Promise<Answered>[] = []
  await whileHeld(desk.db, async () => {
    held.push(...[1, 2, 3].map(() => ask('POST', '/v1/dossiers', intake())))
    await looked()
    const refused = await ask('POST', '/v1/dossiers', 'not even JSON', { 'accept-language': 'en' })
    isOverloaded(t, refused, 3)
    t.match(refused.body.title, 'Overloaded')
    held.push(...[1, 2, 3].map(() => ask('GET', '/v1/dossiers')))
    await looked()
    isOverloaded(t, await ask('GET', '/v1/dossiers'), 5)
    t.equal((await desk.stranger.ask('GET', '/healthz')).status, 200)
    t.equal((await desk.stranger.ask('GET', '/openapi.json')).status, 200)
  })
  const statuses = (await Promise.all(held)).map(({ status }) => status)
  t.strictSame(statuses, [201, 201, 201, 200, 200, 200], 'all that waited were served')
  t.equal((await ask('POST', '/v1/dossiers', intake())).status, 201, 'and so is the next')
})

t.test('two hundred at once are borne, by whatever database', async (t) => {
  const desk = await openDesk(t)
  const { ask } = await desk.client()
  const answers = await Promise.all(Array.from({ length: 200 }, () => ask('POST', '/v1/dossiers', intake())))
  t.strictSame([...new Set(answers.map(({ status }) => status))], [201])
})

t.test('above its limit of requests inside, the server refuses before it looks who asks', async (t) => {
  const closed = await openDesk(t, { mostAtOnce: 0 })
  const refused = await closed.stranger.ask('GET', '/v1/agencies', undefined, { 'x-request-id': 'too-many' })
  isOverloaded(t, refused, 5)
  t.match(refused.headers, { 'x-request-id': 'too-many' })
  isOverloaded(t, await closed.stranger.ask('GET', '/nowhere'), 5)
  t.equal((await closed.stranger.ask('GET', '/healthz')).status, 200)
  t.equal((await closed.stranger.ask('GET', '/readyz')).status, 200)

  const narrow = await openDesk(t, { mostAtOnce: 1 })
  const { ask } = await narrow.client()
  const statuses = (await Promise.all([1, 2, 3].map(() => ask('GET', '/v1/agencies')))).map(({ status }) => status)
  t.strictSame(statuses.toSorted(), [200, 503, 503])
  t.equal((await ask('GET', '/v1/agencies')).status, 200, 'and takes the next')
})

/** Sends the text of a request; answers how to hang up. */
const sent = async (url: URL, text: string): Promise<() => Promise<void>> => {
  const socket = connect(Number(url.port), url.hostname)
  await once(socket, 'connect')
  socket.write(text)
  await looked()
  return async () => {
    socket.destroy()
    await once(socket, 'close')
    await looked()
  }
}

t.test('who hangs up leaves the queue; what was begun keeps its place until it is done', async (t) => {
  const desk = await openDesk(t, { lanes: NARROW })
  const client = await desk.client()
  const { code } = await take(client)
  const url = new URL(await desk.app.listen({ host: '127.0.0.1', port: 0 }))
  const get = `GET /v1/dossiers/${code} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${client.key}\r\n\r\n`
  const read = () => client.ask('GET', `/v1/dossiers/${code}`)
  const held: Promise<Answered>[] = []
  await whileHeld(desk.db, async () => {
    const [hangUpRunning, hangUpWaiting] = [await sent(url, get), await sent(url, get)]
    held.push(read())
    await looked()
    t.equal((await read()).status, 503, 'one is running, two are waiting')
    await hangUpWaiting()
    held.push(read())
    await looked()
    t.equal((await read()).status, 503, 'one place in the queue came free')
    await hangUpRunning()
    t.equal((await read()).status, 503, 'the database still works for who hung up')
  })
  const both = await Promise.all(held)
  t.strictSame(
    both.map(({ status }) => status),
    [200, 200],
  )
})

t.test('who hangs up gives every place back', async (t) => {
  const desk = await openDesk(t, { mostAtOnce: 2, lanes: NARROW })
  const client = await desk.client()
  const { code } = await take(client)
  const url = new URL(await desk.app.listen({ host: '127.0.0.1', port: 0 }))
  const authorization = `Authorization: Bearer ${client.key}`
  const get = `GET /v1/dossiers/${code} HTTP/1.1\r\nHost: x\r\n${authorization}\r\n\r\n`
  const half = 'POST /v1/dossiers HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n'
  const unfinished = `${half}${authorization}\r\n\r\n{"a":`
  for (const request of [unfinished, unfinished, unfinished, get, get, get]) {
    await whileHeld(desk.db, async () => (await sent(url, request))())
    await looked()
  }
  t.equal((await client.ask('POST', '/v1/dossiers', intake())).status, 201)
  const both = await Promise.all([1, 2].map(() => client.ask('GET', `/v1/dossiers/${code}`)))
  t.strictSame(
    both.map(({ status }) => status),
    [200, 200],
  )
})

t.test('a key that asks too often is told when to come again, and no other key feels it', async (t) => {
  const desk = await openDesk(t, { rateLimits: { perKey: 3, perAddress: 1000 } })
  const [eager, calm] = [await desk.client(), await desk.client()]
  const answers: Answered[] = []
  for (let i = 0; i < 4; i++)
    answers.push(await eager.ask('GET', '/v1/agencies', undefined, { 'accept-language': 'en' }))
  t.strictSame(
    answers.map(({ status, headers }) => [status, headers['ratelimit-limit'], headers['ratelimit-remaining']]),
    [
      [200, '3', '2'],
      [200, '3', '1'],
      [200, '3', '0'],
      [429, '3', '0'],
    ],
  )
  const [refused] = answers.slice(-1)
  t.match(refused?.body, {
    type: '/problems/too_many_requests',
    title: 'Too many requests',
    limit: 3,
    windowSeconds: 10,
    retryAfter: Number,
  })
  t.equal(refused?.headers['retry-after'], String(refused?.body.retryAfter))
  t.equal(refused?.headers['ratelimit-reset'], String(refused?.body.retryAfter))
  t.match((await eager.ask('POST', '/v1/dossiers', intake())).body, { title: 'Quá nhiều yêu cầu' })
  t.equal((await calm.ask('GET', '/v1/agencies')).status, 200)
  t.equal((await desk.stranger.ask('GET', '/openapi.json')).status, 200)
})

t.test('who sends no live key is counted by address, which limits no key and no look at the health', async (t) => {
  const desk = await openDesk(t, { rateLimits: { perKey: 1000, perAddress: 3 } })
  const client = await desk.client()
  const guess = (i: number) =>
    desk.stranger.ask('GET', '/v1/agencies', undefined, { authorization: `Bearer motcua_guess_${i}` })
  const statuses = []
  for (let i = 0; i < 5; i++) statuses.push((await guess(i)).status)
  t.strictSame(statuses, [401, 401, 401, 429, 429], 'another guess is no other caller')
  t.equal((await desk.stranger.ask('GET', '/docs/json')).status, 429)
  t.equal((await desk.stranger.ask('GET', '/nowhere')).status, 429)
  for (const path of ['/healthz', '/readyz']) t.equal((await desk.stranger.ask('GET', path)).status, 200, path)
  t.equal((await client.ask('GET', '/v1/agencies')).status, 200, 'from the same address')
})

/** All that a server says to some bytes, until it hangs up. */
const saidTo = async (url: URL, text: string): Promise<string> => {
  const socket = connect(Number(url.port), url.hostname)
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  socket.write(text)
  await once(socket, 'close')
  return Buffer.concat(chunks).toString()
}

const problemIn = (said: string) => JSON.parse(said.slice(said.indexOf('\r\n\r\n')))

t.test('what is no request, too large or too slow is told so, as a problem like any other', async (t) => {
  const desk = await openDesk(t)
  const url = new URL(await desk.app.listen({ host: '127.0.0.1', port: 0 }))
  const large = await saidTo(url, `GET /healthz HTTP/1.1\r\nHost: x\r\nX-Much: ${'a'.repeat(9000)}\r\n\r\n`)
  t.match(large, /^HTTP\/1\.1 431 Request Header Fields Too Large\r\ncontent-type: application\/problem\+json\r\n/)
  t.match(problemIn(large), { type: '/problems/headers_too_large', status: 431, limit: 8192 })
  t.match(large, /\r\nx-content-type-options: nosniff\r\n/)
  const fits = `GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Much: ${'a'.repeat(7000)}\r\n\r\n`
  t.match(await saidTo(url, fits), /^HTTP\/1\.1 200 /)
  const noRequest = await saidTo(url, 'xin chào\r\n\r\n')
  t.match(noRequest, /^HTTP\/1\.1 400 Bad Request\r\n/)
  t.match(problemIn(noRequest), { type: '/problems/malformed_request', status: 400 })

  // As Node.js tells of a request that does not arrive, which takes half a minute.
  desk.app.server.once('connection', (socket) => {
    desk.app.server.emit('clientError', Object.assign(new Error('slow'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' }), socket)
  })
  const slow = await saidTo(url, '')
  t.match(slow, /^HTTP\/1\.1 408 Request Timeout\r\n/)
  t.match(problemIn(slow), { type: '/problems/sent_too_slowly', status: 408, seconds: 30 })

  const gone = connect(Number(url.port), url.hostname)
  desk.app.server.once('connection', (socket) => {
    socket.destroy()
    desk.app.server.emit('clientError', Object.assign(new Error('gone'), { code: 'ECONNRESET' }), socket)
  })
  await once(gone, 'close')
  t.equal((await desk.stranger.ask('GET', '/healthz')).status, 200)
})

t.test('what clients and proxies could read in two ways is answered in one', async (t) => {
  const desk = await openDesk(t)
  const client = await desk.client()
  const url = new URL(await desk.app.listen({ host: '127.0.0.1', port: 0 }))
  const head = `HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer ${client.key}\r\n`
  const statusOf = async (text: string): Promise<number> => Number((await saidTo(url, text)).slice(9, 12))
  const paths = {
    '/v1/dossiers/../keys': 404,
    '/v1/dossiers/%2e%2e/keys': 404,
    '/v1//dossiers': 404,
    '/v1/dossiers/..%2fkeys': 400,
    '/v1/dossiers/%': 404,
    '/v1/dossiers/%00': 400,
    '/v1/dossiers?limit=1#/../keys': 400,
    '\\v1\\dossiers': 400,
  }
  for (const [path, status] of Object.entries(paths)) t.equal(await statusOf(`GET ${path} ${head}\r\n`), status, path)
  const body = JSON.stringify(intake())
  const lengths = `Content-Length: ${body.length}\r\nTransfer-Encoding: chunked\r\n`
  const twice = `Content-Length: ${Buffer.byteLength(body)}\r\nContent-Length: 3\r\n`
  for (const more of [lengths, twice, 'Content-Length: -1\r\n', 'Content-Length: 1e2\r\n']) {
    const sent = `POST /v1/dossiers ${head}Content-Type: application/json\r\n${more}\r\n${body}`
    t.equal(await statusOf(sent), 400, more)
  }
  t.equal((await client.ask('GET', '/v1/dossiers')).body.items.length, 0, 'and nothing was taken in')
})

t.test('who sends slowly keeps nobody from a place', async (t) => {
  const desk = await openDesk(t, { lanes: NARROW })
  const { ask, key } = await desk.client()
  const url = new URL(await desk.app.listen({ host: '127.0.0.1', port: 0 }))
  const head = `POST /v1/dossiers HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${key}\r\n`
  const slow = `${head}Content-Type: application/json\r\nContent-Length: 99\r\n\r\n{"a":`
  const hangUps = [await sent(url, slow), await sent(url, slow), await sent(url, slow)]
  t.equal((await ask('POST', '/v1/dossiers', intake())).status, 201)
  for (const hangUp of hangUps) await hangUp()
})

t.test('however many ask whether it is ready, the database is asked one question at a time', async (t) => {
  const desk = await openDesk(t)
  const { ask } = desk.stranger
  const { statements } = await hearing(async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => ask('GET', '/readyz')))
    t.ok(answers.every(({ status }) => status === 200))
  })
  t.ok(statements.length < 10, `${statements.length} for 50`)
})

t.test('answers and pages tell browsers to run, frame and guess nothing that is not theirs', async (t) => {
  const desk = await openDesk(t)
  const client = await desk.client()
  const nosniff = { 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' }
  for (const path of ['/v1/agencies', '/healthz', '/nowhere', '/v1/dossiers/none']) {
    const { headers } = await client.ask('GET', path)
    t.match(headers, { ...nosniff, 'x-frame-options': 'SAMEORIGIN' }, path)
    t.equal(headers['content-security-policy'], "default-src 'none';frame-ancestors 'none'", path)
    t.match(headers, { 'strict-transport-security': /^max-age=\d{8}/ }, path)
  }
  const dashboard = await desk.stranger.ask('GET', '/dashboard')
  t.match(dashboard.headers, nosniff)
  t.match(
    String(dashboard.headers['content-security-policy']),
    /^default-src 'none'; script-src 'self'; style-src 'self';/,
  )
  const docs = await desk.stranger.ask('GET', '/docs/')
  t.match(docs.headers, { ...nosniff, 'content-type': /^text\/html/ })
  const policy = String(docs.headers['content-security-policy'])
  t.match(policy, "script-src 'self';", 'its own scripts alone')
  t.match(policy, "frame-ancestors 'none'")
  t.notMatch(docs.text, /<script>|<script(?![^>]* src=)/, 'none of which is written into the page')
})
