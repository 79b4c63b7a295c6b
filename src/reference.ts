import { setTimeout } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import type { Caller } from './access/caller.ts'
import { isSameHash, type OpeningKey, opens } from './access/key.ts'
import { readOpeningKeys } from './access/store.ts'
import { type Agency, subtree } from './agencies/agency.ts'
import { readAgencies } from './agencies/store.ts'
import { type Calendar, type CountingSchedule, rulesAt, type Schedule, scheduleIdentity } from './calendars/calendar.ts'
import { NATIONAL_CALENDAR } from './calendars/national.ts'
import { officeScheduleOf, scheduleFor } from './calendars/schedules.ts'
import { readCalendars, readSchedules } from './calendars/store.ts'
import type { Database } from './db/database.ts'
import { referenceRevision } from './db/tables.ts'
import type { Procedure } from './procedures/procedure.ts'
import { readProcedures } from './procedures/store.ts'
import { Refusal } from './refusal.ts'
import { workingCalendar } from './sla/calendar.ts'

/** What nearly every request needs and hardly any changes, as it stood at one revision. */
export type Reference = {
  readonly agencies: ReadonlyMap<string, Agency>
  readonly procedures: ReadonlyMap<string, Procedure>
  /** The newest version of each. */
  readonly calendars: ReadonlyMap<string, Calendar>
  /** An agency and all below it. Refuses `agency_not_found`. */
  readonly below: (agency: string) => readonly string[]
  /** The schedule by which an agency counts today. Refuses `agency_not_found`. */
  readonly scheduleOf: (agency: string) => CountingSchedule
  /** A calendar's newest version with office hours. Refuses `calendar_not_found`. */
  readonly officeSchedule: (calendarId: string) => CountingSchedule
  readonly schedule: (id: number) => CountingSchedule
  readonly knowsSchedule: (id: number) => boolean
  /** Whom a secret with that hash lets in at an instant. */
  readonly callerOf: (hash: string, now: Date) => Caller | undefined
  /** The agencies that one who belongs to an agency sees; `null` is the whole system. Refuses `agency_not_found`. */
  readonly seenFrom: (agency: string | null) => ReadonlySet<string> | null
}

/** The reference data of one instance, read again when any instance has changed them. */
export type ReferenceSource = {
  readonly current: () => Promise<Reference>
  /** The same, read anew where another instance has just added one of these schedules. */
  readonly holding: (schedules: readonly (number | null)[]) => Promise<Reference>
  /** The same as it stands now, whatever another instance has just changed. However many ask share a reading. */
  readonly renewed: () => Promise<Reference>
  /** Changes reference data in one transaction at a time over all instances; this instance sees it at once. */
  readonly change: <T>(work: (tx: Database) => Promise<T>) => Promise<T>
}

/** How long another instance's change may go unseen; a revoked key works no longer than this. */
const FRESH_FOR_MS = 1000

/** At most ten times a second strangers' unknown keys make an instance look whether they are new. */
const RENEW_EVERY_MS = 100

type Rows = {
  revision: number
  agencies: Agency[]
  procedures: Procedure[]
  calendars: Calendar[]
  schedules: Schedule[]
  keys: OpeningKey[]
}

const readRevision = async (db: Database): Promise<number> =>
  (await db.select({ revision: referenceRevision.revision }).from(referenceRevision))[0]?.revision ?? 0

const readRows = (db: Database): Promise<Rows> =>
  db.transaction(
    async (tx) => ({
      revision: await readRevision(tx),
      agencies: await readAgencies(tx),
      procedures: await readProcedures(tx),
      calendars: await readCalendars(tx),
      schedules: await readSchedules(tx),
      keys: await readOpeningKeys(tx),
    }),
    { isolationLevel: 'repeatable read', accessMode: 'read only' },
  )

const by = <K extends string, T extends Record<K, string>>(key: K, rows: readonly T[]): Map<string, T> =>
  new Map(rows.map((row) => [row[key], row]))

const childCodes = (agencies: readonly Agency[]): Map<string, string[]> => {
  const children = new Map<string, string[]>()
  for (const { code, parent } of agencies) if (parent) children.set(parent, [...(children.get(parent) ?? []), code])
  return children
}

const memoized = <K, V>(compute: (key: K) => V): ((key: K) => V) => {
  const known = new Map<K, V>()
  return (key) => {
    const value = known.get(key) ?? compute(key)
    known.set(key, value)
    return value
  }
}

/** Schedules never change, so what was built from one serves as long as the process. */
const scheduleBuilder = () => {
  const built = new Map<number, CountingSchedule>()
  return (schedule: Schedule, calendar: Calendar): CountingSchedule => {
    const counting = built.get(schedule.id) ?? {
      ...schedule,
      working: workingCalendar(rulesAt(calendar.rules, schedule.places), schedule.hours),
    }
    built.set(schedule.id, counting)
    return counting
  }
}

const referenceFrom = (rows: Rows, build: ReturnType<typeof scheduleBuilder>): Reference => {
  const agencies = by('code', rows.agencies)
  const calendars = by('id', rows.calendars)
  const children = childCodes(rows.agencies)
  const versions = new Map(rows.calendars.map((calendar) => [`${calendar.id}/${calendar.version}`, calendar]))
  const schedules = new Map(rows.schedules.map((schedule) => [schedule.id, schedule]))
  const identities = new Map(rows.schedules.map((schedule) => [scheduleIdentity(schedule), schedule.id]))
  const keys = by('hash', rows.keys)

  const agency = (code: string): Agency => {
    const found = agencies.get(code)
    if (!found) throw new Refusal('agency_not_found', { agency: code })
    return found
  }
  const schedule = (id: number): CountingSchedule => {
    const row = schedules.get(id)
    const calendar = row && versions.get(`${row.calendarId}/${row.calendarVersion}`)
    if (!calendar) throw new RangeError(`schedule ${id} is missing`)
    return build(row, calendar)
  }
  const below = memoized((code: string) => subtree(agency(code).code, children))
  const known = (wanted: Omit<Schedule, 'id'>): CountingSchedule =>
    schedule(identities.get(scheduleIdentity(wanted)) ?? 0)
  const calendar = (id: string): Calendar => {
    const found = calendars.get(id)
    if (!found) throw new Refusal('calendar_not_found', { calendar: id })
    return found
  }
  const officeSchedule = memoized((id: string) => known(officeScheduleOf(calendar(id))))
  const scheduleOf = memoized((code: string) => {
    const found = agency(code)
    return known(scheduleFor({ agencies, calendars }, found) ?? officeScheduleOf(calendar(NATIONAL_CALENDAR.id)))
  })
  const setBelow = memoized((code: string): ReadonlySet<string> => new Set(below(code)))
  const seenFrom = (code: string | null) => (code === null ? null : setBelow(code))
  const callerWith = memoized(
    ({ id, scopes, agency }: OpeningKey): Caller => ({ keyId: id, scopes, agency, agencies: seenFrom(agency) }),
  )
  const callerOf = (hash: string, now: Date): Caller | undefined => {
    const key = keys.get(hash)
    return key && isSameHash(key.hash, hash) && opens(key, now) ? callerWith(key) : undefined
  }
  return {
    agencies,
    procedures: by('code', rows.procedures),
    calendars,
    below,
    scheduleOf,
    officeSchedule,
    schedule,
    knowsSchedule: (id) => schedules.has(id),
    callerOf,
    seenFrom,
  }
}

export const referenceSource = (db: Database): ReferenceSource => {
  const build = scheduleBuilder()
  let known: { reference: Reference; revision: number; checkedAt: number } | undefined
  let reading: Promise<Reference> | undefined
  let changes = 0

  const read = async (): Promise<Reference> => {
    const changesBefore = changes
    const checkedAt = performance.now()
    let latest = known
    if (!latest || (await readRevision(db)) !== latest.revision) {
      const rows = await readRows(db)
      latest = { reference: referenceFrom(rows, build), revision: rows.revision, checkedAt }
    }
    // What was read while this instance changed something may be older than the change.
    if (changes === changesBefore) known = { ...latest, checkedAt }
    return latest.reference
  }

  const current = async (): Promise<Reference> => {
    if (known && performance.now() - known.checkedAt < FRESH_FOR_MS) return known.reference
    // Many requests wait for one reading.
    reading ??= read().finally(() => {
      reading = undefined
    })
    return reading
  }

  const holding = async (schedules: readonly (number | null)[]): Promise<Reference> => {
    const reference = await current()
    if (schedules.every((id) => id === null || reference.knowsSchedule(id))) return reference
    known = undefined
    reading = undefined
    return current()
  }

  let renewal: Promise<Reference> | undefined
  let renewedAt = Number.NEGATIVE_INFINITY
  const renew = async (): Promise<Reference> => {
    await setTimeout(Math.max(0, renewedAt + RENEW_EVERY_MS - performance.now()))
    // Whoever asks from here on needs a reading that begins later.
    renewal = undefined
    renewedAt = performance.now()
    reading = undefined
    if (known) known = { ...known, checkedAt: Number.NEGATIVE_INFINITY }
    return current()
  }
  const renewed = (): Promise<Reference> => {
    renewal ??= renew()
    return renewal
  }

  const change = async <T>(work: (tx: Database) => Promise<T>): Promise<T> => {
    const result = await db.transaction(async (tx) => {
      // First of all, so that its row lock makes changes wait for each other.
      await tx
        .insert(referenceRevision)
        .values({ revision: 1 })
        .onConflictDoUpdate({
          target: referenceRevision.only,
          set: { revision: sql`${referenceRevision.revision} + 1` },
        })
      return work(tx)
    })
    changes += 1
    known = undefined
    reading = undefined
    return result
  }

  return { current, holding, renewed, change }
}
