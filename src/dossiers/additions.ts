import { sql } from 'drizzle-orm'
import { contentHash } from '../audit/chain.ts'
import { conflictingConstraint } from '../db/conflict.ts'
import type { Database } from '../db/database.ts'
import { failureOf, outageOf } from '../db/failure.ts'
import { together } from '../db/gathered.ts'
import { prepared } from '../db/prepared.ts'
import { type Column, columnsOf, namesOf, recordSet, targetsOf } from '../db/record-set.ts'
import { codeSequences, dossiers, events } from '../db/tables.ts'
import type { DossierState, KeptApplicant } from './dossier.ts'
import type { DossierEvent } from './event.ts'
import type { Conflict, Trail } from './store.ts'

/** What a new code is counted by: the receiving agency and the day of receipt. */
export type CodeSeries = { codeAgency: string; codeDay: string; codePrefix: string }

const STATE = columnsOf(dossiers).filter(({ name }) => !['id', 'code', 'head'].includes(name))
const EVENT = columnsOf(events).filter(({ name }) => !['dossierId', 'facts', 'hash'].includes(name))

const given = (name: string, type: string): Column => ({ name, column: name, type })

const GIVEN = [
  ...STATE,
  ...EVENT,
  given('facts', 'jsonb'),
  given('content', 'text'),
  given('ownCode', 'text'),
  given('codeAgency', 'text'),
  given('codeDay', 'date'),
  given('codePrefix', 'text'),
  given('place', 'integer'),
]

const addition = prepared((db) => {
  // `later`: how many of its series stand after it, which counts its own number back from the last one taken.
  const rows = db.$with('given', {}).as(sql`
    select *, row_number() over (partition by "codeAgency", "codeDay" order by place desc) - 1 as later
    from ${recordSet(GIVEN, sql.placeholder('rows'))}`)
  // In one order whoever adds, so that two of these never wait for each other.
  const sequence = db.$with('sequence', {}).as(sql`
    insert into ${codeSequences} as taken (agency, day, last)
    select "codeAgency", "codeDay", count(*) from given where "codeAgency" is not null group by 1, 2 order by 1, 2
    on conflict (agency, day) do update set last = taken.last + excluded.last
    returning agency, day, last`)
  const named = db.$with('named', {}).as(sql`
    select given.*, coalesce("codePrefix" || lpad(digits, greatest(4, length(digits)), '0'), "ownCode") as code
    from given left join sequence on sequence.agency = "codeAgency" and sequence.day = "codeDay"
    cross join lateral (select (last - later)::text as digits) as counted`)
  // What the sequence issues is known in here only, so the first hash is made here, as `chainHash` makes the others.
  // What another instance may be adding, too, is added in one order for the same reason as above.
  const dossier = db.$with('dossier', {}).as(sql`
    insert into ${dossiers} (${targetsOf(STATE)}, code, head)
    select ${namesOf(STATE)}, code, encode(sha256(convert_to(content || code, 'UTF8')), 'hex') from named
    order by "sourceSystem", "sourceReference", place
    returning id, code, head`)
  const event = db.$with('event', {}).as(sql`
    insert into ${events} (${targetsOf(EVENT)}, dossier_id, facts, hash)
    select ${namesOf(EVENT)}, dossier.id, jsonb_set(facts, '{intake,code}', to_jsonb(code)), dossier.head
    from named join dossier using (code)
    order by "keyId", "idempotencyKey", place
    returning dossier_id`)
  return db
    .with(rows, sequence, named, dossier, event)
    .select({ place: sql<number>`place`, code: sql<string>`code` })
    .from(sql`event join dossier on dossier.id = event.dossier_id join named using (code)`)
    .prepare('add_dossiers')
})

/** A row to add, as the members of a JSON object. */
type Addition = string

/** Their texts, one after the other: to put objects of so many members together takes twice as long as to write them. */
const membersOf = (parts: readonly object[]): Addition =>
  parts
    .map((part) => JSON.stringify(part).slice(1, -1))
    .filter((members) => members !== '')
    .join()

type Added = { code: string }

type Outcome = Added | Conflict | { failure: unknown }

/** Adds dossiers in one statement, all of them or none; answers in their order. */
const addAll = async (db: Database, additions: readonly Addition[]): Promise<readonly Outcome[]> => {
  const rows = `[${additions.map((members, place) => `{${members},"place":${place}}`).join()}]`
  const codes = new Map((await addition(db).execute({ rows })).map(({ place, code }) => [place, code]))
  return additions.map((_, place) => {
    const code = codes.get(place)
    return code === undefined ? { failure: new RangeError('the new dossier did not come back') } : { code }
  })
}

/** What one alone came to. Throws where that is not its own fault. */
const outcomeOf = (error: unknown): Conflict | { failure: unknown } => {
  if (outageOf(error) !== undefined) throw error
  try {
    return conflictingConstraint(error) as Conflict
  } catch (failure) {
    return { failure }
  }
}

/** Data that do not fit and constraints: one of the rows is to blame, and the others are not. */
const FOR_ONE_OF_THEM = /^2[23]/

/** Two that add the same in a different order end so; which of them is told says nothing about it. */
const DEADLOCK = '40P01'

/**
 * Where one is in the way, nothing is left of any, and each half is added by itself: what failed is found with the
 * very one that has it, and the codes go on in the order of asking. After any other failure nobody knows what was
 * done, so nothing is done again: it is thrown, as it is all the others' failure.
 */
const addEach = async (db: Database, additions: readonly Addition[], mayRepeat = true): Promise<readonly Outcome[]> => {
  try {
    return await addAll(db, additions)
  } catch (error) {
    const state = String(failureOf(error).code)
    if (additions.length === 1) {
      return state === DEADLOCK && mayRepeat ? addEach(db, additions, false) : [outcomeOf(error)]
    }
    if (state !== DEADLOCK && !FOR_ONE_OF_THEM.test(state)) throw error
    const half = Math.ceil(additions.length / 2)
    const [first, rest] = [await addEach(db, additions.slice(0, half)), additions.slice(half)]
    // By now some are in, and are told so.
    return [...first, ...(await addEach(db, rest).catch((failure) => rest.map(() => ({ failure }))))]
  }
}

/** One statement at a time: two that take numbers of one series at once would wait for each other, with all in them. */
const addTogether = together((db, additions: readonly Addition[]) => addEach(db, additions), 1)

/**
 * Adds a dossier with its first event in one statement, which it shares with others that come in at the same moment:
 * the next codes of their series are taken, the rows and the events are written, or nothing is. A series' row stays
 * locked until then, so the codes have no gaps whatever fails; a conflict must undo the numbers, too, and is
 * therefore caught and not avoided.
 */
export const addDossier = async (
  db: Database,
  state: DossierState,
  applicant: KeptApplicant,
  event: DossierEvent,
  trail: Trail,
  series: CodeSeries | null,
): Promise<Added | Conflict> => {
  const content = contentHash({ ...event, ...trail })
  const rest = { applicant, content, ownCode: series ? null : state.code }
  const outcome = await addTogether(db, membersOf([state, event, trail, series ?? {}, rest]))
  if (typeof outcome === 'object' && 'failure' in outcome) throw outcome.failure
  return outcome
}

/**
 * Lets a series go on after codes that were brought into it from elsewhere: past the unbroken run of them that
 * stands in its way and no further, so that the series keeps no gaps. One index look-up a code.
 */
export const skipTakenCodes = async (db: Database, { codeAgency, codeDay, codePrefix }: CodeSeries): Promise<void> => {
  const { agency, day, last } = codeSequences
  await db.execute(sql`
    with recursive run(number) as (
      select coalesce(max(${last}), 0) + 1 from ${codeSequences} where ${agency} = ${codeAgency} and ${day} = ${codeDay}
      union all
      select number + 1 from run where exists (
        select from ${dossiers}
        where ${dossiers.code} = ${codePrefix}::text || lpad(number::text, greatest(4, length(number::text)), '0'))
    )
    insert into ${codeSequences} (agency, day, last)
    select ${codeAgency}, ${codeDay}::date, max(number) - 1 from run having max(number) > 1
    on conflict (agency, day) do update set last = greatest(${last}, excluded.last)`)
}
