import pg from 'pg'
import { dayNumber, startOfDay } from '../../src/sla/date.ts'
import { asker, type Bounds, compare } from './asking.ts'
import { COMMUNES, PROVINCE } from './province.ts'
import { type Row, say } from './report.ts'
import { startOurs, stop } from './servers.ts'

const TURNS = { warmUp: 1, turns: 7, enough: 3, burst: 15 }

/**
 * A report, and the full count of the same figures in bare SQL, whose one row has as `figures` what `figuresOf` takes
 * from the answer: a report that is fast and wrong is no report.
 */
type Report = {
  name: string
  path: string
  count: string
  figuresOf: (answer: string) => string
  bounds?: Bounds
}

const instant = (day: string): string => new Date(startOfDay(dayNumber(day))).toISOString()

const CHANNELS = ['desk', 'post', 'online'] as const
type ChannelRatio = Record<'received' | 'returned', Record<(typeof CHANNELS)[number], number>> & {
  numerator: number
  denominator: number
}

/** Numerator, denominator, received and returned by channel, as one text. */
const ratioFigures = (answer: string): string => {
  const { numerator, denominator, received, returned }: ChannelRatio = JSON.parse(answer)
  return [
    numerator,
    denominator,
    ...CHANNELS.map((channel) => received[channel]),
    ...CHANNELS.map((channel) => returned[channel]),
  ].join(' ')
}

/** The postal ratio as `either` defines it, counted from every dossier. */
const ratioCount = (from: string, until: string): string => {
  const within = (at: string) => `${at} >= '${from}' and ${at} < '${until}'`
  const post = `(intake_channel = 'post' or returned_channel = 'post' and returned_at < '${until}')`
  const counts = [
    `${within('received_at')} and ${post}`,
    within('received_at'),
    ...CHANNELS.map((channel) => `${within('received_at')} and intake_channel = '${channel}'`),
    ...CHANNELS.map((channel) => `${within('returned_at')} and returned_channel = '${channel}'`),
  ]
  return `select concat_ws(' ', ${counts.map((one) => `count(*) filter (where ${one})`).join(', ')}) as figures
    from dossiers where ${within('received_at')} or ${within('returned_at')}`
}

type Form = { total: { values: Record<string, number> } }

const formFigures = (answer: string): string => {
  const { values } = (JSON.parse(answer) as Form).total
  return ['carriedOver', 'received', 'early', 'onTime', 'late', 'pending'].map((name) => values[name]).join(' ')
}

/** The totals of II.06a, counted from every dossier that an agency and all below it resolve. */
const formCount = (agency: string, from: string, until: string): string => {
  const within = (at: string) => `${at} >= '${from}' and ${at} < '${until}'`
  const carried = `received_at < '${from}' and (closed_at is null or closed_at >= '${from}')`
  const resolved = `finished_at is not null and ${within('closed_at')}`
  const counts = [
    carried,
    `${carried} or ${within('received_at')}`,
    `${resolved} and finished_at < on_time_from`,
    `${resolved} and finished_at >= on_time_from and finished_at < late_from`,
    `${resolved} and finished_at >= late_from`,
    `received_at < '${until}' and (closed_at is null or closed_at >= '${until}')`,
  ]
  return `select concat_ws(' ', ${counts.map((one) => `count(*) filter (where ${one})`).join(', ')}) as figures
    from dossiers where resolving_agency = '${agency}' or resolving_agency like '${agency}.%'`
}

const reportsOf = (year: number): readonly Report[] => [
  {
    name: `postal ratio of the province, nine months of ${year}`,
    path: `/v1/reports/channel-ratio?agency=${PROVINCE}&period=${year}-9M&year=calendar`,
    count: ratioCount(instant(`${year}-01-01`), instant(`${year}-10-01`)),
    figuresOf: ratioFigures,
    bounds: { ms: 10, factor: 1 / 200 },
  },
  ...[
    ['the province', PROVINCE],
    ['a commune', String(COMMUNES[0])],
  ].map(([whose, agency]) => ({
    name: `II.06a of ${whose}, nine months of ${year}`,
    path: `/v1/reports/ii-06a?agency=${agency}&period=${year}-9M&year=calendar`,
    count: formCount(String(agency), instant(`${year}-01-01`), instant(`${year}-10-01`)),
    figuresOf: formFigures,
    bounds: { ms: 50 },
  })),
]

/** The reports of a filled database, asked for over HTTP; the floor is a full count of the same figures. */
export const benchReports = async (url: string): Promise<Row[]> => {
  const pool = new pg.Pool({ connectionString: url, max: 1 })
  const ours = await startOurs(url)
  const ask = asker(ours.address)
  try {
    const rows: Row[] = []
    for (const { name, path, count, figuresOf, bounds = {} } of reportsOf(new Date().getFullYear() - 1)) {
      const counted = await pool.query<{ figures: string }>(count)
      const [answered, expected] = [figuresOf(await ask(path)), counted.rows[0]?.figures]
      if (answered !== expected) throw new Error(`${path}: answered ${answered}, counted ${expected}`)
      const row = await compare(name, { ours: () => ask(path), floor: () => pool.query(count) }, bounds, TURNS)
      say(`  ${row.name}: ${row.ours} against ${row.floor}, ${row.ratio}`)
      rows.push({ ...row, note: 'floor: full count' })
    }
    return rows
  } finally {
    await stop(ours)
    await pool.end()
  }
}
