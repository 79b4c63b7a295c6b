import { setTimeout } from 'node:timers/promises'

/** Longer than anything that is waited for takes on a slow machine; what is late by more will not come. */
const WITHIN_MS = 60_000

/** Asks again until something is so, and fails where it does not come to be. */
export const until = async (
  so: () => boolean | Promise<boolean>,
  { everyMs = 20, withinMs = WITHIN_MS, failing = () => `not within ${withinMs} ms: ${so}` } = {},
): Promise<void> => {
  const end = performance.now() + withinMs
  while (!(await so())) {
    if (performance.now() > end) throw new Error(failing())
    await setTimeout(everyMs)
  }
}
