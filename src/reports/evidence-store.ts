import { and, type SQL, sql } from 'drizzle-orm'
import type { Database } from '../db/database.ts'
import { codeList } from '../db/sql.ts'
import { dossiers } from '../db/tables.ts'
import { asDossiers, type Past, readTouched, statesAt, untouchedSince } from '../figures/past.ts'
import { keptAsText } from '../people/store.ts'
import { type Counted, isCounted, timesCounted } from './evidence.ts'
import { type FileFormat, LINE_END, lineOf } from './export.ts'

/** The dossiers behind a number, and what is told of each. */
export type EvidenceList = {
  counted: Counted
  /** Whose dossiers they are. */
  side: 'receiving' | 'resolving'
  /** `null` means all. */
  agencies: readonly string[] | null
  procedures: readonly string[] | null
  withoutSameDay: boolean
  withoutOnline: boolean
  /** How things stood then, or as they stand. */
  past: Past | null
  outcome: SQL
  withApplicant: boolean
  /** The agencies that the caller sees; `null` means all. */
  seen: readonly string[] | null
}

/** As many dossiers as one statement reads. */
const PORTION = 2000

export type Listed = { id: number; line: string }

const listed = (
  { counted, side, agencies, procedures, withoutSameDay, withoutOnline }: EvidenceList,
  after: number,
): SQL | undefined =>
  and(
    sql`d.id > ${after}`,
    isCounted(counted),
    agencies === null ? undefined : sql`${sql.raw(`f.${side}_agency`)} = any(${codeList(agencies)})`,
    procedures === null ? undefined : sql`f.procedure_code = any(${codeList(procedures)})`,
    withoutSameDay ? sql`not f.same_day` : undefined,
    withoutOnline ? sql`f.intake_channel <> 'online'` : undefined,
  )

const lines = (wanted: EvidenceList, format: FileFormat, source: SQL, applicant: SQL, where: SQL | undefined): SQL => {
  const { counted, outcome, withApplicant } = wanted
  const line = lineOf(format, { outcome, count: timesCounted(counted), applicant: withApplicant ? applicant : null })
  return sql`select d.id, ${line} as line from ${source} d cross join lateral figure_facts(d) f where ${where}`
}

const read = async (db: Database, select: SQL, size: number): Promise<Listed[]> =>
  db
    .select({ id: sql<number>`id`.mapWith(Number), line: sql<string>`line` })
    .from(sql`(${select} order by d.id limit ${size}) as listed`)
    .orderBy(sql`id`)

/** The listed rows after a dossier that tell how things stand, or stood. */
const rowsListed = (wanted: EvidenceList, after: number): SQL | undefined =>
  and(listed(wanted, after), wanted.past ? untouchedSince(wanted.past) : undefined)

/** Between which ids rows stand. */
type Span = { first: number; last: number }

/**
 * Between which ids the listed rows stand after a dossier. Ids follow the order of coming, so a period's are close
 * together; the planner knows nothing of that and would walk by id to the first of them and on from the last. (Of
 * `id + 0`, because it would walk to a plain minimum, too.) From the middle of a list on they are near.
 */
const spanOf = async (db: Database, wanted: EvidenceList, after: number): Promise<Span> => {
  if (after > 0) return { first: after + 1, last: Number.MAX_SAFE_INTEGER }
  const end = (of: 'min' | 'max') => sql<number>`coalesce(${sql.raw(of)}(d.id + 0), 0)`.mapWith(Number)
  const [span = { first: 0, last: 0 }] = await db
    .select({ first: end('min'), last: end('max') })
    .from(sql`${dossiers} d cross join lateral figure_facts(d) f`)
    .where(rowsListed(wanted, 0))
  return span
}

/** What is left of a span after a dossier. */
const from = (span: Span, after: number): Span => ({ ...span, first: Math.max(span.first, after + 1) })

/** The lines of rows that stand in a span. */
const rowLines = (wanted: EvidenceList, format: FileFormat, { first, last }: Span): SQL =>
  lines(
    wanted,
    format,
    sql`${dossiers}`,
    keptAsText(sql`d.applicant`, sql`d.id`),
    and(rowsListed(wanted, first - 1), sql`d.id <= ${last}`),
  )

/**
 * A folded state knows no applicant: personal data stand in the row alone. They are told of a dossier that the caller
 * sees as it is now (`seesDossier`), not of one that a correction has given to others since.
 */
const applicantOfRow = ({ seen }: EvidenceList): SQL => {
  const isSeen = seen && sql`(array[r.receiving_agency, r.resolving_agency] && ${codeList(seen)})`
  const applicant = sql`(select r.applicant from ${dossiers} r where ${and(sql`r.id = d.id`, isSeen ?? undefined)})`
  return keptAsText(applicant, sql`d.id`)
}

/**
 * Rows that have stood as they stood then, and the dossiers of the same stretch that were touched since, folded anew:
 * merged in the order of their ids. The rows are read before, so that a dossier which is moved meanwhile is met at
 * least once.
 */
async function* withTouched(
  db: Database,
  wanted: EvidenceList,
  past: Past,
  format: FileFormat,
  rows: readonly Listed[],
  [after, last]: readonly [after: number, last: number | undefined],
): AsyncGenerator<readonly Listed[]> {
  let rest = rows
  const touched = await readTouched(db, past, wanted.agencies, after, last)
  for await (const { states, until } of statesAt(db, past, touched)) {
    const select = lines(wanted, format, asDossiers(states), applicantOfRow(wanted), listed(wanted, after))
    const folded = await read(db, select, states.length)
    const known = new Set(folded.map(({ id }) => id))
    const before = rest.filter(({ id }) => id <= until && !known.has(id))
    rest = rest.filter(({ id }) => id > until)
    yield [...before, ...folded].toSorted((a, b) => a.id - b.id)
  }
  yield rest
}

/** A page of the list, after a dossier. */
export const evidencePage = async (
  db: Database,
  wanted: EvidenceList,
  after: number,
  size: number,
): Promise<Listed[]> => {
  const rows = await read(db, rowLines(wanted, 'ndjson', from(await spanOf(db, wanted, after), after)), size)
  if (wanted.past === null) return rows
  const last = rows.length < size ? undefined : rows.at(-1)?.id
  const page: Listed[] = []
  for await (const some of withTouched(db, wanted, wanted.past, 'ndjson', rows, [after, last])) {
    page.push(...some)
    if (page.length >= size) break
  }
  return page.slice(0, size)
}

type Portion = { last: number; count: number; text: string | null }

/** The first lines of a span as one text, joined by PostgreSQL: nothing is done row by row here. */
const readText = async (db: Database, lines: SQL, end: string, size: number): Promise<Portion> => {
  const [portion = { last: 0, count: 0, text: null }] = await db
    .select({
      last: sql<number>`max(id)`.mapWith(Number),
      count: sql<number>`count(*)`.mapWith(Number),
      // In the order in which the lines come, which is that of the ids: to sort them again would take a third of the time.
      text: sql<string | null>`string_agg(line, ${end})`,
    })
    .from(sql`(${lines} order by d.id limit ${size}) as listed`)
  return portion
}

/**
 * The whole list as text, portion by portion: each is one statement by key, so that no transaction stays open while a
 * slow client reads. Of the past, a portion in which nothing was touched since is as good as one of now; the others are
 * read again, line by line.
 */
export async function* evidenceText(
  db: Database,
  wanted: EvidenceList,
  format: FileFormat,
  size = PORTION,
): AsyncGenerator<string> {
  const end = LINE_END[format]
  const { past } = wanted
  const span = await spanOf(db, wanted, 0)
  let after = 0
  for (;;) {
    const part = from(span, after)
    const { text, count, last } = await readText(db, rowLines(wanted, format, part), end, size)
    const until = count < size ? undefined : last
    const isTouched = past && (await readTouched(db, past, wanted.agencies, after, until)).length > 0
    if (isTouched) {
      const rows = await read(db, rowLines(wanted, format, { ...part, last: until ?? span.last }), size)
      for await (const some of withTouched(db, wanted, past, format, rows, [after, until])) {
        if (some.length > 0) yield some.map(({ line }) => `${line}${end}`).join('')
      }
    } else if (text !== null) yield `${text}${end}`
    if (until === undefined) return
    after = until
  }
}
