import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DrizzleQueryError } from 'drizzle-orm/errors'
import t from 'tap'
import { runCommand, withDatabase } from '../src/command.ts'
import { readMigrations } from '../src/db/migrations.ts'

/** What a command that fails so prints, and its exit code. */
const said = async (run: () => Promise<boolean>) => {
  const { error: print } = console
  const lines: unknown[] = []
  console.error = (...line: unknown[]) => void lines.push(...line)
  try {
    await runCommand(run)
    return { lines, code: process.exitCode }
  } finally {
    console.error = print
    process.exitCode = undefined
  }
}

t.test('a command that fails says why in a line, without what it worked on', async (t) => {
  const cause = Object.assign(new Error('canceling statement due to statement timeout'), { code: '57014' })
  const failed = new DrizzleQueryError('update dossiers set applicant = $1', ['Nguyễn Văn An'], cause)
  t.strictSame(await said(() => Promise.reject(failed)), {
    lines: ['57014 canceling statement due to statement timeout'],
    code: 1,
  })
  const busy = Object.assign(new Error('listen EADDRINUSE: 127.0.0.1:3000'), { code: 'EADDRINUSE' })
  t.strictSame((await said(() => Promise.reject(busy))).lines, ['listen EADDRINUSE: 127.0.0.1:3000'])
  const nowhere = Object.assign(new Error(''), { code: 'ECONNREFUSED' })
  t.strictSame((await said(() => Promise.reject(nowhere))).lines, ['ECONNREFUSED'])
  t.strictSame(await said(async () => false), { lines: [], code: 1 })
  t.strictSame(await said(async () => true), { lines: [], code: 0 })
})

t.test('a command works on the database of the settings, migrated, and leaves it to others', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'motcua-command-'))
  const before = process.env
  process.env = { ...before, DATABASE_URL: '', DATA_DIR: folder }
  t.teardown(() => {
    process.env = before
    rmSync(folder, { recursive: true })
  })
  t.equal(await withDatabase(async (db, { dataDir }) => dataDir === folder && (await readMigrations(db)).pending), 0)
  await t.rejects(
    withDatabase(() => Promise.reject(new Error('as asked'))),
    { message: 'as asked' },
  )
  t.equal(await withDatabase(async () => 'free again'), 'free again')
})
