import { createHash } from 'node:crypto'
import { sql } from 'drizzle-orm'
import t from 'tap'
import { SCOPES } from '../src/access/caller.ts'
import { sealNextDay } from '../src/audit/sealing.ts'
import { reportSnapshots } from '../src/db/tables.ts'
import { takeSnapshot } from '../src/reports/snapshots.ts'
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
  t.strictSame((await sibling.ask('GET', '/v1/reports/snapshots')).body.items, [])
  t.strictSame((await own.ask('GET', '/v1/reports/snapshots')).body.items.length, 1)
  await t.rejects(desk.db.execute(sql`update report_snapshots set content = '{}'`))
  await t.rejects(desk.db.execute(sql`delete from report_snapshots`))
  const wrong = { report: 'channel-ratio', parameters: { period: '2021', definition: 'none' } }
  t.match((await whole.ask('POST', '/v1/reports/snapshots', wrong)).body, {
    errors: [{ pointer: '/parameters/definition' }],
  })
})
