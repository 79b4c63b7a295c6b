import { and, desc, eq, gte, inArray, isNotNull, isNull, lt, lte, ne, or, type SQL, sql } from 'drizzle-orm'
import type { Database } from '../db/database.ts'
import { dossiers } from '../db/tables.ts'
import type { Punctuality } from '../sla/standing.ts'
import type { Channel, Dossier, Status } from './dossier.ts'

/** What a list of dossiers may be narrowed to. `agencies` null means all. */
export type DossierFilter = {
  agencies: readonly string[] | null
  procedure?: string | undefined
  channel?: Channel | undefined
  status?: Status | undefined
  punctuality?: Punctuality | undefined
  receivedFrom?: Date | undefined
  receivedBefore?: Date | undefined
}

/** `standing.ts` in SQL: the same two instants decide. */
const standsAs = (punctuality: Punctuality, asOf: Date): SQL | undefined => {
  const { closedAt, finishedAt, lateFrom, onTimeFrom } = dossiers
  const open = and(isNull(closedAt), isNotNull(lateFrom))
  switch (punctuality) {
    case 'in_time':
      return and(open, sql`${lateFrom} > ${asOf.toISOString()}`)
    case 'overdue':
      return and(open, lte(lateFrom, asOf))
    case 'early':
      return and(isNotNull(finishedAt), sql`${finishedAt} < ${onTimeFrom}`)
    case 'on_time':
      return and(sql`${finishedAt} >= ${onTimeFrom}`, sql`${finishedAt} < ${lateFrom}`)
    case 'late':
      return sql`${finishedAt} >= ${lateFrom}`
  }
}

/**
 * A dossier belongs to the agency that received it and to the one that resolves it. Both halves are written as
 * their indexes state them.
 */
const belongsTo = (agencies: readonly string[] | null): SQL | undefined => {
  if (agencies === null) return undefined
  const { receivingAgency, resolvingAgency } = dossiers
  const resolvedElsewhere = and(ne(resolvingAgency, receivingAgency), inArray(resolvingAgency, [...agencies]))
  return or(inArray(receivingAgency, [...agencies]), resolvedElsewhere)
}

/** A page of dossiers, newest first, from below an id. */
export const pageOfDossiers = (
  db: Database,
  filter: DossierFilter,
  asOf: Date,
  below: number | undefined,
  limit: number,
): Promise<Dossier[]> =>
  db
    .select()
    .from(dossiers)
    .where(
      and(
        belongsTo(filter.agencies),
        filter.procedure === undefined ? undefined : eq(dossiers.procedureCode, filter.procedure),
        filter.channel === undefined ? undefined : eq(dossiers.intakeChannel, filter.channel),
        filter.status === undefined ? undefined : eq(dossiers.status, filter.status),
        filter.punctuality === undefined ? undefined : standsAs(filter.punctuality, asOf),
        filter.receivedFrom === undefined ? undefined : gte(dossiers.receivedAt, filter.receivedFrom),
        filter.receivedBefore === undefined ? undefined : lt(dossiers.receivedAt, filter.receivedBefore),
        below === undefined ? undefined : lt(dossiers.id, below),
      ),
    )
    .orderBy(desc(dossiers.id))
    .limit(limit)
