import { DrizzleQueryError } from 'drizzle-orm/errors'
import t from 'tap'
import { runCommand } from '../src/command.ts'

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
