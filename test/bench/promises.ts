import type pg from 'pg'
import stringify from 'safe-stable-stringify'
import { NATIONAL_CALENDAR } from '../../src/calendars/national.ts'
import type { Database } from '../../src/db/database.ts'
import { promiseFor } from '../../src/dossiers/promise.ts'
import { referenceSource } from '../../src/reference.ts'
import { isWorkingDay } from '../../src/sla/calendar.ts'
import { dayNumber, dayOf, HOUR, startOfDay } from '../../src/sla/date.ts'
import { PROVINCE } from './province.ts'

const YEAR = 365
const LEAST_YEARS = 3
const DOSSIERS_A_YEAR = 1_000_000

/** The calendar covers the month before too, but only for terms that end in this year. */
const FIRST_DAY = dayNumber(`${Number(NATIONAL_CALENDAR.coverage.from.slice(0, 4)) + 1}-01-01`)

/** As many promises as go into one statement. */
const PORTION = 20_000

const MOMENTS = [7.75, 8.5, 9.25, 10, 11, 13.75, 14.5, 15.25, 16].map((hour) => hour * HOUR)

/** A million dossiers a year, over three years at least and as far back as the official calendar is known. */
const firstDayOf = (size: number, today: number): number =>
  Math.max(today - Math.max(LEAST_YEARS, Math.ceil(size / DOSSIERS_A_YEAR)) * YEAR, FIRST_DAY)

/** Every promise that the catalogue gives at any of those moments, in order of receipt. */
const promises = async (db: Database, size: number, now: Date) => {
  const reference = await referenceSource(db).current()
  const { working } = reference.scheduleOf(PROVINCE)
  const days: number[] = []
  const today = dayOf(now.getTime())
  for (let day = firstDayOf(size, today); day < today; day++) if (isWorkingDay(working, day)) days.push(day)
  const receipts = days.flatMap((day) => MOMENTS.map((moment) => startOfDay(day) + moment))
  const procedures = [...reference.procedures.keys()]
  const given = receipts.flatMap((at, moment) =>
    procedures.map((procedureCode, procedure) => {
      const order = { procedureCode, resolvingAgency: PROVINCE, withVerification: false }
      const promise = promiseFor(order, at, reference)
      const receivedAt = new Date(at).toISOString()
      return { moment, procedure, procedureCode, receivedAt, ...promise, facts: stringify(promise) }
    }),
  )
  return { given, moments: receipts.length, procedures: procedures.length }
}

const COLUMNS = `
  moment int, procedure int, "procedureCode" text, "receivedAt" timestamptz, "procedureVersion" date, "limit" jsonb,
  "sampleLimit" boolean, "scheduleId" int, "dueOn" date, "dueAt" timestamptz, "onTimeFrom" timestamptz,
  "lateFrom" timestamptz, provisional boolean, facts text`

/** How many moments of receipt and how many procedures there are. */
export type Promised = { moments: number; procedures: number }

/**
 * Writes what intake would promise at each moment, for each procedure, into the table `bench_promises`, from which
 * dossiers are drawn.
 */
export const writePromises = async (client: pg.Client, db: Database, size: number, now: Date): Promise<Promised> => {
  const { given, moments, procedures } = await promises(db, size, now)
  await client.query(`create unlogged table bench_promises as
    select moment, procedure, "procedureCode" as procedure_code, "receivedAt" as received_at,
      "procedureVersion" as procedure_version, "limit", "sampleLimit" as sample_limit, "scheduleId" as schedule_id,
      "dueOn" as due_on, "dueAt" as due_at, "onTimeFrom" as on_time_from, "lateFrom" as late_from, provisional, facts
    from jsonb_to_recordset('[]') as t(${COLUMNS})`)
  for (let from = 0; from < given.length; from += PORTION) {
    const portion = JSON.stringify(given.slice(from, from + PORTION))
    await client.query(`insert into bench_promises select * from jsonb_to_recordset($1::jsonb) as t(${COLUMNS})`, [
      portion,
    ])
  }
  await client.query('alter table bench_promises add primary key (moment, procedure)')
  await client.query('analyze bench_promises')
  return { moments, procedures }
}
