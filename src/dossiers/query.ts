import {
  and,
  desc,
  eq,
  getTableColumns,
  gte,
  inArray,
  isNotNull,
  isNull,
  lt,
  lte,
  ne,
  or,
  type SQL,
  sql,
} from 'drizzle-orm'
import type { Database } from '../db/database.ts'
import { dossiers } from '../db/tables.ts'
import type { Punctuality } from '../sla/standing.ts'
import type { Channel, DossierState, Status } from './dossier.ts'
import type { Time } from './view.ts'

/** What a list of dossiers may be narrowed to. `agencies` null means all. */
export type DossierFilter = {
  agencies: readonly string[] | null
  procedure?: string | undefined
  channel?: Channel | undefined
  status?: Status | undefined
  punctuality?: Punctuality | undefined
  /** By which of its times a finished dossier is judged. */
  by: Time
  receivedFrom?: Date | undefined
  receivedBefore?: Date | undefined
}

/** A dossier as lists read it: what nobody sees in them is not read at all, the applicant above all. */
export type ListedDossier = DossierState & { id: number }

const { applicant: _, head: __, ...LISTED } = getTableColumns(dossiers)

export { LISTED }

/** `standing.ts` in SQL: the same instants decide. */
const standsAs = (punctuality: Punctuality, asOf: Date, by: Time): SQL | undefined => {
  const { closedAt, closedRecordedAt, lateFrom, onTimeFrom, overdueFrom, receivedAt } = dossiers
  const finished = by === 'recorded' ? closedRecordedAt : dossiers.finishedAt
  const isFinished = isNotNull(dossiers.finishedAt)
  switch (punctuality) {
    case 'in_time':
      return and(isNull(closedAt), sql`${overdueFrom} > ${asOf.toISOString()}`)
    case 'waiting':
      return and(isNull(closedAt), isNotNull(receivedAt), isNull(overdueFrom))
    case 'overdue':
      return and(isNull(closedAt), lte(overdueFrom, asOf))
    case 'early':
      return and(isFinished, sql`${finished} < ${onTimeFrom}`)
    case 'on_time':
      return and(isFinished, sql`${finished} >= ${onTimeFrom}`, sql`${finished} < ${lateFrom}`)
    case 'late':
      return and(isFinished, sql`${finished} >= ${lateFrom}`)
  }
}

/**
 * A dossier belongs to the agency that received it and to the one that resolves it. Both halves are written as
 * their indexes state them.
 */
export const belongsTo = (agencies: readonly string[] | null): SQL | undefined => {
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
): Promise<ListedDossier[]> =>
  db
    .select(LISTED)
    .from(dossiers)
    .where(
      and(
        belongsTo(filter.agencies),
        filter.procedure === undefined ? undefined : eq(dossiers.procedureCode, filter.procedure),
        filter.channel === undefined ? undefined : eq(dossiers.intakeChannel, filter.channel),
        filter.status === undefined ? undefined : eq(dossiers.status, filter.status),
        filter.punctuality === undefined ? undefined : standsAs(filter.punctuality, asOf, filter.by),
        filter.receivedFrom === undefined ? undefined : gte(dossiers.receivedAt, filter.receivedFrom),
        filter.receivedBefore === undefined ? undefined : lt(dossiers.receivedAt, filter.receivedBefore),
        below === undefined ? undefined : lt(dossiers.id, below),
      ),
    )
    .orderBy(desc(dossiers.id))
    .limit(limit)
