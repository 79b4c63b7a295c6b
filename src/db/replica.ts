import { sql } from 'drizzle-orm'
import type { Database } from './database.ts'
import { failureOf, outageOf } from './failure.ts'
import type { Read, Reading } from './reading.ts'
import { heartbeats } from './tables.ts'

/** A beat that another instance has just written is as good as one's own. */
const FRESH = sql`interval '500 ms'`

/** Writes the application's clock beside the server's, for replicas to show how far they are. */
export const beat = async (primary: Database, now: Date): Promise<void> => {
  const at = sql`excluded.at`
  await primary
    .insert(heartbeats)
    .values({ at: now, writtenAt: sql`clock_timestamp()` })
    .onConflictDoUpdate({
      target: heartbeats.only,
      set: { at, writtenAt: sql`excluded.written_at` },
      setWhere: sql`${heartbeats.at} not between ${at} - ${FRESH} and ${at}`,
    })
}

/**
 * The instant up to which a replica holds what was recorded, by the application's clock: that of the newest beat, and
 * how much later, by the server's clock, the last transaction was committed that has been replayed. Read first in a
 * transaction, it is the position of that transaction's snapshot. `undefined` where a replica knows none yet.
 */
export const positionOf = async (replica: Database): Promise<Date | undefined> => {
  const since = sql`case when pg_is_in_recovery() then pg_last_xact_replay_timestamp() - ${heartbeats.writtenAt}
    else interval '0' end`
  const [row] = await replica.select({ at: sql`${heartbeats.at} + ${since}`.mapWith(heartbeats.at) }).from(heartbeats)
  return row?.at ?? undefined
}

type Log = Record<'info' | 'warn', (facts: object, message: string) => void>

/** Whether a replica can be read from. */
export type ReplicaWatch = {
  readonly isNear: () => boolean
  /** Beats, and looks how far the replica is. */
  readonly look: () => Promise<void>
  readonly lose: (error: unknown) => void
}

/** Looks after a replica, which may be so far behind; what becomes of it is logged once. */
export const watchReplica = (
  primary: Database,
  replica: Database,
  now: () => Date,
  mostBehindMs: number,
  log: Log,
): ReplicaWatch => {
  let isNear: boolean | undefined
  const turn = (near: boolean, facts: object): void => {
    if (near === isNear) return
    isNear = near
    if (near) log.info(facts, 'lists and reports are read from the replica')
    else log.warn(facts, 'the replica is behind or does not answer: lists and reports are read from the primary')
  }
  const judge = async (): Promise<void> => {
    const at = await positionOf(replica)
    const behindMs = at === undefined ? null : now().getTime() - at.getTime()
    turn(behindMs !== null && behindMs <= mostBehindMs, { behindMs })
  }
  const lose = (error: unknown): void => turn(false, { err: error })
  return {
    isNear: () => isNear === true,
    lose,
    look: async () => {
      // A beat that fails shows in the replica, which then falls behind; the primary's trouble is told by its users.
      await Promise.all([beat(primary, now()).catch(() => undefined), judge().catch(lose)])
    },
  }
}

/** What a replica does to readers of rows that the primary has cleared away meanwhile. */
const CONFLICT_WITH_RECOVERY = '40001'

/**
 * Reads from a replica. Where it is behind, or gone while it is read, the primary answers instead; not where a statement
 * took too long, which would only be too long for both.
 */
export const onReplica = (onPrimary: Reading, replica: Database, watch: ReplicaWatch, now: () => Date): Reading => {
  const attempt = async <T>(work: Read<T>, notBefore: Date | undefined): Promise<{ answer: T } | undefined> => {
    if (!watch.isNear()) return undefined
    try {
      return await replica.transaction(
        async (tx) => {
          const position = await positionOf(tx)
          if (!position || (notBefore && notBefore > position)) return undefined
          // By this instance's clock nothing is as of a time to come.
          const asOf = new Date(Math.min(position.getTime(), now().getTime()))
          return { answer: await work(tx, asOf) }
        },
        { isolationLevel: 'repeatable read', accessMode: 'read only' },
      )
    } catch (error) {
      if (failureOf(error).code === CONFLICT_WITH_RECOVERY) return undefined
      const outage = outageOf(error)
      if (outage === undefined || outage === 'took_too_long') throw error
      watch.lose(error)
      return undefined
    }
  }
  return {
    primary: onPrimary.primary,
    read: async (work, notBefore) => {
      const read = await attempt(work, notBefore)
      return read ? read.answer : onPrimary.read(work)
    },
    open: async (notBefore) => {
      const read = await attempt(async (_, asOf) => ({ db: replica, asOf }), notBefore)
      return read ? read.answer : onPrimary.open()
    },
  }
}
