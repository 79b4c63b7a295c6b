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
import type { CalendarChange } from '../calendars/calendar.ts'
import type { Channel, KeptApplicant, PauseFacts, PostalProof, Status, Wait } from '../dossiers/dossier.ts'
import type { EventType, Happening } from '../dossiers/event.ts'
import { columnOf, FLOWS, type Flow } from '../figures/flows.ts'
import type { ProcedureVersion } from '../procedures/procedure.ts'
import type { RefusalCode } from '../refusal.ts'
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

/** One row, on whose copy a replica shows how far it is (`replica.ts`): the application's clock, and the server's then. */
export const heartbeats = pgTable('heartbeats', {
  only: boolean().primaryKey().default(true),
  at: instant('at').notNull(),
  writtenAt: timestamp('written_at', { withTimezone: true }).notNull(),
})

export const agencies = pgTable('agencies', {
  code: text().primaryKey(),
  name: text().notNull(),
  level: text().$type<Level>().notNull(),
  parent: text(),
  calendar: text(),
  hours: jsonb().$type<WeeklyHours>(),
  lateRecordingDays: smallint('late_recording_days'),
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
    /** What was put to make this version of the one before; `null` for what this software ships. */
    change: jsonb().$type<CalendarChange>(),
  },
  (table) => [primaryKey({ columns: [table.id, table.version] })],
)

/**
 * One calendar version joined with one set of hours and the agencies whose local days apply: what a promise was
 * counted by. Rows never change.
 */
export const schedules = pgTable(
  'schedules',
  {
    id: integer().primaryKey().generatedAlwaysAsIdentity(),
    calendarId: text('calendar_id').notNull(),
    calendarVersion: integer('calendar_version').notNull(),
    hours: jsonb().$type<WeeklyHours>().notNull(),
    places: jsonb().$type<readonly string[]>().notNull().default([]),
  },
  (table) => [unique('schedules_once').on(table.calendarId, table.calendarVersion, table.hours, table.places)],
)

export const apiKeys = pgTable('api_keys', {
  id: text().primaryKey(),
  name: text().notNull(),
  scopes: jsonb().$type<readonly Scope[]>().notNull(),
  agency: text().references(() => agencies.code),
  createdAt: instant('created_at').notNull(),
  expiresAt: instant('expires_at'),
  revokedAt: instant('revoked_at'),
  /** Written behind, a minute late at most. */
  lastUsedAt: instant('last_used_at'),
  createdBy: text('created_by'),
  revokedBy: text('revoked_by'),
})

/** What opens a key: one secret, and after a rotation the ones before it until they end. */
export const keySecrets = pgTable(
  'key_secrets',
  {
    /** SHA-256 of the secret, in hex: the secret itself is shown once and never stored. */
    hash: text().primaryKey(),
    key: text()
      .notNull()
      .references(() => apiKeys.id),
    createdAt: instant('created_at').notNull(),
    endsAt: instant('ends_at'),
    createdBy: text('created_by'),
    idempotencyKey: text('idempotency_key'),
    requestHash: text('request_hash'),
    /** From it and the creator's own key a repeated request derives the same secret again. */
    salt: text(),
  },
  (table) => [
    unique('key_secrets_idempotency').on(table.createdBy, table.idempotencyKey),
    index('key_secrets_key').on(table.key),
  ],
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
    receivedRecordedAt: instant('received_recorded_at'),
    procedureVersion: date('procedure_version', { mode: 'string' }),
    limit: jsonb().$type<Limit>(),
    sampleLimit: boolean('sample_limit'),
    scheduleId: integer('schedule_id'),
    clockFrom: instant('clock_from'),
    pauses: jsonb().$type<readonly PauseFacts[]>().notNull().default([]),
    wait: jsonb().$type<Wait>(),
    dueOn: date('due_on', { mode: 'string' }),
    dueAt: instant('due_at'),
    onTimeFrom: instant('on_time_from'),
    lateFrom: instant('late_from'),
    overdueFrom: instant('overdue_from'),
    firstDueAt: instant('first_due_at'),
    firstLateFrom: instant('first_late_from'),
    provisional: boolean(),
    extendedAt: instant('extended_at'),
    extendedDays: smallint('extended_days'),
    finishedAt: instant('finished_at'),
    returnedAt: instant('returned_at'),
    closedAt: instant('closed_at'),
    closedRecordedAt: instant('closed_recorded_at'),
    standsFrom: instant('stands_from').notNull(),
    lastEventAt: instant('last_event_at').notNull(),
    /** The hash of the dossier's last event, onto which the next one is chained. */
    head: text().notNull(),
    /** Of its numbers, only what is encrypted and what is found by; both go where this goes. */
    applicant: jsonb().$type<KeptApplicant>(),
  },
  (table) => [
    uniqueIndex('dossiers_source').on(table.sourceSystem, table.sourceReference).where(sql`source_system is not null`),
    index('dossiers_received').on(table.receivingAgency, table.receivedAt),
    index('dossiers_returned').on(table.receivingAgency, table.returnedAt).where(sql`returned_at is not null`),
    // The list that communes pull all day: small, because only what is open stands in it. Counts, of now and of the past,
    // which alone need `standsFrom`, come from the index alone: their rows are spread over the whole table.
    index('dossiers_open')
      .on(table.resolvingAgency, table.overdueFrom, table.id, table.standsFrom)
      .where(sql`closed_at is null`),
    index('dossiers_open_everywhere').on(table.overdueFrom, table.id).where(sql`closed_at is null`),
    index('dossiers_late').on(table.resolvingAgency, table.lateFrom, table.id).where(sql`closed_at >= late_from`),
    index('dossiers_late_by_record')
      .on(table.resolvingAgency, table.lateFrom, table.id)
      .where(sql`closed_recorded_at >= late_from`),
    // For lists of the past: what was overdue at an instant and is closed by now. Only what closes overdue is written.
    index('dossiers_overdue_until_closed')
      .using('gist', sql`tstzrange(least(${table.overdueFrom}, ${table.closedAt}), ${table.closedAt})`)
      .where(sql`closed_at > overdue_from`),
    // Rows come nearly in this order, so it costs hardly anything; of several ranges, because some are closed years on.
    index('dossiers_due').using('brin', table.overdueFrom.op('timestamptz_minmax_multi_ops')),
    // The same for a period's dossiers of a whole province, where they are looked at one by one.
    index('dossiers_times').using(
      'brin',
      table.receivedAt.op('timestamptz_minmax_multi_ops'),
      table.returnedAt.op('timestamptz_minmax_multi_ops'),
      table.closedAt.op('timestamptz_minmax_multi_ops'),
    ),
    index('dossiers_late_everywhere').on(table.lateFrom, table.id).where(sql`closed_at >= late_from`),
    // Hardly any: most agencies resolve what they receive, and those stand in `dossiers_received`.
    index('dossiers_resolved_elsewhere')
      .on(table.resolvingAgency, table.receivedAt)
      .where(sql`resolving_agency <> receiving_agency`),
    // A person's dossiers by the blind index of a number.
    index('dossiers_id_number')
      .on(sql`(${table.applicant} -> 'idNumber' ->> 'index')`, table.id)
      .where(sql`applicant -> 'idNumber' ->> 'index' is not null`),
    index('dossiers_phone')
      .on(sql`(${table.applicant} -> 'phone' ->> 'index')`, table.id)
      .where(sql`applicant -> 'phone' ->> 'index' is not null`),
  ],
)

/**
 * How dossiers stood before something moved their dates, their agency or their kind, or opened them again: what
 * lists of the past need beside the rows. Added in the statement that moves the dossier.
 */
export const earlierStandings = pgTable(
  'earlier_standings',
  {
    /** Without a foreign key: it is written with the dossier's row, in one statement, and each look-up costs a move. */
    dossierId: bigint('dossier_id', { mode: 'number' }).notNull(),
    /** The event that ended it. */
    number: integer().notNull(),
    from: instant('from').notNull(),
    until: instant('until').notNull(),
    resolvingAgency: text('resolving_agency').notNull(),
    procedureCode: text('procedure_code').notNull(),
    intakeChannel: text('intake_channel').$type<Channel>().notNull(),
    lateFrom: instant('late_from'),
    overdueFrom: instant('overdue_from'),
    finishedAt: instant('finished_at'),
    closedAt: instant('closed_at'),
  },
  (table) => [
    primaryKey({ name: 'earlier_standings_number', columns: [table.dossierId, table.number] }),
    index('earlier_standings_until').on(table.resolvingAgency, table.until),
  ],
)

/**
 * The trail. Rows are only ever added, which triggers see to; `number` counts each dossier's events from 1, which
 * makes a lost update impossible; `hash` chains each onto the one before (`audit/chain.ts`).
 */
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
    recordedLate: boolean('recorded_late').notNull().default(false),
    facts: jsonb().$type<Happening['facts']>().notNull(),
    note: text(),
    keyId: text('key_id').notNull(),
    officer: text(),
    /** The agency in whose name it was done; its seals hold it. */
    agency: text().notNull(),
    requestId: text('request_id').notNull(),
    idempotencyKey: text('idempotency_key'),
    requestHash: text('request_hash').notNull(),
    hash: text().notNull(),
  },
  (table) => [
    primaryKey({ name: 'events_number', columns: [table.dossierId, table.number] }),
    uniqueIndex('events_idempotency').on(table.keyId, table.idempotencyKey).where(sql`idempotency_key is not null`),
    // Events come nearly in this order, so a block range index finds a day's at hardly any cost to who writes.
    index('events_recorded').using('brin', table.recordedAt),
  ],
)

/** What a key did beside the events. */
const deed = () => ({
  id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
  at: instant('at').notNull(),
  keyId: text('key_id').notNull(),
  officer: text(),
  /** The key's. */
  agency: text(),
  requestId: text('request_id').notNull(),
  /** The operation, as the API names it. */
  action: text().notNull(),
  /** On which dossier, where it was one alone. */
  dossierCode: text('dossier_code'),
})

/** What was tried and refused, without what was sent. Rows are only ever added. */
export const refusedAttempts = pgTable(
  'refused_attempts',
  {
    ...deed(),
    refusal: text().$type<RefusalCode>().notNull(),
  },
  (table) => [
    index('refused_attempts_dossier').on(table.dossierCode).where(sql`dossier_code is not null`),
    index('refused_attempts_at').using('brin', table.at),
  ],
)

/** Who was shown applicants with their numbers whole, or found them by one, written before they were. Rows are only ever added. */
export const numberReads = pgTable(
  'number_reads',
  {
    ...deed(),
    dossiers: integer().notNull(),
  },
  (table) => [
    index('number_reads_dossier').on(table.dossierCode).where(sql`dossier_code is not null`),
    index('number_reads_at').using('brin', table.at),
  ],
)

/**
 * One row: events recorded before `closedUntil` can no longer be added, so that their days can be sealed; all days
 * before `sealedUntil` are.
 */
export const sealing = pgTable('sealing', {
  only: boolean().primaryKey().default(true),
  closedUntil: instant('closed_until').notNull(),
  sealedUntil: instant('sealed_until').notNull(),
})

/** A day's heads of an agency under one hash, each seal onto the agency's one before. Rows are only ever added. */
export const seals = pgTable(
  'seals',
  {
    agency: text().notNull(),
    day: date({ mode: 'string' }).notNull(),
    dossiers: integer().notNull(),
    events: integer().notNull(),
    root: text().notNull(),
    previous: text().notNull(),
    hash: text().notNull(),
    sealedAt: instant('sealed_at').notNull(),
  },
  (table) => [
    primaryKey({ name: 'seals_day', columns: [table.agency, table.day] }),
    index('seals_by_day').on(table.day),
  ],
)

/** A calendar's new version put to open dossiers, batch by batch; `lastDossierId` says how far it has come. */
export const recalculations = pgTable(
  'recalculations',
  {
    id: text().primaryKey(),
    calendarId: text('calendar_id').notNull(),
    calendarVersion: integer('calendar_version').notNull(),
    /** Only deadlines that were provisional, made firm when their year's calendar was published. */
    onlyProvisional: boolean('only_provisional').notNull(),
    agencies: jsonb().$type<readonly string[]>(),
    keyId: text('key_id').notNull(),
    officer: text(),
    requestId: text('request_id').notNull(),
    idempotencyKey: text('idempotency_key'),
    requestHash: text('request_hash'),
    startedAt: instant('started_at').notNull(),
    finishedAt: instant('finished_at'),
    lastDossierId: bigint('last_dossier_id', { mode: 'number' }).notNull().default(0),
    examined: integer().notNull().default(0),
    moved: integer().notNull().default(0),
  },
  (table) => [
    unique('recalculations_idempotency').on(table.keyId, table.idempotencyKey),
    index('recalculations_open').on(table.startedAt).where(sql`finished_at is null`),
  ],
)

/**
 * What a dossier counts for in reports, as `figure_facts` (migration 0005) tells it from the row: `sign` 1 for how it
 * stands, -1 for how it stood before. Added by triggers with every write of a dossier that changes any of it, and
 * taken out again by whoever folds it into the totals, so a report reads both and is exact at every moment.
 */
export const figureChanges = pgTable('figure_changes', {
  sign: smallint().notNull(),
  receivingAgency: text('receiving_agency').notNull(),
  resolvingAgency: text('resolving_agency').notNull(),
  procedureCode: text('procedure_code').notNull(),
  sameDay: boolean('same_day').notNull(),
  intakeChannel: text('intake_channel').$type<Channel>().notNull(),
  postRequested: boolean('post_requested').notNull(),
  returnedChannel: text('returned_channel').$type<Channel>(),
  receivedAt: instant('received_at'),
  receivedRecordedAt: instant('received_recorded_at'),
  returnedAt: instant('returned_at'),
  closedAt: instant('closed_at'),
  closedRecordedAt: instant('closed_recorded_at'),
  outcome: text(),
  recordedOutcome: text('recorded_outcome'),
  apologized: boolean().notNull(),
  broken: boolean(),
  recordedBroken: boolean('recorded_broken'),
  overdueFrom: instant('overdue_from'),
  firstLateFrom: instant('first_late_from'),
  waitingSince: instant('waiting_since'),
})

const counters = Object.fromEntries(
  FLOWS.map((flow) => [flow, integer(columnOf(flow)).notNull().default(0)]),
) as Record<Flow, ReturnType<ReturnType<typeof integer>['notNull']>>

/**
 * Sums of all flows by half month. An agency's own stand where `below` is false; the sums of all that stand under it
 * where it is true, so the whole of any agency is both. `since` is the half of the receipt where a flow is a return,
 * otherwise that of the flow itself.
 */
export const figureTotals = pgTable(
  'figure_totals',
  {
    agency: text().notNull(),
    below: boolean().notNull(),
    half: integer().notNull(),
    since: integer().notNull(),
    procedureCode: text('procedure_code').notNull(),
    sameDay: boolean('same_day').notNull(),
    ...counters,
  },
  (table) => [
    primaryKey({
      name: 'figure_totals_key',
      columns: [table.agency, table.half, table.since, table.procedureCode, table.sameDay, table.below],
    }),
  ],
)

/** A report as it was answered once, with all that it was asked; never changed. */
export const reportSnapshots = pgTable(
  'report_snapshots',
  {
    id: text().primaryKey(),
    takenAt: instant('taken_at').notNull(),
    agency: text(),
    /** The very bytes of the answer. */
    content: text().notNull(),
    /** SHA-256 over them, in hex. */
    hash: text().notNull(),
    keyId: text('key_id').notNull(),
    idempotencyKey: text('idempotency_key'),
    requestHash: text('request_hash').notNull(),
  },
  (table) => [unique('report_snapshots_idempotency').on(table.keyId, table.idempotencyKey)],
)
