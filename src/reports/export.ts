import { type SQL, sql } from 'drizzle-orm'
import { STATUSES } from '../dossiers/dossier.ts'

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

/** A spreadsheet would run a text that begins so as a formula. */
const harmless = (text: SQL): SQL => sql`case when ascii(${text}) in (61, 43, 45, 64, 9, 13) then '''' else '' end`

/** A free text may hold anything. */
const csvText = (value: SQL): SQL => sql`coalesce('"' || ${harmless(value)} || replace(${value}, '"', '""') || '"', '')`

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

/** Of which columns a line is made: by whose outcome, how often it counts, and where applicants stand, if at all. */
export type Line = { outcome: SQL; count: SQL; applicant: SQL | null }

const joined = (parts: readonly SQL[], separator: string): SQL =>
  sql.join([...parts], sql.raw(` || '${separator}' || `))

/** A dossier as a line of a file, built by PostgreSQL: what runs through this process is finished text. */
export const lineOf = (format: FileFormat, { outcome, count, applicant }: Line): SQL => {
  const cells = cellsOf(outcome, count)
  if (format === 'csv') {
    const person = applicant ? APPLICANT.map((name) => csvText(sql`(${applicant}->>${sql.raw(`'${name}'`)})`)) : []
    return joined([...cells.map(csvCell), ...person], ',')
  }
  const fields = cells.map((cell) => sql`${sql.raw(`'"${cell.name}":'`)} || ${jsonCell(cell)}`)
  const person = applicant ? [sql`'"applicant":' || coalesce(${applicant}::text, 'null')`] : []
  return sql`'{' || ${joined([...fields, ...person], ',')} || '}'`
}

export const LINE_END: Readonly<Record<FileFormat, string>> = { csv: '\r\n', ndjson: '\n' }

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
