import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { PII_KEYS } from '../support/keys.ts'
import { freePort } from '../support/service.ts'

/** The bootstrap key of the program under measurement: it may do everything everywhere. */
export const KEY = 'bench-key-that-sees-the-whole-system'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** A server in a process of its own. */
export type Side = { address: string; process: ChildProcess }

const start = (args: readonly string[], env: Record<string, string>, output: 'ignore' | 'pipe'): ChildProcess =>
  spawn(process.execPath, args, { cwd: ROOT, env: { ...process.env, ...env }, stdio: ['ignore', output, 'inherit'] })

export const stop = async ({ process: child }: Side): Promise<void> => {
  if (child.exitCode !== null) return
  child.kill('SIGTERM')
  await once(child, 'exit')
}

const untilReady = async (address: string): Promise<void> => {
  for (let attempt = 0; attempt < 100; attempt++) {
    const ready = await fetch(`${address}/readyz`).catch(() => undefined)
    if (ready?.ok) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`${address} did not become ready`)
}

/** Builds what is measured: tsx renames functions at run time, which slows down whatever makes them. */
export const build = (): void => {
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: ROOT, stdio: 'inherit' })
}

/** The built program as `npm start` runs it, its log at its usual level and thrown away by the kernel. */
export const startOurs = async (url: string): Promise<Side> => {
  const address = `http://127.0.0.1:${await freePort()}`
  const { hostname, port } = new URL(address)
  const settings = {
    DATABASE_URL: url,
    DATABASE_POOL_MAX: '10',
    BOOTSTRAP_ADMIN_KEY: KEY,
    LOG_LEVEL: 'info',
    PII_KEYS,
    RATE_LIMIT_KEY: '10000000',
  }
  const child = start(['dist/main.js'], { ...settings, HOST: hostname, PORT: port }, 'ignore')
  await untilReady(address)
  return { address, process: child }
}

export const startBare = async (url: string): Promise<Side> => {
  const child = start(['--import', 'tsx', 'test/bench/bare-server.ts', url], {}, 'pipe')
  const [line] = await once(child.stdout ?? child, 'data')
  return { address: String(line).trim(), process: child }
}
