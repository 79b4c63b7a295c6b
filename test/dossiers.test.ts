import t from 'tap'
import { intake, openDesk } from './support/desk.ts'

t.test('a dossier taken in at the desk gets its code, its promise and a place to be read at', async (t) => {
  const desk = await openDesk(t)
  const { ask } = await desk.client()
  const taken = await ask('POST', '/v1/dossiers', intake())
  t.equal(taken.status, 201)
  t.equal(taken.headers.location, '/v1/dossiers/H20.19.05-210831-0001')
  t.match(taken.body, { code: 'H20.19.05-210831-0001', status: { code: 2, key: 'received' }, dueOn: '2021-09-07' })
})
