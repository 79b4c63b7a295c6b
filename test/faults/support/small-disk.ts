import { execFile } from 'node:child_process'
import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Test } from 'tap'
import { newFolder } from './running.ts'

const run = promisify(execFile)

/** Why what needs a disk of its own is skipped, or false. */
export const NO_MOUNT = process.getuid?.() !== 0 && 'needs root, to mount a small disk'

/** A disk that can be filled to its last byte, and emptied again. */
export type SmallDisk = { folder: string; fill: () => Promise<void>; empty: () => Promise<void> }

const MEGABYTE = Buffer.alloc(1024 * 1024)

export const mountSmallDisk = async (t: Test, megabytes: number): Promise<SmallDisk> => {
  const folder = newFolder(t)
  await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'motcua-faults', folder])
  t.teardown(() => run('umount', ['--lazy', folder]))
  const ballast = join(folder, 'ballast')
  return {
    folder,
    fill: async () => {
      const file = await open(ballast, 'w')
      try {
        for (;;) await file.write(MEGABYTE)
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
      } finally {
        await file.close()
      }
    },
    empty: () => rm(ballast),
  }
}
