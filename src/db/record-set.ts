import { getTableColumns, type SQL, sql } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'

/** A member of a given row: its name, the column that it is written to, and that column's type. */
export type Column = { name: string; column: string; type: string }

export const columnsOf = (table: PgTable): readonly Column[] =>
  Object.entries(getTableColumns(table)).map(([name, column]) => ({
    name,
    column: column.name,
    type: column.getSQLType(),
  }))

export const listed = (columns: readonly Column[], write: (column: Column) => SQL): SQL =>
  sql.join(columns.map(write), sql`, `)

export const namesOf = (columns: readonly Column[]): SQL => listed(columns, ({ name }) => sql`${sql.identifier(name)}`)

/** The same, as an `insert` lists them. */
export const targetsOf = (columns: readonly Column[]): SQL =>
  listed(columns, ({ column }) => sql`${sql.identifier(column)}`)

/** Rows as one parameter, JSON: a statement's text is the same for however many. They are called `given`. */
export const recordSet = (columns: readonly Column[], json: unknown): SQL => {
  const typed = listed(columns, ({ name, type }) => sql`${sql.identifier(name)} ${sql.raw(type)}`)
  return sql`jsonb_to_recordset(${json}::jsonb) as given(${typed})`
}
