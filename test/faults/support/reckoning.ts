import { type SQL, sql } from 'drizzle-orm'
import type { Test } from 'tap'
import { rebuild, verify } from '../../../src/audit/tools.ts'
import { connect, type DatabasePlace } from '../../../src/db/connect.ts'
import type { Database } from '../../../src/db/database.ts'
import { groupedBy } from '../../../src/grouped.ts'
import type { Change, Ledger } from './ledger.ts'

/** An event as the database has it, with the dossier that it belongs to. */
type Stored = { officer: string; code: string; number: number; type: string; inOrder: boolean }

const EVENT_OF: Readonly<Record<string, string>> = {
  receive: 'received',
  start: 'started',
  finish: 'finished',
  return: 'returned',
}

/** Both drivers answer with an object that has the rows. */
const rowsOf = async <Row>(db: Database, query: SQL): Promise<Row[]> =>
  ((await db.execute(query)) as { rows: Row[] }).rows

const readStored = (db: Database): Promise<Stored[]> =>
  rowsOf(
    db,
    sql`
      select e.officer, d.code, e.number, e.type, coalesce(e.recorded_at >= before.recorded_at
        and e.effective_at >= before.effective_at, e.number = 1) as "inOrder"
      from events e join dossiers d on d.id = e.dossier_id
      left join events before on before.dossier_id = e.dossier_id and before.number = e.number - 1
      -- Of a calendar's change many dossiers have an event, which no client asked for one by one.
      where e.type <> 'recalculated'`,
  )

/** Codes whose number is not one more than that of the code before it in its series, and series that count otherwise. */
const readGaps = (db: Database): Promise<unknown[]> =>
  rowsOf(
    db,
    sql`
      with issued as (
        select left(code, -5) as series, right(code, 4)::int as number,
          row_number() over (partition by left(code, -5) order by code) as expected
        from dossiers)
      select series, number from issued where number <> expected
      union all
      select series, max(number) from issued group by series
      having max(number) <> (select last from code_sequences where agency || '-' || to_char(day, 'YYMMDD') = series)`,
  )

const sameChange = ({ what, told }: Change, { code, number, type }: Stored): boolean =>
  told?.code === code && told.version === number && EVENT_OF[what] === type

/** What the clients know held against what the database says. */
const compare = (ledger: Ledger, stored: readonly Stored[]) => {
  const byOfficer = groupedBy(stored, ({ officer }) => officer)
  const changes = [...ledger.changes.values()]
  const told = changes.filter((change) => change.told !== undefined)
  const open = changes.filter((change) => change.told === undefined)
  const isThere = ({ id }: Change): boolean => byOfficer.has(id)
  return {
    told: told.length,
    lost: told.filter((change) => !isThere(change)).map(({ id }) => id),
    altered: told.filter((change) => byOfficer.get(change.id)?.some((event) => !sameChange(change, event))),
    doubled: [...byOfficer].filter(([, events]) => events.length > 1).map(([officer]) => officer),
    unasked: [...byOfficer.keys()].filter((officer) => !ledger.changes.has(officer)),
    outOfOrder: stored.filter(({ inOrder }) => !inOrder),
    openAndDone: open.filter(isThere).length,
    openAndNotDone: open.filter((change) => !isThere(change)).length,
  }
}

export type Reckoning = Omit<ReturnType<typeof compare>, 'told'>

/**
 * Compares the ledger with the database: every change that was acknowledged is there as it was told, none is there
 * twice, codes have no gaps, events are in order, and the trail verifies. Prints the counts.
 */
export const reckon = async (t: Test, ledger: Ledger, settings: DatabasePlace): Promise<Reckoning> => {
  const { db, close } = await connect(settings, () => {})
  try {
    const { told, ...found } = compare(ledger, await readStored(db))
    const gaps = await readGaps(db)
    const { lost, altered, doubled, unasked, outOfOrder } = found
    t.comment(
      `${told} acknowledged: ${lost.length} lost, ${altered.length} altered, ${doubled.length} doubled; ` +
        `never answered: ${found.openAndDone} done, ${found.openAndNotDone} not done; ${gaps.length} gaps in codes`,
    )
    t.ok(told + found.openAndDone > 0, 'something was done')
    t.strictSame({ lost, altered, doubled, unasked }, { lost: [], altered: [], doubled: [], unasked: [] })
    t.strictSame(gaps, [], 'codes have no gaps')
    t.strictSame(outOfOrder, [], 'no event comes before the one that it follows')
    const printed: string[] = []
    const isWhole = await verify(db, {}, new Date(), (line) => printed.push(line))
    const asReplayed = await rebuild(db, true, (line) => printed.push(line))
    t.ok(isWhole && asReplayed, printed.join('\n'))
    return found
  } finally {
    await close()
  }
}
