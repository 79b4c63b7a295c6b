import t from 'tap'
import { startBackground } from '../src/background.ts'
import type { Database } from '../src/db/database.ts'
import { gathered } from '../src/db/gathered.ts'
import { take } from './support/asking.ts'
import { openDesk } from './support/desk.ts'
import { until } from './support/until.ts'

t.test('days are sealed behind, until it is stopped', async (t) => {
  const desk = await openDesk(t)
  const all = await desk.client()
  await take(all, { receivedAt: undefined })
  desk.at('2021-10-04T08:00:00+07:00')
  const background = startBackground(desk.deps, { error: (facts) => t.fail(String(facts)) })
  const seals = () => all.ask('GET', '/v1/audit/seals?from=2021-10-01&to=2021-10-31')
  await until(async () => (await seals()).body.sealedTo === '2021-10-03')
  await background.stop()
  await t.resolves(background.stop(), 'stopping twice is stopping')
})

t.test('work that failed is told, and tried again', async (t) => {
  const desk = await openDesk(t)
  const told: unknown[] = []
  const now = () => {
    throw new Error('no clock')
  }
  const background = startBackground({ ...desk.deps, now }, { error: (what) => told.push(what) })
  await until(() => told.length > 0)
  await background.stop()
  t.match(told[0], { err: { message: 'no clock' } })
})

const DB = {} as Database

t.test('reads asked for at the same moment share one query, and each gets its own row', async (t) => {
  const asked: (readonly string[])[] = []
  const answers: (() => void)[] = []
  const find = gathered<string>(
    (_, keys) => {
      asked.push(keys)
      return new Promise((resolve) => answers.push(() => resolve(keys.filter((key) => key !== 'none'))))
    },
    (row) => row,
  )
  const found = ['a', 'b', 'c', 'none', 'c'].map((key) => find(DB, key))
  t.strictSame(asked, [['a'], ['b']], 'two at once, the others wait')
  answers[0]?.()
  await until(() => asked.length === 3)
  t.strictSame(asked[2], ['c', 'none'], 'together, each key once')
  answers[2]?.()
  answers[1]?.()
  t.strictSame(await Promise.all(found), ['a', 'b', 'c', undefined, 'c'])
  const alone = find(DB, 'd')
  answers[3]?.()
  t.equal(await alone, 'd', 'alone, a read goes out at once')
})

t.test('a query that fails fails for those who asked, and for nobody after them', async (t) => {
  let failing = true
  const find = gathered<string>(
    async (_, keys) => {
      if (failing) throw new Error('gone')
      return keys
    },
    (row) => row,
  )
  await t.rejects(find(DB, 'a'), { message: 'gone' })
  failing = false
  t.equal(await find(DB, 'a'), 'a')
})
