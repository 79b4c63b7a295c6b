import { setTimeout } from 'node:timers/promises'
import { eq, sql } from 'drizzle-orm'
import t, { type Test } from 'tap'
import { SCOPES, type Scope } from '../src/access/caller.ts'
import { deriveKey, hashKey, newKey } from '../src/access/key.ts'
import { saveBootstrapKey } from '../src/access/store.ts'
import { keysCommand } from '../src/access/tools.ts'
import { gatherUses } from '../src/access/uses.ts'
import { buildApp } from '../src/app.ts'
import { apiKeys, keySecrets } from '../src/db/tables.ts'
import { MOVE_NAMES } from '../src/dossiers/lifecycle.ts'
import { callerOf } from '../src/http/caller.ts'
import { referenceSource } from '../src/reference.ts'
import { forged, move, pagesOf, take } from './support/asking.ts'
import { type Client, type Desk, intake, openDesk } from './support/desk.ts'
import { until } from './support/until.ts'

const keyBody = (scopes: readonly Scope[], agency?: string | null) => ({ name: 'Phần mềm một cửa', scopes, agency })

/** For the tests that do not mind what others left. */
const desk = await openDesk(t)

t.test('the documentation is for everyone', async (t) => {
  for (const path of ['/docs', '/openapi.json', '/docs/static/index.html']) {
    t.ok((await desk.stranger.ask('GET', path)).status < 400, path)
  }
})

t.test('a route that does not say who may call it, and what it shows of whom, cannot be registered', async (t) => {
  const app = await buildApp(desk.deps)
  t.teardown(() => app.close())
  t.throws(() => app.get('/v1/open', () => 'all of it'), { message: /GET \/v1\/open does not state who may call it/ })
  t.throws(() => app.get('/docs-and-more', () => 'all of it'), { message: /does not state who may call it/ })
  t.throws(() => app.get('/v1/open', { config: { access: 'any_key' } }, () => 'all of it'), {
    message: /GET \/v1\/open does not state what a caller sees there: give its config a sight \(everyone, agencies, /,
  })
  app.get('/v1/everyone', { config: { access: 'public', sight: 'everyone' } }, (request) => callerOf(request).keyId)
  t.equal((await app.inject({ url: '/v1/everyone' })).statusCode, 500, 'a public route has no caller to act for')
})

t.test('only a live key of the right form is let in', async (t) => {
  const desk = await openDesk(t)
  const { key, ask } = await desk.client()
  const status = async (authorization: string) =>
    (await desk.stranger.ask('GET', '/v1/agencies', undefined, { authorization })).status
  t.equal(await status(`Bearer ${key}`), 200)
  t.equal(await status(`bearer ${key}`), 200, 'the name of the scheme has no case')
  const wrong = ['', 'Bearer', 'Bearer ', key, `Basic ${key}`, `Bearer  ${key}`, `Bearer ${key} x`, `Bearer ${key}x`]
  for (const given of [...wrong, 'Bearer short', `Bearer ${'a'.repeat(201)}`, `Bearer ${hashKey(key)}`]) {
    t.equal(await status(given), 401, given)
  }
  const [own] = (await ask('GET', '/v1/keys')).body.items
  t.equal((await ask('DELETE', `/v1/keys/${own.id}`)).status, 200)
  t.match(await ask('GET', '/v1/agencies'), { status: 401, body: { type: '/problems/unauthenticated' } }, 'at once')
})

t.test('a key sees its own agency and all below, and of others not even that they exist', async (t) => {
  const desk = await openDesk(t)
  const whole = await desk.client()
  const [district, commune, sibling, other] = await Promise.all(
    ['H20.19', 'H20.19.05', 'H20.19.06', 'H20.20'].map((agency) => desk.client(SCOPES, agency)),
  )
  if (!district || !commune || !sibling || !other) throw new Error('four clients')
  const { code } = await take(whole)
  const shared = await take(whole, { receivingAgency: 'H20.20.01', resolvingAgency: 'H20.19.06' })
  const sees = async (client: Client, dossier: string) => {
    const answers = await Promise.all(
      ['', '/events', '/deadline'].map((path) => client.ask('GET', `/v1/dossiers/${dossier}${path}`)),
    )
    const [first] = answers
    t.ok(answers.every(({ status }) => status === first?.status))
    const [listed, overdue] = await Promise.all(['/v1/dossiers', '/v1/overdue'].map((path) => pagesOf(client, path)))
    const has = (pages: typeof listed) => pages?.flatMap(({ items }) => items).some((item) => item.code === dossier)
    return [first?.status, has(listed), has(overdue)]
  }
  for (const client of [whole, district, commune]) t.strictSame(await sees(client, code), [200, true, true])
  for (const client of [sibling, other]) t.strictSame(await sees(client, code), [404, false, false])
  t.strictSame(await sees(sibling, shared.code), [200, true, true], 'who resolves sees it')
  t.strictSame(await sees(other, shared.code), [200, true, false], 'who received sees it, and is not the one to hurry')
  t.strictSame(await sees(commune, shared.code), [404, false, false])
  const absent = await sibling.ask('GET', '/v1/dossiers/H20.19.05-210831-0999')
  const hidden = await sibling.ask('GET', `/v1/dossiers/${code}`)
  t.strictSame(hidden.body, { ...absent.body, detail: hidden.body.detail, dossier: code }, 'the two look the same')
  const said: Readonly<Record<string, object>> = {
    'request-supplement': { missing: 'x', ground: 'y' },
    'await-payment': { ground: 'y' },
    extend: { workingDays: 1, reason: 'x', apologyNumber: '1' },
    stop: { ground: 'y' },
    reopen: { reason: 'x', approver: 'y' },
    correct: { reason: 'x', returnChannel: 'online' },
  }
  for (const name of MOVE_NAMES) {
    t.equal((await sibling.ask('POST', `/v1/dossiers/${code}/${name}`, said[name])).status, 404, name)
  }
  await move(district, code, 'start', '2021-09-01T09:00:00+07:00')

  const outside = { status: 403, type: '/problems/outside_your_agency', agency: 'H20.19' }
  t.match((await commune.ask('POST', '/v1/dossiers', intake({ receivingAgency: 'H20.19' }))).body, outside)
  const forwarded = intake({ resolvingAgency: 'H20.20.01' })
  t.equal((await commune.ask('POST', '/v1/dossiers', forwarded)).status, 201, 'another may resolve')
  const target = { agency: 'H20.19', year: 2021, percent: 30, comparison: 'gt' }
  t.match((await commune.ask('PUT', '/v1/targets', target)).body, outside)
  t.equal((await district.ask('PUT', '/v1/targets', target)).status, 200)
  for (const path of ['dossiers?', 'overdue?', 'overdue/summary?', 'reports/channel-ratio?period=2021&', 'targets?']) {
    t.match((await commune.ask('GET', `/v1/${path}agency=H20.19`)).body, outside, path)
    t.equal((await district.ask('GET', `/v1/${path}agency=H20.19.05`)).status, 200, path)
    t.match((await whole.ask('GET', `/v1/${path}agency=H20.99`)).body, { status: 404, agency: 'H20.99' }, path)
  }
  t.equal((await commune.ask('GET', '/v1/reports/channel-ratio?period=2021')).body.denominator, 2)
  t.equal((await whole.ask('GET', '/v1/reports/channel-ratio?period=2021')).body.denominator, 3)
  t.strictSame((await commune.ask('GET', '/v1/targets')).body.items, [])
})

t.test('who handed a dossier in is not told how it stands once it belongs to others', async (t) => {
  const [whole, commune] = [await desk.client(), await desk.client(SCOPES, 'H20.19.05')]
  const handedIn = intake({ source: { system: 'mot-cua', reference: 'HS-1' } })
  const first = { 'idempotency-key': 'hand-in-1' }
  const { body } = await commune.ask('POST', '/v1/dossiers', handedIn, first)
  t.match(await commune.ask('POST', '/v1/dossiers', handedIn), { status: 200, body })
  const others = { receivingAgency: 'H20.20.01', resolvingAgency: 'H20.20.01', reason: 'Nhầm cơ quan' }
  await move(whole, body.code, 'correct', '2021-09-01T09:00:00+07:00', others)
  t.equal((await commune.ask('GET', `/v1/dossiers/${body.code}`)).status, 404)
  const again = await commune.ask('POST', '/v1/dossiers', handedIn)
  t.match(again.body, { status: 409, type: '/problems/source_conflict' })
  t.notMatch(again.text, /H20\.20/)
  t.strictSame((await commune.ask('POST', '/v1/dossiers', handedIn, first)).body, body, 'what it was told, it is told')
})

t.test('an admin of a district rules below it, and nowhere else', async (t) => {
  const desk = await openDesk(t)
  const { ask } = await desk.client(['admin', 'overdue:read'], 'H20.19')
  const agency = (parent: string | null, level = 'commune') => ({ name: 'Xã mới', level, parent })
  const outside = { status: 403, type: '/problems/outside_your_agency' }
  t.equal((await ask('PUT', '/v1/agencies/H20.19.77', agency('H20.19'))).status, 201)
  t.equal((await ask('PUT', '/v1/agencies/H20.19.77', agency('H20.19'))).status, 200)
  t.match((await ask('PUT', '/v1/agencies/H20.20.77', agency('H20.20'))).body, { ...outside, agency: 'H20.20' })
  t.match((await ask('PUT', '/v1/agencies/H20.20.01', agency('H20.19'))).body, { ...outside, agency: 'H20.20.01' })
  t.match((await ask('PUT', '/v1/agencies/H20.19.05', agency('H20.20'))).body, { ...outside, agency: 'H20.20' })
  t.match((await ask('PUT', '/v1/agencies/H20.19', agency('H20', 'district'))).body, { ...outside, agency: 'H20' })
  const onlyWhole = { status: 403, type: '/problems/whole_system_only' }
  t.match((await ask('PUT', '/v1/agencies/H21', agency(null, 'province'))).body, onlyWhole)
  const procedure = { name: 'x', field: 'y', postAllowed: true, versions: [] }
  const versions = [{ effectiveFrom: '2021-01-01', limit: { kind: 'working_days', amount: 1 } }]
  t.match((await ask('PUT', '/v1/procedures/1.001193', { ...procedure, versions })).body, onlyWhole)
  t.match((await ask('POST', '/v1/keys', keyBody(['admin']))).body, onlyWhole)
  t.match((await ask('POST', '/v1/keys', keyBody(['admin'], null))).body, onlyWhole)
  t.match((await ask('POST', '/v1/keys', keyBody(['admin'], 'H20'))).body, { ...outside, agency: 'H20' })
  t.match((await ask('POST', '/v1/keys', keyBody(['admin'], 'H20.20.01'))).body, outside)
  const unknown = await ask('POST', '/v1/keys', keyBody(['admin'], 'H99'))
  t.match(unknown.body, { status: 400, errors: [{ pointer: '/agency' }] })
  const made = await ask('POST', '/v1/keys', keyBody(['overdue:read'], 'H20.19.77'))
  t.match(made, { status: 201, body: { agency: 'H20.19.77', scopes: ['overdue:read'] } })
  const whole = await desk.client()
  const foreign = (await whole.ask('POST', '/v1/keys', keyBody(['admin'], 'H20.20'))).body
  const everywhere = (await whole.ask('POST', '/v1/keys', keyBody(['admin']))).body
  const listed = (await ask('GET', '/v1/keys')).body.items
  t.strictSame(
    listed.map((key: { agency: string }) => key.agency).toSorted(),
    ['H20.19', 'H20.19.77'],
    'the keys of others are not shown',
  )
  for (const { id } of [foreign, everywhere, { id: 'key_none' }]) {
    t.match((await ask('DELETE', `/v1/keys/${id}`)).body, { status: 404, key: id })
    const rotated = await ask('POST', `/v1/keys/${id}/rotate`, { overlapHours: 0 })
    t.match(rotated.body, { status: 404, key: id })
  }
  t.equal((await ask('DELETE', `/v1/keys/${made.body.id}`)).status, 200)
})

t.test('a key is shown once and kept as a hash; revoking it again changes nothing', async (t) => {
  const { ask } = await desk.client(['admin', 'overdue:read'])
  const made = await ask('POST', '/v1/keys', keyBody(['overdue:read'], 'H20.19'))
  const { key, ...shown } = made.body
  t.match(made, { status: 201, headers: { 'cache-control': 'no-store' } })
  t.match(key, /^motcua_[\w-]{43}$/)
  t.match(shown, { name: 'Phần mềm một cửa', scopes: ['overdue:read'], agency: 'H20.19', revokedAt: null })
  t.strictSame(Object.keys(shown).toSorted(), [
    'agency',
    'createdAt',
    'createdBy',
    'expiresAt',
    'id',
    'lastUsedAt',
    'name',
    'revokedAt',
    'revokedBy',
    'scopes',
  ])
  const [row] = await desk.db.select().from(keySecrets).where(eq(keySecrets.key, shown.id))
  t.equal(row?.hash, hashKey(key))
  t.notMatch(JSON.stringify(row), key)
  t.notMatch(JSON.stringify(row), key.slice('motcua_'.length))
  t.notMatch((await ask('GET', '/v1/keys')).text, /motcua_|"hash"|"salt"/)
  const authorization = { authorization: `Bearer ${key}` }
  t.equal((await desk.stranger.ask('GET', '/v1/overdue', undefined, authorization)).status, 200)
  const revoked = await ask('DELETE', `/v1/keys/${shown.id}`)
  const revokedBy = shown.createdBy
  t.match(revokedBy, /^key_/)
  t.strictSame(revoked.body, { ...shown, revokedAt: '2021-10-01T08:00:00+07:00', revokedBy })
  t.equal((await desk.stranger.ask('GET', '/v1/overdue', undefined, authorization)).status, 401)
  desk.at('2021-10-02T08:00:00+07:00')
  t.strictSame((await ask('DELETE', `/v1/keys/${shown.id}`)).body, revoked.body)
  for (const wrong of [keyBody([]), { ...keyBody(['admin']), name: ' ' }, { ...keyBody(['admin']), root: true }]) {
    t.equal((await ask('POST', '/v1/keys', wrong)).status, 400)
  }
  t.equal((await ask('POST', '/v1/keys', { name: 'x', scopes: ['everything'] })).status, 400)
})

t.test('a repeated creation shows the same key to its creator, and to nobody else', async (t) => {
  const [first, second] = [await desk.client(), await desk.client()]
  const once = { 'idempotency-key': 'create-1' }
  const create = (client: Client, body = keyBody(['overdue:read'], 'H20.19')) =>
    client.ask('POST', '/v1/keys', body, once)
  const made = await create(first)
  desk.at('2021-10-02T08:00:00+07:00')
  const again = await create(first)
  t.strictSame([again.status, again.body], [201, made.body])
  t.equal((await desk.db.select().from(keySecrets).where(eq(keySecrets.idempotencyKey, 'create-1'))).length, 1)
  const [row] = await desk.db.select().from(keySecrets).where(eq(keySecrets.key, made.body.id))
  t.equal(deriveKey(first.key, String(row?.salt)), made.body.key)
  t.not(deriveKey(second.key, String(row?.salt)), made.body.key, 'what is stored does not give the key away')
  const mismatch = { status: 422, type: '/problems/idempotency_mismatch' }
  t.match((await create(first, keyBody(['admin'], 'H20.19'))).body, mismatch)
  t.match((await create(first, keyBody(['overdue:read']))).body, mismatch)
  const own = await create(second)
  t.equal(own.status, 201)
  t.not(own.body.key, made.body.key)
  const ask = () => first.ask('POST', '/v1/keys', keyBody(['admin']), { 'idempotency-key': 'at-once' })
  await desk.deps.reference.current()
  const atOnce: ReturnType<typeof ask>[] = []
  await desk.db.transaction(async (tx) => {
    await tx.execute(sql`lock table api_keys in access exclusive mode`)
    atOnce.push(ask(), ask())
    await new Promise((resolve) => globalThis.setTimeout(resolve, 100))
  })
  const [running, tooSoon] = await Promise.all(atOnce)
  t.match(tooSoon?.body, { status: 409, type: '/problems/idempotency_running' })
  t.strictSame((await ask()).body, running?.body)
  for (const bad of ['a b', 'ế', 'x'.repeat(129)]) {
    const refused = await first.ask('POST', '/v1/keys', keyBody(['admin']), { 'idempotency-key': bad })
    t.match(refused.body, { status: 400, errors: [{ pointer: '/header/idempotency-key' }] }, bad)
  }
})

t.test('the bootstrap key of the settings has all rights, and a new one takes its place', async (t) => {
  const desk = await openDesk(t)
  const [first, second] = [newKey(), newKey()]
  const save = (key: string) => desk.deps.reference.change((tx) => saveBootstrapKey(tx, hashKey(key), desk.deps.now()))
  const status = async (key: string) =>
    (await desk.stranger.ask('GET', '/v1/keys', undefined, { authorization: `Bearer ${key}` })).status
  await save(first)
  await save(first)
  t.strictSame([await status(first), await status(second)], [200, 401])
  await save(second)
  t.strictSame([await status(first), await status(second)], [401, 200])
  const [row, ...others] = await desk.db.select().from(apiKeys)
  t.match(row, { id: 'key_bootstrap', agency: null, scopes: SCOPES })
  t.equal(others.length, 0)
})

/** A second instance on the same database, which looks at it with memory of its own. */
const otherInstance = async (t: Test, { deps }: Desk, options: Parameters<typeof buildApp>[1] = {}) => {
  const app = await buildApp({ ...deps, reference: referenceSource(deps.db) }, options)
  t.teardown(() => app.close())
  return {
    status: async (key: string) =>
      (await app.inject({ url: '/v1/agencies', headers: { authorization: `Bearer ${key}` } })).statusCode,
  }
}

const statusOf = async (desk: Desk, key: string): Promise<number> =>
  (await desk.stranger.ask('GET', '/v1/agencies', undefined, { authorization: `Bearer ${key}` })).status

t.test('nobody hands on a scope that they lack, by a new key or by the secret of another', async (t) => {
  const desk = await openDesk(t)
  const whole = await desk.client()
  const { ask } = await desk.client(['admin', 'overdue:read'])
  const lacking = { status: 403, type: '/problems/scope_not_yours', scopes: ['dossiers:read', 'audit:read'] }
  const wanted = keyBody(['overdue:read', 'dossiers:read', 'audit:read'])
  t.match((await ask('POST', '/v1/keys', wanted)).body, lacking)
  const { id } = (await whole.ask('POST', '/v1/keys', wanted)).body
  t.match((await ask('POST', `/v1/keys/${id}/rotate`, { overlapHours: 1 })).body, lacking)
  t.equal((await whole.ask('POST', `/v1/keys/${id}/rotate`, { overlapHours: 1 })).status, 200)
  t.match(await ask('DELETE', `/v1/keys/${id}`), { status: 200 }, 'to end one takes nothing that it has')
})

t.test('a key expires at its instant, which must lie in the future', async (t) => {
  const desk = await openDesk(t)
  const { ask } = await desk.client()
  for (const expiresAt of ['2021-10-01T08:00:00+07:00', '2021-09-30T08:00:00+07:00']) {
    const { body } = await ask('POST', '/v1/keys', { ...keyBody(['admin']), expiresAt })
    t.match(body, { status: 400, errors: [{ pointer: '/expiresAt' }] })
  }
  const once = { 'idempotency-key': 'expiring' }
  const create = () => ask('POST', '/v1/keys', { ...keyBody(['admin']), expiresAt: '2021-10-01T09:00:00+07:00' }, once)
  const { id, key, expiresAt } = (await create()).body
  t.equal(expiresAt, '2021-10-01T09:00:00+07:00')
  desk.at('2021-10-01T08:59:59.999+07:00')
  t.equal(await statusOf(desk, key), 200)
  desk.at(expiresAt)
  t.equal(await statusOf(desk, key), 401)
  t.equal((await create()).body.key, key, 'a repeated request is answered as before')
  const ended = { status: 409, type: '/problems/key_ended', key: id }
  t.match((await ask('POST', `/v1/keys/${id}/rotate`, { overlapHours: 1 })).body, ended)
})

t.test('after a rotation the earlier secret works until the overlap ends, and the rest stays', async (t) => {
  const desk = await openDesk(t)
  const { ask } = await desk.client()
  const made = (await ask('POST', '/v1/keys', keyBody(['overdue:read'], 'H20.19'))).body
  const rotate = (overlapHours: unknown, headers = {}) =>
    ask('POST', `/v1/keys/${made.id}/rotate`, { overlapHours }, headers)
  const rotated = await rotate(24)
  const { key, ...stays } = rotated.body
  t.match(rotated, { status: 200, headers: { 'cache-control': 'no-store' } })
  t.strictSame({ ...stays, key: made.key }, made)
  t.match(key, /^motcua_[\w-]{43}$/)
  desk.at('2021-10-02T07:59:59+07:00')
  t.strictSame([await statusOf(desk, made.key), await statusOf(desk, key)], [200, 200])
  const shorter = (await rotate(168)).body.key
  desk.at('2021-10-02T08:00:00+07:00')
  t.strictSame(
    [await statusOf(desk, made.key), await statusOf(desk, key)],
    [401, 200],
    'a later overlap lengthens none',
  )
  const last = (await rotate(0)).body.key
  for (const earlier of [made.key, key, shorter]) t.equal(await statusOf(desk, earlier), 401, 'without overlap at once')
  t.equal(await statusOf(desk, last), 200)
  for (const wrong of [-1, 169, 1.5, '24', undefined]) t.equal((await rotate(wrong)).status, 400, String(wrong))

  for (let count = 0; count < 4; count++) t.equal((await rotate(1)).status, 200)
  const many = { status: 409, type: '/problems/too_many_secrets', key: made.id, limit: 5 }
  t.match((await rotate(1)).body, many)
  t.equal(await statusOf(desk, last), 200, 'what was refused ended nothing')
  const once = { 'idempotency-key': 'rotate-1' }
  const first = await rotate(0, once)
  t.strictSame((await rotate(0, once)).body, first.body, 'a repeated rotation shows the same secret')
  t.match((await rotate(1, once)).body, { type: '/problems/idempotency_mismatch' })
  t.equal(await statusOf(desk, first.body.key), 200)
  desk.at('2021-10-20T08:00:00+07:00')
  await rotate(1)
  t.equal(
    (await desk.db.select().from(keySecrets).where(eq(keySecrets.key, made.id))).length,
    2,
    'old ones are forgotten',
  )
  await ask('DELETE', `/v1/keys/${made.id}`)
  t.match((await rotate(1)).body, { status: 409, type: '/problems/key_ended' })
})

t.test('whose own secret was rotated is not shown a wrong one for a repeated request', async (t) => {
  const desk = await openDesk(t)
  const admin = await desk.client()
  const { id } = (await admin.ask('GET', '/v1/keys')).body.items[0]
  const once = { 'idempotency-key': 'create-1' }
  t.equal((await admin.ask('POST', '/v1/keys', keyBody(['admin']), once)).status, 201)
  const { key } = (await admin.ask('POST', `/v1/keys/${id}/rotate`, { overlapHours: 1 })).body
  const renewed = { ...once, authorization: `Bearer ${key}` }
  const again = await admin.ask('POST', '/v1/keys', keyBody(['admin']), renewed)
  t.match(again.body, { type: '/problems/idempotency_mismatch' })
  await desk.deps.reference.change((tx) => saveBootstrapKey(tx, hashKey(newKey()), desk.deps.now()))
  const bootstrap = { status: 400, body: { errors: [{ pointer: '/path/id' }] } }
  t.match(await admin.ask('DELETE', '/v1/keys/key_bootstrap'), bootstrap, 'the next start would bring it back')
  const settings = await admin.ask('POST', '/v1/keys/key_bootstrap/rotate', { overlapHours: 1 })
  t.match(settings.body, { status: 400, errors: [{ pointer: '/path/id' }] })
})

t.test(
  'every instance knows a new key at once and lets a revoked or rotated one in for a second at most',
  async (t) => {
    const desk = await openDesk(t)
    const { ask, key: own } = await desk.client()
    const other = await otherInstance(t, desk)
    t.equal(await other.status(own), 200)
    const create = async () => (await ask('POST', '/v1/keys', keyBody(['overdue:read']))).body
    const [one, two] = [await create(), await create()]
    t.strictSame(await Promise.all([one, two].map(({ key }) => other.status(key))), [200, 200], 'both at once')
    const rotated = (await ask('POST', `/v1/keys/${one.id}/rotate`, { overlapHours: 0 })).body.key
    t.equal(await other.status(rotated), 200)
    t.equal(await other.status(one.key), 401, 'what it has read for the new one ends the old one')
    await ask('DELETE', `/v1/keys/${two.id}`)
    await setTimeout(1100)
    t.equal(await other.status(two.key), 401)
  },
)

t.test('a crowd of strangers costs few looks at the database', async (t) => {
  const desk = await openDesk(t)
  let looks = 0
  const counted = referenceSource(
    new Proxy(desk.db, {
      get: (db, name, receiver) => {
        if (name === 'select') looks += 1
        return Reflect.get(db, name, receiver)
      },
    }),
  )
  const app = await buildApp({ ...desk.deps, reference: counted })
  t.teardown(() => app.close())
  const began = performance.now()
  const strangers = Array.from({ length: 500 }, async () => {
    const headers = { authorization: `Bearer ${newKey()}` }
    return (await app.inject({ url: '/v1/agencies', headers })).statusCode
  })
  t.strictSame(new Set(await Promise.all(strangers)), new Set([401]))
  t.ok(looks <= 2 + (performance.now() - began) / 100, `${looks} looks`)
})

t.test('when a key was last used is written behind, once for however many requests', async (t) => {
  const desk = await openDesk(t)
  const { key } = await desk.client(['overdue:read'])
  const lastUsedAt = async () => (await desk.db.select().from(apiKeys))[0]?.lastUsedAt?.toISOString()
  const warned: unknown[] = []
  const log = { warn: (_facts: object, message: string) => warned.push(message) }
  const here = gatherUses(desk.db, log)
  const { status } = await otherInstance(t, desk, { uses: here })
  await status(key)
  desk.at('2021-10-01T08:05:00+07:00')
  await status(key)
  t.equal(await lastUsedAt(), undefined, 'no request waits for it')
  await here.close()
  t.equal(await lastUsedAt(), '2021-10-01T01:05:00.000Z', 'an instance that stops writes what it knows')

  const [row] = await desk.db.select().from(apiKeys)
  const uses = gatherUses(desk.db, log, 20)
  uses.note(String(row?.id), new Date('2021-10-01T00:00:00Z'))
  uses.note('key_gone', new Date('2021-10-01T00:00:00Z'))
  await uses.close()
  t.equal(await lastUsedAt(), '2021-10-01T01:05:00.000Z', 'what another instance saw later stays')
  const later = gatherUses(desk.db, log, 20)
  later.note(String(row?.id), new Date('2021-10-01T02:00:00Z'))
  await until(async () => (await lastUsedAt()) === '2021-10-01T02:00:00.000Z')
  await later.close()
  await desk.db.execute(sql`alter table api_keys rename to hidden_keys`)
  const failing = gatherUses(desk.db, log)
  failing.note(String(row?.id), new Date())
  await failing.close()
  t.strictSame(warned, ['when keys were last used was not noted'], 'nothing else fails by it')
})

t.test('npm run keys creates, lists, rotates and revokes, and prints a secret once', async (t) => {
  const desk = await openDesk(t)
  const run = async (...args: string[]) => {
    const lines: string[] = []
    await keysCommand(desk.deps, args, (line) => lines.push(line))
    return lines
  }
  const scopes = ['--scope', 'overdue:read', '--scope', 'admin']
  const [told = '', key = ''] = await run('create', '--name', 'Xã Long Thuận', ...scopes, '--agency', 'H20.19.05')
  const id = told.split(' ')[0] ?? ''
  t.match(told, / · Xã Long Thuận · overdue:read admin · H20.19.05 · never expires · not used yet$/)
  const sees = async (secret: string) => {
    const headers = { authorization: `Bearer ${secret}` }
    return (await desk.stranger.ask('GET', '/v1/keys', undefined, headers)).body
  }
  t.match(await sees(key), { items: [{ id, createdBy: 'command' }] })
  const [, renewed = ''] = await run('rotate', id, '--overlap-hours', '0')
  t.strictSame([await statusOf(desk, key), await statusOf(desk, renewed)], [401, 200])
  const [, third = ''] = await run('rotate', id)
  t.strictSame([await statusOf(desk, renewed), await statusOf(desk, third)], [200, 200], 'a day’s overlap')
  const expiry = ['--expires', '2021-11-01T08:00:00+07:00']
  for (let count = 0; count < 100; count++) await run('create', '--name', 'Nhiều', '--scope', 'overdue:read', ...expiry)
  await desk.db.update(apiKeys).set({ lastUsedAt: desk.deps.now() }).where(eq(apiKeys.id, id))
  t.match(await run('revoke', id), [/ · ended$/])
  const listed = await run('list')
  t.equal(listed.length, 101)
  t.match(
    listed.find((line) => line.startsWith(id)),
    /last used 2021-10-01T01:00:00.000Z · ended$/,
  )
  t.equal(
    listed.filter((line) => / · whole system · expires 2021-11-01T01:00:00.000Z · not used yet$/.test(line)).length,
    100,
  )
  t.notMatch(listed.join(), /motcua_/)
  t.equal(await statusOf(desk, third), 401)

  const named = ['create', '--name', 'x', '--scope', 'admin']
  await t.rejects(run(), { message: /npm run keys -- create/ })
  await t.rejects(run('create', '--scope', 'everything'), { message: /^Not usable: name, scopes.0/ })
  await t.rejects(run(...named, '--agency', 'H99'), { message: 'There is no agency H99.' })
  await t.rejects(run(...named, '--expires', '2021-09-01T08:00:00+07:00'), {
    message: '/expiresAt: Must lie in the future.',
  })
  await t.rejects(run('rotate', id, '--overlap-hours', 'x'), { message: /^Not usable: overlapHours/ })
  await t.rejects(run('rotate', id), { message: `key_ended {"key":"${id}"}` })
  await t.rejects(run('revoke', 'key_none'), { message: 'key_not_found {"key":"key_none"}' })
  await t.rejects(run('revoke', 'none'), { message: /^Not usable: id/ })
  await t.rejects(run('list', '--all'), { code: 'ERR_PARSE_ARGS_UNKNOWN_OPTION' })
})

t.test('keys are listed page by page, each once', async (t) => {
  const desk = await openDesk(t)
  const { ask, ...client } = await desk.client(['admin'])
  for (let count = 0; count < 6; count++) await ask('POST', '/v1/keys', keyBody(['admin'], 'H20.19'))
  const pages = await pagesOf({ ask, ...client }, '/v1/keys', { limit: '3' })
  t.strictSame(
    pages.map((page) => page.items.length),
    [3, 3, 1],
  )
  const ids = pages.flatMap((page) => page.items).map(({ id }) => id)
  t.equal(new Set(ids).size, 7)
  const cursor = pages[0]?.nextCursor
  for (const position of [null, 1, ['key_a'], '\u0000', 'key_\u0000']) {
    const { body } = await ask('GET', `/v1/keys?cursor=${forged(cursor, position)}`)
    t.match(body, { type: '/problems/invalid_cursor' }, JSON.stringify(position))
  }
})
