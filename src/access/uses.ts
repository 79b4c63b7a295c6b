import type { Database } from '../db/database.ts'
import { saveLastUses } from './store.ts'

type Log = { warn: (facts: object, message: string) => void }

/** How often what was gathered is written, so at most as often for each key. */
const WRITE_EVERY_MS = 60_000

/** When keys were last used, gathered in memory and written behind: no request waits for it. */
export type Uses = {
  readonly note: (keyId: string, at: Date) => void
  /** Writes what is left and stops. */
  readonly close: () => Promise<void>
}

export const gatherUses = (db: Database, log: Log, everyMs = WRITE_EVERY_MS): Uses => {
  let uses = new Map<string, Date>()
  const write = async (): Promise<void> => {
    if (uses.size === 0) return
    const taken = uses
    uses = new Map()
    try {
      await saveLastUses(db, taken)
    } catch (error) {
      // Whoever is used again is noted again; nothing else depends on it.
      log.warn({ err: error }, 'when keys were last used was not noted')
    }
  }
  let writing = Promise.resolve()
  const next = (): Promise<void> => {
    writing = writing.then(write)
    return writing
  }
  const timer = setInterval(next, everyMs).unref()
  return {
    note: (keyId, at) => uses.set(keyId, at),
    close: () => {
      clearInterval(timer)
      return next()
    },
  }
}
