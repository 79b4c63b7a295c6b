import { type SQL, sql } from 'drizzle-orm'
import { earlierStandings } from '../../db/tables.ts'
import type { Bilingual } from '../../language.ts'
import type { Within } from './within.ts'

/**
 * One thing that an auditor looks for. `find` selects its findings (`dossier`, `agency`, `at`, `key`, `facts`) from
 * the relations of `relations.ts`, each under a key of its own; what stands for many dossiers has no `dossier`.
 */
export type Flag = {
  readonly description: Bilingual
  /** The law that it may break or, where no law is broken, why it is looked for. */
  readonly ground: Bilingual
  /** Which day must lie in the span. */
  readonly judgedBy: Bilingual
  readonly find: (within: Within) => SQL
}

export const BY_STEP: Bilingual = {
  vi: 'ngày bước đó được nói là đã diễn ra',
  en: 'the day on which the step is said to have happened',
}
export const BY_RECEIPT: Bilingual = { vi: 'ngày tiếp nhận', en: 'the day of receipt' }
export const BY_FINISH: Bilingual = { vi: 'ngày có kết quả', en: 'the day of finishing' }

/** Vietnamese wall-clock time. */
export const localTime = (at: SQL): SQL => sql`(${at} at time zone interval '7 hours')`

/** The Vietnamese day of an instant. */
export const localDay = (at: SQL): SQL => sql`${localTime(at)}::date`

/** An instant as answers write it (`formatInstant`). */
export const instantText = (at: SQL): SQL =>
  sql`replace(to_char(${localTime(at)}, 'YYYY-MM-DD"T"HH24:MI:SS.MS'), '.000', '') || '+07:00'`

/** An instant of this program, for PostgreSQL. */
export const moment = (at: Date): SQL => sql`${at.toISOString()}::timestamptz`

export const during = (at: SQL, { from, until }: Within): SQL =>
  sql`${at} >= ${moment(from)} and ${at} < ${moment(until)}`

/** Whether a column names one of some agencies; `null` means all. */
export const oneOf = (agency: SQL, agencies: readonly string[] | null): SQL =>
  agencies === null ? sql`true` : sql`${agency} in ${[...agencies]}`

/** How many of a group's rows are so. */
export const tally = (condition: SQL): SQL => sql`count(*) filter (where ${condition})`

type Members = Readonly<Record<string, SQL>>

/** The small named members that show a finding; never what a person said or is called. */
export const factsOf = (members: Members): SQL => {
  const pairs = Object.entries(members).map(([name, value]) => sql`${sql.raw(`'${name}'`)}, ${value}`)
  return sql`jsonb_build_object(${sql.join(pairs, sql`, `)})`
}

type Wanted = { readonly joined?: SQL; readonly where: SQL; readonly facts: Members }

/** Finds dossiers (`d`) of which something is so at an instant in the span. */
export const dossiersWhere = (
  within: Within,
  { at, agency, joined = sql``, where, facts }: Wanted & { readonly at: SQL; readonly agency: SQL },
): SQL => sql`
  select d.code as dossier, ${agency} as agency, ${at} as at, d.code as key, ${factsOf(facts)} as facts
  from dossier d ${joined}
  where ${during(at, within)} and ${where}`

/** Finds steps (`e`). */
export const stepsWhere = ({ joined = sql``, where, facts }: Wanted): SQL => sql`
  select e.code as dossier, e.agency, e.effective_at as at, e.code || '/' || e.number as key, ${factsOf(facts)} as facts
  from step e ${joined}
  where ${where}`

/** Joins how the dossier stood (`stood`) until the step `e` moved it. */
export const STOOD_UNTIL = sql`
  join ${earlierStandings} stood on stood.dossier_id = e.dossier_id and stood.number = e.number`
