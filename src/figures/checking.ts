import { type SQL, sql } from 'drizzle-orm'
import type { Database } from '../db/database.ts'
import { agencies, dossiers, figureChanges, figureTotals } from '../db/tables.ts'
import { formatDate } from '../sla/date.ts'
import { columnOf, FLOWS } from './flows.ts'
import { ABOVE, addToTotals, foldChanges, KEY, rollUp } from './folding.ts'
import { firstDayOf } from './half.ts'
import { ALL_ENTRIES, asColumns, columns, entriesOf, IS_ENTRY, lifeEntries } from './ledger.ts'

/** A total that is not what it should be: `expected` was counted from the dossiers, `found` stands there. */
export type FigureMisfit = {
  agency: string
  /** Whether it is the sum of what stands under the agency. */
  below: boolean
  /** The first day of the half month. */
  half: string
  procedure: string
  flow: string
  expected: number
  found: number
}

/** Each flow's name beside its column, or columns. */
const flowRows = (write: (column: SQL) => SQL): SQL =>
  sql.join(
    FLOWS.map((flow) => sql`(${sql.raw(`'${flow}'`)}, ${write(sql.raw(columnOf(flow)))})`),
    sql`, `,
  )

/**
 * What an agency's own totals are short of, at one snapshot: the raw count of its dossiers, without what has yet to be
 * folded, against what stands there.
 */
const shortOf = (agency: string): SQL => sql`
  counted as (
    select figure_half(e.at) as half, figure_half(coalesce(e.since, e.at)) as since, f.procedure_code, f.same_day,
      e.flow, sum(f.side * f.sign * e.n) as n
    from (
      select 1 as side, 1::smallint as sign, f.* from ${dossiers} d cross join lateral figure_facts(d) f
      where d.receiving_agency = ${agency} or d.resolving_agency = ${agency} and d.resolving_agency <> d.receiving_agency
      union all
      select -1, c.* from ${figureChanges} c where c.receiving_agency = ${agency} or c.resolving_agency = ${agency}
    ) f cross join lateral ${entriesOf(ALL_ENTRIES)}
    where ${IS_ENTRY} and e.agency = ${agency}
    group by 1, 2, 3, 4, 5
  ), short as (
    select half, since, procedure_code, same_day, flow, sum(expected) as expected, sum(found) as found
    from (
      select half, since, procedure_code, same_day, flow, n as expected, 0 as found from counted
      union all
      select half, since, procedure_code, same_day, t.flow, 0, t.n
      from ${figureTotals} cross join lateral (values ${flowRows((column) => column)}) as t(flow, n)
      where agency = ${agency} and not below and t.n <> 0
    ) both_sides
    group by 1, 2, 3, 4, 5
    having sum(expected) <> sum(found)
  )`

type Row = { agency: string; half: number; procedure: string; flow: string; expected: number; found: number }

const ROW = {
  agency: sql<string>`agency`,
  half: sql<number>`half`.mapWith(Number),
  procedure: sql<string>`procedure_code`,
  flow: sql<string>`flow`,
  expected: sql<number>`expected`.mapWith(Number),
  found: sql<number>`found`.mapWith(Number),
}

const misfitOf = (row: Row, below: boolean): FigureMisfit => ({
  ...row,
  below,
  half: formatDate(firstDayOf(row.half)),
})

/** Every total of an agency's own that is wrong. */
const checkAgency = async (db: Database, agency: string): Promise<FigureMisfit[]> => {
  const rows = await db
    .select(ROW)
    .from(sql`(with ${shortOf(agency)} select ${agency} as agency, * from short) as short`)
    .orderBy(sql`half, procedure_code, flow`)
  return rows.map((row) => misfitOf(row, false))
}

/** Every sum of what stands under an agency that is not the sum of that. */
const checkBelow = async (db: Database): Promise<FigureMisfit[]> => {
  const sums = columns(FLOWS, (column) => sql`sum(side * ${column}) as ${column}`)
  const isAny = sql.join(
    FLOWS.map((flow) => sql`sum(side * ${sql.raw(columnOf(flow))}) <> 0`),
    sql` or `,
  )
  const rows = await db
    .select(ROW)
    .from(sql`(
      with recursive ${ABOVE}, sides as (
        select above.ancestor as holder, 1 as side, o.* from ${figureTotals} o join above using (agency) where not below
        union all
        select agency, -1, o.* from ${figureTotals} o where below
      ), short as (
        select holder, half, since, procedure_code, same_day, ${sums} from sides group by 1, 2, 3, 4, 5 having ${isAny}
      )
      select s.holder as agency, s.half, s.procedure_code, e.flow, e.short + coalesce(e.found, 0) as expected,
        coalesce(e.found, 0) as found
      from short s left join ${figureTotals} t on t.below and t.agency = s.holder and t.half = s.half
        and t.since = s.since and t.procedure_code = s.procedure_code and t.same_day = s.same_day
      cross join lateral (values ${flowRows((column) => sql`s.${column}, t.${column}`)}) as e(flow, short, found)
      where e.short <> 0) as short`)
    .orderBy(sql`agency, half, procedure_code, flow`)
  return rows.map((row) => misfitOf(row, true))
}

/** All that have totals, or should. */
const everyAgency = async (db: Database): Promise<string[]> => {
  const code = sql<string>`code`
  const rows = await db
    .select({ code })
    .from(sql`(select code from ${agencies} union select agency from ${figureTotals}) as known`)
    .orderBy(code)
  return rows.map(({ code }) => code)
}

/** Folds all that waits, so that no check of an agency has to walk over it. */
const foldAll = async (db: Database): Promise<void> => {
  let more = true
  while (more) more = await foldChanges(db)
}

/**
 * Compares every total with the raw count, an agency at a time and each at one snapshot, so that intakes may go on
 * meanwhile.
 */
export async function* checkTotals(db: Database): AsyncGenerator<FigureMisfit[]> {
  await foldAll(db)
  for (const agency of await everyAgency(db)) yield await checkAgency(db, agency)
  yield await checkBelow(db)
}

/**
 * How many dossiers are open, by the totals with what is not folded yet, and by count: one row, of one snapshot.
 */
export const countOpenTwice = (db: Database): Promise<{ told: number; counted: number }[]> => {
  const entries = lifeEntries('effective')
  const told = sql<number>`
    (select coalesce(sum(open), 0) from ${figureTotals} where not below)
    + (select coalesce(sum(f.sign * e.n), 0) from ${figureChanges} f cross join lateral ${entriesOf(entries)}
      where ${IS_ENTRY} and e.flow = 'open')`.mapWith(Number)
  const counted = sql<number>`(select count(*) from ${dossiers}
    where closed_at is null and received_at is not null)`.mapWith(Number)
  return db.select({ told, counted }).from(sql`(select) as one`)
}

/** With an agency: the lock under which its totals are put right, since what two found short would be added twice. */
const REPAIR_LOCK = 7_268_334

/**
 * Adds to an agency's own totals what they are short of. Counted and added in one statement, it is right whatever is
 * taken in or folded meanwhile: neither changes what is short.
 */
const repairAgency = (db: Database, agency: string): Promise<void> =>
  db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(${REPAIR_LOCK}, hashtext(${agency}))`)
    await tx.execute(sql`
      with ${shortOf(agency)}, wide as (
        select ${agency} as agency, false as below, half, since, procedure_code, same_day, ${asColumns(FLOWS)}
        from (select *, expected - found as n from short) short group by ${KEY}
      )
      ${addToTotals}`)
  })

/** Makes every total what it should be, one agency after another. */
export async function* repairTotals(db: Database): AsyncGenerator<FigureMisfit[]> {
  await foldAll(db)
  for (const agency of await everyAgency(db)) {
    const misfits = await checkAgency(db, agency)
    if (misfits.length > 0) await repairAgency(db, agency)
    yield misfits
  }
  const misfits = await checkBelow(db)
  if (misfits.length > 0) await db.transaction(rollUp)
  yield misfits
}

/** How many agencies are counted side by side. */
const LANES = 2

/** Counts all totals anew, for dossiers that were put into the database past its triggers. */
export const buildTotals = async (db: Database): Promise<void> => {
  await foldAll(db)
  const waiting = await everyAgency(db)
  const lane = async (): Promise<void> => {
    for (let agency = waiting.pop(); agency !== undefined; agency = waiting.pop()) await repairAgency(db, agency)
  }
  await Promise.all(Array.from({ length: LANES }, lane))
  await db.transaction(rollUp)
}
