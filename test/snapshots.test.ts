import { createHash } from 'node:crypto'
import { eq, sql } from 'drizzle-orm'
import t from 'tap'
import { SCOPES } from '../src/access/caller.ts'
import { sealNextDay } from '../src/audit/sealing.ts'
import { verify } from '../src/audit/tools.ts'
import { procedures, reportSnapshots, seals } from '../src/db/tables.ts'
import { boundPast } from '../src/figures/past.ts'
import { takeSnapshot } from '../src/reports/snapshots.ts'
import { forged } from './support/asking.ts'
import { intake, openDesk } from './support/desk.ts'

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

const RATIO = { report: 'channel-ratio', parameters: { agency: 'H20.19', period: '2021-9M', groupBy: 'month' } }

t.test('a frozen report is the same bytes for ever, and says what has changed since and by which events', async (t) => {
  const desk = await openDesk(t)
  const client = await desk.client()
  const take = async (overrides: Record<string, unknown> = {}): Promise<string> =>
    (await client.ask('POST', '/v1/dossiers', intake(overrides))).body.code
  const [first, second] = [await take(), await take({ intakeChannel: 'post', post: { handoverNumber: 'BB-1' } })]
  const move = async (code: string, name: string, body: object) => {
    const { status, text } = await client.ask('POST', `/v1/dossiers/${code}/${name}`, body)
    t.equal(status, 200, text)
  }
  await move(first, 'finish', { effectiveAt: '2021-09-06T09:00:00+07:00' })
  const taken = await client.ask('POST', '/v1/reports/snapshots', RATIO, { 'idempotency-key': 'freeze-1' })
  t.equal(taken.status, 201, taken.text)
  t.equal(taken.headers.etag, `"${sha256(taken.text)}"`)
  t.match(taken.body, { report: 'channel-ratio', agency: 'H20.19', figures: { numerator: 1, denominator: 2 } })
  const path = String(taken.headers.location)
  const again = await client.ask('POST', '/v1/reports/snapshots', RATIO, { 'idempotency-key': 'freeze-1' })
  t.equal(again.text, taken.text, 'a repeated request gets the first one')
  const other = { ...RATIO, parameters: { period: '2021' } }
  const clash = await client.ask('POST', '/v1/reports/snapshots', other, { 'idempotency-key': 'freeze-1' })
  t.match(clash.body, { type: '/problems/idempotency_mismatch' })
  t.match((await client.ask('GET', `${path}/diff`)).body, { figures: [], dossiers: [], more: false, sealsStand: true })

  const third = await take({ receivedAt: '2021-09-10T09:00:00+07:00' })
  await move(second, 'correct', { reason: 'nhầm hình thức', intakeChannel: 'desk' })
  await move(first, 'reopen', { reason: 'sai sót', approver: 'Chủ tịch' })
  t.equal((await client.ask('GET', path)).text, taken.text, 'read again')
  const held = await client.ask('GET', path, undefined, { 'if-none-match': String(taken.headers.etag) })
  t.match(held, { status: 304, text: '', headers: { etag: taken.headers.etag } }, 'who holds it is sent nothing')
  const { body: diff } = await client.ask('GET', `${path}/diff`)
  const figure = (name: string) => diff.figures.find((one: { path: string }) => one.path === name)
  t.strictSame(figure('/numerator'), { path: '/numerator', frozen: 1, now: 0, change: -1 })
  t.strictSame(figure('/denominator'), { path: '/denominator', frozen: 2, now: 3, change: 1 })
  t.match(figure('/groups/2021-09/received/desk'), { change: 1 })
  const named = diff.dossiers.map(({ dossier, events }: { dossier: string; events: { type: string }[] }) => [
    dossier,
    events.map(({ type }) => type),
  ])
  t.strictSame(
    named,
    [
      [second, ['corrected']],
      [third, ['received']],
    ],
    'the reopening changes no postal ratio',
  )
  const { takenAt } = taken.body
  const asKnown = await client.ask(
    'GET',
    `/v1/reports/channel-ratio?agency=H20.19&period=2021-9M&asOfBy=recorded&asOf=${encodeURIComponent(takenAt)}`,
  )
  t.match(asKnown.body, { numerator: 1, denominator: 2 }, 'as it was known at that moment')

  const punctuality = { report: 'punctuality', parameters: { agency: 'H20.19', period: '2021-9M' } }
  const before = await client.ask('POST', '/v1/reports/snapshots', punctuality)
  t.match(before.body.figures, { resolved: { total: 0 }, pending: { total: 3 } })
  await move(third, 'finish', { effectiveAt: '2021-10-01T07:45:00+07:00' })
  const after = await client.ask('GET', `${before.headers.location}/diff`)
  t.strictSame(
    [after.body.figures, after.body.dossiers],
    [[], []],
    'what happened after the period changes nothing in it',
  )
  for (const report of ['ii-06a', '07a']) {
    const form = await client.ask('POST', '/v1/reports/snapshots', { report, parameters: { period: '2021-9M' } })
    t.equal(form.status, 201)
    t.strictSame((await client.ask('GET', `${form.headers.location}/diff`)).body.figures, [])
  }
})

t.test('one request that comes twice at the same moment freezes one report', async (t) => {
  const desk = await openDesk(t)
  const { reference, db, now } = desk.deps
  const caller = { keyId: 'k', scopes: SCOPES, agency: null, agencies: null }
  const act = { keyId: 'k', officer: null, requestId: 'r', idempotencyKey: 'once', requestHash: '0'.repeat(64) }
  const order = { report: '07a', parameters: { period: '2021', year: 'calendar', by: 'effective' } } as const
  const given = { db, caller, now: now(), reference: await reference.current(), language: 'vi' } as const
  const [one, other] = await Promise.all([takeSnapshot(given, act, order), takeSnapshot(given, act, order)])
  t.strictSame(one, other)
  t.equal(await db.$count(reportSnapshots), 1)
})

t.test('a snapshot names the last day that is sealed', async (t) => {
  const desk = await openDesk(t)
  const client = await desk.client()
  await client.ask('POST', '/v1/dossiers', intake())
  const freeze = async () =>
    (await client.ask('POST', '/v1/reports/snapshots', { report: '07a', parameters: { period: '2021-9M' } })).body
  t.match(await freeze(), { sealedTo: null, seals: [] })
  desk.at('2021-10-02T08:00:00+07:00')
  while (await sealNextDay(desk.db, desk.deps.now()));
  t.match(await freeze(), { sealedTo: '2021-10-01', seals: [{ agency: 'H20.19.05', day: '2021-10-01' }] })
})

type Seal = { agency: string; day: string; hash: string }

t.test('a snapshot rests on the seals of every agency, in a hash that only who sees them all can tell', async (t) => {
  const desk = await openDesk(t)
  const [whole, commune] = [await desk.client(), await desk.client(['reports:read'], 'H20.19.06')]
  for (const receivingAgency of ['H20.19.05', 'H20.20.01']) {
    await whole.ask('POST', '/v1/dossiers', intake({ receivingAgency }))
  }
  const order = { report: '07a', parameters: { period: '2021-9M' } }
  const none = await commune.ask('POST', '/v1/reports/snapshots', order)
  t.match(none.body, { seals: [], sealsRoot: sha256('') })
  desk.at('2021-10-02T08:00:00+07:00')
  while (await sealNextDay(desk.db, desk.deps.now()));
  const { body: listed } = await whole.ask('GET', '/v1/audit/seals?from=2021-10-01&to=2021-10-01')
  const lines = listed.items.map(({ agency, day, hash }: Seal) => `${agency} ${day} ${hash}\n`)
  t.equal(lines.length, 2)
  const ofAll = await whole.ask('POST', '/v1/reports/snapshots', order)
  t.match(ofAll.body.seals, [{ agency: 'H20.19.05' }, { agency: 'H20.20.01' }])
  const frozen = await commune.ask('POST', '/v1/reports/snapshots', order)
  t.match(frozen.body, { seals: [], sealsRoot: sha256(lines.join('')) })
  t.notMatch(frozen.text, 'H20.20.01')
  // Later seals do not matter.
  await whole.ask('POST', '/v1/dossiers', intake())
  desk.at('2021-10-03T08:00:00+07:00')
  while (await sealNextDay(desk.db, desk.deps.now()));
  const stands = async (taken = frozen) => (await whole.ask('GET', `${taken.headers.location}/diff`)).body.sealsStand
  t.ok(await stands())
  await desk.db.execute(sql`alter table seals disable trigger seals_append_only`)
  await desk.db.execute(sql`update seals set hash = repeat('0', 64) where agency = 'H20.20.01'`)
  t.notOk(await stands(), 'also where the seal is of an agency that the reader does not see')
  t.notOk(await stands(ofAll))
})

t.test('only dossiers that this report counts are named', async (t) => {
  const desk = await openDesk(t)
  const client = await desk.client()
  const switches = [{ eligible: 'true' }, { certification: 'exclude' }, { sameDay: 'exclude' }, { online: 'exclude' }]
  const freeze = async (parameters: object) =>
    client.ask('POST', '/v1/reports/snapshots', {
      report: 'channel-ratio',
      parameters: { period: '2021-9M', ...parameters },
    })
  // Certified copies: of the same day, and not by post.
  await desk.deps.reference.change((tx) =>
    tx.update(procedures).set({ postAllowed: false }).where(eq(procedures.code, '2.000815')),
  )
  const frozen = await Promise.all(switches.map(freeze))
  const online = { intakeChannel: 'online', submittedAt: '2021-08-31T09:00:00+07:00', receivedAt: undefined }
  const sent = await client.ask('POST', '/v1/dossiers', intake(online))
  t.equal(sent.status, 201, sent.text)
  await client.ask('POST', `/v1/dossiers/${sent.body.code}/accept`, { effectiveAt: '2021-09-01T09:00:00+07:00' })
  const certified = await client.ask('POST', '/v1/dossiers', intake({ procedureCode: '2.000815' }))
  t.equal(certified.status, 201, certified.text)
  const { body: counted } = await client.ask('POST', '/v1/dossiers', intake())
  for (const [i, { headers }] of frozen.entries()) {
    const { body } = await client.ask('GET', `${headers.location}/diff`)
    const codes = body.dossiers.map(({ dossier }: { dossier: string }) => dossier)
    const other = i === 3 ? certified : sent
    t.strictSame(codes.toSorted(), [other.body.code, counted.code].toSorted(), JSON.stringify(switches[i]))
  }
})

t.test('a comparison tells what changed beside events', async (t) => {
  const desk = await openDesk(t)
  const client = await desk.client()
  await client.ask('POST', '/v1/dossiers', intake({ receivedAt: '2021-09-30T09:00:00+07:00' }))
  const ratio = await client.ask('POST', '/v1/reports/snapshots', RATIO)
  const order = { report: 'punctuality', parameters: { period: '2021' } }
  const punctuality = await client.ask('POST', '/v1/reports/snapshots', order)
  const diff = async ({ headers }: { headers: Record<string, unknown> }) =>
    (await client.ask('GET', `${headers.location}/diff`)).body
  const otherInputs = { time: false, target: false, agencies: false, procedures: false }
  t.match(await diff(ratio), { figures: [], otherInputs })
  desk.at('2021-12-01T08:00:00+07:00')
  t.match(await diff(punctuality), {
    figures: [{ path: '/pending/inTime' }, { path: '/pending/overdue' }],
    dossiers: [],
    otherInputs: { ...otherInputs, time: true },
  })
  const target = await client.ask('PUT', '/v1/targets', { agency: 'H20', year: 2021, percent: 40, comparison: 'gt' })
  t.equal(target.status, 200, target.text)
  await desk.db.execute(sql`update procedures set field = 'Khác' where code = '2.000720'`)
  await desk.db.execute(sql`update agencies set parent = 'H20.20' where code = 'H20.19.06'`)
  await desk.deps.reference.change(async () => {})
  t.match(await diff(ratio), {
    dossiers: [],
    otherInputs: { time: false, target: true, agencies: true, procedures: true },
  })
})

t.test('an older snapshot is read and compared without what it does not hold', async (t) => {
  const desk = await openDesk(t)
  const client = await desk.client()
  const { headers, body } = await client.ask('POST', '/v1/reports/snapshots', RATIO)
  const { sealsRoot: _, inputs: __, ...older } = body
  await desk.db.execute(sql`alter table report_snapshots disable trigger user`)
  await desk.db.update(reportSnapshots).set({ content: JSON.stringify(older) })
  t.strictSame((await client.ask('GET', String(headers.location))).body, older)
  t.match((await client.ask('GET', `${headers.location}/diff`)).body, {
    otherInputs: { time: false, target: false, agencies: null, procedures: null },
    sealsStand: true,
  })
})

t.test('verification names a frozen report that was changed', async (t) => {
  const desk = await openDesk(t)
  const client = await desk.client()
  for (let i = 0; i < 102; i++) {
    await client.ask('POST', '/v1/reports/snapshots', { report: '07a', parameters: { period: '2021' } })
    if (i === 60) desk.at('2021-10-02T08:00:00+07:00')
  }
  const lines: string[] = []
  const verified = () => verify(desk.db, {}, desk.deps.now(), (line) => lines.push(line))
  t.ok(await verified(), lines.join('\n'))
  t.ok(lines.includes('102 frozen reports are as they were'))
  await desk.db.execute(sql`alter table report_snapshots disable trigger user`)
  await desk.db.execute(sql`update report_snapshots set content = replace(content, '2021', '2020')`)
  t.notOk(await verified())
  t.ok(lines.includes('102 of 102 frozen reports were changed'))
  t.equal(lines.filter((line) => line.startsWith('snap_')).length, 100)
})

t.test('a key freezes a hundred reports a day, and repeats them as often as it likes', async (t) => {
  const desk = await openDesk(t)
  const [client, other] = [await desk.client(), await desk.client()]
  const order = { report: '07a', parameters: { period: '2021' } }
  const freeze = (key: string, by = client) =>
    by.ask('POST', '/v1/reports/snapshots', order, { 'idempotency-key': key })
  for (let i = 0; i < 100; i++) t.equal((await freeze(`n-${i}`)).status, 201)
  desk.at('2021-10-01T23:59:30+07:00')
  const refused = await freeze('n-100')
  t.match(refused.body, { status: 429, type: '/problems/too_many_snapshots', limit: 100 })
  t.equal(refused.headers['retry-after'], '30')
  t.equal((await freeze('n-7')).status, 201, 'a repeated request')
  t.equal((await freeze('n-100', other)).status, 201, 'another key')
  desk.at('2021-10-02T00:00:00+07:00')
  t.equal((await freeze('n-100')).status, 201, 'the next day')
})

t.test('how things stood too long ago is refused before it is looked at', async (t) => {
  const desk = await openDesk(t)
  const client = await desk.client()
  const frozen = await client.ask('POST', '/v1/reports/snapshots', RATIO)
  desk.at('2021-10-02T08:00:00+07:00')
  await client.ask('POST', '/v1/dossiers', intake())
  const past = { at: new Date('2021-10-01T08:00:00+07:00'), by: 'recorded' } as const
  await boundPast(desk.db, past, 1)
  await t.rejects(boundPast(desk.db, past, 0), { code: 'too_much_happened_since' })
  await desk.db.insert(seals).values({
    ...{ agency: 'H20.19.05', day: '2021-10-01', dossiers: 1, events: 500_000, root: '', previous: '', hash: '' },
    sealedAt: desk.deps.now(),
  })
  await boundPast(desk.db, past)
  await desk.db.execute(sql`alter table seals disable trigger user`)
  await desk.db.update(seals).set({ day: '2021-10-02' })
  const asOf = `asOf=${encodeURIComponent('2021-10-01T08:00:00+07:00')}`
  for (const asOfBy of ['effective', 'recorded']) {
    for (const path of ['channel-ratio', 'punctuality', '07a', '07a/evidence', 'ii-06a/evidence']) {
      const figure = path.endsWith('evidence') ? '&figure=values.received' : ''
      const { body } = await client.ask('GET', `/v1/reports/${path}?period=2021-9M&${asOf}&asOfBy=${asOfBy}${figure}`)
      t.match(body, { status: 422, type: '/problems/too_much_happened_since', limit: 500_000 }, path)
    }
  }
  const diff = await client.ask('GET', `${frozen.headers.location}/diff`)
  t.match(diff.body, { type: '/problems/too_much_happened_since', asOf: '2021-10-01T08:00:00+07:00' })
})

t.test('what the whole system counts otherwise is told, too', async (t) => {
  const desk = await openDesk(t)
  const client = await desk.client()
  const frozen = await client.ask('POST', '/v1/reports/snapshots', { report: '07a', parameters: { period: '2021-9M' } })
  const { code } = (await client.ask('POST', '/v1/dossiers', intake())).body
  const { body } = await client.ask('GET', `${frozen.headers.location}/diff`)
  t.match(body.dossiers, [{ dossier: code, events: [{ type: 'received' }] }])
})

t.test('a snapshot is seen by who sees its agency, listed newest first, and never changed', async (t) => {
  const desk = await openDesk(t)
  const [whole, own, sibling] = [
    await desk.client(['reports:read']),
    await desk.client(['reports:read'], 'H20.19'),
    await desk.client(['reports:read'], 'H20.20'),
  ]
  const ofAll = await whole.ask('POST', '/v1/reports/snapshots', { report: '07a', parameters: { period: '2021' } })
  const ofOwn = await own.ask('POST', '/v1/reports/snapshots', { report: '07a', parameters: { period: '2021' } })
  t.strictSame([ofAll.body.agency, ofOwn.body.agency], [null, 'H20.19'])
  const [all, mine] = [String(ofAll.headers.location), String(ofOwn.headers.location)]
  t.equal((await own.ask('GET', mine)).status, 200)
  for (const path of [mine, `${mine}/diff`]) t.match((await sibling.ask('GET', path)).body, { status: 404 })
  t.match((await own.ask('GET', all)).body, { status: 404, type: '/problems/snapshot_not_found' })
  const refused = { report: '07a', parameters: { period: '2021', agency: 'H20' } }
  t.match((await own.ask('POST', '/v1/reports/snapshots', refused)).body, { type: '/problems/outside_your_agency' })
  const idOf = (path: string): string => String(path.split('/').at(-1))
  const page = await whole.ask('GET', '/v1/reports/snapshots?limit=1')
  t.match(page.body.items, [{ id: idOf(mine), report: '07a', parameters: { period: '2021' } }])
  const next = await whole.ask('GET', `/v1/reports/snapshots?limit=1&cursor=${page.body.nextCursor}`)
  t.match(next.body, { items: [{ id: idOf(all) }], nextCursor: null })
  const yearZero = forged(page.body.nextCursor, ['0000-01-01T00:00:00Z', idOf(all)])
  const broken = await whole.ask('GET', `/v1/reports/snapshots?limit=1&cursor=${yearZero}`)
  t.match(broken.body, { status: 400, type: '/problems/invalid_cursor' })
  t.match(ofOwn.body.figures.total.evidence, /[?&]agency=H20\.19[&{]/, 'its links hold for whoever follows them')
  t.strictSame((await sibling.ask('GET', '/v1/reports/snapshots')).body.items, [])
  t.strictSame((await own.ask('GET', '/v1/reports/snapshots')).body.items.length, 1)
  await t.rejects(desk.db.execute(sql`update report_snapshots set content = '{}'`))
  await t.rejects(desk.db.execute(sql`delete from report_snapshots`))
  const wrong = { report: 'channel-ratio', parameters: { period: '2021', definition: 'none' } }
  t.match((await whole.ask('POST', '/v1/reports/snapshots', wrong)).body, {
    errors: [{ pointer: '/parameters/definition' }],
  })
})
