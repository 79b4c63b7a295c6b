import { setTimeout } from 'node:timers/promises'
import { eq, sql } from 'drizzle-orm'
import t, { type Test } from 'tap'
import { SCOPES } from '../src/access/caller.ts'
import { buildApp } from '../src/app.ts'
import { chainHash, contentHash } from '../src/audit/chain.ts'
import { rebuildPage } from '../src/audit/rebuild.ts'
import { verifyDay } from '../src/audit/verify.ts'
import type { Database } from '../src/db/database.ts'
import { dossiers, referenceRevision } from '../src/db/tables.ts'
import type { Deps } from '../src/deps.ts'
import { receiveDossier } from '../src/dossiers/commands.ts'
import { replay } from '../src/dossiers/fold.ts'
import type { Intake } from '../src/dossiers/intake.ts'
import { findDossier, readEvents } from '../src/dossiers/store.ts'
import { dayOf } from '../src/sla/date.ts'
import { serverUrl, TEST_POOL } from './support/database.ts'
import { depsOn, intake, openDesk } from './support/desk.ts'

const desk = await openDesk(t)
const here = await desk.client()

/** A second way to the same database: a pool of its own where there is a server. */
const connectAgain = async (): Promise<Database> => {
  const url = process.env.DATABASE_URL
  if (url === undefined) return desk.db
  const { connectPostgres } = await import('../src/db/postgres.ts')
  const [row] = await desk.db.select({ name: sql<string>`current_database()` }).from(referenceRevision)
  const { db, close } = connectPostgres(serverUrl(url, String(row?.name)), TEST_POOL, () => {})
  t.teardown(close)
  return db
}

type Body = Record<string, unknown>

/** Another instance of the application, and how to ask it with the same key. */
const startInstance = async (deps: Deps) => {
  const app = await buildApp(deps)
  t.teardown(() => app.close())
  return async (method: 'GET' | 'POST', url: string, body?: Body, headers: Record<string, string> = {}) => {
    const answer = await app.inject({
      method,
      url,
      headers: { authorization: `Bearer ${here.key}`, ...headers },
      ...(body === undefined ? {} : { payload: body }),
    })
    return { status: answer.statusCode, headers: answer.headers, text: answer.body, body: answer.json() }
  }
}

const otherDb = await connectAgain()
const askThere = await startInstance(depsOn(otherDb, desk.deps.now))

const take = (overrides: Body, headers: Record<string, string> = {}) =>
  here.ask('POST', '/v1/dossiers', intake(overrides), headers)
const takeThere = (overrides: Body, headers: Record<string, string> = {}) =>
  askThere('POST', '/v1/dossiers', intake(overrides), headers)

const times = <T>(count: number, work: (i: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, i) => work(i)))

const once = (key: string) => ({ 'idempotency-key': key })

/** How many dossiers an agency has taken in. */
const countAt = async (agency: string): Promise<number> =>
  desk.db.$count(dossiers, eq(dossiers.receivingAgency, agency))

/** How many dossiers were received at an instant. */
const countOn = async (instant: string): Promise<number> =>
  desk.db.$count(dossiers, eq(dossiers.receivedAt, new Date(instant)))

const codesOf = (answers: readonly { status: number; body: { code?: string } }[]): (string | undefined)[] =>
  answers
    .filter(({ status }) => status === 201)
    .map(({ body }) => body.code)
    .sort()

const series = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${prefix}-${String(i + 1).padStart(4, '0')}`)

t.test('two hundred intakes at once at one agency get the codes 1 to 200', async (t) => {
  const answers = await times(200, (i) => (i % 2 ? take : takeThere)({ receivingAgency: 'H20.19.01' }))
  t.strictSame(codesOf(answers), series('H20.19.01-210831', 200))
})

t.test('intakes that fail among those that succeed leave no gap in the codes', async (t) => {
  const at = { receivingAgency: 'H20.19.02' }
  const source = { system: 'x', reference: 'HS-1' }
  const code = 'H20.19-210831-0007'
  await take({ ...at, source }, once('used'))
  await take({ ...at, code })
  const failing: readonly [Body, Record<string, string>, string][] = [
    [{ ...at, source, returnChannel: 'online' }, {}, 'source_conflict'],
    [{ ...at }, once('used'), 'idempotency_mismatch'],
    [{ ...at, code, source: { ...source, reference: 'HS-2' } }, {}, 'code_taken'],
    [{ ...at, withVerification: true }, {}, 'no_verification_term'],
    [{ ...at, procedureCode: '3.999999' }, {}, 'invalid_input'],
  ]
  const answers = await times(80, (i) => {
    const [body, headers] = (i % 2 && failing[((i - 1) / 2) % failing.length]) || [at, {}]
    return (i % 3 ? take : takeThere)(body, headers)
  })
  t.strictSame(codesOf(answers), series('H20.19.02-210831', 41).slice(1))
  const refused = answers.filter(({ status }) => status !== 201)
  // Two that use one key at the same moment are told to wait, instead of being told apart.
  const types = new Set(refused.map(({ body }) => body.type.replace('_running', '_mismatch')))
  t.strictSame([...types].sort(), failing.map(([, , type]) => `/problems/${type}`).sort())
  t.equal((await take(at)).body.code, 'H20.19.02-210831-0042')
})

/** Days on which something is recorded by the clock of the desk. */
const TODAY = dayOf(Date.parse('2021-10-01T08:00:00+07:00'))

/** Intakes that surely come at the same moment: nothing is read before they are added. */
const crowd = async (
  count: number,
  receivedAt: string,
  sourceOf: (i: number) => { system: string; reference: string },
) => {
  const known = await desk.deps.reference.current()
  const deps = { ...desk.deps, reference: { ...desk.deps.reference, current: async () => known } }
  const caller = { keyId: 'crowd', scopes: SCOPES, agency: null, agencies: null }
  const act = { keyId: 'crowd', officer: null, requestId: 'crowd', idempotencyKey: null, requestHash: '0'.repeat(64) }
  const outcomes = await Promise.allSettled(
    Array.from({ length: count }, (_, i) => {
      const order = { ...intake(), receivedAt: new Date(receivedAt), source: sourceOf(i) } as Intake
      return receiveDossier(deps, caller, act, order)
    }),
  )
  return outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value.dossier.code : 'failed'))
}

/** Everything that stands in the database is what its events say, and they have not been touched. */
const checkTrail = async (t: Test): Promise<void> => {
  const verified = await verifyDay(desk.db, null, TODAY)
  t.equal(verified.misfit, null)
  let after: number | null = 0
  while (after !== null) {
    const { differences, lastId } = await rebuildPage(desk.db, after, false)
    t.strictSame(differences, [])
    after = lastId
  }
}

t.test('of two hundred intakes at once, mixed, exactly those are refused that must be', async (t) => {
  const agencies = ['H20.19.01', 'H20.19.02', 'H20.20.01', 'H20.21.01']
  const receivedAt = '2021-09-06T09:00:00+07:00'
  const at = (i: number) => ({
    receivingAgency: agencies[Math.floor(i / 8) % agencies.length],
    receivedAt,
    officer: `cb-${i}`,
  })
  const source = { system: 'crowd', reference: 'taken' }
  const code = 'H20.20-210831-0001'
  await take({ ...at(0), source, code })
  await take({ ...at(1), code: 'H20.20-210831-0002' }, once('crowd-used'))
  const own = (i: number) => `H20.20-210831-${String(1000 + i)}`
  const kinds: readonly ((i: number) => [Body, Record<string, string>, string])[] = [
    (i) => [{ ...at(i), applicant: { name: `Người ${i}` } }, {}, 'next'],
    (i) => [at(i), once(`crowd-${i}`), 'next'],
    (i) => [{ ...at(i), source: { ...source, reference: `HS-${i}` } }, {}, 'next'],
    (i) => [{ ...at(i), code: own(i) }, {}, own(i)],
    (i) => [{ ...at(i), code }, {}, 'code_taken'],
    (i) => [{ ...at(i), source }, {}, 'source_conflict'],
    (i) => [at(i), once('crowd-used'), 'idempotency'],
    (i) => [{ ...at(i), code: own(0), source: { ...source, reference: 'twice' } }, once(`crowd-${i}`), 'one of them'],
  ]
  const asked = Array.from({ length: 200 }, (_, i) => (kinds[i % kinds.length] ?? kinds[0])?.(i))
  const answers = await times(200, (i) => {
    const [body, headers] = asked[i] ?? [{}, {}]
    return (i % 3 ? take : takeThere)(body, headers)
  })
  const told = (expected: string) => answers.filter((_, i) => asked[i]?.[2] === expected)
  const refusals = (expected: string) => told(expected).map(({ body }) => body.type)
  t.strictSame(new Set(told('next').map(({ status }) => status)), new Set([201]))
  t.strictSame(new Set(refusals('code_taken')), new Set(['/problems/code_taken']))
  t.strictSame(new Set(refusals('source_conflict')), new Set(['/problems/source_conflict']))
  const keys = refusals('idempotency').map((type) => type.replace('_running', '_mismatch'))
  t.strictSame(new Set(keys), new Set(['/problems/idempotency_mismatch']))
  t.strictSame(
    told('one of them')
      .map(({ status }) => status)
      .sort(),
    [201, ...Array(24).fill(409)],
  )
  const owned = answers.flatMap(({ status, body }, i) =>
    asked[i]?.[2].startsWith('H20') ? [[status, body.code, i]] : [],
  )
  for (const [status, code, i] of owned) t.strictSame([status, code], [201, own(Number(i))])
  for (const agency of agencies) {
    const codes = codesOf(told('next').filter(({ body }) => body.receivingAgency === agency))
    t.ok(codes.length >= 15)
    t.strictSame(codes, series(`${agency}-210906`, codes.length), 'no gaps')
  }
  t.equal(
    await countOn(receivedAt),
    2 + answers.filter(({ status }) => status === 201).length,
    'what was refused left nothing',
  )
  await checkTrail(t)
})

t.test('each of many who come in at once gets what is its own', async (t) => {
  const answers = await times(100, (i) =>
    take({ receivedAt: '2021-09-07T09:00:00+07:00', officer: `cb-${i}`, applicant: { name: `Người ${i}` } }),
  )
  for (const [i, { headers }] of answers.entries()) {
    const { body } = await here.ask('GET', String(headers.location))
    t.equal(body.applicant.name, `Người ${i}`)
    const { items } = (await here.ask('GET', `${headers.location}/events`)).body
    t.hasStrict(items, [{ officer: `cb-${i}` }])
  }
  t.strictSame(codesOf(answers), series('H20.19.05-210907', 100))
})

t.test('data that the database does not take fail for whoever sent them, and for nobody beside', async (t) => {
  await desk.db.execute(sql`alter table dossiers add constraint odd check (source_reference <> 'odd')`)
  const codes = await crowd(30, '2021-09-08T09:00:00+07:00', (i) => ({
    system: 'odd',
    reference: i === 17 ? 'odd' : `HS-${i}`,
  }))
  await desk.db.execute(sql`alter table dossiers drop constraint odd`)
  const expected = series('H20.19.05-210908', 29)
  t.strictSame(
    [...codes.slice(0, 2).sort(), ...codes.slice(2)],
    [...expected.slice(0, 17), 'failed', ...expected.slice(17)],
    'and the codes go in the order of asking',
  )
})

t.test('a failure that none of them brought about reaches all who share the statement, once', async (t) => {
  await desk.db.execute(sql`
    create function vanish() returns trigger language plpgsql as
    $$ begin raise exception 'gone' using errcode = 'connection_failure'; end $$`)
  await desk.db.execute(sql`
    create trigger vanish before insert on dossiers for each row
    when (new.source_reference = 'vanishing') execute function vanish()`)
  const at = { receivedAt: '2021-09-09T09:00:00+07:00' }
  const codes = await crowd(20, at.receivedAt, (i) => ({
    system: 'gone',
    reference: i === 9 ? 'vanishing' : `HS-${i}`,
  }))
  await desk.db.execute(sql`drop trigger vanish on dossiers`)
  t.strictSame(codes, Array(20).fill('failed'))
  t.equal(await countOn(at.receivedAt), 0, 'of them there is nothing')
  t.equal((await take(at)).body.code, 'H20.19.05-210909-0001')
})

t.test('intakes that end in a deadlock, alone or together, are added again', async (t) => {
  await desk.db.execute(sql`
    create function deadlock_once() returns trigger language plpgsql as
    $$ begin
      if nextval(tg_argv[0]::regclass) = 1 then raise exception 'x' using errcode = 'deadlock_detected'; end if;
      return new;
    end $$`)
  for (const i of ['0', '7', 'alone']) {
    const [name, argument] = [sql.identifier(`deadlock_${i}`), sql.raw(`'deadlock_${i}'`)]
    await desk.db.execute(sql`create sequence ${name}`)
    await desk.db.execute(sql`
      create trigger ${name} before insert on dossiers for each row
      when (new.source_reference = ${sql.raw(`'locked-${i}'`)}) execute function deadlock_once(${argument})`)
  }
  const alone = await crowd(1, '2021-09-13T09:00:00+07:00', () => ({ system: 'x', reference: 'locked-alone' }))
  t.strictSame(alone, series('H20.19.05-210913', 1))
  const codes = await crowd(10, '2021-09-10T09:00:00+07:00', (i) => ({ system: 'x', reference: `locked-${i}` }))
  for (const i of ['0', '7', 'alone'])
    await desk.db.execute(sql`drop trigger ${sql.identifier(`deadlock_${i}`)} on dossiers`)
  t.strictSame(codes.sort(), series('H20.19.05-210910', 10))
})

t.test('of many who finish a dossier at once, one does, and the others are told that it is done', async (t) => {
  const { code } = (await take({})).body
  const finish = `/v1/dossiers/${code}/finish`
  const answers = await times(50, (i) => (i % 2 ? here.ask('POST', finish, {}) : askThere('POST', finish, {})))
  t.equal(answers.filter(({ status }) => status === 200).length, 1)
  t.equal(answers.filter(({ body }) => body.type === '/problems/illegal_move').length, 49)
  t.equal((await here.ask('GET', `/v1/dossiers/${code}/events`)).body.items.length, 2)
})

t.test('different moves at once make one legal history', async (t) => {
  const { code } = (await take({ intakeChannel: 'online', receivedAt: undefined })).body
  const moves = ['start', 'withdraw', 'finish', 'accept', 'return', 'refuse']
  const answers = await times(24, (i) => {
    const url = `/v1/dossiers/${code}/${moves[i % moves.length]}`
    return i % 2 ? here.ask('POST', url, {}) : askThere('POST', url, {})
  })
  const { id, head, lastRecordedAt: _, ...row } = await findDossier(desk.db, code)
  const history = await readEvents(desk.db, id)
  t.strictSame(replay(history), row)
  t.equal(head, history.at(-1)?.hash)
  t.equal(answers.filter(({ status }) => status === 200).length, history.length - 1)
  t.equal(answers.filter(({ status }) => status === 409).length, 24 - history.length + 1)
})

const ifMatch = (version: number) => ({ 'if-match': `"${version}"` })

t.test('a move made on a dossier that has changed since is refused with how it stands', async (t) => {
  const { headers, body } = await take({ officer: 'cb-001' })
  const dossier = String(headers.location)
  t.equal(headers.etag, '"1"')
  const started = await here.ask('POST', `${dossier}/start`, { officer: 'cb-002' }, ifMatch(1))
  t.strictSame([started.status, started.headers.etag, started.body.version], [200, '"2"', 2])
  const overtaken = {
    status: 412,
    type: '/problems/version_mismatch',
    currentVersion: 2,
    currentStatus: 'processing',
    lastEvent: 'started',
    lastEventAt: '2021-10-01T08:00:00+07:00',
    lastRecordedAt: '2021-10-01T08:00:00+07:00',
    lastOfficer: 'cb-002',
  }
  for (const version of [1, 3, 999_999_999]) {
    t.hasStrict((await here.ask('POST', `${dossier}/finish`, {}, ifMatch(version))).body, overtaken)
  }
  const illegal = await here.ask('POST', `${dossier}/accept`, {}, ifMatch(1))
  t.hasStrict(illegal.body, overtaken, 'also where the move would be illegal')
  t.equal((await here.ask('GET', dossier)).headers.etag, '"2"')
  for (const tag of ['2', '"0"', 'W/"2"', '"2", "3"', '']) {
    const { body } = await here.ask('POST', `${dossier}/finish`, {}, { 'if-match': tag })
    t.hasStrict(body, { status: 400, errors: [{ pointer: '/header/if-match' }] }, tag)
  }
  t.equal((await here.ask('POST', `${dossier}/finish`, {}, { 'if-match': '*' })).status, 200, '* is any version')
  t.equal((await here.ask('POST', `${dossier}/return`, {}, ifMatch(3))).headers.etag, '"4"')
  const stranger = await desk.client(SCOPES, 'H20.20')
  const hidden = await stranger.ask('POST', `/v1/dossiers/${body.code}/finish`, {}, ifMatch(1))
  t.equal(hidden.status, 404, 'who may not see it is told nothing')
})

t.test('of fifty officers who act at once on what they have read, one wins and the others are told', async (t) => {
  const { code } = (await take({})).body
  const moves = ['start', 'finish', 'withdraw']
  const answers = await times(50, (i) => {
    const [url, body] = [`/v1/dossiers/${code}/${moves[i % moves.length]}`, { officer: `cb-${i}` }]
    return i % 2 ? here.ask('POST', url, body, ifMatch(1)) : askThere('POST', url, body, ifMatch(1))
  })
  const won = answers.findIndex(({ status }) => status === 200)
  const lost = answers.filter(({ status }) => status === 412)
  t.equal(lost.length, 49)
  for (const { body } of lost) t.hasStrict(body, { currentVersion: 2, lastOfficer: `cb-${won}` })
  t.equal((await here.ask('GET', `/v1/dossiers/${code}/events`)).body.items.length, 2)
})

t.test('fifty clients who act on one dossier and retry are each recorded once, in one chain', async (t) => {
  const { code } = (await take({})).body
  const correct = (i: number, instance: number) => {
    const [url, body] = [`/v1/dossiers/${code}/correct`, { returnChannel: 'online', reason: `lần ${i}` }]
    const headers = once(`client-${i}`)
    return instance ? here.ask('POST', url, body, headers) : askThere('POST', url, body, headers)
  }
  const untilDone = async (i: number, instance: number) => {
    for (let attempt = 0; attempt < 100; attempt++) {
      const answer = await correct(i, (attempt + instance) % 2)
      if (answer.status === 200) return answer.text
      if (answer.status !== 409) throw new Error(answer.text)
    }
    throw new Error('a client never got through')
  }
  const answers = await times(100, (i) => untilDone(i % 50, i < 50 ? 0 : 1))
  t.strictSame(answers.slice(0, 50), answers.slice(50), 'both that sent the same got the same')
  const { id, head, lastRecordedAt: _, ...row } = await findDossier(desk.db, code)
  const history = await readEvents(desk.db, id)
  t.equal(history.length, 51)
  const reasons = history.slice(1).map(({ facts }) => ('reason' in facts ? facts.reason : ''))
  t.equal(new Set(reasons).size, 50)
  t.strictSame(
    history.map(({ number }) => number),
    history.map((_, i) => i + 1),
  )
  let previous = ''
  for (const { hash, dossierId: _, ...event } of history) {
    previous = chainHash(previous, contentHash(event), code)
    t.equal(hash, previous)
  }
  t.equal(head, previous)
  t.strictSame(replay(history), row)
})

t.test('nothing is recorded before what it follows, whatever a server’s clock says', async (t) => {
  const { location } = (await take({})).headers
  const early = { effectiveAt: '2021-10-01T07:00:00+07:00' }
  t.equal((await here.ask('POST', `${location}/start`, early)).status, 200)
  t.teardown(() => desk.at('2021-10-01T08:00:00+07:00'))
  desk.at('2021-10-01T07:15:00+07:00')
  t.equal((await here.ask('POST', `${location}/finish`, { effectiveAt: '2021-10-01T07:30:00+07:00' })).status, 200)
  t.equal((await here.ask('POST', `${location}/return`)).body.returnedAt, '2021-10-01T08:00:00+07:00')
  const { items } = (await here.ask('GET', `${location}/events`)).body
  t.strictSame(
    items.map(({ recordedAt }: { recordedAt: string }) => recordedAt),
    Array(4).fill('2021-10-01T08:00:00+07:00'),
  )
})

t.test('a repeated move gets its first answer, whatever version it was made on', async (t) => {
  const { location } = (await take({})).headers
  const headers = { ...ifMatch(1), ...once('conditional') }
  const first = await here.ask('POST', `${location}/start`, {}, headers)
  await here.ask('POST', `${location}/finish`, {}, ifMatch(2))
  const again = await askThere('POST', `${location}/start`, {}, headers)
  t.strictSame([again.status, again.text, again.headers.etag], [200, first.text, '"2"'])
  const other = await here.ask('POST', `${location}/start`, { note: 'x' }, headers)
  t.hasStrict(other.body, { status: 422, type: '/problems/idempotency_mismatch' })
  t.equal((await here.ask('GET', `${location}/events`)).body.items.length, 3)
})

t.test('the same key and request get the first answer again, byte for byte, whatever happened since', async (t) => {
  const body = { resolvingAgency: 'H20.19', intakeChannel: 'post', post: { handoverNumber: 'B', trackingNumber: 'A' } }
  const first = await take(body, once('slip'))
  const { location } = first.headers
  const started = await here.ask('POST', `${location}/start`, { note: 'x' }, once('begin'))
  const finished = await here.ask('POST', `${location}/finish`, undefined, once('end'))
  t.strictSame([first.status, started.status, finished.status], [201, 200, 200])
  desk.at('2021-11-01T08:00:00+07:00')
  const reordered = Object.fromEntries(Object.entries(intake(body)).reverse())
  for (const again of [
    await take(body, once('slip')),
    await takeThere(body, once('slip')),
    await here.ask('POST', '/v1/dossiers', reordered, once('slip')),
  ]) {
    t.strictSame([again.status, again.headers.location, again.text], [201, location, first.text])
  }
  const startedAgain = await here.ask('POST', `${location}/start`, { note: 'x' }, once('begin'))
  t.strictSame([startedAgain.status, startedAgain.text], [200, started.text])
  const finishedAgain = await askThere('POST', `${location}/finish`, {}, once('end'))
  t.strictSame([finishedAgain.status, finishedAgain.text], [200, finished.text])
  t.equal((await here.ask('GET', `${location}/events`)).body.items.length, 3)

  await desk.db.update(dossiers).set({ applicant: null }).where(eq(dossiers.code, first.body.code))
  t.equal((await take(body, once('slip'))).text, first.text, 'also when the personal data are gone')
})

t.test('a key that was used for another request is refused', async (t) => {
  const first = await take({}, once('mine'))
  const another = String((await take({})).headers.location)
  const refused = [
    await take({ returnChannel: 'online' }, once('mine')),
    await take({ applicant: { name: 'Trần Thị Bình' } }, once('mine')),
    await takeThere({ procedureCode: '3.999999' }, once('mine')),
    await here.ask('POST', `${first.headers.location}/start`, {}, once('mine')),
    await here.ask('POST', `${first.headers.location}/return`, {}, once('mine')),
    await here.ask('POST', '/v1/dossiers/H20-210831-9999/start', {}, once('mine')),
  ]
  for (const { body } of refused) t.hasStrict(body, { status: 422, type: '/problems/idempotency_mismatch' })
  await here.ask('POST', `${first.headers.location}/start`, {}, once('moved'))
  t.equal((await here.ask('POST', `${another}/start`, {}, once('moved'))).status, 422)
  t.equal((await here.ask('GET', another)).body.status.code, 2, 'and nothing happened')

  const colleague = await desk.client()
  const independent = await colleague.ask('POST', '/v1/dossiers', intake(), once('mine'))
  t.equal(independent.status, 201, 'a key belongs to whoever sent it')
  t.not(independent.body.code, first.body.code)
  t.equal((await take({ procedureCode: '3.999999' }, once('mistaken'))).status, 400)
  t.equal((await take({}, once('mistaken'))).status, 201, 'what was refused has used no key')
  const malformed = await take({}, once('two words'))
  t.hasStrict(malformed.body, { status: 400, errors: [{ pointer: '/header/idempotency-key' }] })
})

t.test('while the first request is running, a second one with its key is told to wait', async (t) => {
  const { reference } = desk.deps
  // Reference data that take a moment to come, so that the two requests surely meet.
  const current = () => setTimeout(30).then(reference.current)
  const ask = await startInstance({ ...desk.deps, reference: { ...reference, current } })
  const intakes = await times(2, () => ask('POST', '/v1/dossiers', intake(), once('at-once')))
  t.strictSame(intakes.map(({ status }) => status).sort(), [201, 409])
  t.ok(intakes.some(({ body }) => body.type === '/problems/idempotency_running'))
  const start = `/v1/dossiers/${codesOf(intakes)[0]}/start`
  const moves = await times(2, () => ask('POST', start, {}, once('move-at-once')))
  t.strictSame(moves.map(({ status }) => status).sort(), [200, 409])
  t.ok(moves.some(({ body }) => body.type === '/problems/idempotency_running'))
  t.equal((await take({}, once('at-once'))).status, 201, 'and gets the answer when it is there')
})

t.test('a storm of retries over all instances makes one dossier and one move', async (t) => {
  const checkStorm = (
    answers: readonly { status: number; text: string; body: { type?: string } }[],
    success: number,
  ) => {
    const made = answers.filter(({ status }) => status === success)
    const told = answers.filter(({ body }) => body.type === '/problems/idempotency_running')
    t.ok(made.length >= 1)
    t.equal(made.length + told.length, answers.length)
    t.equal(new Set(made.map(({ text }) => text)).size, 1)
  }
  const at = { receivingAgency: 'H20.19.03' }
  const intakes = await times(40, (i) => (i % 2 ? take : takeThere)(at, once('storm')))
  checkStorm(intakes, 201)
  t.equal(await countAt('H20.19.03'), 1)
  const dossier = `/v1/dossiers/${codesOf(intakes)[0]}`
  const moves = await times(40, (i) => {
    const [url, headers] = [`${dossier}/finish`, once('finish')]
    return i % 2 ? here.ask('POST', url, {}, headers) : askThere('POST', url, {}, headers)
  })
  checkStorm(moves, 200)
  t.equal((await here.ask('GET', `${dossier}/events`)).body.items.length, 2)
})

t.test('a repeated move that was decided on a state read too early is not made again', async (t) => {
  const { code } = (await take({})).body
  const start = () => here.ask('POST', `/v1/dossiers/${code}/start`, {}, once('early'))
  const first = await start()
  const behind = { status: 2, version: 1 } as const
  await desk.db.update(dossiers).set(behind).where(eq(dossiers.code, code))
  t.strictSame([first.status, (await start()).text], [200, first.text])
  t.equal((await here.ask('GET', `/v1/dossiers/${code}/events`)).body.items.length, 2)
})

t.test('a source that is sent many times at once is one dossier', async (t) => {
  const at = { receivingAgency: 'H20.19.04', source: { system: 'x', reference: 'HS-9' } }
  const answers = await times(20, (i) => (i % 2 ? take : takeThere)(at))
  t.strictSame(answers.map(({ status }) => status).sort(), [...Array(19).fill(200), 201])
  t.equal(new Set(answers.map(({ text }) => text)).size, 1)
  t.equal(await countAt('H20.19.04'), 1)
})

t.test('a write that loses every race says so, and leaves nothing behind', async (t) => {
  await desk.db.execute(sql`
    create function lose() returns trigger language plpgsql as
    $$ begin raise unique_violation using constraint = tg_argv[0]; end $$`)
  await desk.db.execute(sql`
    create trigger lose_code before insert on dossiers for each row
    when (new.receiving_agency = 'H20.20.02') execute function lose('dossiers_code')`)
  await desk.db.execute(sql`
    create trigger lose_number before insert on events for each row
    when (new.type = 'withdrawn') execute function lose('events_number')`)
  const lost = await take({ receivingAgency: 'H20.20.02' })
  t.hasStrict(lost.body, { status: 409, type: '/problems/concurrent_change' })
  const { location } = (await take({})).headers
  const stuck = await here.ask('POST', `${location}/withdraw`, {})
  t.hasStrict(stuck.body, { status: 409, type: '/problems/concurrent_change' })
  t.equal((await here.ask('GET', String(location))).body.status.code, 2)
  await desk.db.execute(sql`drop trigger lose_code on dossiers`)
  t.equal((await take({ receivingAgency: 'H20.20.02' })).body.code, 'H20.20.02-210831-0001')
})

t.test('what the database does not confirm is never answered as done', async (t) => {
  await desk.db.execute(sql`
    create function swallow() returns trigger language plpgsql as $$ begin return null; end $$`)
  for (const table of ['dossiers', 'events']) {
    await desk.db.execute(sql`
      create trigger swallow before insert on ${sql.identifier(table)} for each row execute function swallow()`)
  }
  const answer = await take({ receivingAgency: 'H20.21' }, once('swallowed'))
  t.hasStrict(answer.body, { status: 500, type: '/problems/internal' })
  for (const table of ['dossiers', 'events']) {
    await desk.db.execute(sql`drop trigger swallow on ${sql.identifier(table)}`)
  }
  t.equal((await take({ receivingAgency: 'H20.21' }, once('swallowed'))).status, 201, 'so the client may repeat it')
})

t.test('an instance answers for what another has only just brought in', async (t) => {
  await askThere('GET', '/v1/dossiers?limit=1')
  const day = [['08:00', '10:00']]
  const hours = { 1: day, 2: day, 3: day, 4: day, 5: day }
  const agency = { name: 'Xã Mới', level: 'commune', parent: 'H20.21', hours }
  t.equal((await here.ask('PUT', '/v1/agencies/H20.21.07', agency)).status, 201)
  const { location } = (await take({ receivingAgency: 'H20.21.07' })).headers
  const explained = await askThere('GET', `${location}/deadline`)
  t.hasStrict({ answered: explained.status, ...explained.body }, { answered: 200, dueAt: '2021-09-07T10:00:00+07:00' })
})

t.test('a revoked key works no longer than about a second anywhere', async (t) => {
  const created = await here.ask('POST', '/v1/keys', { name: 'brief', scopes: SCOPES })
  const headers = { authorization: `Bearer ${created.body.key}` }
  await setTimeout(1100)
  t.equal((await askThere('GET', '/v1/dossiers', undefined, headers)).status, 200)
  t.equal((await here.ask('DELETE', `/v1/keys/${created.body.id}`)).status, 200)
  t.equal((await here.ask('GET', '/v1/dossiers', undefined, headers)).status, 401)
  await setTimeout(1100)
  t.equal((await askThere('GET', '/v1/dossiers', undefined, headers)).status, 401)
})
