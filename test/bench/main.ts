import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { benchCrowd } from './crowd.ts'
import { benchDeadline } from './deadline.ts'
import { benchEvidence } from './evidence.ts'
import { withFilled } from './filled.ts'
import { benchIntake } from './intake.ts'
import { benchLists } from './lists.ts'
import { benchMoves } from './moves.ts'
import { type Row, say, table, whole } from './report.ts'
import { benchReports } from './reports.ts'
import { build } from './servers.ts'
import { benchSizes } from './sizes.ts'
import { benchSoak } from './soak.ts'
import { benchTrail } from './trail.ts'

const DEADLINES_A_SECOND = 1_000_000

const deadlineRows = async (): Promise<Row[]> =>
  (await benchDeadline()).map(({ name, value, unit, ratio, note }) => {
    const measured = `${whole(value)} ${unit}`
    if (ratio !== undefined) return { name, ours: '', floor: measured, ratio: `x${whole(ratio)}`, note }
    return { name, ours: measured, target: `>= ${whole(DEADLINES_A_SECOND)}`, met: value >= DEADLINES_A_SECOND }
  })

type Options = { only: string | undefined; size: number; database: string | undefined; minutes: number }

/** What is measured in databases of their own. */
const PARTS: Readonly<Record<string, (serverAddress: string) => Promise<Row[]>>> = {
  deadline: deadlineRows,
  intake: benchIntake,
  moves: benchMoves,
  trail: benchTrail,
  crowd: benchCrowd,
}

/** What is measured in a filled province, which is the same for all of them. */
const FILLED_PARTS: Readonly<Record<string, (url: string, size: number) => Promise<Row[]>>> = {
  lists: benchLists,
  reports: benchReports,
  evidence: benchEvidence,
  sizes: benchSizes,
}

/** What takes long, and is measured where it is asked for alone. */
const SOAK = 'soak'

const NAMES = [...Object.keys(PARTS), ...Object.keys(FILLED_PARTS), SOAK]

/** The parts that are wanted; what a filled province takes on disk is told with whatever is measured in it. */
const wanted = <T>(parts: Readonly<Record<string, T>>, only: string | undefined): readonly [string, T][] => {
  const chosen = Object.entries(parts).filter(([name]) => only === undefined || name === only)
  return chosen.length === 0
    ? []
    : Object.entries(parts).filter(([name]) => name === 'sizes' || chosen.some(([one]) => one === name))
}

const run = async (serverAddress: string, { only, size, database, minutes }: Options): Promise<void> => {
  build()
  const rows: Row[] = []
  for (const [name, part] of wanted(PARTS, only)) {
    say(name)
    rows.push(...(await part(serverAddress)))
  }
  if (only === SOAK) rows.push(...(await benchSoak(serverAddress, minutes)))
  const onFilled = wanted(FILLED_PARTS, only)
  if (onFilled.length > 0) {
    await withFilled(serverAddress, size, database, async (url) => {
      for (const [name, part] of onFilled) {
        say(name)
        rows.push(...(await part(url, size)))
      }
    })
  }
  console.log(`\nNode ${process.version}, ${cpus().length} × ${cpus()[0]?.model}`)
  console.log(table(rows))
}

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    size: { type: 'string', default: '1000000' },
    /** A filled database is kept under this name, and used again when it is there. */
    database: { type: 'string' },
    minutes: { type: 'string', default: '20' },
  },
})
const url = process.env.DATABASE_URL
const options: Options = {
  only: values.only,
  size: Number(values.size),
  database: values.database,
  minutes: Number(values.minutes),
}

if (url === undefined) {
  say('Set DATABASE_URL to a PostgreSQL server on which databases may be created: the measurements need one.')
  process.exitCode = 1
} else if (options.only !== undefined && !NAMES.includes(options.only)) {
  say(`There is no part ${options.only}; there are ${NAMES.join(', ')}.`)
  process.exitCode = 1
} else if (!(Number.isInteger(options.size) && options.size >= 10_000)) {
  say('The size must be a whole number of at least 10000 dossiers.')
  process.exitCode = 1
} else if (!(Number.isInteger(options.minutes) && options.minutes >= 1 && options.minutes <= 1440)) {
  say('The minutes must be a whole number from 1 to 1440.')
  process.exitCode = 1
} else if (options.database !== undefined && !/^[a-z][a-z0-9_]*$/.test(options.database)) {
  say('The database must have a plain name: small letters, digits and _.')
  process.exitCode = 1
} else {
  await run(url, options)
}
