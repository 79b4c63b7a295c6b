import { execFile } from 'node:child_process'
import { cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { verify } from '../src/audit/tools.ts'
import { dossiers, seals } from '../src/db/tables.ts'
import { referenceSource } from '../src/reference.ts'
import { seed } from '../src/seed.ts'
import { take } from './support/asking.ts'
import { ON_SERVER } from './support/database.ts'
import type { Desk } from './support/desk.ts'
import { newFolder, newPlace, newServerPlace, type Place, placeOf, within, workAt } from './support/place.ts'
import { NO_SERVER, PROGRAMS, startServer } from './support/server.ts'

const run = promisify(execFile)

/** Whether all of a trail, its frozen reports and its totals fit together. */
const isWhole = ({ db }: Desk): Promise<boolean> => verify(db, {}, new Date(), () => {})

/** What a place says of an instant: its seals and its figures, and how many dossiers it has by now. */
const told = async (t: Test, place: Place, asOf: string) => {
  const answers: unknown[] = []
  let count = 0
  await within(t, place, async (desk) => {
    t.ok(await isWhole(desk), 'everything fits together')
    const { ask } = await desk.client()
    const figures = async (report: string): Promise<unknown> => {
      const query = new URLSearchParams({ period: '2021', asOf, asOfBy: 'recorded' })
      const { status, body } = await ask('GET', `/v1/reports/${report}?${query}`)
      t.equal(status, 200, report)
      return body
    }
    answers.push(await figures('channel-ratio'), await figures('punctuality'))
    answers.push(await desk.db.select().from(seals).orderBy(seals.day, seals.agency))
    count = await desk.db.$count(dossiers)
  })
  return { answers, count }
}

/** Goes on with the work at a restored place: codes go on where they stood, and everything still fits. */
const goOn = (t: Test, place: Place): Promise<unknown> =>
  within(t, place, async (desk) => {
    await take(await desk.client())
    t.ok(await isWhole(desk))
  })

const IN_FOLDER = { skip: ON_SERVER && 'is of the embedded database: runs without DATABASE_URL' }

t.test('a copy of an embedded database’s folder, made while it stands still, is the same', IN_FOLDER, async (t) => {
  const place = await newPlace(t)
  await workAt(t, place)
  const asOf = new Date().toISOString()
  const before = await told(t, place, asOf)
  const copy = join(newFolder(t), 'copy')
  cpSync(String(place.env.DATA_DIR), copy, { recursive: true })
  const restored = placeOf({ DATA_DIR: copy })
  t.strictSame(await told(t, restored, asOf), before)
  await goOn(t, restored)
})

/** The commands of the README that dump a database and restore it. */
const COMMANDS =
  readFileSync(new URL('../README.md', import.meta.url), 'utf8').match(/^pg_(?:dump|restore) .*$/gm) ?? []

t.test('a dump of a server at work is the same elsewhere: seals and figures', { skip: NO_SERVER }, async (t) => {
  const url = process.env.DATABASE_URL || (await startServer(t)).url
  const [place, restored] = [await newServerPlace(t, url), await newServerPlace(t, url)]
  const connection = await place.open()
  await connection.migrate()
  await seed(referenceSource(connection.db), true)
  await connection.close()
  await workAt(t, place)
  const asOf = new Date().toISOString()
  const before = await told(t, place, asOf)

  t.equal(COMMANDS.length, 2, 'the README says how')
  const cwd = newFolder(t)
  const env = {
    PATH: `${PROGRAMS}:${process.env.PATH}`,
    DATABASE_URL: String(place.env.DATABASE_URL),
    RESTORED_URL: String(restored.env.DATABASE_URL),
  }
  let during = 0
  await within(t, place, async (desk) => {
    const all = await desk.client()
    let isDone = false
    const work = async (): Promise<void> => {
      for (; !isDone; during++) await take(all)
    }
    const working = work()
    for (const command of COMMANDS) await run('sh', ['-c', command], { cwd, env })
    isDone = true
    await working
  })
  t.ok(during > 0, 'somebody worked meanwhile')
  const after = await told(t, restored, asOf)
  t.strictSame(after.answers, before.answers)
  t.ok(before.count <= after.count && after.count <= before.count + during, 'it is as at one moment')
  await goOn(t, restored)
})
