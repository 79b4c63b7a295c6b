import { and, eq, getTableColumns, inArray, isNotNull, lte, sql } from 'drizzle-orm'
import { conflictingConstraint } from '../db/conflict.ts'
import type { Database } from '../db/database.ts'
import { prepared } from '../db/prepared.ts'
import { codeSequences, dossiers, events } from '../db/tables.ts'
import { Refusal } from '../refusal.ts'
import type { Applicant, Dossier, DossierState } from './dossier.ts'
import type { DossierEvent } from './lifecycle.ts'

type EventRow = typeof events.$inferSelect

/** An event with who made it, as the trail keeps it. */
export type TrailedEvent = DossierEvent & Pick<EventRow, 'note' | 'keyId' | 'requestId' | 'requestHash'>

/** Who acted by which request, and what was said of it. */
export type Trail = Pick<EventRow, 'note' | 'keyId' | 'requestId' | 'idempotencyKey' | 'requestHash'>

/** The unique constraint that stood in a write's way. Nothing of the write is left. */
export type Conflict = 'dossiers_code' | 'dossiers_source' | 'events_number' | 'events_idempotency'

const given = (names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, sql`${sql.placeholder(name)}`]))

const STATE_COLUMNS = Object.keys(getTableColumns(dossiers)).filter(
  (name) => !['id', 'code', 'applicant'].includes(name),
)
const EVENT_COLUMNS = Object.keys(getTableColumns(events)).filter((name) => !['dossierId', 'facts'].includes(name))

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

type NewDossier = typeof dossiers.$inferInsert
type NewEvent = typeof events.$inferInsert

const statements = prepared((db) => {
  const sequence = db.$with('sequence').as(
    db
      .insert(codeSequences)
      .values({ agency: sql`${sql.placeholder('codeAgency')}`, day: sql`${sql.placeholder('codeDay')}`, last: 1 })
      .onConflictDoUpdate({
        target: [codeSequences.agency, codeSequences.day],
        set: { last: sql`${codeSequences.last} + 1` },
      })
      .returning({ last: codeSequences.last }),
  )
  const nextCode = sql<string>`(select ${sql.placeholder('codePrefix')}::text || lpad(last::text, greatest(4, length(last::text)), '0') from sequence)`

  const dossier = (code: typeof nextCode) =>
    db.$with('dossier').as(
      db
        .insert(dossiers)
        .values({ ...given([...STATE_COLUMNS, 'applicant']), code } as unknown as NewDossier)
        .returning({ id: dossiers.id, code: dossiers.code }),
    )
  const event = db.$with('event').as(
    db
      .insert(events)
      .values({
        ...given(EVENT_COLUMNS),
        dossierId: sql`(select id from dossier)`,
        facts: sql`jsonb_set(${sql.placeholder('facts')}::jsonb, '{intake,code}', (select to_jsonb(code) from dossier))`,
      } as unknown as NewEvent)
      .returning({ number: events.number }),
  )
  const added = { id: sql<number>`id`.mapWith(Number), code: sql<string>`code` }
  const issuing = dossier(nextCode)
  const bringing = dossier(sql<string>`${sql.placeholder('code')}`)

  const moved = db.$with('moved').as(
    db
      .update(dossiers)
      .set(given(STATE_COLUMNS))
      .where(eq(dossiers.id, sql.placeholder('dossierId')))
      .returning({ id: dossiers.id }),
  )
  const step = db.$with('event').as(
    db
      .insert(events)
      .values(given([...EVENT_COLUMNS, 'dossierId', 'facts']) as unknown as NewEvent)
      .returning({ number: events.number }),
  )
  return {
    addWithNextCode: db.with(sequence, issuing, event).select(added).from(issuing).prepare('add_dossier'),
    addWithOwnCode: db.with(bringing, event).select(added).from(bringing).prepare('add_dossier_with_code'),
    move: db.with(moved, step).select({ id: moved.id }).from(moved).prepare('move_dossier'),
    find: db
      .select()
      .from(dossiers)
      .where(eq(dossiers.code, sql.placeholder('code')))
      .prepare('find_dossier'),
  }
})

/** What a new code is counted by: the receiving agency and the day of receipt. */
export type CodeSeries = { codeAgency: string; codeDay: string; codePrefix: string }

const conflictOf = (error: unknown): Conflict => conflictingConstraint(error) as Conflict

/**
 * Adds a dossier with its first event in one statement: the next code of its series is taken, the row and the
 * event are written, or nothing is. The series' row stays locked until then, so the codes have no gaps
 * whatever fails; a conflict must undo the number, too, and is therefore caught and not avoided.
 */
export const addDossier = async (
  db: Database,
  state: DossierState,
  applicant: Applicant,
  event: DossierEvent,
  trail: Trail,
  series: CodeSeries | null,
): Promise<{ code: string } | Conflict> => {
  const values = asParameters(state, { applicant }, event, trail, series ?? {})
  const { addWithNextCode, addWithOwnCode } = statements(db)
  try {
    const [row] = await (series ? addWithNextCode : addWithOwnCode).execute(values)
    if (!row) throw new RangeError('the new dossier did not come back')
    return row
  } catch (error) {
    return conflictOf(error)
  }
}

/**
 * Appends an event and brings the row up to it in one statement. The event's number is the lock: of two
 * moves decided on the same state, one is written and the other gets `events_number`.
 */
export const moveDossier = async (
  db: Database,
  id: number,
  state: DossierState,
  event: DossierEvent,
  trail: Trail,
): Promise<Conflict | undefined> => {
  try {
    await statements(db).move.execute(asParameters(state, event, trail, { dossierId: id }))
    return undefined
  } catch (error) {
    return conflictOf(error)
  }
}

/**
 * Lets a series go on after codes that were brought into it from elsewhere: past the unbroken run of them that
 * stands in its way and no further, so that the series keeps no gaps. One index look-up a code.
 */
export const skipTakenCodes = async (db: Database, { codeAgency, codeDay, codePrefix }: CodeSeries): Promise<void> => {
  const { agency, day, last } = codeSequences
  await db.execute(sql`
    with recursive run(number) as (
      select coalesce(max(${last}), 0) + 1 from ${codeSequences} where ${agency} = ${codeAgency} and ${day} = ${codeDay}
      union all
      select number + 1 from run where exists (
        select from ${dossiers}
        where ${dossiers.code} = ${codePrefix}::text || lpad(number::text, greatest(4, length(number::text)), '0'))
    )
    insert into ${codeSequences} (agency, day, last)
    select ${codeAgency}, ${codeDay}::date, max(number) - 1 from run having max(number) > 1
    on conflict (agency, day) do update set last = greatest(${last}, excluded.last)`)
}

/** Refuses `dossier_not_found`. */
export const findDossier = async (db: Database, code: string): Promise<Dossier> => {
  const [dossier] = await statements(db).find.execute({ code })
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

/** What had happened to some dossiers by an instant, in order. */
export const readEventsUntil = async (db: Database, dossierIds: readonly number[], until: Date) =>
  (await db
    .select()
    .from(events)
    .where(and(inArray(events.dossierId, [...dossierIds]), lte(events.effectiveAt, until)))
    .orderBy(events.dossierId, events.number)) as (TrailedEvent & { dossierId: number })[]

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
