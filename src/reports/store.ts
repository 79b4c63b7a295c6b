import { and, asc, eq, gte, inArray, lt, type SQL, sql } from 'drizzle-orm'
import { unionAll } from 'drizzle-orm/pg-core'
import type { Database } from '../db/database.ts'
import { dossiers, targets } from '../db/tables.ts'
import { type Counts, type Grouping, NO_COUNTS } from './definitions.ts'
import type { Target } from './share.ts'

/** What rows themselves can be grouped by; a field is the sum of its procedures. */
export type StoredGrouping = Exclude<Grouping, 'field'>

/** `agencies` null means all; `until` is not included. */
export type CountQuery = {
  agencies: readonly string[] | null
  from: Date
  until: Date
  groupBy: StoredGrouping | undefined
}

const { intakeChannel, procedureCode, receivedAt, receivingAgency, returnChannel, returnedAt, returnedChannel } =
  dossiers

/** The Vietnamese month of an instant. */
const monthOf = (at: typeof receivedAt | typeof returnedAt): SQL<string> =>
  sql<string>`to_char(${at} at time zone interval '7 hours', 'YYYY-MM')`

const keyOf = (groupBy: StoredGrouping | undefined, at: typeof receivedAt | typeof returnedAt): SQL<string> => {
  switch (groupBy) {
    case 'agency':
      return sql<string>`${receivingAgency}`
    case 'procedure':
      return sql<string>`${procedureCode}`
    case 'month':
      return monthOf(at)
    case undefined:
      return sql<string>`''`
  }
}

const tally = (condition: SQL): SQL<number> => sql<number>`count(*) filter (where ${condition})`.mapWith(Number)

/**
 * Counts a period's dossiers by group, in one statement and so at one snapshot. A dossier belongs to the agency
 * that received it; a return leg counts when, and in the period in which, the result was really handed to the post.
 */
export const countChannels = async (db: Database, query: CountQuery): Promise<Map<string, Counts>> => {
  const { agencies, from, until, groupBy } = query
  const byPost = sql`${intakeChannel} = 'post'`
  const returnedByPost = sql`(${returnedChannel} = 'post' and ${returnedAt} < ${until.toISOString()})`
  const cohort = (at: typeof receivedAt | typeof returnedAt, channel: SQL, leg: 'received' | 'returned') => {
    const receivedLeg = leg === 'received'
    const never = sql`false`
    return db
      .select({
        leg: sql<'received' | 'returned'>`${sql.raw(`'${leg}'`)}`.as('leg'),
        key: keyOf(groupBy, at).as('key'),
        desk: tally(sql`${channel} = 'desk'`).as('desk'),
        post: tally(sql`${channel} = 'post'`).as('post'),
        online: tally(sql`${channel} = 'online'`).as('online'),
        postRequested: tally(receivedLeg ? sql`${returnChannel} = 'post'` : never).as('post_requested'),
        eitherLeg: tally(receivedLeg ? sql`${byPost} or ${returnedByPost}` : never).as('either_leg'),
        bothLegs: tally(receivedLeg ? sql`${byPost} and ${returnedByPost}` : never).as('both_legs'),
      })
      .from(dossiers)
      .where(and(gte(at, from), lt(at, until), agencies === null ? undefined : inArray(receivingAgency, [...agencies])))
      .groupBy(sql`2`)
  }
  const rows = await unionAll(
    cohort(receivedAt, sql`${intakeChannel}`, 'received'),
    cohort(returnedAt, sql`${returnedChannel}`, 'returned'),
  )
  const counts = new Map<string, Counts>()
  for (const { leg, key, desk, post, online, postRequested, eitherLeg, bothLegs } of rows) {
    const known = counts.get(key) ?? NO_COUNTS
    counts.set(
      key,
      leg === 'received'
        ? {
            ...known,
            receivedDesk: desk,
            receivedPost: post,
            receivedOnline: online,
            postRequested,
            eitherLeg,
            bothLegs,
          }
        : { ...known, returnedDesk: desk, returnedPost: post, returnedOnline: online },
    )
  }
  return counts
}

export type StoredTarget = typeof targets.$inferSelect

export const saveTarget = async (db: Database, target: StoredTarget): Promise<void> => {
  await db
    .insert(targets)
    .values(target)
    .onConflictDoUpdate({ target: [targets.agency, targets.year], set: target })
}

/** The targets that any of these agencies has in a year. */
export const readTargets = async (
  db: Database,
  agencies: readonly string[],
  year: number,
): Promise<ReadonlyMap<string, Target>> => {
  const rows = await db
    .select()
    .from(targets)
    .where(and(inArray(targets.agency, [...agencies]), eq(targets.year, year)))
  return new Map(rows.map(({ agency, percent, comparison }) => [agency, { percent, comparison }]))
}

/** A page of targets in the order of agency and year, after one of them. */
export const pageOfTargets = (
  db: Database,
  agencies: readonly string[] | null,
  after: readonly [agency: string, year: number],
  limit: number,
): Promise<StoredTarget[]> =>
  db
    .select()
    .from(targets)
    .where(
      and(
        agencies === null ? undefined : inArray(targets.agency, [...agencies]),
        sql`(${targets.agency}, ${targets.year}) > (${after[0]}, ${after[1]})`,
      ),
    )
    .orderBy(asc(targets.agency), asc(targets.year))
    .limit(limit)
