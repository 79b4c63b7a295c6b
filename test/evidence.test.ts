import fc from 'fast-check'
import t, { type Test } from 'tap'
import { figuresOf } from '../src/reports/evidence.ts'
import { evidenceOf } from '../src/reports/evidence-asked.ts'
import type { ReportName } from '../src/reports/evidence-link.ts'
import { evidenceText } from '../src/reports/evidence-store.ts'
import { formatInstant } from '../src/sla/date.ts'
import { move, pagesOf, query, take } from './support/asking.ts'
import { type Client, openDesk } from './support/desk.ts'

t.setTimeout(300_000)

const SEED = Number(process.env.SEED ?? 42021)
const FIRST = Date.parse('2021-05-10T00:00:00+07:00')
const NOW = Date.parse('2021-10-01T08:00:00+07:00')
const MINUTES = Math.floor((NOW - FIRST) / 60_000)

const channel = fc.constantFrom('desk', 'post', 'online')
const life = fc.record({
  receiving: fc.constantFrom('H20.19.05', 'H20.19.06', 'H20.19', 'H20.20.01'),
  resolving: fc.constantFrom('H20.19.05', 'H20.19', 'H20.21'),
  procedure: fc.constantFrom('1.001193', '1.004837', '2.000720'),
  intake: channel,
  asked: channel,
  really: channel,
  fate: fc.constantFrom('open', 'waiting', 'withdrawn', 'stopped', 'finished', 'returned', 'returned', 'refused'),
  received: fc.integer({ min: 0, max: MINUTES }),
  took: fc.integer({ min: 0, max: 20 * 1440 }),
})
type Life = typeof life extends fc.Arbitrary<infer T> ? T : never

const PROOF = { post: { trackingNumber: 'EB123456789VN' } }

const liveOut = async (client: Client, told: Life): Promise<void> => {
  const { receiving, resolving, procedure, intake, asked, really, fate } = told
  const at = formatInstant(new Date(FIRST + told.received * 60_000))
  const end = formatInstant(new Date(Math.min(FIRST + (told.received + told.took) * 60_000, NOW)))
  const facts = {
    procedureCode: procedure,
    receivingAgency: receiving,
    resolvingAgency: resolving,
    returnChannel: asked,
  }
  if (fate === 'refused') {
    const { code } = await take(client, { ...facts, intakeChannel: 'online', receivedAt: undefined, submittedAt: at })
    await move(client, code, 'refuse', end)
    return
  }
  const { code } = await take(client, {
    ...facts,
    ...(intake === 'post' ? PROOF : {}),
    intakeChannel: intake,
    receivedAt: at,
  })
  if (fate === 'waiting') await move(client, code, 'request-supplement', end, { missing: 'x', ground: 'y' })
  if (fate === 'withdrawn') await move(client, code, 'withdraw', end)
  if (fate === 'stopped') await move(client, code, 'stop', end, { ground: 'y' })
  if (fate === 'finished' || fate === 'returned') await move(client, code, 'finish', end)
  if (fate === 'returned')
    await move(client, code, 'return', end, { channel: really, ...(really === 'post' ? PROOF : {}) })
}

const at = (answer: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((inner, step) => (inner as Record<string, unknown>)[step], answer)

type Part = { evidence: string; [figure: string]: unknown }

/** A report's numbers: of the whole and of its groups. */
const partsOf = async (client: Client, report: ReportName, given: string) => {
  const { body, text, status } = await client.ask('GET', `/v1/reports/${report}?${given}`)
  if (status !== 200) throw new Error(text)
  const isForm = report === 'ii-06a' || report === '07a'
  const parts: Part[] = isForm ? [body.total, ...body.rows] : [body, ...(body.groups ?? [])]
  return { parts, figures: figuresOf(report, body.promise) }
}

/** Each of them against the list behind it. */
const compare = async (t: Test, client: Client, { parts, figures }: Awaited<ReturnType<typeof partsOf>>) => {
  for (const part of parts) {
    for (const figure of figures) {
      const url = part.evidence.replace('{&figure}', `&figure=${figure}`)
      const { text: lines, status } = await client.ask('GET', `${url}&format=ndjson`)
      const items = lines
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line))
      const sum = items.reduce((all: number, { count }) => all + count, 0)
      if (status !== 200 || sum !== at(part, figure))
        t.fail(`${url}: ${sum}, not ${at(part, figure)} ${status === 200 ? '' : lines}`)
    }
  }
}

/** Every number of an answer and its groups against the list behind it. */
const check = async (t: Test, client: Client, report: ReportName, given: string) => {
  await compare(t, client, await partsOf(client, report, given))
  t.pass(`${report} ${given}`)
}

t.test('every number of every report is the sum of its list', { timeout: 170_000 }, async (t) => {
  const desk = await openDesk(t)
  const client = await desk.client()
  for (const told of fc.sample(life, { seed: SEED, numRuns: 40 })) await liveOut(client, told)
  for (const time of [
    'period=2021-Q3',
    'from=2021-07-03&to=2021-08-20',
    'period=2021-Q3&asOf=2021-08-20T10:00:00%2B07:00',
  ]) {
    for (const definition of ['either', 'legs', 'both', 'return', 'intake']) {
      await check(t, client, 'channel-ratio', `${time}&definition=${definition}`)
    }
    await check(t, client, 'channel-ratio', `${time}&definition=either&groupBy=month`)
    await check(
      t,
      client,
      'channel-ratio',
      `${time}&definition=both&groupBy=agency&level=district&online=exclude&eligible=true`,
    )
    await check(t, client, 'punctuality', `${time}&agency=H20.19&groupBy=field`)
    await check(t, client, 'punctuality', `${time}&groupBy=month&promise=first`)
    await check(t, client, 'punctuality', `${time}&groupBy=agency&by=recorded`)
    await check(t, client, 'ii-06a', time)
    await check(t, client, '07a', `${time}&by=recorded`)
  }
  const odd = 'from=2021-07-03&to=2021-08-20'
  await check(t, client, 'punctuality', `${odd}&asOf=2021-08-10T10:00:00%2B07:00`)
  await check(t, client, 'channel-ratio', `${odd}&definition=either&sameDay=exclude`)
  await check(t, client, 'punctuality', 'period=2021&asOf=2021-09-01T00:00:00%2B07:00&asOfBy=recorded')
})

t.test('a list sums to the number of its report whatever is recorded later', { timeout: 170_000 }, async (t) => {
  const desk = await openDesk(t)
  const client = await desk.client()
  for (const told of fc.sample(life, { seed: SEED + 1, numRuns: 24 })) await liveOut(client, told)
  const codes = await Promise.all([
    take(client),
    take(client, { receivedAt: '2021-09-28T09:00:00+07:00' }),
    take(client),
  ])
  const [late, open, moved] = codes.map(({ code }) => code)
  desk.at('2021-10-01T08:30:00+07:00')
  const reports: [ReportName, string][] = [
    ['channel-ratio', 'period=2021&definition=legs&groupBy=agency'],
    ['channel-ratio', 'from=2021-08-03&to=2021-12-20&definition=either'],
    ['punctuality', 'period=2021&groupBy=month'],
    ['punctuality', 'period=2021&promise=first&by=recorded'],
    ['ii-06a', 'period=2021'],
    ['07a', 'period=2021-Q3&by=recorded'],
  ]
  const told = []
  for (const [report, given] of reports) told.push(await partsOf(client, report, given))
  desk.at('2021-10-01T08:30:00.001+07:00')
  await move(client, late, 'finish', '2021-09-06T09:00:00+07:00')
  await move(client, open, 'request-supplement', '2021-09-30T09:00:00+07:00', { missing: 'x', ground: 'y' })
  const right = { reason: 'nhầm', receivingAgency: 'H20.20.01', resolvingAgency: 'H20.20.01', intakeChannel: 'online' }
  const corrected = await client.ask('POST', `/v1/dossiers/${moved}/correct`, right)
  t.equal(corrected.status, 200, corrected.text)
  await take(client, { receivedAt: '2021-07-05T09:00:00+07:00' })
  desk.at('2021-12-31T08:00:00+07:00')
  for (const one of told) await compare(t, client, one)
  const momentOf = (parts: readonly Part[] = []): (string | null)[] => {
    const asked = new URLSearchParams(parts[0]?.evidence.split(/[?{]/)[1])
    return [asked.get('asOf'), asked.get('asOfBy')]
  }
  t.strictSame(momentOf(told[0]?.parts), ['2021-10-01T08:30:00+07:00', 'recorded'])
  const asOf = '2021-10-01T08:15:00+07:00'
  const { parts } = await partsOf(client, 'channel-ratio', query({ period: '2021', asOf }))
  t.strictSame(momentOf(parts), [asOf, 'effective'], 'the moment that was asked for stays')
})

t.test('a list is paged, or written whole as a file that no spreadsheet runs', async (t) => {
  const desk = await openDesk(t)
  const client = await desk.client()
  for (const name of ['=1+1', 'An, "Bình"', '+84', 'An;=1+1']) await take(client, { applicant: { name } })
  await take(client, { receivingAgency: 'H20.20.01', resolvingAgency: 'H20.20.01' })
  const path = '/v1/reports/channel-ratio/evidence'
  const filters = { period: '2021', figure: 'received.total', agency: 'H20.19' }
  const items = (await pagesOf(client, path, { ...filters, limit: '3' })).flatMap((page) => page.items)
  t.equal(items.length, 4)
  t.match(items[0], { receivedAt: '2021-08-31T09:00:00+07:00', status: 'received', outcome: null, count: 1 })
  t.notOk('applicant' in items[0])
  const url = `${path}?period=2021&figure=received.total&agency=H20.19`
  const file = await client.ask('GET', url, undefined, { accept: 'application/x-ndjson' })
  t.strictSame(
    file.text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line)),
    items,
  )
  const csv = await client.ask('GET', `${url}&applicant=true`, undefined, { accept: 'text/csv' })
  const [head = '', ...lines] = csv.text.split('\r\n')
  t.ok(head.startsWith('\uFEFFcode,procedureCode,'))
  t.strictSame(
    lines[0]?.split(',').slice(0, -4).map(String),
    Object.values(items[0]).map((value) => String(value ?? '')),
  )
  t.ok(lines[0]?.endsWith(`,"'=1+1",,,`))
  t.ok(lines[1]?.endsWith(',"An, ""Bình""",,,'))
  t.ok(lines[2]?.endsWith(`,"'+84",,,`))
  t.ok(lines[3]?.endsWith(`,"An;'=1+1",,,`), 'also where a spreadsheet separates by semicolons')
  t.equal(lines.length, 5)
  t.match((await client.ask('GET', `${url}&applicant=true`)).body.items[3], { applicant: { name: 'An;=1+1' } })

  const own = await desk.client(['reports:read'], 'H20.20.01')
  t.match((await own.ask('GET', url)).body, { status: 403, type: '/problems/outside_your_agency' })
  const mine = `${path}?period=2021&figure=received.total`
  t.equal((await own.ask('GET', mine)).body.items.length, 1)
  t.match((await own.ask('GET', `${mine}&applicant=true`)).body, { type: '/problems/scope_missing' })
  const wrong = { '/query/figure': `${path}?period=2021&figure=ratio`, '/query/group': `${mine}&group=2021-08` }
  for (const [pointer, asked] of Object.entries(wrong)) {
    t.match((await own.ask('GET', asked)).body, { type: '/problems/invalid_input', errors: [{ pointer }] })
  }
  const early = '/v1/reports/punctuality/evidence?period=2021&promise=first&figure=resolved.early'
  t.match((await own.ask('GET', early)).body, { errors: [{ pointer: '/query/figure' }] })
})

t.test('a list of the past is paged as things stood, and written in portions that lose none', async (t) => {
  const desk = await openDesk(t)
  const client = await desk.client()
  const codes: string[] = []
  for (let i = 0; i < 8; i++) {
    const receivedAt = `2021-08-3${i % 2}T0${8 + (i % 2)}:00:00+07:00`
    codes.push((await take(client, { receivedAt })).code)
  }
  const asOf = '2021-09-10T00:00:00+07:00'
  for (const i of [1, 2, 5, 7]) await move(client, String(codes[i]), 'finish', '2021-09-13T09:00:00+07:00')
  await move(client, String(codes[3]), 'finish', '2021-09-06T09:00:00+07:00')
  await take(client, { receivedAt: '2021-09-20T09:00:00+07:00' })
  const filters = { period: '2021-9M', asOf, figure: 'pending.total' }
  const open = codes.filter((_, i) => i !== 3)
  for (const limit of ['1', '2', '3', '50']) {
    const pages = await pagesOf(client, '/v1/reports/punctuality/evidence', { ...filters, limit })
    const items = pages.flatMap((page) => page.items)
    t.strictSame(
      items.map(({ code }) => code),
      open,
      `${limit} a page`,
    )
    t.strictSame(new Set(items.map(({ status }) => status)), new Set(['received']), 'as they stood')
  }
  const reference = await desk.deps.reference.current()
  const caller = { keyId: 'k', scopes: [], agency: null, agencies: null }
  const given = { db: desk.db, reference, caller, now: desk.deps.now(), language: 'vi' } as const
  const query = { period: '2021-9M', year: 'calendar', asOfBy: 'effective', figure: 'received.total' } as const
  for (const past of [undefined, new Date(asOf)]) {
    const list = evidenceOf(given, 'punctuality', { ...query, asOf: past })
    const whole: string[] = []
    for await (const text of evidenceText(desk.db, list, 'csv')) whole.push(text)
    for (const size of [1, 2, 3, 4, 8, 9]) {
      const parts: string[] = []
      for await (const text of evidenceText(desk.db, list, 'csv', size)) parts.push(text)
      t.equal(parts.join(''), whole.join(''), `${size} a portion`)
    }
    t.equal(whole.join('').split('\r\n').length, past ? 9 : 10)
  }
})

t.test('a group of a list is one that its report has', async (t) => {
  const desk = await openDesk(t)
  const client = await desk.client()
  const { code } = await take(client, { procedureCode: '1.001193' })
  await take(client, { procedureCode: '1.004837', receivingAgency: 'H20.20.01' })
  const path = '/v1/reports/channel-ratio/evidence?period=2021-9M&figure=received.total'
  const { field } = (await client.ask('GET', '/v1/procedures/1.001193')).body
  const groups = {
    agency: ['H20.19.05', 'H20.19.99'],
    procedure: ['1.001193', '9.999999'],
    field: [field, 'Không có'],
    month: ['2021-08', '2022-08'],
    quarter: ['2021-Q3', '2021-Q4'],
  }
  for (const [groupBy, [known, unknown]] of Object.entries(groups)) {
    const url = `${path}&groupBy=${groupBy}&group=`
    const { body } = await client.ask('GET', `${url}${encodeURIComponent(known)}`)
    t.match(body.items, [{ code }], `${groupBy} ${known}`)
    const refused = await client.ask('GET', `${url}${encodeURIComponent(String(unknown))}`)
    t.match(refused.body, { status: 400, errors: [{ pointer: '/query/group' }] }, `${groupBy} ${unknown}`)
  }
  const noPost = `${path}&groupBy=procedure&group=1.001193&certification=exclude&eligible=true`
  t.match((await client.ask('GET', noPost)).body.items, [{ code }])
})

t.test('a list of the past tells applicants only of dossiers that the key sees now', async (t) => {
  const desk = await openDesk(t)
  const client = await desk.client()
  const [former, wider] = [
    await desk.client(['reports:read', 'dossiers:read'], 'H20.19.05'),
    await desk.client(['reports:read', 'dossiers:read'], 'H20'),
  ]
  const [gone, , resolvedHere] = [
    (await take(client, { applicant: { name: 'Đi' } })).code,
    await take(client, { applicant: { name: 'Ở lại' } }),
    (await take(client, { applicant: { name: 'Còn giải quyết' } })).code,
  ]
  desk.at('2021-10-02T08:00:00+07:00')
  const correct = async (code: string, order: object) => {
    const { status, text } = await client.ask('POST', `/v1/dossiers/${code}/correct`, { reason: 'nhầm', ...order })
    t.equal(status, 200, text)
  }
  await correct(gone, { receivingAgency: 'H20.20.01', resolvingAgency: 'H20.20.01' })
  await correct(resolvedHere, { receivingAgency: 'H20.20.01' })
  t.equal((await former.ask('GET', `/v1/dossiers/${gone}`)).status, 404)
  const asOf = '2021-10-01T12:00:00+07:00'
  const filters = { period: '2021', figure: 'received.total', asOf, asOfBy: 'recorded', applicant: 'true' }
  const names = async (asking: Client): Promise<unknown[]> =>
    (await pagesOf(asking, '/v1/reports/channel-ratio/evidence', filters)).flatMap(({ items }) =>
      items.map((item: { applicant: { name: string } | null }) => item.applicant?.name ?? null),
    )
  t.strictSame(await names(former), [null, 'Ở lại', 'Còn giải quyết'])
  t.strictSame(await names(wider), ['Đi', 'Ở lại', 'Còn giải quyết'])
  t.strictSame(await names(client), ['Đi', 'Ở lại', 'Còn giải quyết'])
  const file = await former.ask('GET', `/v1/reports/channel-ratio/evidence?${query({ ...filters, format: 'csv' })}`)
  t.notMatch(file.text, /Đi/)
  t.match(file.text, /,,,,\r\n.*"Ở lại"/)
})
