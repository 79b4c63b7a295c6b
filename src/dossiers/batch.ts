import { and, asc, eq, getTableColumns, gt, inArray, isNotNull, isNull, type SQL, sql } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import { chainHash, contentHash } from '../audit/chain.ts'
import type { Database } from '../db/database.ts'
import { type Column, columnsOf, listed, namesOf, recordSet, targetsOf } from '../db/record-set.ts'
import { dossiers, earlierStandings, events } from '../db/tables.ts'
import type { DossierState } from './dossier.ts'
import type { DossierEvent } from './event.ts'
import { lastRecordedAt, standingLeft, type Trail } from './store.ts'

/** A dossier that has a date: its clock runs, or had run out before it waited. */
export type DatedDossier = DossierState & { id: number; head: string; lastRecordedAt: Date }

export type DatedFilter = { agencies: readonly string[]; onlyProvisional: boolean }

const { applicant: _, ...DATED } = getTableColumns(dossiers)

const nextDated = (db: Database, { agencies, onlyProvisional }: DatedFilter, afterId: number, limit: number) =>
  db
    .select({ ...DATED, lastRecordedAt })
    .from(dossiers)
    .where(
      and(
        gt(dossiers.id, afterId),
        isNull(dossiers.closedAt),
        isNotNull(dossiers.overdueFrom),
        onlyProvisional ? eq(dossiers.provisional, true) : undefined,
        inArray(dossiers.resolvingAgency, [...agencies]),
      ),
    )
    .orderBy(asc(dossiers.id))
    .limit(limit)

/** The next open dossiers with a date that some agencies resolve, in the order of their ids. */
export const pageOfDated = (
  db: Database,
  filter: DatedFilter,
  afterId: number,
  limit: number,
): Promise<DatedDossier[]> => nextDated(db, filter, afterId, limit)

/** The same, none of which anyone else moves until the transaction ends. */
export const holdDated = (tx: Database, filter: DatedFilter, afterId: number, limit: number): Promise<DatedDossier[]> =>
  nextDated(tx, filter, afterId, limit).for('no key update')

/** How a dossier stood, what happened, how it stands now, and who did it. */
export type BatchMove = { before: DatedDossier; after: DossierState; event: DossierEvent; trail: Trail }

type Given = Readonly<Record<string, unknown>>

const EVENT = columnsOf(events)
const STANDING = columnsOf(earlierStandings)

/** What a promise moves, and nothing else. */
const PROMISED = [
  'version',
  'scheduleId',
  'dueOn',
  'dueAt',
  'onTimeFrom',
  'lateFrom',
  'overdueFrom',
  'provisional',
  'standsFrom',
  'lastEventAt',
  'head',
]
const MOVED = columnsOf(dossiers).filter(({ name }) => PROMISED.includes(name))
const IDENTIFIED = columnsOf(dossiers).filter(({ name }) => name === 'id' || PROMISED.includes(name))

const picked = (columns: readonly Column[], row: Given): Given => {
  const kept: Record<string, unknown> = {}
  for (const { name } of columns) kept[name] = row[name]
  return kept
}

const rowsOf = (columns: readonly Column[], rows: readonly Given[]): SQL =>
  recordSet(columns, JSON.stringify(rows.map((row) => picked(columns, row))))

const insertAll = (tx: Database, table: PgTable, columns: readonly Column[], rows: readonly Given[]) =>
  tx.execute(sql`insert into ${table} (${targetsOf(columns)}) select ${namesOf(columns)} from ${rowsOf(columns, rows)}`)

/**
 * Appends an event to each of many dossiers that the transaction holds, all of which moved a promise and nothing
 * else, and brings their rows up to them: three statements, however many they are.
 */
export const moveDossiers = async (tx: Database, moves: readonly BatchMove[]): Promise<void> => {
  const chained = moves.map(({ before, after, event, trail }) => ({
    row: { ...after, id: before.id, head: chainHash(before.head, contentHash({ ...event, ...trail }), before.code) },
    event: { ...event, ...trail, dossierId: before.id },
  }))
  const settings = listed(MOVED, ({ name, column }) => sql`${sql.identifier(column)} = given.${sql.identifier(name)}`)
  const moved = rowsOf(
    IDENTIFIED,
    chained.map(({ row }) => row),
  )
  await tx.execute(sql`update ${dossiers} set ${settings} from ${moved} where ${dossiers.id} = given.id`)
  const trailed = chained.map(({ row, event }) => ({ ...event, hash: row.head }))
  await insertAll(tx, events, EVENT, trailed)
  await insertAll(
    tx,
    earlierStandings,
    STANDING,
    moves.flatMap(({ before, after }) => standingLeft(before, after) ?? []),
  )
}
