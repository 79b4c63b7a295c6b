import { and, asc, desc, eq, gte, inArray, lt, lte, or, type SQL, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import type { Database } from '../db/database.ts'
import { dossiers, events, numberReads, refusedAttempts, sealing, seals } from '../db/tables.ts'
import type { TrailedEvent } from '../dossiers/store.ts'

export type Sealing = { closedUntil: Date; sealedUntil: Date }

/** How far the seals reach, and the days that take no more events. */
export const readSealing = async (db: Database): Promise<Sealing> => {
  const [row] = await db.select().from(sealing)
  if (!row) throw new RangeError('the sealing row is missing')
  return row
}

export type StoredSeal = typeof seals.$inferSelect

const ofAgencies = (column: typeof seals.agency | typeof events.agency, agencies: readonly string[] | null) =>
  agencies === null ? undefined : inArray(column, [...agencies])

/** A page of seals in the order of their days and agencies, after one of them. */
export const pageOfSeals = (
  db: Database,
  agencies: readonly string[] | null,
  from: string,
  to: string,
  after: readonly [day: string, agency: string] | undefined,
  limit: number,
): Promise<StoredSeal[]> =>
  db
    .select()
    .from(seals)
    .where(
      and(
        ofAgencies(seals.agency, agencies),
        gte(seals.day, from),
        lte(seals.day, to),
        after && sql`(${seals.day}, ${seals.agency}) > (${after[0]}::date, ${after[1]})`,
      ),
    )
    .orderBy(asc(seals.day), asc(seals.agency))
    .limit(limit)

/** The seals of a day, each with the hash of its agency's seal before it (empty for the first). */
export const readSealsOf = async (db: Database, agencies: readonly string[] | null, day: string) => {
  const earlier = alias(seals, 'earlier')
  const before = db
    .select({ hash: earlier.hash })
    .from(earlier)
    .where(and(eq(earlier.agency, seals.agency), lt(earlier.day, seals.day)))
    .orderBy(desc(earlier.day))
    .limit(1)
  return db
    .select({ seal: seals, before: sql<string>`coalesce((${before}), '')` })
    .from(seals)
    .where(and(eq(seals.day, day), ofAgencies(seals.agency, agencies)))
    .orderBy(seals.agency)
}

/** An event as the trail keeps it, with all that its hash is checked against. */
export type CheckedEvent = {
  event: TrailedEvent
  code: string | null
  head: string | null
  previous: string | null
  isLast: boolean
}

/** The events recorded in a span, in the order of their dossiers, after one of them. */
export const pageOfTrail = async (
  db: Database,
  agencies: readonly string[] | null,
  from: Date,
  until: Date,
  after: readonly [dossierId: number, number: number],
  limit: number,
): Promise<CheckedEvent[]> => {
  const before = alias(events, 'before')
  const next = alias(events, 'next')
  const rows = await db
    .select({
      event: events,
      code: dossiers.code,
      head: dossiers.head,
      previous: before.hash,
      isLast: sql<boolean>`${next.number} is null`,
    })
    .from(events)
    .leftJoin(dossiers, eq(dossiers.id, events.dossierId))
    .leftJoin(before, and(eq(before.dossierId, events.dossierId), eq(before.number, sql`${events.number} - 1`)))
    .leftJoin(next, and(eq(next.dossierId, events.dossierId), eq(next.number, sql`${events.number} + 1`)))
    .where(
      and(
        gte(events.recordedAt, from),
        lt(events.recordedAt, until),
        ofAgencies(events.agency, agencies),
        sql`(${events.dossierId}, ${events.number}) > (${after[0]}::bigint, ${after[1]}::int)`,
      ),
    )
    .orderBy(asc(events.dossierId), asc(events.number))
    .limit(limit)
  return rows as CheckedEvent[]
}

/** When the first event was recorded. */
export const firstRecordedAt = async (db: Database): Promise<Date | null> => {
  const [row] = await db.select({ at: sql`min(${events.recordedAt})`.mapWith(events.recordedAt) }).from(events)
  return row?.at ?? null
}

export const addRefusedAttempt = async (
  db: Database,
  attempt: Omit<typeof refusedAttempts.$inferSelect, 'id'>,
): Promise<void> => {
  await db.insert(refusedAttempts).values(attempt)
}

export const addNumberRead = async (db: Database, read: Omit<typeof numberReads.$inferSelect, 'id'>): Promise<void> => {
  await db.insert(numberReads).values(read)
}

/** What keys did beside the events, by its kind. */
const DEEDS = { refusedAttempt: refusedAttempts, numberRead: numberReads }
export type DeedKind = keyof typeof DEEDS

type Deeds = (typeof DEEDS)[DeedKind]

/** What agencies see of deeds: what their own keys did, and what anyone did on their dossiers. `null` means all. */
const ofTheirs = (db: Database, deeds: Deeds, agencies: readonly string[] | null): SQL | undefined => {
  if (agencies === null) return undefined
  const seen = [...agencies]
  const onTheirs = db
    .select({ one: sql`1` })
    .from(dossiers)
    .where(
      and(
        eq(dossiers.code, deeds.dossierCode),
        or(inArray(dossiers.receivingAgency, seen), inArray(dossiers.resolvingAgency, seen)),
      ),
    )
  return or(inArray(deeds.agency, seen), sql`exists (${onTheirs})`)
}

/** A page of deeds of one kind from an instant until before another, newest first, from below an id. */
export const pageOfDeeds = <Kind extends DeedKind>(
  db: Database,
  kind: Kind,
  agencies: readonly string[] | null,
  from: Date,
  until: Date,
  below: number | undefined,
  limit: number,
): Promise<(typeof DEEDS)[Kind]['$inferSelect'][]> => {
  const deeds: Deeds = DEEDS[kind]
  return db
    .select()
    .from(deeds)
    .where(
      and(
        gte(deeds.at, from),
        lt(deeds.at, until),
        ofTheirs(db, deeds, agencies),
        below === undefined ? undefined : lt(deeds.id, below),
      ),
    )
    .orderBy(desc(deeds.id))
    .limit(limit)
}
