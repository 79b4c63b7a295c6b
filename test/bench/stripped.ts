import type pg from 'pg'
import { inTurns } from './turns.ts'

const TABLES = ['dossiers', 'events']

type Constraint = { name: string; on: string; kind: 'f' | 'p' | 'u'; definition: string }
type Index = { name: string; definition: string }

const constraintsOf = async (client: pg.Client): Promise<readonly Constraint[]> => {
  const { rows } = await client.query<Constraint>(
    `select quote_ident(conname) as name, conrelid::regclass::text as on, contype as kind,
       pg_get_constraintdef(oid) as definition
     from pg_constraint
     where contype in ('f', 'p', 'u') and (conrelid = any($1::regclass[]) or confrelid = any($1::regclass[]))
     order by contype, conname`,
    [TABLES],
  )
  return rows
}

const indexesOf = async (client: pg.Client): Promise<readonly Index[]> => {
  const { rows } = await client.query<Index>(
    `select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as definition
     from pg_index where indrelid = any($1::regclass[])
     order by indpred is not null, indrelid::regclass::text desc, 1`,
    [TABLES],
  )
  return rows
}

/** How a constraint comes back; a key takes the index that was built for it. */
const addition = ({ name, kind, definition }: Constraint): string => {
  if (kind === 'f') return `add constraint ${name} ${definition}`
  return `add constraint ${name} ${kind === 'p' ? 'primary key' : 'unique'} using index ${name}`
}

/**
 * Does its work on tables without indexes, constraints and triggers, which is several times as fast, and puts all of
 * them back exactly as the migrations made them: what they are is read from the database.
 */
export const stripped = async (
  clients: readonly [pg.Client, ...pg.Client[]],
  work: () => Promise<void>,
): Promise<void> => {
  const [client] = clients
  const [constraints, indexes] = [await constraintsOf(client), await indexesOf(client)]
  for (const { on, name } of constraints) await client.query(`alter table ${on} drop constraint ${name}`)
  for (const { name } of indexes) await client.query(`drop index if exists ${name}`)
  for (const table of TABLES) {
    await client.query(`alter table ${table} disable trigger user, set (autovacuum_enabled = false)`)
  }
  await work()
  await inTurns(clients, TABLES, (one, table) => one.query(`vacuum analyze ${table}`))
  await inTurns(clients, indexes, (one, { definition }) => one.query(definition))
  // Keys before the references to them.
  for (const constraint of constraints.toSorted((a, b) => Number(a.kind === 'f') - Number(b.kind === 'f'))) {
    await client.query(`alter table ${constraint.on} ${addition(constraint)}`)
  }
  for (const table of TABLES) {
    await client.query(`alter table ${table} enable trigger user, reset (autovacuum_enabled)`)
  }
}
