import { setTimeout } from 'node:timers/promises'
import { sealNextDay } from './audit/sealing.ts'
import { runRecalculations } from './calendars/recalculation.ts'
import type { Deps } from './deps.ts'
import { foldChanges } from './figures/folding.ts'

type Log = { error: (facts: object, message: string) => void }

type Running = { readonly stop: () => Promise<void> }

/** How long to wait where there was nothing to do. */
const IDLE_MS = 1000

/** Takes a step again and again, at once where it says that there is more; `stop` waits for the one that is running. */
const repeat = (step: () => Promise<boolean>): Running => {
  const stopping = new AbortController()
  const { signal } = stopping
  const rest = (): Promise<void> => setTimeout(IDLE_MS, undefined, { signal }).catch(() => undefined)
  const run = async (): Promise<void> => {
    while (!signal.aborted) if (!(await step())) await rest()
  }
  const running = run()
  return {
    stop: () => {
      stopping.abort()
      return running
    },
  }
}

/** Looks once a second after what must not wait for other work. */
export const startWatch = (look: () => Promise<void>): Running => repeat(() => look().then(() => false))

/**
 * What no request waits for: days are sealed, calendars' new versions carried to open dossiers, and what reports count
 * folded into totals. Each step is one transaction that any instance may take.
 */
export const startBackground = (deps: Pick<Deps, 'db' | 'now' | 'reference'>, log: Log): Running => {
  const attempt = async (work: () => Promise<boolean>): Promise<boolean> => {
    try {
      return await work()
    } catch (error) {
      log.error({ err: error }, 'background work failed; it is tried again')
      return false
    }
  }
  // Each by itself: what one of them runs into does not keep the other from its work.
  return repeat(async () => {
    const recalculated = await attempt(() => runRecalculations(deps))
    const sealed = await attempt(async () => sealNextDay(deps.db, deps.now()))
    const folded = await attempt(() => foldChanges(deps.db))
    return recalculated || sealed || folded
  })
}
