import { sql } from 'drizzle-orm'
import type { Database, PoolLoad } from '../db/database.ts'
import { type Migrations, readMigrations } from '../db/migrations.ts'
import { type Finding, judged } from './finding.ts'

/** The major versions of PostgreSQL that this program runs on. */
const OLDEST = 15
const NEWEST = 18

export const judgeVersion = (version: string): Finding => {
  const major = Number.parseInt(version, 10)
  const what = 'database'
  if (major < OLDEST) return { verdict: 'wrong', what, says: `PostgreSQL ${version}: upgrade it to ${OLDEST} or later` }
  if (major > NEWEST) return { verdict: 'warning', what, says: `PostgreSQL ${version} is newer than any tried` }
  return { verdict: 'ok', what, says: `PostgreSQL ${version}` }
}

const SKEW_WARN_MS = 1000
const SKEW_WRONG_MS = 10_000

/** Events carry this machine's time, and instances and agencies are compared by it. */
export const judgeClock = (skewMs: number): Finding => {
  const verdict = judged(Math.abs(skewMs), SKEW_WARN_MS, SKEW_WRONG_MS)
  const apart = `${Math.abs(skewMs / 1000).toFixed(1)} s ${skewMs < 0 ? 'ahead of' : 'behind'} the database`
  const advice = verdict === 'ok' ? '' : ': let both machines take their time from the network (NTP)'
  return { verdict, what: 'clock', says: `this machine is ${apart}${advice}` }
}

/** `most` connections are the server's, for all instances and whatever else uses it. */
export const judgeConnections = (pools: readonly PoolLoad[], most: number): Finding => {
  const what = 'connections'
  const own = pools.reduce((sum, { max }) => sum + max, 0)
  if (own === 0) return { verdict: 'ok', what, says: 'embedded: one, of this process alone' }
  const instances = Math.floor(most / own)
  if (instances === 0) {
    return {
      verdict: 'wrong',
      what,
      says: `${own} wanted, ${most} there: lower DATABASE_POOL_MAX and its like, or raise max_connections`,
    }
  }
  // While one is replaced by another, both are there.
  if (instances === 1) {
    return {
      verdict: 'warning',
      what,
      says: `${own} of ${most}: no room for a second instance, nor to replace this one`,
    }
  }
  return { verdict: 'ok', what, says: `${own} of ${most}: room for ${instances} instances` }
}

export const judgeMigrations = ({ applied, pending, unknown }: Migrations): Finding => {
  const what = 'migrations'
  if (unknown > 0) {
    return { verdict: 'wrong', what, says: `${unknown} that this version does not know: run the version that was here` }
  }
  if (pending > 0)
    return {
      verdict: 'warning',
      what,
      says: `${pending} pending: npm start applies them; the rest is looked at afterwards`,
    }
  return { verdict: 'ok', what, says: `all ${applied} applied` }
}

/** What the server says of itself. */
export const checkServer = async (db: Database, pools: readonly PoolLoad[], now: () => Date): Promise<Finding[]> => {
  const asked = now().getTime()
  const rows = await db
    .select({
      version: sql<string>`current_setting('server_version')`,
      at: sql<number>`extract(epoch from clock_timestamp()) * 1000`.mapWith(Number),
      most: sql<number>`current_setting('max_connections')::int
        - current_setting('superuser_reserved_connections')::int
        - coalesce(current_setting('reserved_connections', true), '0')::int`.mapWith(Number),
    })
    .from(sql`(select) as one`)
  // The clock was read somewhere on the way there and back.
  const here = (asked + now().getTime()) / 2
  return rows.flatMap(({ version, at, most }) => [
    judgeVersion(version),
    judgeClock(at - here),
    judgeConnections(pools, most),
  ])
}

export const checkMigrations = async (db: Database): Promise<Finding[]> => [judgeMigrations(await readMigrations(db))]
