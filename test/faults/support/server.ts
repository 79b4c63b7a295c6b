import { execFile } from 'node:child_process'
import { chown, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Test } from 'tap'
import { ON_SERVER } from '../../support/database.ts'
import { freePort } from '../../support/service.ts'

const run = promisify(execFile)

/** A PostgreSQL server of a test's own, which it may do to as it likes. */
export type Server = {
  readonly url: string
  readonly folder: string
  readonly start: () => Promise<void>
  /** `fast` ends sessions, `immediate` is as good as pulling the plug. */
  readonly stop: (mode: 'fast' | 'immediate') => Promise<void>
  /** Sends a signal to every process of the server. */
  readonly signal: (signal: NodeJS.Signals) => Promise<void>
}

const IS_ROOT = process.getuid?.() === 0

/** PostgreSQL refuses to run as root. */
export const asPostgres = (command: string, ...args: readonly string[]) =>
  IS_ROOT ? run('runuser', ['-u', 'postgres', '--', command, ...args], { cwd: '/' }) : run(command, [...args])

/** The newest PostgreSQL that is installed. */
const findBinaries = async (): Promise<string | undefined> => {
  const installed = '/usr/lib/postgresql'
  const versions = await readdir(installed).catch(() => [])
  const [newest] = versions.sort((a, b) => Number(b) - Number(a))
  return newest && join(installed, newest, 'bin')
}

const MISSING = (await findBinaries()) === undefined && 'needs PostgreSQL’s programs, in /usr/lib/postgresql'

/** Why what is done to any database is skipped, or false: on a server, one of the test's own is needed. */
export const NO_PLACE = ON_SERVER && MISSING

/**
 * Why what is done to a server is skipped, or false. The run on the embedded database leaves it to the run on a server:
 * it is asked once.
 */
export const NO_SERVER = ON_SERVER ? MISSING : 'needs PostgreSQL: set DATABASE_URL'

const processesOf = async (folder: string): Promise<number[]> => {
  const [leader] = (await readFile(join(folder, 'data/postmaster.pid'), 'utf8')).split('\n')
  const { stdout } = await run('ps', ['-o', 'pid=', '--ppid', String(leader)])
  return [leader, ...stdout.trim().split(/\s+/)].map(Number)
}

/**
 * Makes a server that keeps its data in a new folder and starts it.
 * @param settings those of postgresql.conf, as `name=value`
 */
export const startServer = async (t: Test, settings: readonly string[] = []): Promise<Server> => {
  const bin = String(await findBinaries())
  const folder = await mkdtemp(join(tmpdir(), 'motcua-server-'))
  if (IS_ROOT) {
    const { stdout } = await run('id', ['-u', 'postgres'])
    await chown(folder, Number(stdout), -1)
  }
  const port = await freePort()
  const data = join(folder, 'data')
  await asPostgres(join(bin, 'initdb'), '-D', data, '-U', 'motcua', '-A', 'trust', '-E', 'UTF8', '--no-sync')
  // The machine stays up whatever happens to the server, so what it wrote is there without waiting for the disk.
  const given = ['listen_addresses=127.0.0.1', 'fsync=off', 'max_connections=60', ...settings]
  const options = `-p ${port} -k ${folder} ${given.map((setting) => `-c ${setting}`).join(' ')}`
  const control = (...args: readonly string[]) => asPostgres(join(bin, 'pg_ctl'), '-D', data, '-w', ...args)
  const server: Server = {
    url: `postgres://motcua@127.0.0.1:${port}/postgres`,
    folder,
    // Its output goes to a file: a pipe of ours would be held open as long as it runs.
    start: async () => void (await control('-l', join(folder, 'log'), '-o', options, 'start')),
    stop: async (mode) => void (await control('-m', mode, 'stop')),
    signal: async (signal) => {
      for (const pid of await processesOf(folder)) process.kill(pid, signal)
    },
  }
  t.teardown(async () => {
    await server.signal('SIGCONT').catch(() => undefined)
    await server.stop('immediate').catch(() => undefined)
    await rm(folder, { recursive: true, force: true })
  })
  await server.start()
  return server
}
