import { type SQL, sql } from 'drizzle-orm'
import type { Database } from '../db/database.ts'
import { agencies, figureChanges, figureTotals } from '../db/tables.ts'
import { FLOWS } from './flows.ts'
import { ALL_ENTRIES, asColumns, columns, entriesOf, IS_ENTRY } from './ledger.ts'

/** The lock under which totals are folded and rolled up, by one at a time over all instances. */
const FOLDING_LOCK = 7_268_333

/** As many changes as are folded in one transaction. */
const PORTION = 20_000

/** Each agency with all above it. */
export const ABOVE = sql`above(agency, ancestor) as (
  select code, parent from ${agencies} where parent is not null
  union all
  select above.agency, a.parent from above join ${agencies} a on a.code = above.ancestor where a.parent is not null)`

export const KEY = sql`agency, below, half, since, procedure_code, same_day`

/** The rows `wide` are added to the totals, by everyone in one order: two who add at once would else lock each other. */
export const addToTotals = sql`
  insert into ${figureTotals} (${KEY}, ${columns(FLOWS)})
  select ${KEY}, ${columns(FLOWS)} from wide order by agency, half, since, procedure_code, same_day, below
  on conflict on constraint figure_totals_key do update set
    ${columns(FLOWS, (column) => sql`${column} = figure_totals.${column} + excluded.${column}`)}`

/** One statement: the changes are gone exactly if their sums are in the totals, whoever looks and whatever fails. */
const fold = (portion: number): SQL => sql`
  with recursive ${ABOVE}, taken as (
    delete from ${figureChanges} where ctid = any(array(select ctid from ${figureChanges} limit ${portion})) returning *
  ), own as (
    select e.agency, figure_half(e.at) as half, figure_half(coalesce(e.since, e.at)) as since, f.procedure_code,
      f.same_day, e.flow, sum(f.sign * e.n) as n
    from taken f cross join lateral ${entriesOf(ALL_ENTRIES)}
    where ${IS_ENTRY}
    group by 1, 2, 3, 4, 5, 6
    having sum(f.sign * e.n) <> 0
  ), rolled as (
    select agency, false as below, half, since, procedure_code, same_day, flow, n from own
    union all
    select above.ancestor, true, half, since, procedure_code, same_day, flow, n from own join above using (agency)
  ), wide as (
    select ${KEY}, ${asColumns(FLOWS)} from rolled group by ${KEY}
  )
  ${addToTotals}`

/**
 * Folds changes that are not yet in the totals into them; answers whether there may be more. One instance does it at a
 * time; stopped anywhere, the next one goes on.
 */
export const foldChanges = (db: Database, most = PORTION): Promise<boolean> =>
  db.transaction(async (tx) => {
    const portion = sql`(select from ${figureChanges} limit ${most + 1}) as portion`
    const waiting = await tx.$count(sql`(
      select where pg_try_advisory_xact_lock(${FOLDING_LOCK})) as held, lateral ${portion}`)
    if (waiting === 0) return false
    await tx.execute(fold(most))
    return waiting > most
  })

/** As many changes as are counted: where there are more, nothing has been folded for long. */
const MOST_COUNTED = 1_000_000

/** How many changes are not yet in the totals: reports read each of them beside the totals. */
export const countChangesToFold = (db: Database): Promise<number> =>
  db.$count(sql`(select from ${figureChanges} limit ${MOST_COUNTED}) as waiting`)

/** Sums up anew what stands under each agency, after one has been put elsewhere; nobody folds until that is committed. */
export const rollUp = async (tx: Database): Promise<void> => {
  // Once in years, and longer than what a desk asks may take.
  await tx.execute(sql`set local statement_timeout = '5min'`)
  await tx.execute(sql`select pg_advisory_xact_lock(${FOLDING_LOCK})`)
  await tx.execute(sql`delete from ${figureTotals} where below`)
  await tx.execute(sql`
    with recursive ${ABOVE}
    insert into ${figureTotals} (${KEY}, ${columns(FLOWS)})
    select above.ancestor, true, half, since, procedure_code, same_day, ${columns(FLOWS, (column) => sql`sum(${column})`)}
    from ${figureTotals} join above using (agency) where not below
    group by 1, 2, 3, 4, 5, 6`)
}
