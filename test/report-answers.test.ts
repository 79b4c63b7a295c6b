import t from 'tap'
import { XLSX_TYPE } from '../src/reports/workbook.ts'
import { intake, openDesk } from './support/desk.ts'

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
