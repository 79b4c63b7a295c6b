import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { benchDeadline } from './deadline.ts'
import { benchIntake } from './intake.ts'
import { benchLists } from './lists.ts'
import { benchMoves } from './moves.ts'
import { type Row, say, table, whole } from './report.ts'
import { build } from './servers.ts'
import { benchTrail } from './trail.ts'

const DEADLINES_A_SECOND = 1_000_000

const deadlineRows = async (): Promise<Row[]> =>
  (await benchDeadline()).map(({ name, value, unit, ratio, note }) => {
    const measured = `${whole(value)} ${unit}`
    if (ratio !== undefined) return { name, ours: '', floor: measured, ratio: `x${whole(ratio)}`, note }
    return { name, ours: measured, target: `>= ${whole(DEADLINES_A_SECOND)}`, met: value >= DEADLINES_A_SECOND }
  })

const PARTS: Readonly<Record<string, (url: string, size: number) => Promise<Row[]>>> = {
  deadline: deadlineRows,
  intake: benchIntake,
  moves: benchMoves,
  trail: benchTrail,
  lists: benchLists,
}

const run = async (url: string, only: string | undefined, size: number): Promise<void> => {
  build()
  const rows: Row[] = []
  for (const [name, part] of Object.entries(PARTS)) {
    if (only !== undefined && only !== name) continue
    say(name)
    rows.push(...(await part(url, size)))
  }
  console.log(`\nNode ${process.version}, ${cpus().length} × ${cpus()[0]?.model}`)
  console.log(table(rows))
}

const { values: options } = parseArgs({
  options: { only: { type: 'string' }, size: { type: 'string', default: '1000000' } },
})
const url = process.env.DATABASE_URL
const size = Number(options.size)

if (url === undefined) {
  say('Set DATABASE_URL to a PostgreSQL server on which databases may be created: the measurements need one.')
  process.exitCode = 1
} else if (options.only !== undefined && !(options.only in PARTS)) {
  say(`There is no part ${options.only}; there are ${Object.keys(PARTS).join(', ')}.`)
  process.exitCode = 1
} else if (!(Number.isInteger(size) && size >= 10_000)) {
  say('The size must be a whole number of at least 10000 dossiers.')
  process.exitCode = 1
} else {
  await run(url, options.only, size)
}
