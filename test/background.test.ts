import t from 'tap'
import { startBackground } from '../src/background.ts'
import type { Database } from '../src/db/database.ts'
import { gathered, together } from '../src/db/gathered.ts'
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
  const turn = () => new Promise(setImmediate)
  const found = ['a', 'b', 'a', 'none'].map((key) => find(DB, key))
  await turn()
  t.strictSame(asked, [['a', 'b', 'none']], 'together, each key once')
  found.push(find(DB, 'c'))
  await turn()
  found.push(find(DB, 'd'), find(DB, 'e'))
  await turn()
  t.strictSame(asked.slice(1), [['c']], 'two at once, the others wait')
  answers[0]?.()
  await until(() => asked.length === 3)
  t.strictSame(asked[2], ['d', 'e'])
  for (const answer of answers) answer()
  t.strictSame(await Promise.all(found), ['a', 'b', 'a', undefined, 'c', 'd', 'e'])
})

t.test('of more than a statement holds the rest goes out beside it', async (t) => {
  const asked: number[] = []
  const work = together<number, number>(async (_, items) => {
    asked.push(items.length)
    return items
  })
  const items = Array.from({ length: 150 }, (_, i) => i)
  t.strictSame(await Promise.all(items.map((item) => work(DB, item))), items)
  t.strictSame(asked, [64, 64, 22])
})

t.test('where the database is at fault, what waits fails with what it waited for, untried', async (t) => {
  const asked: (readonly string[])[] = []
  let fail = (_error: Error): void => {}
  const work = together<string, string>((_, items) => {
    asked.push(items)
    return new Promise((_resolve, reject) => {
      fail = reject
    })
  }, 1)
  const outcomes = async (error: Error): Promise<string[]> => {
    const first = [work(DB, 'a')]
    const tries = asked.length
    await until(() => asked.length > tries)
    const all = Promise.allSettled([...first, work(DB, 'b'), work(DB, 'c')])
    fail(error)
    await new Promise(setImmediate)
    await new Promise(setImmediate)
    fail(new Error('its own fault'))
    return (await all).map((outcome) => (outcome.status === 'rejected' ? String(outcome.reason.message) : 'done'))
  }
  const gone = (code: string) => Object.assign(new Error(code), { code })
  for (const code of ['57014', '57P01', '53100']) {
    asked.length = 0
    t.strictSame(await outcomes(gone(code)), [code, code, code])
    t.strictSame(asked, [['a']])
  }
  asked.length = 0
  t.strictSame(await outcomes(gone('23505')), ['23505', 'its own fault', 'its own fault'])
  t.strictSame(asked, [['a'], ['b', 'c']], 'what failed for itself says nothing of the others')
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
