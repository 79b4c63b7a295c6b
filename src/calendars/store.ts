import { desc, eq } from 'drizzle-orm'
import type { Database } from '../db/database.ts'
import { calendars, schedules } from '../db/tables.ts'
import type { Calendar, Schedule } from './calendar.ts'

export const readCalendars = (db: Database): Promise<Calendar[]> =>
  db.select().from(calendars).orderBy(calendars.id, calendars.version)

export const readSchedules = (db: Database): Promise<Schedule[]> => db.select().from(schedules).orderBy(schedules.id)

export const newestVersion = async (db: Database, calendarId: string): Promise<number | undefined> => {
  const newest = db
    .select({ version: calendars.version })
    .from(calendars)
    .where(eq(calendars.id, calendarId))
    .orderBy(desc(calendars.version))
    .limit(1)
  return (await newest)[0]?.version
}

/** Versions never change, so one that is there already is left alone. */
export const addCalendar = async (db: Database, calendar: Calendar): Promise<void> => {
  await db.insert(calendars).values(calendar).onConflictDoNothing()
}

export const addSchedule = async (db: Database, schedule: Omit<Schedule, 'id'>): Promise<void> => {
  await db.insert(schedules).values(schedule).onConflictDoNothing()
}
