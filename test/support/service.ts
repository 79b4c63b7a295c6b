import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import { until } from './until.ts'

/** Built by `npm test` before the tests run. */
const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url))

/** A process of the application, as `npm start` runs it. */
export type Service = {
  readonly kill: (signal: NodeJS.Signals) => void
  /** All that it has printed so far. */
  readonly output: () => string
  /** Its exit code, once it has ended; `null` where a signal ended it. */
  readonly ended: Promise<number | null>
}

/** A port that nobody listens on. */
export const freePort = async (): Promise<number> => {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}

/**
 * Starts the built program with these settings and no others.
 * @param options those of Node, before the program's name
 * @param program its file, and what follows on the command line
 */
export const launch = (
  t: Test,
  settings: Readonly<Record<string, string>>,
  options: readonly string[] = [],
  program: readonly string[] = [MAIN],
): Service => {
  const { PATH = '', TMPDIR = '' } = process.env
  const variables = Object.entries({ PATH, TMPDIR, ...settings }).map(([name, value]) => `${name}=${value}`)
  // A clean environment also keeps what counts this process's lines out of that one, which runs other files.
  const command = ['-i', ...variables, process.execPath, ...options, ...program]
  const child = spawn('env', command, { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  // Of `close`, not of `exit`: by then all of the output is there.
  const ended = once(child, 'close').then(([code]) => code as number | null)
  const kill = (signal: NodeJS.Signals): void => void child.kill(signal)
  t.teardown(() => kill('SIGKILL'))
  return { kill, output: () => output, ended }
}

/** The address that a process listens on, once it does. */
export const listening = async ({ output, ended }: Service): Promise<string> => {
  let isGone = false
  void ended.then(() => (isGone = true))
  const urlOf = () => /listens on (\S+)/.exec(output())?.[1]
  await until(() => isGone || urlOf() !== undefined, { failing: output })
  const url = urlOf()
  if (url === undefined) throw new Error(output())
  return url
}
