import { and, asc, desc, eq, isNull, lte } from 'drizzle-orm'
import type { Database } from '../db/database.ts'
import { calendars, recalculations, schedules } from '../db/tables.ts'
import type { Calendar, Schedule } from './calendar.ts'

export const readCalendars = (db: Database): Promise<Calendar[]> =>
  db.select().from(calendars).orderBy(calendars.id, calendars.version)

export const findCalendar = async (db: Database, id: string, version: number): Promise<Calendar | undefined> =>
  (
    await db
      .select()
      .from(calendars)
      .where(and(eq(calendars.id, id), eq(calendars.version, version)))
  )[0]

export const readSchedules = (db: Database): Promise<Schedule[]> => db.select().from(schedules).orderBy(schedules.id)

/** The newest version of each calendar. */
export const readNewestCalendars = (db: Database): Promise<Calendar[]> =>
  db.selectDistinctOn([calendars.id]).from(calendars).orderBy(calendars.id, desc(calendars.version))

/** Versions never change, so one that is there already is left alone. */
export const addCalendar = async (db: Database, calendar: Calendar): Promise<void> => {
  await db.insert(calendars).values(calendar).onConflictDoNothing()
}

/** Schedules that are there already are left alone. */
export const addSchedules = async (db: Database, wanted: readonly Omit<Schedule, 'id'>[]): Promise<void> => {
  await db
    .insert(schedules)
    .values([...wanted])
    .onConflictDoNothing()
}

/** A calendar's newest version being put to open dossiers. */
export type Recalculation = typeof recalculations.$inferSelect

export type NewRecalculation = Omit<Recalculation, 'finishedAt' | 'lastDossierId' | 'examined' | 'moved'>

/** `undefined` where the same key has started one under the same `Idempotency-Key`. */
export const addRecalculation = async (db: Database, wanted: NewRecalculation): Promise<Recalculation | undefined> =>
  (await db.insert(recalculations).values(wanted).onConflictDoNothing().returning())[0]

export const findRecalculation = async (db: Database, id: string): Promise<Recalculation | undefined> =>
  (await db.select().from(recalculations).where(eq(recalculations.id, id)))[0]

export const findRecalculationByRequest = async (
  db: Database,
  keyId: string,
  idempotencyKey: string,
): Promise<Recalculation | undefined> =>
  (
    await db
      .select()
      .from(recalculations)
      .where(and(eq(recalculations.keyId, keyId), eq(recalculations.idempotencyKey, idempotencyKey)))
  )[0]

/** The oldest unfinished one that nobody else is working on; it is the transaction's until it ends. */
export const holdRecalculation = async (tx: Database, startedBy: Date): Promise<Recalculation | undefined> =>
  (
    await tx
      .select()
      .from(recalculations)
      .where(and(isNull(recalculations.finishedAt), lte(recalculations.startedAt, startedBy)))
      .orderBy(asc(recalculations.startedAt), asc(recalculations.id))
      .limit(1)
      .for('update', { skipLocked: true })
  )[0]

export const countUnfinishedRecalculations = (db: Database): Promise<number> =>
  db.$count(recalculations, isNull(recalculations.finishedAt))

export const saveProgress = async (
  tx: Database,
  id: string,
  progress: Pick<Recalculation, 'finishedAt' | 'lastDossierId' | 'examined' | 'moved'>,
): Promise<void> => {
  await tx.update(recalculations).set(progress).where(eq(recalculations.id, id))
}
