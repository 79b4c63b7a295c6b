import pg from 'pg'
import { type Row, whole } from './report.ts'

type Size = { name: string; bytes: string }

/** Tables of at least as many bytes a dossier get a line of their own. */
const LEAST = 1

const SIZES = `
  select relname as name, pg_table_size(oid)::text as bytes, 0 as place, oid as under
  from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'
  union all
  select '  ' || indexrelid::regclass, pg_relation_size(indexrelid)::text, 1, indrelid
  from pg_index join pg_class on pg_class.oid = indrelid where relnamespace = 'public'::regnamespace
  order by under, place, bytes desc`

const rowOf = ({ name, bytes }: Size, dossiers: number): Row => ({
  name,
  ours: `${(Number(bytes) / dossiers).toFixed(1)} B/dossier`,
  note: `${whole(Number(bytes) / 2 ** 20)} MiB`,
})

/** What a filled database takes on disk: all of it, each table, and each of its indexes. */
export const benchSizes = async (url: string, size: number): Promise<Row[]> => {
  const client = new pg.Client(url)
  await client.connect()
  try {
    const { rows } = await client.query<Size>(SIZES)
    const { rows: all } = await client.query<Size>(
      `select 'on disk, all' as name, pg_database_size(current_database())::text as bytes`,
    )
    return [...all, ...rows.filter(({ bytes }) => Number(bytes) >= LEAST * size)].map((one) => rowOf(one, size))
  } finally {
    await client.end()
  }
}
