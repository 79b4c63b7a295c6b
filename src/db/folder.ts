import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/**
 * Claims the folder of an embedded database: two processes on one would destroy it. A claim left behind by a
 * process that is gone is taken over. Answers with the path of the database and how to give the folder back.
 */
export const claimFolder = (folder: string): { database: string; release: () => void } => {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const claim = join(folder, 'lock')
  if (existsSync(claim)) {
    const holder = Number(readFileSync(claim, 'utf8'))
    if (holder > 0 && holder !== process.pid && isAlive(holder)) {
      throw new Error(
        `The folder ${folder} is in use by process ${holder}: stop that one, or set DATA_DIR to another folder.`,
      )
    }
    rmSync(claim)
  }
  writeFileSync(claim, String(process.pid), { flag: 'wx' })
  return { database: join(folder, 'pg'), release: () => rmSync(claim, { force: true }) }
}

/** A secret in the folder of an embedded database: made the first time, readable by its owner alone. */
export const secretInFolder = (folder: string, name: string, make: () => string): { secret: string; file: string } => {
  const file = join(folder, name)
  if (!existsSync(file)) writeFileSync(file, `${make()}\n`, { mode: 0o600, flag: 'wx' })
  return { secret: readFileSync(file, 'utf8').trim(), file }
}
