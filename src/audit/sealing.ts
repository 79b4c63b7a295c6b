import { eq, sql } from 'drizzle-orm'
import type { Database } from '../db/database.ts'
import { dossiers, events, sealing, seals } from '../db/tables.ts'
import { DAY, dayOf, formatDate, MINUTE, startOfDay } from '../sla/date.ts'
import { firstRecordedAt, readSealing } from './store.ts'

/** The lock that every event is added under, shared, and a day is closed under, alone (migration 0002). */
const CLOSING_LOCK = 7_268_332

/** How long after midnight a day is closed, so that hardly anyone is just writing into it. */
const CLOSE_AFTER_MS = 10 * MINUTE

/**
 * From now on no event can be recorded before that instant. Waits for those that are being written; whoever comes
 * too late is told, and records a moment later.
 */
export const closeUntil = (db: Database, until: Date): Promise<void> =>
  db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(${CLOSING_LOCK})`)
    await tx
      .update(sealing)
      .set({ closedUntil: sql`greatest(${sealing.closedUntil}, ${until.toISOString()}::timestamptz)` })
  })

const sha256Hex = (text: ReturnType<typeof sql>) => sql`encode(sha256(convert_to(${text}, 'UTF8')), 'hex')`

/** Makes the seals of one day as `seal.ts` defines them: all agencies in one statement, one transaction. */
const sealDay = (db: Database, from: Date, until: Date, now: Date): Promise<void> =>
  db.transaction(async (tx) => {
    const [row] = await tx.select().from(sealing).for('update')
    if (row?.sealedUntil.getTime() !== from.getTime()) return
    const day = formatDate(dayOf(from.getTime()))
    const sealed = sql`concat_ws(' ', agency, ${day}::text, dossiers, events, root, previous)`
    await tx.execute(sql`
      insert into ${seals} (agency, day, dossiers, events, root, previous, hash, sealed_at)
      select agency, ${day}::date, dossiers, events, root, previous, ${sha256Hex(sealed)}, ${now.toISOString()}::timestamptz
      from (
        select agency, count(*)::int as dossiers, sum(added)::int as events,
          ${sha256Hex(sql`string_agg(code || ' ' || number || ' ' || hash || chr(10), '' order by code collate "C")`)} as root,
          coalesce((select hash from ${seals} s where s.agency = heads.agency order by s.day desc limit 1), '') as previous
        from (
          select e.agency, d.code, count(*) as added, max(e.number) as number,
            (array_agg(e.hash order by e.number desc))[1] as hash
          from ${events} e join ${dossiers} d on d.id = e.dossier_id
          where e.recorded_at >= ${from.toISOString()}::timestamptz and e.recorded_at < ${until.toISOString()}::timestamptz
          group by e.agency, d.code
        ) heads
        group by agency
      ) sums`)
    await tx.update(sealing).set({ sealedUntil: until })
  })

/** Before any seal was made: days without events need none. */
const skipToFirstEvent = async (db: Database, from: Date): Promise<Date | undefined> => {
  const first = await firstRecordedAt(db)
  if (first === null) return undefined
  const day = new Date(startOfDay(dayOf(first.getTime())))
  // From here on nothing can be recorded into the days that are passed over.
  await closeUntil(db, day)
  await db.update(sealing).set({ sealedUntil: day }).where(eq(sealing.sealedUntil, from))
  return day
}

const NEVER = new Date(startOfDay(0))

/** How many days are over and not sealed yet. */
export const countUnsealedDays = async (db: Database, now: Date): Promise<number> => {
  const { sealedUntil } = await readSealing(db)
  const isNone = sealedUntil.getTime() === NEVER.getTime()
  const first = isNone ? await firstRecordedAt(db) : sealedUntil
  if (first === null) return 0
  const from = startOfDay(dayOf(first.getTime()))
  return Math.max(0, Math.floor((now.getTime() - CLOSE_AFTER_MS - from) / DAY))
}

/**
 * Seals the next day that is over and not sealed yet; answers whether there was one. Days are sealed in order, by
 * whichever instance comes first; the work can stop anywhere and goes on from there.
 */
export const sealNextDay = async (db: Database, now: Date): Promise<boolean> => {
  const { sealedUntil } = await readSealing(db)
  const from = sealedUntil.getTime() === NEVER.getTime() ? await skipToFirstEvent(db, sealedUntil) : sealedUntil
  if (from === undefined) return false
  const until = new Date(from.getTime() + DAY)
  if (now.getTime() < until.getTime() + CLOSE_AFTER_MS) return false
  await closeUntil(db, until)
  await sealDay(db, from, until, now)
  return true
}
