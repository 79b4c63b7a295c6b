import { and, eq, getTableColumns, inArray, isNotNull, lte, sql } from 'drizzle-orm'
import { type ChainedEvent, chainHash, contentHash } from '../audit/chain.ts'
import { conflictingConstraint } from '../db/conflict.ts'
import type { Database } from '../db/database.ts'
import { gathered } from '../db/gathered.ts'
import { prepared } from '../db/prepared.ts'
import { dossiers, earlierStandings, events } from '../db/tables.ts'
import { Refusal } from '../refusal.ts'
import type { Dossier, DossierState } from './dossier.ts'
import type { DossierEvent } from './event.ts'
import { standsAlike } from './fold.ts'

type EventRow = typeof events.$inferSelect

/** An event as the trail keeps it. */
export type TrailedEvent = ChainedEvent & Pick<EventRow, 'dossierId' | 'hash'>

/** Who acted by which request, and what was said of it. */
export type Trail = Omit<ChainedEvent, keyof DossierEvent>

/** The constraint that stood in a write's way. Nothing of the write is left. */
export type Conflict =
  | 'dossiers_code'
  | 'dossiers_source'
  | 'events_number'
  | 'events_idempotency'
  | 'events_closed_day'

const given = (names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, sql`${sql.placeholder(name)}`]))

const STATE_COLUMNS = Object.keys(getTableColumns(dossiers)).filter(
  (name) => !['id', 'code', 'head', 'applicant'].includes(name),
)
const EVENT_COLUMNS = Object.keys(getTableColumns(events)).filter(
  (name) => !['dossierId', 'facts', 'hash'].includes(name),
)
const STANDING_COLUMNS = Object.keys(getTableColumns(earlierStandings))
const { applicant: _, ...UNNAMED } = getTableColumns(dossiers)

/** When a dossier's last event was recorded: the next one is not recorded earlier, whatever the clock says. */
export const lastRecordedAt = sql`(
  select ${events.recordedAt} from ${events} where ${events.dossierId} = ${dossiers.id} and ${events.number} = ${dossiers.version}
)`
  .mapWith(events.recordedAt)
  .as('last_recorded_at')

const asParameter = (value: unknown): unknown => {
  if (value instanceof Date) return value.toISOString()
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : value
}

/** Values as both drivers take them: instants and JSON as text. */
const asParameters = (...sources: readonly object[]): Record<string, unknown> => {
  const parameters: Record<string, unknown> = {}
  for (const source of sources) {
    for (const [name, value] of Object.entries(source)) parameters[name] = asParameter(value)
  }
  return parameters
}

const prefixed = (prefix: string, parameters: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(parameters).map(([name, value]) => [`${prefix}${name}`, value]))

type NewEvent = typeof events.$inferInsert

const statements = prepared((db) => ({
  find: db
    .select({ ...UNNAMED, lastRecordedAt })
    .from(dossiers)
    .where(sql`${dossiers.code} = any(${sql.placeholder('codes')}::text[])`)
    .prepare('find_dossiers'),
}))

/** As many ways to move a row as are kept prepared: by what they change and whether a standing ends with them. */
const MOST_WAYS = 60

/** The statement that brings a row up to an event, changing these of its columns and no others. */
const moveStatement = (db: Database, name: string, changed: readonly string[], endsStanding: boolean) => {
  const moved = db.$with('moved').as(
    db
      .update(dossiers)
      .set(given([...changed, 'head']))
      .where(eq(dossiers.id, sql.placeholder('dossierId')))
      .returning({ id: dossiers.id }),
  )
  const step = db.$with('event').as(
    db
      .insert(events)
      .values(given([...EVENT_COLUMNS, 'dossierId', 'facts', 'hash']) as unknown as NewEvent)
      .returning({ number: events.number }),
  )
  if (!endsStanding) return db.with(moved, step).select({ id: moved.id }).from(moved).prepare(name)
  const stoodAs = Object.fromEntries(STANDING_COLUMNS.map((name) => [name, sql`${sql.placeholder(`stood_${name}`)}`]))
  const stood = db.$with('stood').as(
    db
      .insert(earlierStandings)
      .values(stoodAs as unknown as EarlierStanding)
      .returning({ number: earlierStandings.number }),
  )
  return db.with(moved, step, stood).select({ id: moved.id }).from(moved).prepare(name)
}

const waysToMove = prepared(() => new Map<string, ReturnType<typeof moveStatement>>())

type Way = { columns: readonly string[]; statement: ReturnType<typeof moveStatement> }

/** Moves of one kind change the same few columns, so each kind's statement is made once; past many, all are written. */
const wayToMove = (db: Database, changed: readonly string[], endsStanding: boolean): Way => {
  const ways = waysToMove(db)
  const way = `${changed.join()} ${endsStanding}`
  if (!ways.has(way) && ways.size >= MOST_WAYS && changed !== STATE_COLUMNS) {
    return wayToMove(db, STATE_COLUMNS, endsStanding)
  }
  const statement = ways.get(way) ?? moveStatement(db, `move_dossier_${ways.size}`, changed, endsStanding)
  ways.set(way, statement)
  return { columns: changed, statement }
}

const changedColumns = (before: DossierState, after: DossierState): readonly string[] =>
  STATE_COLUMNS.filter((name) => {
    const [old, now] = [before[name as keyof DossierState], after[name as keyof DossierState]]
    return old instanceof Date && now instanceof Date ? old.getTime() !== now.getTime() : old !== now
  })

const conflictOf = (error: unknown): Conflict => conflictingConstraint(error) as Conflict

export type EarlierStanding = typeof earlierStandings.$inferSelect

/** How a dossier stood until an event moved it, where lists of the past must know. */
export const standingLeft = (
  before: DossierState & { id: number },
  after: DossierState,
): EarlierStanding | undefined => {
  if (before.receivedAt === null || standsAlike(before, after)) return undefined
  const { id, resolvingAgency, procedureCode, intakeChannel, lateFrom, overdueFrom, finishedAt, closedAt } = before
  const span = { dossierId: id, number: after.version, from: before.standsFrom, until: after.standsFrom }
  return { ...span, resolvingAgency, procedureCode, intakeChannel, lateFrom, overdueFrom, finishedAt, closedAt }
}

/**
 * Appends an event and brings the row up to it in one statement. The event's number is the lock: of two
 * moves decided on the same state, one is written and the other gets `events_number`.
 */
export const moveDossier = async (
  db: Database,
  before: FoundDossier,
  after: DossierState,
  event: DossierEvent,
  trail: Trail,
): Promise<Conflict | undefined> => {
  const hash = chainHash(before.head, contentHash({ ...event, ...trail }), before.code)
  const left = standingLeft(before, after)
  const { columns, statement } = wayToMove(db, changedColumns(before, after), left !== undefined)
  const news = Object.fromEntries(columns.map((name) => [name, after[name as keyof DossierState]]))
  const values = asParameters(news, event, trail, { dossierId: before.id, head: hash, hash })
  const standing = left ? prefixed('stood_', asParameters(left)) : {}
  try {
    await statement.execute({ ...values, ...standing })
    return undefined
  } catch (error) {
    return conflictOf(error)
  }
}

/** A dossier as whoever moves it needs it: without the applicant, and with when its last event was recorded. */
export type FoundDossier = Omit<Dossier, 'applicant'> & { lastRecordedAt: Date }

const findTogether = gathered<FoundDossier>(
  (db, codes) => statements(db).find.execute({ codes }),
  ({ code }) => code,
)

/** Refuses `dossier_not_found`. */
export const findDossier = async (db: Database, code: string): Promise<FoundDossier> => {
  const dossier = await findTogether(db, code)
  if (!dossier) throw new Refusal('dossier_not_found', { dossier: code })
  return dossier
}

export const findBySource = async (db: Database, system: string, reference: string): Promise<Dossier | undefined> =>
  (
    await db
      .select()
      .from(dossiers)
      .where(
        and(
          isNotNull(dossiers.sourceSystem),
          eq(dossiers.sourceSystem, system),
          eq(dossiers.sourceReference, reference),
        ),
      )
  )[0]

export const findDossierById = async (db: Database, id: number): Promise<Dossier | undefined> =>
  (await db.select().from(dossiers).where(eq(dossiers.id, id)))[0]

/** A dossier's whole trail, in order. */
export const readEvents = async (db: Database, dossierId: number): Promise<TrailedEvent[]> =>
  (await db.select().from(events).where(eq(events.dossierId, dossierId)).orderBy(events.number)) as TrailedEvent[]

/** One event of a dossier that has it. */
export const findEvent = async (db: Database, dossierId: number, number: number): Promise<TrailedEvent> => {
  const [event] = await db
    .select()
    .from(events)
    .where(and(eq(events.dossierId, dossierId), eq(events.number, number)))
  if (!event) throw new RangeError(`the dossier has no event ${number}`)
  return event as TrailedEvent
}

/** What had happened to some dossiers, or had been recorded of them, by an instant, in order. */
export const readEventsUntil = async (
  db: Database,
  dossierIds: readonly number[],
  until: Date,
  by: 'effective' | 'recorded' = 'effective',
) =>
  (await db
    .select()
    .from(events)
    .where(
      and(
        inArray(events.dossierId, [...dossierIds]),
        lte(by === 'effective' ? events.effectiveAt : events.recordedAt, until),
      ),
    )
    .orderBy(events.dossierId, events.number)) as TrailedEvent[]

/** The event that a key made under an `Idempotency-Key`. */
export const findEventByRequest = async (
  db: Database,
  keyId: string,
  idempotencyKey: string,
): Promise<EventRow | undefined> =>
  (
    await db
      .select()
      .from(events)
      .where(and(eq(events.keyId, keyId), eq(events.idempotencyKey, idempotencyKey)))
  )[0]
