import { spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sql } from 'drizzle-orm'
import t from 'tap'
import { NATIONAL_CALENDAR } from '../src/calendars/national.ts'
import { readSettings } from '../src/config.ts'
import { judgeCalendar } from '../src/doctor/contents.ts'
import { judgeClock, judgeConnections, judgeMigrations, judgeVersion } from '../src/doctor/database.ts'
import { examine } from '../src/doctor/examine.ts'
import { checkSettings } from '../src/doctor/settings.ts'
import { countChangesToFold } from '../src/figures/folding.ts'
import { newNumberKey } from '../src/people/keys.ts'
import { DAY, dayNumber } from '../src/sla/date.ts'
import { ON_SERVER } from './support/database.ts'
import { PII_KEYS } from './support/keys.ts'
import { newFolder, newPlace, type Place, workAt } from './support/place.ts'

const METRICS_TOKEN = '9f2c4b7a1e0d3856c4b7a1e0d38569f2'

/** What the doctor says of a place: whether nothing is wrong, and its lines with single spaces. */
const examined = async (env: Record<string, string>, now = () => new Date()) => {
  const lines: string[] = []
  const isSound = await examine({ METRICS_TOKEN, ...env }, now, (line) => lines.push(line.replace(/ +/g, ' ')))
  return { isSound, lines, of: (what: string) => lines.filter((line) => line.split(' ')[1] === what) }
}

const alter = async ({ open }: Place, ...statements: string[]): Promise<void> => {
  const { db, close } = await open()
  for (const statement of statements) await db.execute(sql.raw(statement))
  await close()
}

t.test('a sound service is told to be sound, and the doctor changes nothing', async (t) => {
  const place = await newPlace(t)
  await workAt(t, place)
  const { isSound, lines, of } = await examined(place.env)
  t.ok(isSound, lines.join('\n'))
  t.strictSame(of('settings'), ['ok settings valid'])
  t.match(of('database'), [/^ok database PostgreSQL 1[5-8]/])
  t.match(of('clock'), [/^ok clock this machine is 0\.\d s/])
  t.match(of('connections'), [/^ok connections (?:21 of|embedded)/])
  t.match(of('migrations'), [/^ok migrations all \d+ applied$/])
  t.match(of('calendar'), [/ calendar vn /])
  t.match(of('seals'), ['ok seals every day that is over is sealed', /^ok seals those of [\d-]{10} verify$/])
  t.strictSame(of('totals'), ['ok totals 2 open dossiers, counted both ways'])
  t.strictSame(of('numbers'), ['ok numbers the keys read what was encrypted last'])

  const late = await examined(place.env, () => new Date(Date.now() + DAY))
  t.match(late.of('clock'), [/^wrong clock this machine is 86\d+\.\d s ahead of the database: let/])
  t.match(late.of('seals')[0], /^warning seals 1 days are not sealed: start the service/)
  t.notOk(late.isSound)

  const { db, close } = await place.open()
  t.equal(await countChangesToFold(db), 1, 'what was not folded is not folded')
  await close()
})

t.test('what does not fit is named, with what to do', async (t) => {
  const place = await newPlace(t)
  await workAt(t, place)
  await alter(
    place,
    'alter table events disable trigger all',
    "update events set note = 'x'",
    'alter table dossiers disable trigger all',
    'update dossiers set closed_at = now() where id = (select min(id) from dossiers)',
  )
  const changed = await examined(place.env)
  t.notOk(changed.isSound)
  t.match(changed.of('seals')[1], /^wrong seals event_changed on [\d-]{10}, agency H20\.19\.05: keep a copy/)
  t.match(changed.of('totals'), [/^wrong totals 2 open dossiers by the totals, 1 by count: npm run rebuild/])

  await alter(place, 'alter table figure_totals rename to gone')
  t.match((await examined(place.env)).of('totals'), [/^wrong totals cannot be looked at: .*figure_totals/])

  const table = 'drizzle.__drizzle_migrations'
  await alter(place, `insert into ${table} (hash, created_at) values ('x', 1)`)
  const newer = await examined(place.env)
  t.match(newer.of('migrations'), [/^wrong migrations 1 that this version does not know: run the version/])
  t.strictSame(newer.of('totals'), [], 'tables that are another version’s are left alone')

  await alter(place, `delete from ${table} where created_at = (select max(created_at) from ${table}) or created_at = 1`)
  const older = await examined(place.env)
  t.match(older.of('migrations'), [/^warning migrations 1 pending: npm start applies them/])
  t.ok(older.isSound, 'what the next start does by itself is no fault')

  await alter(place, 'drop schema drizzle cascade')
  t.match((await examined(place.env)).of('migrations'), [/^warning migrations \d+ pending/])
})

t.test('numbers that the keys at hand do not read are named, and no key is made', async (t) => {
  const place = await newPlace(t)
  const { PII_KEYS: _, ...without } = place.env
  const empty = await examined(without)
  if (ON_SERVER) t.match(empty.of('numbers'), [/^wrong numbers cannot be looked at: The setting PII_KEYS is missing/])
  else t.match(empty.of('numbers'), [/^ok/])
  await workAt(t, place)
  const other = await examined({ ...place.env, PII_KEYS: newNumberKey() })
  t.match(other.of('numbers'), [/^wrong numbers cannot be looked at: The keys .* bring back those of then/])
  t.notOk((await examined(without)).isSound)
  t.notOk(existsSync(join(String(place.env.DATA_DIR), 'pii.key')))
})

t.test('where nothing was sealed yet there is nothing to verify', async (t) => {
  const { of } = await examined((await newPlace(t)).env)
  t.strictSame(of('seals'), ['ok seals every day that is over is sealed'])
})

t.test('a database that cannot be reached is named, and none is made', async (t) => {
  const folder = newFolder(t)
  const none = await examined({ DATA_DIR: folder })
  t.ok(none.isSound)
  t.match(none.of('database'), [`warning database none in ${folder} yet: npm start makes it`])
  t.notOk(existsSync(join(folder, 'pg')))

  writeFileSync(join(folder, 'pg'), 'a file where the database should be')
  writeFileSync(join(folder, 'lock'), String(process.ppid))
  const used = await examined({ DATA_DIR: folder })
  t.notOk(used.isSound)
  t.match(used.of('database'), [/^wrong database The folder .* is in use by process \d+: stop that one/])

  const gone = await examined({ DATABASE_URL: 'postgres://motcua:secret@127.0.0.1:1/motcua' })
  t.notOk(gone.isSound)
  t.match(gone.of('database'), [/^wrong database cannot be looked at: .*ECONNREFUSED/])
  t.notMatch(gone.lines.join('\n'), 'secret')

  const wrong = await examined({ PORT: 'seven', LOG_LEVEL: 'loud' })
  t.notOk(wrong.isSound)
  t.match(wrong.lines, [/^wrong settings The setting PORT is wrong/, /^wrong settings The setting LOG_LEVEL is wrong/])
})

t.test('settings that are allowed and hardly meant are named', async (t) => {
  const said = (env: Record<string, string>) => checkSettings(readSettings({ METRICS_TOKEN, ...env }))
  const ADMIN = 'choose-24-letters-or-more'
  t.match(said({}), [{ verdict: 'ok' }])
  t.match(said({ BOOTSTRAP_ADMIN_KEY: ADMIN }), [{ verdict: 'wrong', says: /BOOTSTRAP_ADMIN_KEY can be guessed/ }])
  t.match(said({ METRICS_TOKEN: 'abcabcabcabcabcabcabcabc' }), [{ verdict: 'wrong', says: /METRICS_TOKEN can be g/ }])
  t.match(said({ BOOTSTRAP_ADMIN_KEY: METRICS_TOKEN }), [{ verdict: 'wrong', says: /must not hold/ }])
  t.match(said({ METRICS_TOKEN: '' }), [{ verdict: 'warning', says: /set METRICS_TOKEN/ }])
  t.match(said({ LOG_LEVEL: 'silent' }), [{ verdict: 'warning', says: /set info/ }])
  const DATABASE_URL = 'postgres://127.0.0.1/x'
  t.match(said({ DATABASE_URL }), [{ verdict: 'wrong', says: /^PII_KEYS is missing/ }])
  t.match(said({ DATABASE_URL, PII_KEYS, SEED_SAMPLE: 'true' }), [{ verdict: 'warning', says: /SEED_SAMPLE/ }])
})

t.test('versions, clocks, connections and migrations are judged by their limits', async (t) => {
  t.match(judgeVersion('14.9'), { verdict: 'wrong', says: /upgrade it to 15/ })
  t.match(judgeVersion('15.0'), { verdict: 'ok' })
  t.match(judgeVersion('18.1 (Debian)'), { verdict: 'ok' })
  t.match(judgeVersion('19beta1'), { verdict: 'warning' })
  t.match(judgeClock(999), { verdict: 'ok', says: /^this machine is 1\.0 s behind the database$/ })
  t.match(judgeClock(-1000), { verdict: 'warning', says: /1\.0 s ahead of the database: let/ })
  t.match(judgeClock(10_000), { verdict: 'wrong' })
  const pools = [6, 4].map((max) => ({ pool: 'x', max, total: 0, idle: 0, waiting: 0 }))
  t.match(judgeConnections(pools, 9), { verdict: 'wrong', says: /^10 wanted, 9 there/ })
  t.match(judgeConnections(pools, 19), { verdict: 'warning' })
  t.match(judgeConnections(pools, 97), { verdict: 'ok', says: '10 of 97: room for 9 instances' })
  t.match(judgeMigrations({ applied: 9, pending: 1, unknown: 1 }), { verdict: 'wrong' })
})

t.test('a calendar is named sixty days before it ends, or ceases to be confirmed', async (t) => {
  const judge = (to: string, confirmedTo: string, today: string) => {
    const rules = { ...NATIONAL_CALENDAR, coverage: { from: '2018-12-01', to, confirmedTo } }
    return judgeCalendar({ id: 'vn', rules }, dayNumber(today))
  }
  t.match(judge('2027-12-31', '2026-12-31', '2026-11-01'), { verdict: 'ok', says: 'vn is confirmed to 2026-12-31' })
  t.match(judge('2027-12-31', '2026-12-31', '2026-11-02'), { verdict: 'warning', says: /provisional after 2026-12-31/ })
  t.match(judge('2026-12-31', '2026-12-31', '2026-11-02'), { verdict: 'warning', says: /ends on 2026-12-31/ })
  t.match(judge('2026-12-31', '2026-12-31', '2027-01-01'), { verdict: 'wrong', says: /PUT \/v1\/calendars\/vn\/days/ })
})

t.test('the command ends with 1 where something is wrong, and with 0 otherwise', async (t) => {
  const main = fileURLToPath(new URL('../dist/doctor/main.js', import.meta.url))
  const run = (...variables: string[]) =>
    spawnSync('env', ['-i', ...variables, process.execPath, main], { encoding: 'utf8' })
  const sound = run(`DATA_DIR=${newFolder(t)}`)
  t.match(sound, { status: 0, stdout: /^warning {2}settings +nobody may read.*\nwarning {2}database / })
  t.match(run('PORT=seven'), { status: 1, stdout: /^wrong {4}settings +The setting PORT is wrong/ })
})
