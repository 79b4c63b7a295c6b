import fc from 'fast-check'
import t from 'tap'
import { channelFigures, nearestTarget } from '../src/reports/channels.ts'
import { type Counts, DEFINITION_TEXT, DEFINITIONS, NO_COUNTS, shareOf, sumCounts } from '../src/reports/definitions.ts'
import { fieldOf, labelOf } from '../src/reports/grouping.ts'
import { datedPeriod, namedPeriod } from '../src/reports/period.ts'
import { DEFAULT_TARGET, met, ratio, shortfall, type Target } from '../src/reports/share.ts'
import { formatInstant } from '../src/sla/date.ts'
import { forged, move, pagesOf, query, take } from './support/asking.ts'
import { type Client, openDesk } from './support/desk.ts'

const gt = (percent: number) => ({ percent, comparison: 'gt' }) as const
const gte = (percent: number) => ({ percent, comparison: 'gte' }) as const

t.test('a ratio is an exact decimal of six digits, rounded half up, and null on an empty whole', async (t) => {
  const cases: readonly [number, number, string | null][] = [
    [0, 0, null],
    [0, 7, '0.000000'],
    [7, 7, '1.000000'],
    [1, 3, '0.333333'],
    [2, 3, '0.666667'],
    [1, 2_000_000, '0.000001'],
    [999_999, 2_000_000_000_000, '0.000000'],
    [1, 1_999_999, '0.000001'],
    [1, 2_000_001, '0.000000'],
    [1_999_999, 2_000_000, '1.000000'],
    [31, 100, '0.310000'],
    [1_234_567, 1000, '1234.567000'],
    [9_007_199_254_740_990, 9_007_199_254_740_991, '1.000000'],
    [4_503_599_627_370_495, 9_007_199_254_740_991, '0.500000'],
  ]
  for (const [numerator, denominator, text] of cases) t.equal(ratio({ numerator, denominator }), text)
})

t.test('a target is met in exact integers, and a shortfall is how many more would meet it', async (t) => {
  const cases: readonly [number, number, ReturnType<typeof gt | typeof gte>, boolean | null, number | null][] = [
    [3, 10, gt(30), false, 1],
    [3, 10, gte(30), true, 0],
    [4, 10, gt(30), true, 0],
    [30_000_001, 100_000_000, gt(30), true, 0],
    [30_000_000, 100_000_000, gt(30), false, 1],
    [29_999_999, 100_000_000, gte(30), false, 1],
    [0, 10, gt(30), false, 4],
    [0, 10, gte(30), false, 3],
    [0, 7, gte(30), false, 3],
    [0, 7, gt(30), false, 3],
    [0, 0, gt(30), null, null],
    [0, 0, gte(0), null, null],
    [5, 5, gt(100), false, null],
    [4, 5, gte(100), false, 1],
    [0, 5, gt(0), false, 1],
    [0, 5, gte(0), true, 0],
  ]
  for (const [numerator, denominator, target, isMet, lacking] of cases) {
    const share = { numerator, denominator }
    const label = `${numerator}/${denominator} ${target.comparison} ${target.percent}`
    t.equal(met(share, target), isMet, label)
    t.equal(shortfall(share, target), lacking, label)
  }
  const some = fc.record({ part: fc.nat(500), rest: fc.nat(500), percent: fc.nat(100), strict: fc.boolean() })
  fc.assert(
    fc.property(some, ({ part, rest, percent, strict }) => {
      const target = strict ? gt(percent) : gte(percent)
      const denominator = part + rest
      let more = 0
      while (more <= rest && met({ numerator: part + more, denominator }, target) !== true) more++
      return shortfall({ numerator: part, denominator }, target) === (more > rest ? null : more)
    }),
    { seed: 30, numRuns: 300 },
  )
})

t.test('a period is named in either kind of year, or given by its days', async (t) => {
  const cases = {
    '2021': ['2021-01-01', '2021-12-31', '2020-12-15', '2021-12-14'],
    '2021-Q1': ['2021-01-01', '2021-03-31', '2020-12-15', '2021-03-14'],
    '2021-Q2': ['2021-04-01', '2021-06-30', '2021-03-15', '2021-06-14'],
    '2021-Q3': ['2021-07-01', '2021-09-30', '2021-06-15', '2021-09-14'],
    '2021-Q4': ['2021-10-01', '2021-12-31', '2021-09-15', '2021-12-14'],
    '2021-H1': ['2021-01-01', '2021-06-30', '2020-12-15', '2021-06-14'],
    '2021-H2': ['2021-07-01', '2021-12-31', '2021-06-15', '2021-12-14'],
    '2021-9M': ['2021-01-01', '2021-09-30', '2020-12-15', '2021-09-14'],
    '2024-Q1': ['2024-01-01', '2024-03-31', '2023-12-15', '2024-03-14'],
    '1900': ['1900-01-01', '1900-12-31', '1899-12-15', '1900-12-14'],
  }
  for (const [name, [from, to, fromDecember, toDecember]] of Object.entries(cases)) {
    const year = Number(name.slice(0, 4))
    t.strictSame(namedPeriod(name, 'calendar'), { from, to, year })
    t.strictSame(namedPeriod(name, 'administrative'), { from: fromDecember, to: toDecember, year })
  }
  for (const name of [
    '',
    '21',
    '2021-Q0',
    '2021-Q5',
    '2021-H3',
    '2021-6M',
    '2021-q1',
    '1899',
    '2200',
    ' 2021',
    '2021-',
  ]) {
    t.equal(namedPeriod(name, 'calendar'), undefined, name)
  }
  t.strictSame(datedPeriod('2020-12-15', '2021-12-14'), { from: '2020-12-15', to: '2021-12-14', year: 2021 })
})

t.test('each definition is two sums over the same counts, and says in words which', async (t) => {
  const counts: Counts = {
    received: { desk: 50, post: 20, online: 10 },
    returned: {
      desk: { desk: 20, post: 11, online: 2 },
      post: { desk: 8, post: 9, online: 1 },
      online: { desk: 2, post: 5, online: 2 },
    },
    postRequested: 33,
    eitherLeg: 35,
    bothLegs: 9,
  }
  const shares = DEFINITIONS.map((definition) => Object.values(shareOf(definition, counts)))
  const wanted = { either: [35, 80], intake: [20, 80], return: [25, 60], both: [9, 80], legs: [45, 140] }
  t.strictSame(Object.fromEntries(DEFINITIONS.map((definition, i) => [definition, shares[i]])), wanted)
  t.strictSame(sumCounts([]), NO_COUNTS)
  t.strictSame(sumCounts([counts, counts]).eitherLeg, 70)
  const texts = DEFINITIONS.flatMap((definition) => Object.values(DEFINITION_TEXT[definition]))
  t.equal(new Set(texts).size, 10, 'in both languages')
})

t.test('groups are named, and an agency without a target has its nearest ancestor’s', async (t) => {
  const desk = await openDesk(t)
  const reference = await desk.deps.reference.current()
  t.equal(labelOf('agency', 'H20.19.05', reference, 'vi'), 'Xã Long Thuận')
  t.equal(labelOf('agency', 'H99', reference, 'vi'), 'H99')
  t.equal(labelOf('procedure', '1.001193', reference, 'vi'), 'Đăng ký khai sinh')
  t.equal(labelOf('procedure', '9.999999', reference, 'vi'), '9.999999')
  t.equal(labelOf('field', 'Hộ tịch', reference, 'vi'), 'Hộ tịch')
  t.equal(labelOf('month', '2021-08', reference, 'vi'), 'Tháng 8/2021')
  t.equal(labelOf('month', '2021-08', reference, 'en'), '08/2021')
  t.equal(labelOf('quarter', '2021-Q3', reference, 'vi'), 'Quý 3/2021')
  t.equal(labelOf('quarter', '2021-Q3', reference, 'en'), 'Q3 2021')
  t.equal(fieldOf(reference, '2.000720'), 'Hộ kinh doanh')
  t.equal(fieldOf(reference, '9.999999'), '9.999999')
  t.equal(channelFigures('either', NO_COUNTS, DEFAULT_TARGET).ratio, null)
  const [own, above] = [gt(40), gte(20)]
  const targets = new Map<string, Target>([
    ['H20', above],
    ['H20.19', own],
  ])
  t.equal(nearestTarget(['H20.19.05', 'H20.19', 'H20'], targets), own)
  t.equal(nearestTarget(['H20.20', 'H20'], targets), above)
  t.equal(nearestTarget([], targets), DEFAULT_TARGET)
})

const FIELDS: Readonly<Record<string, string>> = {
  '1.001193': 'Hộ tịch',
  '1.004837': 'Hộ tịch',
  '2.000720': 'Hộ kinh doanh',
}
const channel = fc.constantFrom('desk' as const, 'post' as const, 'online' as const)
const life = fc.record({
  agency: fc.constantFrom('H20.19.05', 'H20.19.06', 'H20.19', 'H20.20.01'),
  procedure: fc.constantFrom('1.001193', '1.004837', '2.000720'),
  intake: channel,
  asked: channel,
  really: channel,
  fate: fc.constantFrom('open', 'withdrawn', 'finished', 'returned', 'returned', 'returned', 'refused', 'submitted'),
  receivedMinute: fc.integer({ min: 0, max: 280 * 1440 }),
  tookMinutes: fc.integer({ min: 0, max: 60 * 1440 }),
})
type Life = (typeof life extends fc.Arbitrary<infer T> ? T : never) & { received?: number; returned?: number }

/** Two on the edges of days: the last second of a quarter in Vietnam, and the first of the next. */
const EDGES: readonly Life[] = ['2021-06-30T23:59:59+07:00', '2021-07-01T00:00:00+07:00'].map((at) => ({
  agency: 'H20.19.05',
  procedure: '2.000720',
  intake: 'post',
  asked: 'post',
  really: 'post',
  fate: 'returned',
  receivedMinute: 0,
  tookMinutes: 0,
  received: Date.parse(at),
}))

const FIRST = Date.parse('2020-12-10T00:00:00+07:00')
const NOW = Date.parse('2021-10-01T08:00:00+07:00')

/** Sends a life to the desk; what comes back is counted here, apart from the program. */
const liveOut = async (client: Client, told: Life): Promise<Life> => {
  const { agency, procedure, intake, asked, really, fate } = told
  const received = told.received ?? FIRST + told.receivedMinute * 60_000
  const ended = Math.min(received + told.tookMinutes * 60_000, NOW)
  const [at, end] = [formatInstant(new Date(received)), formatInstant(new Date(ended))]
  const facts = { procedureCode: procedure, receivingAgency: agency, resolvingAgency: 'H20.21', returnChannel: asked }
  if (fate === 'refused' || fate === 'submitted') {
    const { code } = await take(client, { ...facts, intakeChannel: 'online', receivedAt: undefined, submittedAt: at })
    if (fate === 'refused') await move(client, code, 'refuse', end)
    return told
  }
  const proof = intake === 'post' ? { post: { trackingNumber: 'EB123456789VN' } } : {}
  const { code } = await take(client, { ...facts, ...proof, intakeChannel: intake, receivedAt: at })
  if (fate === 'withdrawn') await move(client, code, 'withdraw', end)
  if (fate === 'finished' || fate === 'returned') await move(client, code, 'finish', at)
  if (fate !== 'returned') return { ...told, received }
  const handed = { channel: really, ...(really === 'post' ? { post: { trackingNumber: 'EB2VN' } } : {}) }
  await move(client, code, 'return', end, handed)
  return { ...told, received, returned: ended }
}

type Half = (typeof DEFINITIONS)[number]

/** What the report should say of the lives for which `isIn` holds, by the instant of the leg that is counted. */
const tallied = (lives: readonly Life[], until: number, isIn: (life: Life, at: number) => boolean) => {
  const came = lives.filter((life) => life.received !== undefined && isIn(life, life.received))
  const went = lives.filter((life) => life.returned !== undefined && isIn(life, life.returned))
  const byPost = (life: Life): boolean => life.intake === 'post'
  const backByPost = (life: Life): boolean =>
    life.returned !== undefined && life.returned < until && life.really === 'post'
  const through = (all: readonly Life[], end: 'intake' | 'really') => {
    const [desk, post, online] = (['desk', 'post', 'online'] as const).map(
      (name) => all.filter((life) => life[end] === name).length,
    )
    return { desk, post, online, total: all.length }
  }
  const numerators: Record<Half, number> = {
    either: came.filter((life) => byPost(life) || backByPost(life)).length,
    intake: came.filter(byPost).length,
    return: went.filter((life) => life.really === 'post').length,
    both: came.filter((life) => byPost(life) && backByPost(life)).length,
    legs: came.filter(byPost).length + went.filter((life) => life.really === 'post').length,
  }
  const whole = { either: came, intake: came, return: went, both: came, legs: [...came, ...went] }
  return (definition: Half) => ({
    numerator: numerators[definition],
    denominator: whole[definition].length,
    received: through(came, 'intake'),
    returned: through(went, 'really'),
    postRequested: came.filter((life) => life.asked === 'post').length,
  })
}

const figuresIn = ({
  numerator,
  denominator,
  received,
  returned,
  postRequested,
}: ReturnType<ReturnType<typeof tallied>>) => ({
  numerator,
  denominator,
  received,
  returned,
  postRequested,
})

/** The month of the calendar or, in an administrative year, the one that begins on the 15th of the month before. */
const monthOf = (at: number, isAdministrative: boolean): string => {
  const [year = 0, month = 0, day = 0] = formatInstant(new Date(at)).split(/[-T]/).map(Number)
  return new Date(Date.UTC(year, month - 1 + (isAdministrative && day >= 15 ? 1 : 0))).toISOString().slice(0, 7)
}

t.test('every definition, period, agency and grouping gives what was really sent', async (t) => {
  const desk = await openDesk(t)
  const client = await desk.client()
  const lives: Life[] = []
  for (const told of [...EDGES, ...fc.sample(life, { seed: 92021, numRuns: 60 })])
    lives.push(await liveOut(client, told))
  const periods = [
    ['period=2021-9M', '2021-01-01', '2021-09-30'],
    ['period=2021-9M&year=administrative', '2020-12-15', '2021-09-14'],
    ['period=2021-Q2&agency=H20.19', '2021-04-01', '2021-06-30'],
    ['from=2021-07-01&to=2021-07-01&agency=H20.19.05', '2021-07-01', '2021-07-01'],
  ] as const
  for (const [given, from, to] of periods) {
    const begins = Date.parse(`${from}T00:00:00+07:00`)
    const until = Date.parse(`${to}T00:00:00+07:00`) + 86_400_000
    const agency = /agency=([\w.]+)/.exec(given)?.[1] ?? ''
    const within = (life: Life, at: number): boolean => begins <= at && at < until && life.agency.startsWith(agency)
    for (const definition of DEFINITIONS) {
      const { body } = await client.ask('GET', `/v1/reports/channel-ratio?${given}&definition=${definition}`)
      t.strictSame(figuresIn(body), tallied(lives, until, within)(definition), `${definition} ${given}`)
      t.match(body, { definition, definitionText: DEFINITION_TEXT[definition].vi, period: { from, to }, groups: null })
      t.equal(body.ratio, ratio(body))
    }
    const groupings = {
      agency: (life: Life) => life.agency,
      procedure: (life: Life) => life.procedure,
      field: (life: Life) => String(FIELDS[life.procedure]),
      month: (_: Life, at: number) => monthOf(at, given.includes('administrative')),
    }
    for (const [groupBy, keyOf] of Object.entries(groupings)) {
      const { body } = await client.ask('GET', `/v1/reports/channel-ratio?${given}&groupBy=${groupBy}&definition=legs`)
      t.equal(body.groupBy, groupBy)
      for (const group of body.groups) {
        const isIn = (life: Life, at: number): boolean => within(life, at) && keyOf(life, at) === group.key
        t.strictSame(figuresIn(group), tallied(lives, until, isIn)('legs'), `${given} ${group.key}`)
      }
      const sum = (name: 'numerator' | 'denominator' | 'postRequested') =>
        body.groups.reduce((all: number, group: Record<typeof name, number>) => all + group[name], 0)
      t.strictSame([sum('numerator'), sum('denominator')], [body.numerator, body.denominator], `${given} ${groupBy}`)
      t.equal(sum('postRequested'), body.postRequested)
    }
  }
})

t.test(
  'an agency is measured by its own target, else its nearest ancestor’s, of the year the period ends in',
  async (t) => {
    const desk = await openDesk(t)
    const client = await desk.client()
    const put = (agency: string, year: number, target: object) =>
      client.ask('PUT', '/v1/targets', { agency, year, ...target })
    const asked = async (filters: string, from = client) =>
      (await from.ask('GET', `/v1/reports/channel-ratio?${filters}`)).body
    t.match(await asked('period=2021'), {
      agency: null,
      period: { name: '2021', year: 'calendar' },
      asOf: '2021-10-01T08:00:00+07:00',
      target: DEFAULT_TARGET,
      ...{ numerator: 0, denominator: 0, ratio: null, met: null, shortfall: null },
    })
    t.match(await put('H20', 2021, gte(20)), { status: 200, body: { agency: 'H20', year: 2021, ...gte(20) } })
    await put('H20.19', 2021, gt(50))
    await put('H20.19', 2021, gte(30))
    await put('H20.19', 2022, gt(60))
    t.match((await asked('period=2021&agency=H20.20.01')).target, gte(20))
    t.match((await asked('period=2021&agency=H20.19.05')).target, gte(30), 'the newest word stands')
    t.match((await asked('period=2022&year=administrative&agency=H20.19')).target, gt(60))
    t.match((await asked('from=2021-12-31&to=2022-01-01&agency=H20.19')).target, gt(60))
    t.match((await asked('period=2020&agency=H20.19')).target, DEFAULT_TARGET)
    const own = await desk.client(['reports:read'], 'H20.19.05')
    t.match(await asked('from=2021-01-01&to=2021-12-31', own), {
      agency: 'H20.19.05',
      target: gte(30),
      period: { name: null, year: null },
    })

    for (let count = 0; count < 7; count++) await take(client)
    for (let count = 0; count < 3; count++) {
      await take(client, { intakeChannel: 'post', post: { handoverNumber: `BBGN-${count}` } })
    }
    t.match(await asked('period=2021&agency=H20.19'), { ratio: '0.300000', met: true, shortfall: 0 })
    await put('H20.19.05', 2021, gt(30))
    t.match(await asked('period=2021&agency=H20.19.05'), { ratio: '0.300000', met: false, shortfall: 1 })
    await put('H20.19.05', 2021, gt(100))
    t.match(await asked('period=2021&agency=H20.19.05'), { met: false, shortfall: null })

    const pages = await pagesOf(client, '/v1/targets', { limit: '2' })
    const listed = pages.flatMap((page) => page.items).map(({ agency, year }) => `${agency} ${year}`)
    t.strictSame(listed, ['H20 2021', 'H20.19 2021', 'H20.19 2022', 'H20.19.05 2021'])
    const below = await client.ask('GET', '/v1/targets?agency=H20.19.05')
    t.strictSame(below.body, { items: [{ agency: 'H20.19.05', year: 2021, ...gt(100) }], nextCursor: null })
    t.equal((await own.ask('GET', '/v1/targets')).body.items.length, 1)
    const cursor = pages[0]?.nextCursor
    for (const position of [['H20'], ['H20', 2021.5], ['H20', 99_999], ['\u0000', 2021], 'H20', null]) {
      const { body } = await client.ask('GET', `/v1/targets?limit=2&cursor=${forged(cursor, position)}`)
      t.match(body, { type: '/problems/invalid_cursor' }, JSON.stringify(position))
    }
    t.match((await client.ask('GET', `/v1/targets?agency=H20&cursor=${cursor}`)).body, { status: 400 })
    t.match((await put('H99', 2021, gt(30))).body, { status: 404, agency: 'H99' })
    for (const wrong of [gt(101), gt(-1), gt(0.5), { percent: 30, comparison: 'lt' }, { percent: 30 }]) {
      t.match((await put('H20', 2021, wrong)).body, { type: '/problems/invalid_input' }, JSON.stringify(wrong))
    }
  },
)

t.test('a report that was not asked for rightly is refused with the field to mend', async (t) => {
  const desk = await openDesk(t)
  const client = await desk.client()
  const wrong = {
    '': '/query',
    'from=2021-01-01': '/query',
    'to=2021-01-01': '/query',
    'period=2021&from=2021-01-01&to=2021-02-01': '/query',
    'period=2021&from=2021-01-01': '/query',
    'from=2021-02-01&to=2021-01-31': '/query/to',
    'from=2021-02-29&to=2021-03-31': '/query/from',
    'from=0050-01-01&to=2021-03-31': '/query/from',
    'from=2021-01-01&to=tomorrow': '/query/to',
    'period=2021-Q5': '/query/period',
    'period=2021&period=2022': '/query/period',
    'period=2021&year=lunar': '/query/year',
    'period=2021&definition=best': '/query/definition',
    'period=2021&groupBy=day': '/query/groupBy',
    'period=2021&agency=nowhere': '/query/agency',
    'period=2021&quarter=1': '/query/quarter',
  }
  for (const [given, pointer] of Object.entries(wrong)) {
    const { body } = await client.ask('GET', `/v1/reports/channel-ratio?${given}`)
    t.match(body, { type: '/problems/invalid_input', errors: [{ pointer }] }, given)
  }
  const whole = { from: '2021-01-01', to: '9999-12-31' }
  t.equal((await client.ask('GET', `/v1/reports/channel-ratio?${query(whole)}`)).status, 200)
  t.match((await client.ask('GET', '/v1/reports/channel-ratio?period=2021&agency=H99')).body, { status: 404 })
  const own = await desk.client(['reports:read'], 'H20.19')
  t.match((await own.ask('GET', '/v1/reports/channel-ratio?period=2021&agency=H20')).body, { status: 403 })
})
