import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eq, sql } from 'drizzle-orm'
import pino from 'pino'
import t, { type Test } from 'tap'
import type { Scope } from '../src/access/caller.ts'
import { buildApp } from '../src/app.ts'
import { rebuild, verify } from '../src/audit/tools.ts'
import { readSettings } from '../src/config.ts'
import type { Database } from '../src/db/database.ts'
import { dossiers, numberReads } from '../src/db/tables.ts'
import type { KeptApplicant } from '../src/dossiers/dossier.ts'
import { logOptions } from '../src/http/log.ts'
import { checkNumberKeys } from '../src/people/checking.ts'
import { decryptNumber, encryptNumber } from '../src/people/cipher.ts'
import { numberKeysOf } from '../src/people/key-file.ts'
import { newNumberKey, readKeyRing } from '../src/people/keys.ts'
import { maskNumber, normalNumber } from '../src/people/numbers.ts'
import { longAgo, purge, rotate } from '../src/people/tools.ts'
import { serve } from '../src/serve.ts'
import { move, pagesOf, query, take } from './support/asking.ts'
import { type Client, openDesk } from './support/desk.ts'
import { numberKeys, PII_KEYS } from './support/keys.ts'

const AN = { name: 'Nguyễn Văn An', idNumber: '087123456789', phone: '0912 345 678', address: 'Ấp Long Hòa' }
const MASKED = { ...AN, idNumber: '0871•••••789', phone: '09•••••678' }
const PLAIN: readonly Scope[] = ['dossiers:read', 'reports:read', 'dossiers:write']
const EVIDENCE = '/v1/reports/channel-ratio/evidence?period=2021&figure=received.total&applicant=true'
const AT = { from: '2021-10-01', to: '2021-10-01' }

const rowsOf = async <Row>(db: Database, statement: Parameters<Database['execute']>[0]): Promise<Row[]> =>
  ((await db.execute(statement)) as unknown as { rows: Row[] }).rows

/** Everything that a backup of the database holds, as text. */
const dumped = async (db: Database): Promise<string> => {
  const tables = await rowsOf<{ name: string }>(
    db,
    sql`select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`,
  )
  const texts: string[] = []
  for (const { name } of tables) {
    texts.push(
      ...(await rowsOf<{ text: string }>(db, sql`select t::text as text from ${sql.identifier(name)} t`)).map(
        ({ text }) => text,
      ),
    )
  }
  return texts.join('\n')
}

const keptOf = async (db: Database, code: string): Promise<KeptApplicant | null> =>
  (await db.select({ applicant: dossiers.applicant }).from(dossiers).where(eq(dossiers.code, code)))[0]?.applicant ??
  null

const put = (db: Database, code: string, applicant: KeptApplicant | null) =>
  db.update(dossiers).set({ applicant }).where(eq(dossiers.code, code))

const readsOf = (client: Client, filters: Record<string, string> = AT) =>
  client.ask('GET', `/v1/audit/pii-reads?${query(filters)}`)

const printing = () => {
  const lines: string[] = []
  return { lines, print: (line: string) => void lines.push(line) }
}

t.test('a mask shows too little to use, and a short number hides altogether', async (t) => {
  const masks = {
    '087123456789': '0871•••••789',
    '0912345678': '09•••••678',
    '341234567': '3•••••567',
    '12345678': '•••••678',
    '1234567': '•••••••',
    '1': '•••••',
    '0912 345 678': '09•••••678',
    '0912.345.678': '09•••••678',
  }
  for (const [number, mask] of Object.entries(masks)) t.equal(maskNumber(number), mask)
})

t.test('a number is the same however it is written', async (t) => {
  for (const phone of [
    '0912345678',
    '0912 345 678',
    '+84 912.345.678',
    '0084912345678',
    '84912345678',
    '+84 (0)912345678',
  ]) {
    t.equal(normalNumber('phone', phone), '0912345678', phone)
  }
  t.equal(normalNumber('phone', '+84 277 3123 456'), '02773123456')
  t.equal(normalNumber('phone', '8491234'), '8491234', 'too short to have a country in front')
  t.equal(normalNumber('idNumber', ' b 123-4567 '), 'B1234567')
})

t.test('what a setting of keys may be', async (t) => {
  const [one, two] = [newNumberKey(), newNumberKey()]
  const ring = readKeyRing(`${one}, ${two}`)
  t.equal(ring.current.id, one.split(':')[0])
  t.equal(ring.byId.size, 2)
  for (const wrong of ['', 'short', 'k1:c2hvcnQ=', `${one},`, `K!:${one.split(':')[1]}`]) {
    t.throws(() => readSettings({ PII_KEYS: wrong || 'x' }), {
      message: /^The setting PII_KEYS is wrong: must be id:secret/,
    })
  }
  t.throws(() => readSettings({ PII_KEYS: `${one},${one}` }), { message: /must not name one id twice/ })
  const many = Array.from({ length: 9 }, newNumberKey).join()
  t.throws(() => readSettings({ PII_KEYS: many }), { message: /must not hold more than 8 keys/ })
  t.throws(
    () => readSettings({ PII_KEYS: `k1:${'s'.repeat(20)}` }),
    { message: /^[^s]*(?:s{1,2}[^s]+)*$/ },
    'a secret that is wrong is not printed either',
  )
})

t.test('a number is read with its own key, in its own field of its own dossier, and as it was written', async (t) => {
  const opening = { keyId: 'key_1', requestId: 'slip-1', recordedAt: new Date('2021-10-01T01:00:00.123Z') }
  const kept = encryptNumber(numberKeys, 'phone', AN.phone, opening)
  if (typeof kept === 'string') throw new Error('in clear')
  t.equal(decryptNumber(numberKeys, 'phone', kept, opening), AN.phone)
  t.not(kept.cipher, (encryptNumber(numberKeys, 'phone', AN.phone, opening) as typeof kept).cipher, 'never twice alike')
  const refused = (field: 'idNumber' | 'phone', cipher: string, changed: object = {}) =>
    t.throws(() => decryptNumber(numberKeys, field, { ...kept, cipher }, { ...opening, ...changed }))
  refused('idNumber', kept.cipher)
  refused('phone', kept.cipher, { requestId: 'slip-2' })
  refused('phone', kept.cipher, { keyId: 'key_2' })
  refused('phone', kept.cipher, { recordedAt: new Date('2021-10-01T01:00:00.124Z') })
  const [version, id, text = ''] = kept.cipher.split('.')
  const bytes = Buffer.from(text, 'base64url')
  for (const at of [0, 12, 28]) {
    const changed = Buffer.from(bytes)
    changed.writeUInt8(changed.readUInt8(at) ^ 1, at)
    refused('phone', `${version}.${id}.${changed.toString('base64url')}`)
  }
  refused('phone', `${version}.${id}.${bytes.subarray(0, 20).toString('base64url')}`)
  refused('phone', `1.${id}`)
  t.throws(() => decryptNumber(numberKeys, 'phone', { ...kept, cipher: `2.${id}.${text}` }, opening), {
    message: /version 2/,
  })
  t.throws(() => decryptNumber(readKeyRing(newNumberKey()), 'phone', kept, opening), {
    message: `PII_KEYS does not hold the key ${id}, under which a number is kept`,
  })
})

t.test('a backup holds no number, in no table', async (t) => {
  const desk = await openDesk(t)
  const client = await desk.client()
  const { code } = await take(client, { applicant: AN, source: { system: 'one', reference: '1' } })
  await move(client, code, 'finish', '2021-09-07T09:00:00+07:00')
  t.strictSame((await client.ask('GET', `/v1/dossiers/${code}`)).body.applicant, AN)
  await client.ask('POST', '/v1/dossiers/search', { idNumber: AN.idNumber })
  const text = await dumped(desk.db)
  t.match(text, AN.name, 'all of it was looked at')
  for (const secret of [AN.idNumber, AN.phone, '345 678', '0912345678', '123456789'])
    t.notOk(text.includes(secret), secret)
})

t.test('a number that was put into another dossier is not shown, and no log tells it', async (t) => {
  const desk = await openDesk(t)
  const lines: string[] = []
  const logger = pino(logOptions('trace'), { write: (line: string) => void lines.push(line) })
  const app = await buildApp(desk.deps, { logger })
  t.teardown(() => app.close())
  const client = await desk.client()
  const [one, other] = [await take(client, { applicant: AN }), await take(client, { applicant: { name: 'Bình' } })]
  await put(desk.db, other.code, await keptOf(desk.db, one.code))
  const ask = (code: string) =>
    app.inject({ url: `/v1/dossiers/${code}`, headers: { authorization: `Bearer ${client.key}` } })
  t.equal((await ask(one.code)).statusCode, 200)
  const answer = await ask(other.code)
  t.equal(answer.statusCode, 500)
  for (const secret of [AN.idNumber, AN.phone]) t.notOk(`${answer.body}${lines.join()}`.includes(secret))
})

t.test(
  'numbers are masked unless the key may know them, and who was shown them whole is in the trail first',
  async (t) => {
    const desk = await openDesk(t)
    const client = await desk.client()
    const { code } = await take(client, { applicant: AN })
    const plain = await desk.client(PLAIN)
    const url = `/v1/dossiers/${code}`
    t.strictSame((await plain.ask('GET', url)).body.applicant, MASKED)
    t.strictSame((await plain.ask('POST', '/v1/dossiers/search', { phone: AN.phone })).body.items[0].applicant, MASKED)
    t.strictSame((await plain.ask('GET', EVIDENCE)).body.items[0].applicant, MASKED)
    const csv = await plain.ask('GET', `${EVIDENCE}&format=csv`)
    t.ok(csv.text.endsWith(`,"${AN.name}","${MASKED.idNumber}","${MASKED.phone}","${AN.address}"\r\n`))
    t.match(
      (await readsOf(client)).body.items,
      [{ action: 'searchDossiers', dossiers: 1 }],
      'of what is masked, the search',
    )

    const officer = { 'x-officer': 'cb-017', 'x-request-id': 'look-1' }
    t.strictSame((await client.ask('GET', url, undefined, officer)).body.applicant, AN)
    const found = await client.ask('POST', '/v1/dossiers/search', { idNumber: AN.idNumber })
    t.strictSame(found.body.items[0].applicant, AN)
    t.strictSame((await client.ask('GET', EVIDENCE)).body.items[0].applicant, AN)
    const whole = await client.ask('GET', `${EVIDENCE}&format=ndjson`)
    t.strictSame(JSON.parse(whole.text).applicant, AN)
    const { items } = (await readsOf(client)).body
    t.match(items, [
      { action: 'evidenceOfChannelRatio', dossierCode: null, dossiers: 1 },
      { action: 'evidenceOfChannelRatio', dossierCode: null, dossiers: 1 },
      { action: 'searchDossiers', dossierCode: null, dossiers: 1, officer: null },
      { action: 'getDossier', dossierCode: code, dossiers: 1, officer: 'cb-017', requestId: 'look-1', agency: null },
      { action: 'searchDossiers' },
    ])
    t.equal(items.length, 5)
    t.strictSame(
      (await pagesOf(client, '/v1/audit/pii-reads', { ...AT, limit: '3' })).flatMap((page) => page.items),
      items,
    )
    t.strictSame((await readsOf(client, { from: '2021-09-30', to: '2021-09-30' })).body.items, [])

    t.test('each agency sees what its keys read, and what anyone read of its dossiers', async (t) => {
      const commune = await desk.client(['audit:read', 'dossiers:read', 'dossiers:pii'], 'H20.19.05')
      await commune.ask('POST', '/v1/dossiers/search', { idNumber: '1' })
      const seen = (await readsOf(commune)).body.items
      t.match(seen, [
        { action: 'searchDossiers', agency: 'H20.19.05', dossiers: 0 },
        { action: 'getDossier', dossierCode: code },
      ])
      t.equal(seen.length, 2)
      const sibling = await desk.client(['audit:read'], 'H20.20.01')
      t.strictSame((await readsOf(sibling)).body.items, [])
      t.match((await readsOf(sibling, { ...AT, agency: 'H20.19' })).body, { type: '/problems/outside_your_agency' })
    })

    t.test('nobody takes a line out of that trail', async (t) => {
      for (const statement of [
        'update number_reads set dossiers = 0',
        'delete from number_reads',
        'truncate number_reads',
      ]) {
        await t.rejects(desk.db.execute(statement), { cause: { message: 'rows of number_reads are only ever added' } })
      }
    })

    t.test('where it cannot be written, nothing is shown', async (t) => {
      await desk.db.execute('alter table number_reads rename to elsewhere')
      for (const asked of [url, EVIDENCE]) {
        const answer = await client.ask('GET', asked)
        t.equal(answer.status, 500)
        t.notOk(answer.text.includes(AN.idNumber))
      }
      const cut = await client.ask('GET', `${EVIDENCE}&format=csv`).catch(() => undefined)
      t.notOk(cut?.text.includes(AN.idNumber))
      t.equal((await plain.ask('GET', url)).status, 200, 'what is masked needs no trail')
      await desk.db.execute('alter table elsewhere rename to number_reads')
    })
  },
)

t.test('a person’s dossiers are found by either number, as far as the key sees', async (t) => {
  const desk = await openDesk(t)
  const client = await desk.client()
  const codes: string[] = []
  for (const receivingAgency of ['H20.19.05', 'H20.19.05', 'H20.20.01']) {
    codes.unshift((await take(client, { applicant: AN, receivingAgency })).code)
  }
  await take(client, { applicant: { name: AN.name, idNumber: '087123456780' } })
  await take(client, { applicant: { name: AN.name, idNumber: '0912345678' } })
  const search = async (asked: object, by = client) => (await by.ask('POST', '/v1/dossiers/search', asked)).body
  const found = async (asked: object, by = client) =>
    (await search(asked, by)).items.map(({ code }: { code: string }) => code)
  t.strictSame(await found({ idNumber: '087 123 456 789' }), codes, 'newest first')
  t.strictSame(await found({ phone: '+84912345678' }), codes, 'an identity number of the same digits is another')
  t.strictSame(await found({ phone: '0912345679' }), [])
  const own = await desk.client(PLAIN, 'H20.20')
  t.strictSame(await found({ phone: AN.phone }, own), codes.slice(0, 1))

  const first = await search({ phone: AN.phone, limit: 2 })
  t.strictSame(
    first.items.map(({ code }: { code: string }) => code),
    codes.slice(0, 2),
  )
  t.strictSame(await found({ phone: AN.phone, limit: 2, cursor: first.nextCursor }), codes.slice(2))
  t.match(await search({ phone: '0912345679', cursor: first.nextCursor }), { type: '/problems/invalid_cursor' })
  const asText = Buffer.from(first.nextCursor, 'base64url').toString()
  t.notMatch(asText, /0912|345/, 'a cursor tells no number')
  for (const asked of [{}, { phone: '1', idNumber: '1' }, { phone: '' }, { name: 'An' }]) {
    t.match(await search(asked), { status: 400, type: '/problems/invalid_input' })
  }
})

/** What was written before there was encryption. */
const inClear = async (db: Database, code: string): Promise<void> => {
  await put(db, code, AN)
}

t.test('new keys take the place of old ones batch by batch, also where that is stopped half way', async (t) => {
  const desk = await openDesk(t)
  const { db } = desk
  const client = await desk.client()
  const codes: string[] = []
  for (let i = 0; i < 6; i++) codes.push((await take(client, { applicant: AN })).code)
  const nameless = await take(client, { applicant: { name: 'Không số' } })
  const [clear = '', , , , last = ''] = codes
  await inClear(db, clear)
  await put(db, String(codes[5]), null)
  t.strictSame((await client.ask('GET', `/v1/dossiers/${clear}`)).body.applicant, AN, 'what stands in clear is read')

  const next = newNumberKey()
  const both = readKeyRing(`${next},${PII_KEYS}`)
  const app = await buildApp({ ...desk.deps, numberKeys: both })
  t.teardown(() => app.close())
  const ask = async (method: 'GET' | 'POST', url: string, payload?: object) => {
    const headers = { authorization: `Bearer ${client.key}` }
    return (await app.inject({ method, url, headers, ...(payload ? { payload } : {}) })).json()
  }
  const bothIds = [...both.byId.keys()]
  const found = async () =>
    (await ask('POST', '/v1/dossiers/search', { phone: AN.phone })).items.map(({ code }: { code: string }) => code)
  t.equal((await found()).length, 4, 'found under the key from before, but not in clear')

  // The last of them cannot be written: what came before it in other batches is done, its own batch is not.
  await db.execute(
    sql.raw(`create function fail() returns trigger language plpgsql as $$ begin raise exception 'cut off'; end $$`),
  )
  await db.execute(
    sql.raw(
      `create trigger cut before update on dossiers for each row when (old.code = '${last}') execute function fail()`,
    ),
  )
  const stopped = printing()
  await t.rejects(rotate(db, both, stopped.print, 2))
  await db.execute('drop trigger cut on dossiers')
  const keyOf = async (code: string) => {
    const phone = (await keptOf(db, code))?.phone
    return typeof phone === 'object' ? bothIds.indexOf(String(phone.cipher.split('.')[1])) : phone
  }
  t.strictSame(await Promise.all(codes.map(keyOf)), [0, 0, 0, 0, 1, undefined])
  t.equal((await found()).length, 5, 'whichever key it is under')

  const again = printing()
  t.equal(await rotate(db, both, again.print, 2), true)
  t.match(again.lines, [
    `1 applicants encrypted under ${both.current.id}, 0 of them stood in clear`,
    `10 numbers are kept under ${both.current.id}`,
    new RegExp(`^nothing is kept under ${bothIds[1]} any more: take it out of PII_KEYS`),
  ])
  t.equal(await rotate(db, readKeyRing(next), () => {}), true, 'a third time there is nothing to do')
  for (const code of codes.slice(0, 5)) t.strictSame((await ask('GET', `/v1/dossiers/${code}`)).applicant, AN)
  t.strictSame((await ask('GET', `/v1/dossiers/${nameless.code}`)).applicant, { name: 'Không số' })
  t.notOk((await dumped(db)).includes(AN.idNumber))

  t.test('an instance that still has the old key first is noticed, and so is a key that is gone', async (t) => {
    const { code } = await take(client, { applicant: AN })
    const lost = printing()
    t.equal(await rotate(db, readKeyRing(next), lost.print), false)
    t.match(lost.lines.at(-1), new RegExp(`^2 numbers are kept under ${bothIds[1]}, which PII_KEYS does not hold`))
    t.equal(await keyOf(code), 1, 'left as it is')
    await t.rejects(checkNumberKeys(db, readKeyRing(next)), {
      message: /do not read the numbers that were encrypted last/,
    })
    await checkNumberKeys(db, both)
  })
})

t.test('what comes in under an old key while keys are changed is counted', async (t) => {
  const desk = await openDesk(t)
  const client = await desk.client()
  await take(client, { applicant: AN })
  const both = readKeyRing(`${newNumberKey()},${PII_KEYS}`)
  const { lines, print } = printing()
  await desk.db.execute(
    sql.raw(`create function pass() returns trigger language plpgsql as $$ begin return null; end $$`),
  )
  await desk.db.execute('create trigger pass before update on dossiers for each row execute function pass()')
  t.equal(await rotate(desk.db, both, print), false)
  t.match(lines.at(-1), /^2 numbers came in under k\w+ meanwhile/)
})

t.test('a repeated request is known again though what it sent is encrypted', async (t) => {
  const desk = await openDesk(t)
  const client = await desk.client()
  const source = { system: 'one', reference: 'HS-1' }
  const { code } = await take(client, { applicant: AN, source })
  const body = { procedureCode: '2.000720', receivingAgency: 'H20.19.05', intakeChannel: 'desk', returnChannel: 'desk' }
  const send = (applicant: object, headers = {}) =>
    client.ask('POST', '/v1/dossiers', { ...body, receivedAt: '2021-08-31T09:00:00+07:00', applicant, source }, headers)
  t.match(await send(AN), { status: 200, body: { code } })
  t.match(await send({ ...AN, phone: '0912345678' }), { status: 409, body: { type: '/problems/source_conflict' } })
  await inClear(desk.db, code)
  t.match(await send(AN), { status: 200, body: { code } })
})

t.test('what is long closed forgets whose it was, and nothing else', async (t) => {
  const desk = await openDesk(t)
  const { db } = desk
  const client = await desk.client()
  const [old, recent, open] = [await take(client), await take(client), await take(client)]
  desk.at('2021-09-03T09:00:00+07:00')
  await move(client, old.code, 'finish', '2021-09-02T09:00:00+07:00')
  desk.at('2021-10-01T08:00:00+07:00')
  await move(client, recent.code, 'finish', '2021-09-30T09:00:00+07:00')
  const figures = async () => [
    (await client.ask('GET', '/v1/reports/punctuality?period=2021')).text,
    (await client.ask('GET', '/v1/reports/channel-ratio?period=2021')).text,
    (await client.ask('GET', `/v1/dossiers/${old.code}/events`)).text,
  ]
  const before = await figures()
  const closedBefore = longAgo('P1W', desk.deps.now())
  const { lines, print } = printing()
  await purge(db, closedBefore, true, print)
  t.ok(await keptOf(db, old.code), 'a dry run only counts')
  await purge(db, closedBefore, false, print)
  await purge(db, closedBefore, false, print)
  t.strictSame(
    lines.map((line) => line.replace('2021-09-24T08:00:00+07:00', 'then')),
    [
      '1 applicants of dossiers closed before then would be deleted',
      '1 applicants of dossiers closed before then deleted',
      '0 applicants of dossiers closed before then deleted',
    ],
  )
  t.equal((await client.ask('GET', `/v1/dossiers/${old.code}`)).body.applicant, null)
  for (const { code } of [recent, open]) t.ok((await client.ask('GET', `/v1/dossiers/${code}`)).body.applicant)
  t.strictSame(await figures(), before)
  t.equal(await verify(db, {}, desk.deps.now(), () => {}), true)
  t.equal(await rebuild(db, true, () => {}), true)
})

t.test('how long ago may be said in days or as a span', async (t) => {
  const now = new Date('2024-03-31T10:00:00Z')
  const cases = {
    '30': '2024-03-01T10:00:00.000Z',
    P30D: '2024-03-01T10:00:00.000Z',
    P1M: '2024-02-29T10:00:00.000Z',
    P5Y: '2019-03-31T10:00:00.000Z',
    P1Y1M1W1D: '2023-02-20T10:00:00.000Z',
  }
  for (const [text, then] of Object.entries(cases)) t.equal(longAgo(text, now).toISOString(), then, text)
  for (const text of [undefined, '', '0', 'P', 'P0D', '-3', '1.5', 'PT5M', 'P101Y', '99999']) {
    t.throws(() => longAgo(text, now), { message: /--older-than needs days/ }, String(text))
  }
})

const newFolder = (t: Test): string => {
  const folder = mkdtempSync(join(tmpdir(), 'motcua-people-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

t.test('the embedded database makes its key at the first start; a server’s must be set', async (t) => {
  const folder = newFolder(t)
  const settings = readSettings({ DATA_DIR: folder, PORT: '0', LOG_LEVEL: 'silent' })
  const first = await serve(settings, () => {})
  await first.close()
  const file = join(folder, 'pii.key')
  t.equal(statSync(file).mode & 0o777, 0o600)
  const key = readFileSync(file, 'utf8')
  t.strictSame([...numberKeysOf(settings).byId.keys()], [key.split(':')[0]], 'and finds it again')
  t.equal(readFileSync(file, 'utf8'), key)
  t.equal(numberKeysOf(readSettings({ PII_KEYS, DATA_DIR: folder })).current.id, numberKeys.current.id)
  writeFileSync(file, 'what was that\n')
  t.throws(() => numberKeysOf(settings), { message: /pii\.key is wrong: it must be id:secret/ })

  const server = readSettings({ DATABASE_URL: 'postgres://motcua@127.0.0.1:1/motcua', LOG_LEVEL: 'silent' })
  await t.rejects(
    serve(server, () => {}),
    { message: /^The setting PII_KEYS is missing.+npm run pii -- new-key/ },
  )
})

t.test('what a mask hides cannot be tried out by searching: each search is trailed, and a key has few', async (t) => {
  const desk = await openDesk(t, { searchesAMinute: 3 })
  const [plain, auditor] = [await desk.client(['dossiers:read']), await desk.client(['audit:read'])]
  const search = (idNumber: string) => plain.ask('POST', '/v1/dossiers/search', { idNumber })
  await take(await desk.client(), { applicant: AN })
  for (const idNumber of ['087100000789', '087100001789', AN.idNumber]) t.equal((await search(idNumber)).status, 200)
  const refused = await search('087100002789')
  t.match(refused, { status: 429, body: { type: '/problems/too_many_requests', limit: 3, windowSeconds: 60 } })
  t.ok(Number(refused.headers['retry-after']) > 0)
  t.equal((await plain.ask('GET', '/v1/dossiers')).status, 200, 'nothing else is counted with it')
  t.match(
    (await readsOf(auditor)).body.items.map(({ action, dossiers }: Record<string, unknown>) => [action, dossiers]),
    [
      ['searchDossiers', 1],
      ['searchDossiers', 0],
      ['searchDossiers', 0],
    ],
  )
})

t.test('a number that is not what was encrypted keeps no other from its new key', async (t) => {
  const desk = await openDesk(t)
  const { db } = desk
  const client = await desk.client()
  const [one, other, third] = [
    await take(client, { applicant: AN }),
    await take(client, { applicant: AN }),
    await take(client, { applicant: AN }),
  ]
  await put(db, other.code, await keptOf(db, one.code))
  const { lines, print } = printing()
  const both = readKeyRing(`${newNumberKey()},${PII_KEYS}`)
  t.equal(await rotate(db, both, print), false)
  t.match(lines, [`${other.code} has a number that is not what was encrypted`, /^2 applicants encrypted/])
  const app = await buildApp({ ...desk.deps, numberKeys: both })
  t.teardown(() => app.close())
  const read = await app.inject({
    url: `/v1/dossiers/${third.code}`,
    headers: { authorization: `Bearer ${client.key}` },
  })
  t.strictSame(read.json().applicant, AN)
})

t.test('a database without any number takes any key, and nobody has read one', async (t) => {
  const desk = await openDesk(t)
  const client = await desk.client()
  await take(client, { applicant: { name: 'An' } })
  await checkNumberKeys(desk.db, numberKeys)
  t.equal(await desk.db.$count(numberReads), 0)
})

t.test('a citizen follows a dossier by its code and the end of a number', async (t) => {
  const desk = await openDesk(t)
  const client = await desk.client()
  const { code } = await take(client, { applicant: AN })
  const quiet = await take(client, { applicant: { name: 'Không số' } })
  const purged = await take(client, { applicant: AN })
  await put(desk.db, purged.code, null)
  const track = async (of: string, digits: string, remoteAddress = '203.0.113.1') => {
    const headers = { 'x-digits': digits, 'accept-language': 'en' }
    const answer = await desk.app.inject({ url: `/v1/track/${of}`, headers, remoteAddress })
    return { status: answer.statusCode, body: answer.json(), headers: answer.headers }
  }
  const shown = await track(code, '5678')
  t.equal(shown.status, 200)
  t.equal(shown.headers['cache-control'], 'no-store')
  t.strictSame(shown.body, {
    code,
    status: { code: 2, key: 'received', label: 'Received' },
    submittedAt: null,
    receivedAt: '2021-08-31T09:00:00+07:00',
    dueOn: '2021-09-07',
    dueAt: '2021-09-07T17:00:00+07:00',
    finishedAt: null,
    returnedAt: null,
  })
  t.equal((await track(code, '6789')).status, 200, 'either number will do')

  const statements: string[] = []
  const execute = desk.db.select.bind(desk.db)
  t.intercept(desk.db, 'select', {
    value: (...args: Parameters<typeof execute>) => {
      statements.push('select')
      return execute(...args)
    },
  })
  const answers = [
    await track(code, '5679', '203.0.113.2'),
    await track(quiet.code, '5678', '203.0.113.2'),
    await track(purged.code, '5678', '203.0.113.2'),
    await track('H20.19.05-210831-9999', '5678', '203.0.113.2'),
  ]
  t.equal(statements.length, 4, 'one statement each')
  for (const { status, body } of answers) {
    t.equal(status, 404)
    t.strictSame(body, answers[0]?.body, 'nobody learns which codes there are')
  }
  t.match((await track(code, '567', '203.0.113.3')).body, { errors: [{ pointer: '/header/x-digits' }] })
})

t.test('guessing is slow from one address and from many, and a stranger keeps no citizen out', async (t) => {
  const desk = await openDesk(t)
  const client = await desk.client()
  const { code } = await take(client, { applicant: AN })
  const other = await take(client, { applicant: AN })
  const track = async (of: string, digits: string, remoteAddress: string) => {
    const headers = { 'x-digits': digits }
    const answer = await desk.app.inject({ url: `/v1/track/${of}`, headers, remoteAddress })
    return answer.statusCode === 429 ? Number(answer.headers['retry-after']) : answer.statusCode
  }
  const tries = async (count: number, ...asked: Parameters<typeof track>) => {
    const answers: number[] = []
    for (let i = 0; i < count; i++) answers.push(await track(...asked))
    return answers
  }
  t.strictSame(await tries(6, code, '0000', '203.0.113.1'), [404, 404, 404, 404, 900, 900])
  t.equal(await track(code, '5678', '203.0.113.2'), 200, 'the citizen looks in from elsewhere')
  t.equal(await track(other.code, '5678', '203.0.113.1'), 200, 'another code is another matter')
  t.strictSame(await tries(4, code, '0000', '2001:db8::1'), [404, 404, 404, 404])
  t.equal(await track(code, '0000', '2001:db8::2'), 900, 'neighbours in one network are one')
  t.strictSame(await tries(4, code, '0000', '203.0.113.3'), [404, 404, 404, 900], 'twelve a code, from wherever')
  const wide: number[] = []
  for (let i = 1; i <= 21; i++) wide.push(await track(`H20.19.05-210831-${1000 + i}`, '0000', '203.0.113.4'))
  t.strictSame([wide.slice(0, 20).every((status) => status === 404), wide.at(-1)], [true, 60], 'twenty a minute')
})
