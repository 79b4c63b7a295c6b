import { and, asc, eq, gt, inArray, isNotNull, isNull, lte, or, type SQL, sql } from 'drizzle-orm'
import type { Database } from '../db/database.ts'
import { dossiers } from '../db/tables.ts'
import type { Channel, Dossier } from '../dossiers/dossier.ts'

/** Open and past its promise; open and soon to be; finished after it. */
export const KINDS = ['overdue', 'due_soon', 'late'] as const
export type Kind = (typeof KINDS)[number]

export type OverdueFilter = {
  kind: Kind
  /** `null` means all. */
  agencies: readonly string[] | null
  /** Lateness is judged at this instant. */
  asOf: Date
  /** Whether `asOf` is now: then what is open is what the rows say, and the small indexes serve. */
  live: boolean
  /** The end of "soon". */
  soonUntil: Date
  procedure?: string | undefined
  channel?: Channel | undefined
}

/** After this dossier: most overdue first, then in the order of their ids. */
export type Position = readonly [lateFrom: string, id: number]

const { closedAt, finishedAt, id, lateFrom, receivedAt, resolvingAgency } = dossiers

const resolvedBy = (agencies: readonly string[] | null): SQL | undefined => {
  if (agencies === null) return undefined
  const [only, ...others] = agencies
  return only !== undefined && others.length === 0 ? eq(resolvingAgency, only) : inArray(resolvingAgency, [...agencies])
}

/** Open at that instant: received by then, and not closed until later. */
const openAt = ({ asOf, live }: Pick<OverdueFilter, 'asOf' | 'live'>): SQL | undefined =>
  live ? isNull(closedAt) : and(lte(receivedAt, asOf), or(isNull(closedAt), gt(closedAt, asOf)))

/** Written as the partial index states it, so that PostgreSQL finds it. */
const everLate = sql`(${closedAt} is null or ${closedAt} >= ${lateFrom})`

const kindOf = (filter: OverdueFilter): SQL | undefined => {
  switch (filter.kind) {
    case 'overdue':
      return and(openAt(filter), lte(lateFrom, filter.asOf), filter.live ? undefined : everLate)
    case 'due_soon':
      return and(openAt(filter), gt(lateFrom, filter.asOf), lte(lateFrom, filter.soonUntil))
    case 'late':
      return and(
        sql`${closedAt} >= ${lateFrom}`,
        filter.live ? isNotNull(finishedAt) : sql`${finishedAt} <= ${filter.asOf.toISOString()}`,
      )
  }
}

const narrowedBy = ({ agencies, procedure, channel }: Omit<OverdueFilter, 'kind'>): SQL | undefined =>
  and(
    resolvedBy(agencies),
    procedure === undefined ? undefined : eq(dossiers.procedureCode, procedure),
    channel === undefined ? undefined : eq(dossiers.intakeChannel, channel),
  )

const after = (position: Position | undefined): SQL | undefined =>
  position && sql`(${lateFrom}, ${id}) > (${position[0]}::timestamptz, ${position[1]}::bigint)`

/** A page of the list, most overdue first. */
export const pageOfOverdue = (
  db: Database,
  filter: OverdueFilter,
  position: Position | undefined,
  limit: number,
): Promise<Dossier[]> =>
  db
    .select()
    .from(dossiers)
    .where(and(kindOf(filter), narrowedBy(filter), after(position)))
    .orderBy(asc(lateFrom), asc(id))
    .limit(limit)

export type OpenCounts = { agency: string; overdue: number; dueSoon: number }

/** How many open dossiers are overdue or soon to be, by resolving agency; agencies without any are left out. */
export const countOpen = (db: Database, filter: Omit<OverdueFilter, 'kind'>): Promise<OpenCounts[]> => {
  const overdue = lte(lateFrom, filter.asOf)
  return db
    .select({
      agency: resolvingAgency,
      overdue: sql<number>`count(*) filter (where ${overdue})`.mapWith(Number),
      dueSoon: sql<number>`count(*) filter (where not ${overdue})`.mapWith(Number),
    })
    .from(dossiers)
    .where(and(openAt(filter), lte(lateFrom, filter.soonUntil), narrowedBy(filter)))
    .groupBy(resolvingAgency)
    .orderBy(resolvingAgency)
}
