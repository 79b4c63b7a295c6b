import { sql } from 'drizzle-orm'
import t from 'tap'
import { DEFAULT_TARGET, type Target } from '../src/reports/share.ts'
import { XLSX_TYPE } from '../src/reports/workbook.ts'
import { take } from './support/asking.ts'
import { type Client, intake, openDesk } from './support/desk.ts'

t.test('a form is answered as a workbook to whoever asks for one, by parameter or by Accept', async (t) => {
  const desk = await openDesk(t)
  const client = await desk.client()
  await client.ask('POST', '/v1/dossiers', intake())
  const path = '/v1/reports/ii-06a?period=2021-9M'
  const asked = await client.ask('GET', `${path}&agency=H20.19&format=xlsx`)
  t.match(asked, { status: 200, headers: { 'content-type': XLSX_TYPE } })
  t.match(asked.headers['content-disposition'], /ii-06a-H20\.19-2021-01-01-2021-09-30\.xlsx/)
  t.equal(asked.text.slice(0, 2), 'PK')
  t.match(await client.ask('GET', path, undefined, { accept: XLSX_TYPE }), { headers: { 'content-type': XLSX_TYPE } })
  const past = await client.ask('GET', `${path}&agency=H20.19&format=xlsx&asOf=2021-09-30T17:00:00%2B07:00`)
  t.match(past, { status: 200, headers: { 'content-type': XLSX_TYPE } }, 'also as it stood')
  t.match((await client.ask('GET', path)).body, { form: 'II.06a', total: { values: { received: 1 } } })
})

t.test('a report looks no further than now, and says in either language how it projects', async (t) => {
  const desk = await openDesk(t)
  const client = await desk.client()
  await client.ask('POST', '/v1/dossiers', intake({ receivedAt: '2021-09-30T09:00:00+07:00' }))
  const path = '/v1/reports/channel-ratio?agency=H20.19&period=2021'
  const late = await client.ask('GET', `${path}&asOf=2021-10-01T08:00:01%2B07:00`)
  t.match(late.body, { status: 400, errors: [{ pointer: '/query/asOf' }] })
  for (const [language, text] of [
    ['vi', /ngày làm việc/],
    ['en', /working days/],
  ] as const) {
    const { body } = await client.ask('GET', path, undefined, { 'accept-language': language })
    t.match(body.projection, { method: text, met: false })
    t.ok(body.projection.workingDaysPassed < body.projection.workingDays)
  }
  const levels = await client.ask('GET', '/v1/reports/channel-ratio?period=2021&groupBy=agency&level=district')
  t.equal(levels.body.groups.find(({ key }: { key: string }) => key === 'H20.19').denominator, 1)
})

/** The keys of a report's groups, and what each counts. */
const groupsOf = async ({ ask }: Client, query: string): Promise<Record<string, number>> => {
  const { body, text, status } = await ask('GET', `/v1/reports/channel-ratio?definition=intake&${query}`)
  if (status !== 200) throw new Error(text)
  type Group = { key: string; denominator: number }
  return Object.fromEntries(body.groups.map(({ key, denominator }: Group) => [key, denominator]))
}

t.test('switches leave out what post cannot carry, certified copies, and what is done within the day', async (t) => {
  const desk = await openDesk(t)
  const client = await desk.client()
  // Birth: within the day, by post. Guardianship: three days, by post. Certified copies: within the day.
  const [birth, guardianship, copies] = ['1.001193', '1.004837', '2.000815'] as const
  for (const procedureCode of [birth, guardianship, copies]) await take(client, { procedureCode })
  const { code: _, ...certified } = (await client.ask('GET', `/v1/procedures/${copies}`)).body
  const put = await client.ask('PUT', `/v1/procedures/${copies}`, { ...certified, postAllowed: false })
  t.equal(put.status, 200, put.text)
  const left = async (switches: string): Promise<string[]> =>
    Object.entries(await groupsOf(client, `period=2021&groupBy=procedure&${switches}`)).flatMap(([key, count]) =>
      count > 0 ? [key] : [],
    )
  t.strictSame(await left('eligible=false'), [birth, guardianship, copies])
  t.strictSame(await left('eligible=true'), [birth, guardianship])
  t.strictSame(await left('certification=exclude'), [birth, guardianship])
  t.strictSame(await left('eligible=true&certification=exclude'), [birth, guardianship])
  t.strictSame(await left('sameDay=exclude'), [guardianship])
})

t.test('groups are agencies of a level, or quarters of either year', async (t) => {
  const desk = await openDesk(t)
  const client = await desk.client()
  await take(client, { receivedAt: '2021-06-14T09:00:00+07:00', receivingAgency: 'H20.19.05' })
  await take(client, { receivedAt: '2021-06-15T09:00:00+07:00', receivingAgency: 'H20.19' })
  t.strictSame(await groupsOf(client, 'period=2021&groupBy=quarter'), {
    '2021-Q1': 0,
    '2021-Q2': 2,
    '2021-Q3': 0,
    '2021-Q4': 0,
  })
  t.strictSame(await groupsOf(client, 'period=2021-9M&year=administrative&groupBy=quarter'), {
    '2021-Q1': 0,
    '2021-Q2': 1,
    '2021-Q3': 1,
  })
  t.strictSame(await groupsOf(client, 'period=2021&groupBy=agency&level=commune&agency=H20.19'), {
    'H20.19': 1,
    'H20.19.05': 1,
  })
  t.match(await groupsOf(client, 'period=2021&groupBy=agency&level=province'), { H20: 2 })
})

t.test('an answer holds so many groups and no more, and says so', async (t) => {
  const desk = await openDesk(t)
  const client = await desk.client()
  const path = '/v1/reports/channel-ratio?from=1900-01-01'
  desk.at('2150-01-01T08:00:00+07:00')
  const refused = { status: 422, type: '/problems/too_many_groups', limit: 2000 }
  t.match((await client.ask('GET', `${path}&to=2149-12-31&groupBy=month`)).body, refused)
  t.equal((await client.ask('GET', `${path}&to=2149-12-31&groupBy=quarter`)).status, 200)
  await desk.deps.reference.change((tx) =>
    tx.execute(sql`
      insert into agencies (code, name, level, parent)
      select 'H20.19.' || number, 'Xã', 'commune', 'H20.19' from generate_series(1000, 3000) as number`),
  )
  t.match((await client.ask('GET', `${path}&to=2021-12-31&groupBy=agency`)).body, refused)
  t.equal((await client.ask('GET', `${path}&to=2021-12-31&groupBy=agency&level=district`)).status, 200)
})

t.test('nothing is projected before the first working day of a period', async (t) => {
  const desk = await openDesk(t)
  const client = await desk.client()
  const path = '/v1/reports/channel-ratio?agency=H20.19&from=2021-10-02&to=2021-10-31'
  desk.at('2021-10-03T08:00:00+07:00')
  t.equal((await client.ask('GET', path)).body.projection, null, 'Sunday')
  desk.at('2021-10-04T08:00:00+07:00')
  t.match((await client.ask('GET', path)).body.projection, { workingDaysPassed: 1, workingDays: 20 }, 'Monday')
})

const put = async ({ ask }: Client, agency: string, percent: number): Promise<void> => {
  const { status, text } = await ask('PUT', '/v1/targets', { agency, year: 2021, percent, comparison: 'gte' })
  if (status !== 200) throw new Error(text)
}

t.test(
  'each agency is judged by its own target, else its nearest ancestor’s, also as a group of another',
  async (t) => {
    const desk = await openDesk(t)
    const client = await desk.client()
    for (const receivingAgency of ['H20.19.05', 'H20.19.06', 'H20.20.01']) {
      await take(client, { receivingAgency })
      await take(client, { receivingAgency, intakeChannel: 'post', post: { handoverNumber: 'BBGN-1' } })
    }
    await put(client, 'H20', 50)
    await put(client, 'H20.19', 60)
    await put(client, 'H20.19.05', 40)
    const judged = async (filters: string): Promise<Record<string, [number, boolean, number]>> => {
      const { body } = await client.ask('GET', `/v1/reports/channel-ratio?period=2021&definition=intake&${filters}`)
      type Judged = { key: string; target: Target; met: boolean; shortfall: number; denominator: number }
      const groups = body.groups.filter(({ denominator }: Judged) => denominator > 0)
      return Object.fromEntries(
        [{ ...body, key: 'whole' }, ...groups].map(({ key, target, met, shortfall }: Judged) => [
          key,
          [target.percent, met, shortfall],
        ]),
      )
    }
    t.strictSame(await judged('agency=H20.19&groupBy=agency'), {
      whole: [60, false, 1],
      'H20.19.05': [40, true, 0],
      'H20.19.06': [60, false, 1],
    })
    t.strictSame(await judged('groupBy=agency&level=district'), {
      whole: [50, true, 0],
      'H20.19': [60, false, 1],
      'H20.20': [50, true, 0],
    })
    t.strictSame(await judged('agency=H20.19&groupBy=month'), { whole: [60, false, 1], '2021-08': [60, false, 1] })
  },
)

t.test('the whole system is judged by the target of the agency over all others, if there is one', async (t) => {
  const desk = await openDesk(t)
  const client = await desk.client()
  await put(client, 'H20', 45)
  const target = async () => (await client.ask('GET', '/v1/reports/channel-ratio?period=2021')).body.target
  t.strictSame(await target(), { percent: 45, comparison: 'gte' })
  const other = { name: 'Tỉnh khác', level: 'province', parent: null }
  t.ok((await client.ask('PUT', '/v1/agencies/H21', other)).status < 300)
  t.strictSame(await target(), DEFAULT_TARGET, 'none stands for all')
})

t.test('certification is left out only where the catalogue has that field by its name', async (t) => {
  const desk = await openDesk(t)
  const client = await desk.client()
  const path = '/v1/reports/channel-ratio?period=2021&certification=exclude'
  t.equal((await client.ask('GET', path)).status, 200)
  await desk.deps.reference.change((tx) =>
    tx.execute(sql`update procedures set field = 'Công chứng, chứng thực' where field = 'Chứng thực'`),
  )
  const refused = { status: 422, type: '/problems/no_certification_field', field: 'Chứng thực' }
  t.match((await client.ask('GET', path)).body, refused)
  const list = path.replace('?', '/evidence?figure=numerator&')
  t.match((await client.ask('GET', list)).body, refused)
  t.equal((await client.ask('GET', path.replace('exclude', 'include'))).status, 200)
})
