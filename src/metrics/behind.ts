import { setTimeout } from 'node:timers/promises'
import { withAncestors } from '../agencies/agency.ts'
import { countUnsealedDays } from '../audit/sealing.ts'
import { countUnfinishedRecalculations } from '../calendars/store.ts'
import type { Deps } from '../deps.ts'
import { countChangesToFold } from '../figures/folding.ts'
import { countOpen } from '../overdue/query.ts'

/** What the database says of the work behind, and of what is overdue. */
export type Behind = {
  readonly changesToFold: number
  readonly daysToSeal: number
  readonly recalculations: number
  /** Open overdue dossiers by the agency at the head of each tree: a province. */
  readonly overdue: ReadonlyMap<string, number>
}

/** More than the country has, and still few series. */
const MOST_PROVINCES = 100

const overdueByProvince = async (
  { reports: { primary: db }, reference }: Deps,
  asOf: Date,
): Promise<ReadonlyMap<string, number>> => {
  const { agencies } = await reference.current()
  const roots = [...agencies.values()].filter(({ parent }) => parent === null).map(({ code }) => code)
  const counts = new Map(
    roots
      .toSorted()
      .slice(0, MOST_PROVINCES)
      .map((code) => [code, 0]),
  )
  for (const { agency, overdue } of await countOpen(db, { agencies: null, asOf, soonUntil: asOf })) {
    const province = String(withAncestors(agencies, agency).at(-1))
    const known = counts.get(province)
    if (known !== undefined) counts.set(province, known + overdue)
  }
  return counts
}

/** Four statements, one after the other, on the reports' connections: nobody at a desk is to wait for them. */
export const readBehind = async (deps: Deps): Promise<Behind> => {
  const {
    reports: { primary: db },
    now,
  } = deps
  const at = now()
  return {
    changesToFold: await countChangesToFold(db),
    daysToSeal: await countUnsealedDays(db, at),
    recalculations: await countUnfinishedRecalculations(db),
    overdue: await overdueByProvince(deps, at),
  }
}

/** How often the database is asked at most, however many ask for metrics. */
const READ_EVERY_MS = 15_000

/** How long what was read stands for how things are. */
const STANDS_FOR_MS = 60_000

/** How long whoever asks waits for a reading; Prometheus gives up after ten seconds. */
const WAIT_MS = 1000

/**
 * What was last read, read again behind whoever asks once it is old. `undefined` where the database has not answered
 * lately: then there is nothing to tell, and nobody is kept waiting.
 */
export const kept = <T>(
  read: () => Promise<T>,
  now: () => Date,
  onFailure: (error: unknown) => void,
): (() => Promise<T | undefined>) => {
  let known: { value: T; at: number } | undefined
  let reading: Promise<void> | undefined
  let begunAt = Number.NEGATIVE_INFINITY
  // By the size of the difference: a clock that was set back would else keep an old reading for as long.
  const age = (at: number): number => Math.abs(now().getTime() - at)
  const begin = async (): Promise<void> => {
    begunAt = now().getTime()
    try {
      known = { value: await read(), at: begunAt }
    } catch (error) {
      known = undefined
      onFailure(error)
    } finally {
      reading = undefined
    }
  }
  return async () => {
    if (age(begunAt) >= READ_EVERY_MS) reading ??= begin()
    await Promise.race([reading, setTimeout(WAIT_MS, undefined, { ref: false })])
    return known && age(known.at) < STANDS_FOR_MS ? known.value : undefined
  }
}
