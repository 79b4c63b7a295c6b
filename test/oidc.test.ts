import { createHash } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { exportSPKI, SignJWT, UnsecuredJWT } from 'jose'
import t, { type Test } from 'tap'
import { grantOf } from '../src/access/claims.ts'
import { openDesk } from './support/desk.ts'
import { AUDIENCE, openIssuer } from './support/issuer.ts'

const NOW = '2026-11-23T09:00:00+07:00'
const now = Date.parse(NOW) / 1000

/** An application that believes an issuer, both with the time of day: an issuer’s clock does not stand still. */
const openBoth = async (t: Test) => {
  const issuer = await openIssuer(t)
  const desk = await openDesk(t, { oidc: issuer.settings })
  desk.at(new Date().toISOString())
  const ask = (token: string, method: string, url: string, body?: unknown, headers = {}) =>
    desk.stranger.ask(method, url, body, { authorization: `Bearer ${token}`, ...headers })
  const status = async (token: string, url = '/v1/overdue') => (await ask(token, 'GET', url)).status
  return { issuer, desk, ask, status }
}

t.test('a token of the issuer opens what its scope says, below the agency that it names', async (t) => {
  const { issuer, desk, ask } = await openBoth(t)
  const token = await issuer.token('district', 'overdue:read dossiers:read')
  t.equal((await ask(token, 'GET', '/v1/overdue')).status, 200)
  t.equal((await ask(token, 'GET', '/v1/overdue?agency=H20.19.05')).status, 200)
  const outside = { status: 403, type: '/problems/outside_your_agency', agency: 'H20.20' }
  t.match((await ask(token, 'GET', '/v1/overdue?agency=H20.20')).body, outside)
  const lacking = { status: 403, type: '/problems/scope_missing', scope: 'audit:read' }
  t.match((await ask(token, 'GET', '/v1/audit/flags')).body, lacking)
  const whole = await issuer.token('auditor', 'overdue:read')
  t.equal((await ask(whole, 'GET', '/v1/overdue?agency=H20.20')).status, 200, '* is the whole system')
  const { key } = await desk.client()
  t.equal((await ask(key, 'GET', '/v1/overdue')).status, 200, 'keys go on beside tokens')
  t.equal(issuer.asked.filter((path) => path !== '/token').length, 2, 'its discovery and its keys, each once')
})

t.test(
  'a token without an agency, or with one that is not here, is refused, and so is one without our scopes',
  async (t) => {
    const { issuer, ask } = await openBoth(t)
    const nowhere = { status: 403, type: '/problems/token_without_agency', claim: 'motcua_agency' }
    for (const client of ['lost', 'stranger']) {
      t.match((await ask(await issuer.token(client, 'overdue:read'), 'GET', '/v1/overdue')).body, nowhere, client)
    }
    const foreign = await issuer.token('district', 'mail:send')
    t.match((await ask(foreign, 'GET', '/v1/overdue')).body, { status: 403, scope: 'overdue:read' })
  },
)

t.test('a token that the issuer did not make out for us, or no more, lets nobody in', async (t) => {
  const { issuer, desk, ask, status } = await openBoth(t)
  desk.at(NOW)
  const good = { scope: 'overdue:read', exp: now + 60 }
  t.equal(await status(await issuer.signed(good)), 200, 'one that is right in every way')
  const secret = await exportSPKI(issuer.publicKey())
  const claims = { iss: issuer.settings.issuer, aud: AUDIENCE, sub: 'district', motcua_agency: 'H20.19', ...good }
  const [head = '', payload = '', signature = ''] = (await issuer.signed(good)).split('.')
  const whole = Buffer.from(JSON.stringify({ ...claims, motcua_agency: '*' })).toString('base64url')
  const wrong = {
    'of another audience': await issuer.signed({ ...good, aud: 'urn:other' }),
    'of another issuer': await issuer.signed({ ...good, iss: 'https://issuer.example' }),
    expired: await issuer.signed({ ...good, exp: now - 6 }),
    'not valid yet': await issuer.signed({ ...good, nbf: now + 60 }),
    'that never expires': await issuer.signed({ scope: good.scope }),
    'for nobody': await issuer.signed({ ...good, sub: '' }),
    'by an unknown key': await issuer.signed(good, { kid: 'other' }),
    'without a signature': new UnsecuredJWT(claims).encode(),
    'signed with the public key as a shared secret': await new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256', kid: 'first' })
      .sign(Buffer.from(secret)),
    'with other claims under the signature': `${head}.${whole}.${signature}`,
    'whose signature is cut': `${head}.${payload}.${signature.slice(0, -8)}`,
    'that is nothing but dots': 'eyJ.a.b',
  }
  for (const [name, token] of Object.entries(wrong)) {
    const answer = await ask(token, 'GET', '/v1/overdue')
    t.match(answer, { status: 401, body: { type: '/problems/unauthenticated' } }, name)
  }
  t.equal(await status(await issuer.signed({ ...good, exp: now - 4 })), 200, 'clocks may differ by five seconds')
  const real = await issuer.token('district', 'overdue:read', 'urn:other')
  desk.at(new Date().toISOString())
  t.equal(await status(real), 401, 'a real token for another resource')
})

t.test('a token is verified once in a minute, and never believed after it has expired', async (t) => {
  const { issuer, desk, status } = await openBoth(t)
  desk.at(NOW)
  const long = await issuer.signed({ scope: 'overdue:read', exp: now + 3600 })
  const short = await issuer.signed({ scope: 'overdue:read', exp: now + 30 })
  t.strictSame([await status(long), await status(short)], [200, 200])
  // What it signed by is gone at the issuer: a new look at a signature fails.
  await issuer.rotate('second')
  await setTimeout(2100)
  t.equal(await status(await issuer.signed({ scope: 'overdue:read', exp: now + 3600 })), 200, 'the new key is fetched')
  t.strictSame([await status(long), await status(short)], [200, 200], 'believed without a look')
  desk.at(new Date((now + 36) * 1000).toISOString())
  t.strictSame([await status(long), await status(short)], [200, 401])
  desk.at(new Date((now + 60) * 1000).toISOString())
  t.equal(await status(long), 401, 'a key that the issuer withdrew counts no longer than a minute')
})

t.test('however many tokens come, the memory of them is bounded, and the oldest goes first', async (t) => {
  const { issuer, desk, status } = await openBoth(t)
  desk.at(NOW)
  const numbered = (jti: string) => issuer.signed({ scope: 'overdue:read', exp: now + 3600, jti })
  const [first, second] = [await numbered('a'), await numbered('b')]
  t.strictSame([await status(first), await status(second)], [200, 200])
  for (let count = 0; count < 999; count++) await status(await numbered(String(count)))
  await issuer.rotate('second')
  await setTimeout(2100)
  t.equal(
    await status(await issuer.signed({ scope: 'dossiers:read', exp: now + 3600 })),
    403,
    'which forgets the second',
  )
  t.strictSame([await status(first), await status(second)], [401, 401], 'looked at anew')
  t.equal(await status(await numbered('998')), 200)
})

t.test('while the issuer is away tokens are told to wait, and keys go on', async (t) => {
  const { issuer, desk, ask, status } = await openBoth(t)
  const { key } = await desk.client()
  const token = await issuer.token('district', 'overdue:read')
  await issuer.stop()
  const away = { status: 503, headers: { 'retry-after': '5' }, body: { type: '/problems/issuer_unavailable' } }
  t.match(await ask(token, 'GET', '/v1/overdue'), away)
  t.equal(await status(key), 200)
  await issuer.start()
  t.match(await ask(token, 'GET', '/v1/overdue'), away, 'it is left alone for a while')
  await setTimeout(5100)
  t.equal(await status(token), 200, 'and asked again then')
  t.equal(issuer.asked.filter((path) => path !== '/token').length, 2)
})

t.test('while the issuer is away, its keys that are at hand go on, whatever strangers send', async (t) => {
  const { issuer, desk, status } = await openBoth(t)
  desk.at(NOW)
  const numbered = (jti: string, header = {}) => issuer.signed({ scope: 'overdue:read', exp: now + 600, jti }, header)
  t.equal(await status(await numbered('a')), 200)
  await issuer.stop()
  await setTimeout(2100)
  t.equal(await status(await numbered('b', { kid: 'unknown' })), 503)
  t.equal(await status(await numbered('c')), 200)
  t.equal(await status(await numbered('d', { kid: 'unknown' })), 503)
})

t.test('an issuer that calls itself otherwise, or shows its keys on an open line, is not believed', async (t) => {
  for (const metadata of [
    { issuer: 'https://issuer.example', jwks_uri: 'http://127.0.0.1/jwks' },
    { jwks_uri: 'ftp://127.0.0.1/jwks' },
  ]) {
    const { issuer, status } = await openBoth(t)
    const token = await issuer.token('district', 'overdue:read')
    const said = JSON.stringify({ issuer: issuer.settings.issuer, ...metadata })
    issuer.answerBy((_request, response) => response.end(said))
    t.equal(await status(token), 503, said)
  }
})

t.test('who acts by a token is trailed by the client’s name, and repeats a change with a later token', async (t) => {
  const { issuer, desk, ask } = await openBoth(t)
  desk.at(NOW)
  const tokenOf = (jti: string) => issuer.signed({ scope: 'dossiers:write dossiers:read', exp: now + 600, jti })
  const [first, later] = [await tokenOf('a'), await tokenOf('b')]
  const body = {
    procedureCode: '2.000720',
    receivingAgency: 'H20.19.05',
    intakeChannel: 'desk',
    returnChannel: 'desk',
    receivedAt: NOW,
    applicant: { name: 'Nguyễn Văn An' },
  }
  const once = { 'idempotency-key': 'intake-1' }
  const taken = await ask(first, 'POST', '/v1/dossiers', body, once)
  t.strictSame((await ask(later, 'POST', '/v1/dossiers', body, once)).body, taken.body)
  const { items } = (await ask(later, 'GET', `/v1/dossiers/${taken.body.code}/events`)).body
  t.match(items, [{ keyId: 'oidc:district' }])
})

t.test('by a token keys are made and rotated, but not under an Idempotency-Key', async (t) => {
  const { issuer, ask } = await openBoth(t)
  const token = await issuer.token('district', 'admin overdue:read')
  const order = { name: 'Xã', scopes: ['overdue:read'], agency: 'H20.19.05' }
  const made = await ask(token, 'POST', '/v1/keys', order)
  t.match(made, { status: 201, body: { createdBy: 'oidc:district' } })
  const once = { 'idempotency-key': 'create-1' }
  const refused = { status: 400, errors: [{ pointer: '/header/idempotency-key' }] }
  t.match((await ask(token, 'POST', '/v1/keys', order, once)).body, refused)
  const path = `/v1/keys/${made.body.id}/rotate`
  t.match((await ask(token, 'POST', path, { overlapHours: 0 }, once)).body, refused)
  const { key } = (await ask(token, 'POST', path, { overlapHours: 0 })).body
  t.strictSame(
    [(await ask(key, 'GET', '/v1/overdue')).status, (await ask(made.body.key, 'GET', '/v1/overdue')).status],
    [200, 401],
  )
  t.match((await ask(token, 'POST', '/v1/keys', { ...order, scopes: ['audit:read'] })).body, { scopes: ['audit:read'] })
  t.match((await ask(token, 'POST', '/v1/keys', { ...order, agency: null })).body, {
    type: '/problems/whole_system_only',
  })
})

t.test('claims are read by what they are, whoever wrote them', async (t) => {
  const claims = { sub: 'cổng dịch vụ công', scope: 'admin admin mail:send', motcua_agency: ['H20'] }
  const hash = createHash('sha256').update(claims.sub).digest('base64url').slice(0, 22)
  t.strictSame(grantOf(claims, 'motcua_agency'), { keyId: `oidc:~${hash}`, scopes: ['admin'], agency: undefined })
  t.strictSame(grantOf({ client_id: 'portal', scope: ['admin'], unit: '*' }, 'unit'), {
    keyId: 'oidc:portal',
    scopes: [],
    agency: null,
  })
  t.equal(grantOf({ sub: 7, scope: 'admin' }, 'motcua_agency'), undefined)
})
