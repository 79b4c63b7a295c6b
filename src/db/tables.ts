import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  date,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
  unique,
  uniqueIndex,
} from 'drizzle-orm/pg-core'
import type { Scope } from '../access/caller.ts'
import type { Level } from '../agencies/agency.ts'
import type { Applicant, Channel, PostalProof, Status } from '../dossiers/dossier.ts'
import type { EventType, Happening } from '../dossiers/lifecycle.ts'
import type { ProcedureVersion } from '../procedures/procedure.ts'
import type { Comparison } from '../reports/share.ts'
import type { CalendarRules } from '../sla/calendar.ts'
import type { WeeklyHours } from '../sla/hours.ts'
import type { Limit } from '../sla/term.ts'

const instant = (name: string) => timestamp(name, { withTimezone: true, precision: 3 })

/** One row. It counts the changes of the reference data, so that every instance knows when to read them again. */
export const referenceRevision = pgTable('reference_revision', {
  only: boolean().primaryKey().default(true),
  revision: bigint({ mode: 'number' }).notNull(),
})

export const agencies = pgTable('agencies', {
  code: text().primaryKey(),
  name: text().notNull(),
  level: text().$type<Level>().notNull(),
  parent: text(),
  calendar: text(),
  hours: jsonb().$type<WeeklyHours>(),
})

export const procedures = pgTable('procedures', {
  code: text().primaryKey(),
  name: text().notNull(),
  field: text().notNull(),
  postAllowed: boolean('post_allowed').notNull(),
  versions: jsonb().$type<readonly ProcedureVersion[]>().notNull(),
})

/** A version of a calendar never changes; a correction is a new version. */
export const calendars = pgTable(
  'calendars',
  {
    id: text().notNull(),
    version: integer().notNull(),
    name: text().notNull(),
    rules: jsonb().$type<CalendarRules>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.id, table.version] })],
)

/** One calendar version joined with one set of hours: what a promise was counted by. Rows never change. */
export const schedules = pgTable(
  'schedules',
  {
    id: integer().primaryKey().generatedAlwaysAsIdentity(),
    calendarId: text('calendar_id').notNull(),
    calendarVersion: integer('calendar_version').notNull(),
    hours: jsonb().$type<WeeklyHours>().notNull(),
  },
  (table) => [unique('schedules_once').on(table.calendarId, table.calendarVersion, table.hours)],
)

export const apiKeys = pgTable(
  'api_keys',
  {
    id: text().primaryKey(),
    name: text().notNull(),
    /** SHA-256 of the key, in hex: the key itself is shown once and never stored. */
    hash: text().notNull().unique('api_keys_hash'),
    scopes: jsonb().$type<readonly Scope[]>().notNull(),
    agency: text().references(() => agencies.code),
    createdAt: instant('created_at').notNull(),
    revokedAt: instant('revoked_at'),
    createdBy: text('created_by'),
    idempotencyKey: text('idempotency_key'),
    requestHash: text('request_hash'),
    /** From it and the creator's own key a repeated request derives the same new key again. */
    salt: text(),
  },
  (table) => [unique('api_keys_idempotency').on(table.createdBy, table.idempotencyKey)],
)

export const targets = pgTable(
  'targets',
  {
    agency: text()
      .notNull()
      .references(() => agencies.code),
    year: smallint().notNull(),
    percent: smallint().notNull(),
    comparison: text().$type<Comparison>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.agency, table.year] })],
)

/** The last number issued per agency and day. The row's lock makes the numbers gap-free. */
export const codeSequences = pgTable(
  'code_sequences',
  {
    agency: text().notNull(),
    day: date({ mode: 'string' }).notNull(),
    last: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.agency, table.day] })],
)

/** The projection: each row is the fold of its events, but for the applicant, who stands here alone. */
export const dossiers = pgTable(
  'dossiers',
  {
    id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    code: text().notNull().unique('dossiers_code'),
    version: integer().notNull(),
    status: smallint().$type<Status>().notNull(),
    procedureCode: text('procedure_code')
      .notNull()
      .references(() => procedures.code),
    receivingAgency: text('receiving_agency')
      .notNull()
      .references(() => agencies.code),
    resolvingAgency: text('resolving_agency')
      .notNull()
      .references(() => agencies.code),
    intakeChannel: text('intake_channel').$type<Channel>().notNull(),
    intakePost: jsonb('intake_post').$type<PostalProof>(),
    returnChannel: text('return_channel').$type<Channel>().notNull(),
    returnedChannel: text('returned_channel').$type<Channel>(),
    returnPost: jsonb('return_post').$type<PostalProof>(),
    withVerification: boolean('with_verification').notNull(),
    sourceSystem: text('source_system'),
    sourceReference: text('source_reference'),
    submittedAt: instant('submitted_at'),
    acceptanceDueAt: instant('acceptance_due_at'),
    receivedAt: instant('received_at'),
    procedureVersion: date('procedure_version', { mode: 'string' }),
    limit: jsonb().$type<Limit>(),
    sampleLimit: boolean('sample_limit'),
    scheduleId: integer('schedule_id'),
    dueOn: date('due_on', { mode: 'string' }),
    dueAt: instant('due_at'),
    onTimeFrom: instant('on_time_from'),
    lateFrom: instant('late_from'),
    firstDueAt: instant('first_due_at'),
    provisional: boolean(),
    finishedAt: instant('finished_at'),
    returnedAt: instant('returned_at'),
    closedAt: instant('closed_at'),
    lastEventAt: instant('last_event_at').notNull(),
    applicant: jsonb().$type<Applicant>(),
  },
  (table) => [
    uniqueIndex('dossiers_source').on(table.sourceSystem, table.sourceReference).where(sql`source_system is not null`),
    index('dossiers_received').on(table.receivingAgency, table.receivedAt),
    index('dossiers_returned').on(table.receivingAgency, table.returnedAt).where(sql`returned_at is not null`),
    // The list that communes pull all day: small, because only what is open stands in it.
    index('dossiers_open').on(table.resolvingAgency, table.lateFrom, table.id).where(sql`closed_at is null`),
    index('dossiers_open_everywhere').on(table.lateFrom, table.id).where(sql`closed_at is null`),
    index('dossiers_late').on(table.resolvingAgency, table.lateFrom, table.id).where(sql`closed_at >= late_from`),
    index('dossiers_late_everywhere').on(table.lateFrom, table.id).where(sql`closed_at >= late_from`),
    // Hardly any: most agencies resolve what they receive, and those stand in `dossiers_received`.
    index('dossiers_resolved_elsewhere')
      .on(table.resolvingAgency, table.receivedAt)
      .where(sql`resolving_agency <> receiving_agency`),
  ],
)

/** The trail. Rows are only ever added; `number` counts each dossier's events from 1, which makes a lost update impossible. */
export const events = pgTable(
  'events',
  {
    dossierId: bigint('dossier_id', { mode: 'number' })
      .notNull()
      .references(() => dossiers.id),
    number: integer().notNull(),
    type: text().$type<EventType>().notNull(),
    effectiveAt: instant('effective_at').notNull(),
    recordedAt: instant('recorded_at').notNull(),
    facts: jsonb().$type<Happening['facts']>().notNull(),
    note: text(),
    keyId: text('key_id').notNull(),
    requestId: text('request_id').notNull(),
    idempotencyKey: text('idempotency_key'),
    requestHash: text('request_hash').notNull(),
  },
  (table) => [
    primaryKey({ name: 'events_number', columns: [table.dossierId, table.number] }),
    uniqueIndex('events_idempotency').on(table.keyId, table.idempotencyKey).where(sql`idempotency_key is not null`),
  ],
)
