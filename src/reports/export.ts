import { type SQL, sql } from 'drizzle-orm'
import { type Applicant, STATUSES } from '../dossiers/dossier.ts'

/** Files in which a list is written, whatever its length. */
export const FILE_FORMATS = ['csv', 'ndjson'] as const
export type FileFormat = (typeof FILE_FORMATS)[number]

export const FILE_TYPES: Readonly<Record<FileFormat, string>> = {
  csv: 'text/csv; charset=utf-8; header=present',
  ndjson: 'application/x-ndjson; charset=utf-8',
}

/** A word holds no quotes and no commas. */
type Kind = 'word' | 'instant' | 'number'
type Cell = { name: string; kind: Kind; value: SQL }

/** What is listed of a dossier `d` with its facts `f`: no personal data. */
const cellsOf = (outcome: SQL, count: SQL): readonly Cell[] => {
  const word = (name: string, value: SQL): Cell => ({ name, kind: 'word', value })
  const instant = (name: string, value: SQL): Cell => ({ name, kind: 'instant', value })
  const statuses = Object.entries(STATUSES).map(([status, { key }]) => sql.raw(`when ${status} then '${key}'`))
  return [
    word('code', sql`d.code`),
    word('procedureCode', sql`d.procedure_code`),
    word('receivingAgency', sql`d.receiving_agency`),
    word('resolvingAgency', sql`d.resolving_agency`),
    word('intakeChannel', sql`d.intake_channel`),
    word('returnChannel', sql`d.return_channel`),
    word('returnedChannel', sql`d.returned_channel`),
    instant('receivedAt', sql`d.received_at`),
    instant('receivedRecordedAt', sql`d.received_recorded_at`),
    word('dueOn', sql`d.due_on::text`),
    instant('firstDueAt', sql`d.first_due_at`),
    instant('finishedAt', sql`d.finished_at`),
    instant('closedAt', sql`d.closed_at`),
    instant('closedRecordedAt', sql`d.closed_recorded_at`),
    instant('returnedAt', sql`d.returned_at`),
    word('status', sql`case d.status ${sql.join(statuses, sql` `)} end`),
    word('outcome', outcome),
    { name: 'count', kind: 'number', value: count },
  ]
}

const APPLICANT = ['name', 'idNumber', 'phone', 'address'] as const

/**
 * As `formatInstant` writes it: Vietnamese time, milliseconds only where there are any. Most have none, and their plain
 * text takes half the time of `to_char`, which eight instants a line make the most of a file's.
 */
const written = (at: SQL): SQL => {
  const local = sql`${at} at time zone interval '7 hours'`
  return sql`case when date_trunc('second', ${at}) = ${at} then replace((${local})::text, ' ', 'T') || '+07:00'
    else to_char(${local}, 'YYYY-MM-DD"T"HH24:MI:SS.MS"+07:00"') end`
}

const csvCell = ({ kind, value }: Cell): SQL => {
  switch (kind) {
    case 'instant':
      return sql`coalesce(${written(value)}, '')`
    case 'word':
      return sql`coalesce(${value}, '')`
    case 'number':
      return sql`(${value})::text`
  }
}

const jsonCell = ({ kind, value }: Cell): SQL => {
  switch (kind) {
    case 'instant':
      return sql`coalesce('"' || ${written(value)} || '"', 'null')`
    case 'word':
      return sql`coalesce('"' || (${value}) || '"', 'null')`
    case 'number':
      return sql`(${value})::text`
  }
}

/** Of which columns a line is made: by whose outcome, how often it counts, and as what text applicants are kept, if at all. */
export type Line = { outcome: SQL; count: SQL; applicant: SQL | null }

/** What stands between a line and its applicant as kept; JSON holds none. */
const APART = '\u001f'

const joined = (parts: readonly SQL[], separator: string): SQL =>
  sql.join([...parts], sql.raw(` || '${separator}' || `))

/**
 * A dossier as a line of a file, built by PostgreSQL: what runs through this process is finished text. Only applicants
 * are put in here (`withApplicants`), because only here can be read what their numbers are.
 */
export const lineOf = (format: FileFormat, { outcome, count, applicant }: Line): SQL => {
  const cells = cellsOf(outcome, count)
  const fields = () => cells.map((cell) => sql`${sql.raw(`'"${cell.name}":'`)} || ${jsonCell(cell)}`)
  const line = format === 'csv' ? joined(cells.map(csvCell), ',') : sql`'{' || ${joined(fields(), ',')} || '}'`
  return applicant ? sql`${line} || ${APART}::text || ${applicant}` : line
}

export const LINE_END: Readonly<Record<FileFormat, string>> = { csv: '\r\n', ndjson: '\n' }

/**
 * Where a spreadsheet would begin a formula: at the start and, where it separates by semicolons, as it does in Vietnam,
 * also within a text.
 */
const FORMULA = /(?<=^|;)(?=[=+\-@\t\r])/g

/** A free text may hold anything. */
const csvText = (text: string | undefined): string =>
  text === undefined ? '' : `"${text.replace(FORMULA, "'").replaceAll('"', '""')}"`

const withApplicant = (format: FileFormat, line: string, applicant: Applicant | null): string =>
  format === 'csv'
    ? [line, ...APPLICANT.map((name) => csvText(applicant?.[name]))].join()
    : `${line.slice(0, -1)},"applicant":${JSON.stringify(applicant)}}`

/** Applicants as whoever asked may know them, of what is kept of each. */
export type Tell = (kept: readonly string[]) => Promise<readonly (Applicant | null)[]>

/** Lines with their applicants as they are told, asked for all at once. */
export const withApplicants = async (format: FileFormat, lines: readonly string[], tell: Tell): Promise<string[]> => {
  const parts = lines.map((line) => line.split(APART))
  const applicants = await tell(parts.map(([, kept]) => String(kept)))
  return parts.map(([line], i) => withApplicant(format, String(line), applicants[i] ?? null))
}

const BYTE_ORDER_MARK = '\uFEFF'

/** What stands before the lines: spreadsheets know UTF-8 by its mark. */
export const headOf = (format: FileFormat, withApplicant: boolean): string => {
  if (format === 'ndjson') return ''
  const names = cellsOf(sql``, sql``).map(({ name }) => name)
  const person = withApplicant
    ? APPLICANT.map((name) => `applicant${name.charAt(0).toUpperCase()}${name.slice(1)}`)
    : []
  return `${BYTE_ORDER_MARK}${[...names, ...person].join()}${LINE_END.csv}`
}
