import { type AnyColumn, and, asc, eq, gt, inArray, isNotNull, isNull, lte, or, type SQL, sql } from 'drizzle-orm'
import { unionAll } from 'drizzle-orm/pg-core'
import type { Database } from '../db/database.ts'
import { dossiers, earlierStandings } from '../db/tables.ts'
import type { Channel } from '../dossiers/dossier.ts'
import { LISTED, type ListedDossier } from '../dossiers/query.ts'
import type { Time } from '../dossiers/view.ts'

/** Open and past its promise; open and soon to be; finished after it. */
export const KINDS = ['overdue', 'due_soon', 'late'] as const
export type Kind = (typeof KINDS)[number]

export type OverdueFilter = {
  kind: Kind
  /** `null` means all. */
  agencies: readonly string[] | null
  /** Lateness is judged at this instant. */
  asOf: Date
  /** The end of "soon". */
  soonUntil: Date
  /** By which of its times a finished dossier is judged. */
  by: Time
  procedure?: string | undefined
  channel?: Channel | undefined
}

/** After this dossier: most overdue first, then in the order of their ids. */
export type Position = readonly [since: string, id: number]

/** What both the rows and the earlier standings say of a dossier. */
type Standing = Record<
  'resolvingAgency' | 'procedureCode' | 'intakeChannel' | 'lateFrom' | 'overdueFrom' | 'finishedAt' | 'closedAt',
  AnyColumn
>

const narrowedBy = (
  standing: Standing,
  { agencies, procedure, channel }: Pick<OverdueFilter, 'agencies' | 'procedure' | 'channel'>,
): SQL | undefined => {
  const [only, ...others] = agencies ?? []
  const one = only !== undefined && others.length === 0
  return and(
    agencies === null
      ? undefined
      : one
        ? eq(standing.resolvingAgency, only)
        : inArray(standing.resolvingAgency, [...agencies]),
    procedure === undefined ? undefined : eq(standing.procedureCode, procedure),
    channel === undefined ? undefined : eq(standing.intakeChannel, channel),
  )
}

/** The instant by which a list is ordered. */
const since = (standing: Standing, kind: Kind): AnyColumn =>
  kind === 'late' ? standing.lateFrom : standing.overdueFrom

const after = (key: AnyColumn, id: AnyColumn, position: Position | undefined): SQL | undefined =>
  position && sql`(${key}, ${id}) > (${position[0]}::timestamptz, ${position[1]}::bigint)`

const liveKind = ({ kind, asOf, soonUntil, by }: OverdueFilter): SQL | undefined => {
  const { closedAt, closedRecordedAt, finishedAt, lateFrom, overdueFrom } = dossiers
  switch (kind) {
    case 'overdue':
      return and(isNull(closedAt), lte(overdueFrom, asOf))
    case 'due_soon':
      return and(isNull(closedAt), gt(overdueFrom, asOf), lte(overdueFrom, soonUntil))
    case 'late':
      // Each written as its partial index states it, so that PostgreSQL finds it.
      return and(
        by === 'recorded' ? sql`${closedRecordedAt} >= ${lateFrom}` : sql`${closedAt} >= ${lateFrom}`,
        isNotNull(finishedAt),
      )
  }
}

/** A page of the list as it is now, most overdue first. */
export const pageOfOverdue = (
  db: Database,
  filter: OverdueFilter,
  position: Position | undefined,
  limit: number,
): Promise<ListedDossier[]> => {
  const key = since(dossiers, filter.kind)
  return db
    .select(LISTED)
    .from(dossiers)
    .where(and(liveKind(filter), narrowedBy(dossiers, filter), after(key, dossiers.id, position)))
    .orderBy(asc(key), asc(dossiers.id))
    .limit(limit)
}

type PastFilter = Omit<OverdueFilter, 'by'>

const openAt = ({ closedAt }: Standing, asOf: Date): SQL | undefined => or(isNull(closedAt), gt(closedAt, asOf))

const pastKind = (standing: Standing, { kind, asOf, soonUntil }: PastFilter): SQL | undefined => {
  const { closedAt, finishedAt, lateFrom, overdueFrom } = standing
  switch (kind) {
    case 'overdue':
      return and(openAt(standing, asOf), lte(overdueFrom, asOf))
    case 'due_soon':
      return and(openAt(standing, asOf), gt(overdueFrom, asOf), lte(overdueFrom, soonUntil))
    case 'late':
      return and(sql`${closedAt} >= ${lateFrom}`, lte(finishedAt, asOf))
  }
}

/** The two places in which a moment of the past is kept: rows that have stood so since, and earlier standings. */
const stoodSince = (asOf: Date): SQL | undefined => lte(dossiers.standsFrom, asOf)
const stoodThen = (asOf: Date): SQL | undefined =>
  and(lte(earlierStandings.from, asOf), gt(earlierStandings.until, asOf))

/**
 * Closed by now, but overdue at that instant, which its index finds by one look-up. `least` because a range must not
 * end before it begins, of whatever row it is asked.
 */
const overdueUntilClosed = (asOf: Date): SQL | undefined =>
  and(
    sql`${dossiers.closedAt} > ${dossiers.overdueFrom}`,
    sql`tstzrange(least(${dossiers.overdueFrom}, ${dossiers.closedAt}), ${dossiers.closedAt}) @> ${asOf.toISOString()}::timestamptz`,
  )

/**
 * The rows that stand in a list of the past, in parts that each have an index of their own: those that are open still,
 * and those that are closed by now.
 */
const pastRows = (filter: PastFilter): readonly [SQL | undefined, ...(SQL | undefined)[]] => {
  const { kind, asOf, soonUntil } = filter
  const { closedAt, overdueFrom } = dossiers
  const soon = and(gt(overdueFrom, asOf), lte(overdueFrom, soonUntil))
  switch (kind) {
    case 'overdue':
      return [and(isNull(closedAt), lte(overdueFrom, asOf)), overdueUntilClosed(asOf)]
    case 'due_soon':
      return [and(isNull(closedAt), soon), and(gt(closedAt, asOf), soon)]
    case 'late':
      return [pastKind(dossiers, filter)]
  }
}

export type PastEntry = { id: number; since: Date }

/** A page of the list as it stood at an instant. */
export const pageOfPastOverdue = async (
  db: Database,
  filter: PastFilter,
  position: Position | undefined,
  limit: number,
): Promise<PastEntry[]> => {
  const { kind, asOf } = filter
  const [row, stood] = [since(dossiers, kind), since(earlierStandings, kind)]
  const ofRows = (standing: SQL | undefined) =>
    db
      .select({ id: sql<string>`${dossiers.id}`.as('id'), since: sql<string>`${row}`.as('since') })
      .from(dossiers)
      .where(and(standing, stoodSince(asOf), narrowedBy(dossiers, filter), after(row, dossiers.id, position)))
      .orderBy(asc(row), asc(dossiers.id))
      .limit(limit)
  const ofStandings = db
    .select({ id: sql<string>`${earlierStandings.dossierId}`.as('id'), since: sql<string>`${stood}`.as('since') })
    .from(earlierStandings)
    .where(
      and(
        stoodThen(asOf),
        pastKind(earlierStandings, filter),
        narrowedBy(earlierStandings, filter),
        after(stood, earlierStandings.dossierId, position),
      ),
    )
    .orderBy(asc(stood), asc(earlierStandings.dossierId))
    .limit(limit)
  const [first, ...others] = pastRows(filter)
  const entries = unionAll(ofStandings, ofRows(first), ...others.map(ofRows))
  const rows = await entries.orderBy(sql`since`, sql`id`).limit(limit)
  return rows.map(({ id, since }) => ({ id: Number(id), since: new Date(since) }))
}

export type OpenCounts = { agency: string; overdue: number; dueSoon: number }

type CountFilter = Pick<OverdueFilter, 'agencies' | 'asOf' | 'soonUntil' | 'procedure' | 'channel'>

const countOf = (standing: Standing, asOf: Date) => {
  const overdue = lte(standing.overdueFrom, asOf)
  return {
    agency: sql<string>`${standing.resolvingAgency}`.as('agency'),
    overdue: sql<number>`count(*) filter (where ${overdue})`.mapWith(Number).as('overdue'),
    // A count of all costs nothing beside a second condition, which is judged for each of 200,000 rows.
    dueSoon: sql<number>`count(*) - count(*) filter (where ${overdue})`.mapWith(Number).as('due_soon'),
  }
}

/** How many open dossiers are overdue or soon to be, by resolving agency; agencies without any are left out. */
export const countOpen = (db: Database, filter: CountFilter): Promise<OpenCounts[]> =>
  db
    .select(countOf(dossiers, filter.asOf))
    .from(dossiers)
    .where(and(isNull(dossiers.closedAt), lte(dossiers.overdueFrom, filter.soonUntil), narrowedBy(dossiers, filter)))
    .groupBy(dossiers.resolvingAgency)
    .orderBy(dossiers.resolvingAgency)

/** The same as it stood at an instant. */
export const countPastOpen = async (db: Database, filter: CountFilter): Promise<OpenCounts[]> => {
  const { asOf, soonUntil } = filter
  const ofRows = (standing: SQL | undefined) =>
    db
      .select(countOf(dossiers, asOf))
      .from(dossiers)
      .where(and(standing, stoodSince(asOf), narrowedBy(dossiers, filter)))
      .groupBy(dossiers.resolvingAgency)
  const ofStandings = db
    .select(countOf(earlierStandings, asOf))
    .from(earlierStandings)
    .where(
      and(
        stoodThen(asOf),
        openAt(earlierStandings, asOf),
        lte(earlierStandings.overdueFrom, soonUntil),
        narrowedBy(earlierStandings, filter),
      ),
    )
    .groupBy(earlierStandings.resolvingAgency)
  const [first, ...others] = [...pastRows({ ...filter, kind: 'overdue' }), ...pastRows({ ...filter, kind: 'due_soon' })]
  const rows = await unionAll(ofStandings, ofRows(first), ...others.map(ofRows))
  const counts = new Map<string, OpenCounts>()
  for (const { agency, overdue, dueSoon } of rows) {
    const known = counts.get(agency) ?? { agency, overdue: 0, dueSoon: 0 }
    counts.set(agency, { agency, overdue: known.overdue + overdue, dueSoon: known.dueSoon + dueSoon })
  }
  return [...counts.values()].toSorted((a, b) => (a.agency < b.agency ? -1 : 1))
}
