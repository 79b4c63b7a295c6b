import { type SQL, sql } from 'drizzle-orm'

export const instant = (at: Date): SQL => sql`${at.toISOString()}::timestamptz`

/** Codes, for `= any(…)`: one parameter, however many they are. They hold no quotes. */
export const codeList = (codes: readonly string[]): SQL =>
  sql`${`{${codes.map((code) => `"${code}"`).join()}}`}::text[]`

/** Ids, in the same way. */
export const idList = (ids: readonly number[]): SQL => sql`${`{${ids.join()}}`}::bigint[]`
