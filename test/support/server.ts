import { execFile } from 'node:child_process'
import { chown, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Test } from 'tap'
import { freePort } from './service.ts'

const run = promisify(execFile)

/** A PostgreSQL server of a test's own, which it may do to as it likes. */
export type Server = {
  readonly url: string
  readonly start: () => Promise<void>
  /** `fast` ends sessions, `immediate` is as good as pulling the plug. */
  readonly stop: (mode: 'fast' | 'immediate') => Promise<void>
  /** Sends a signal to each of its processes. */
  readonly signal: (signal: NodeJS.Signals) => Promise<void>
}

const IS_ROOT = process.getuid?.() === 0

/** PostgreSQL refuses to run as root. */
const asPostgres = (command: string, ...args: readonly string[]) =>
  IS_ROOT ? run('runuser', ['-u', 'postgres', '--', command, ...args], { cwd: '/' }) : run(command, [...args])

/** The newest PostgreSQL that is installed. */
const findPrograms = async (): Promise<string | undefined> => {
  const installed = '/usr/lib/postgresql'
  const versions = await readdir(installed).catch(() => [])
  const [newest] = versions.toSorted((a, b) => Number(b) - Number(a))
  return newest && join(installed, newest, 'bin')
}

/** Where PostgreSQL’s programs are. */
export const PROGRAMS = await findPrograms()

/** Why what needs a server of its own is skipped, or false. */
export const NO_SERVER = PROGRAMS === undefined && 'needs PostgreSQL’s programs, in /usr/lib/postgresql'

const program = (name: string): string => join(String(PROGRAMS), name)

const processesOf = async (data: string): Promise<number[]> => {
  const [leader] = (await readFile(join(data, 'postmaster.pid'), 'utf8')).split('\n')
  const { stdout } = await run('ps', ['-o', 'pid=', '--ppid', String(leader)])
  return [leader, ...stdout.trim().split(/\s+/)].map(Number)
}

/** Starts a server on a folder that was made for it. */
const startOn = async (t: Test, within: string, make: (data: string) => Promise<unknown>): Promise<Server> => {
  const folder = await mkdtemp(join(within, 'motcua-server-'))
  if (IS_ROOT) {
    const { stdout } = await run('id', ['-u', 'postgres'])
    await chown(folder, Number(stdout), -1)
  }
  const data = join(folder, 'data')
  await make(data)
  const port = await freePort()
  // The machine stays up whatever happens to the server, so what it wrote is there without waiting for the disk.
  const options = `-p ${port} -k ${folder} -c listen_addresses=127.0.0.1 -c fsync=off`
  const control = (...args: readonly string[]) => asPostgres(program('pg_ctl'), '-D', data, '-w', ...args)
  const server: Server = {
    url: `postgres://motcua@127.0.0.1:${port}/postgres`,
    // Its output goes to a file: a pipe of ours would be held open as long as it runs.
    start: async () => void (await control('-l', join(folder, 'log'), '-o', options, 'start')),
    stop: async (mode) => void (await control('-m', mode, 'stop')),
    signal: async (signal) => {
      for (const pid of await processesOf(data)) process.kill(pid, signal)
    },
  }
  t.teardown(async () => {
    // One that a test has stopped at work would not hear that it is to end.
    await server.signal('SIGCONT').catch(() => undefined)
    await server.stop('immediate').catch(() => undefined)
    await rm(folder, { recursive: true, force: true })
  })
  await server.start()
  return server
}

/** Makes a server that keeps its data in a new folder, and starts it. */
export const startServer = (t: Test, within = tmpdir()): Promise<Server> =>
  startOn(t, within, (data) =>
    asPostgres(program('initdb'), '-D', data, '-U', 'motcua', '-A', 'trust', '-E', 'UTF8', '--no-sync'),
  )

/** Starts a streaming replica of a server, which follows it as it is now. */
export const startReplica = (t: Test, { url }: Server): Promise<Server> =>
  startOn(t, tmpdir(), (data) =>
    asPostgres(
      program('pg_basebackup'),
      '-D',
      data,
      '-d',
      url,
      '--write-recovery-conf',
      '--checkpoint=fast',
      '--no-sync',
    ),
  )
