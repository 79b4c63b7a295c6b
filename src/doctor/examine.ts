import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readSettings, type Settings } from '../config.ts'
import { connectAll } from '../db/connect.ts'
import type { Connection, Database } from '../db/database.ts'
import { reasonOf } from '../db/failure.ts'
import { checkCalendars, checkSeals, checkTotals } from './contents.ts'
import { checkMigrations, checkServer } from './database.ts'
import { type Finding, lineOf } from './finding.ts'
import { checkNumbers } from './numbers.ts'
import { checkSettings } from './settings.ts'

type Show = (findings: readonly Finding[]) => void

const isSound = (findings: readonly Finding[]): boolean => findings.every(({ verdict }) => verdict !== 'wrong')

/** Of each check a transaction of its own, which can only read, whatever it calls. */
const READING = { isolationLevel: 'repeatable read', accessMode: 'read only' } as const

type Check = (tx: Database) => Promise<readonly Finding[]>

/** Everything that the database knows; what stands in its tables only where they are those of this program. */
const examineDatabase = async (
  { db, pools }: Pick<Connection, 'db' | 'pools'>,
  settings: Settings,
  now: () => Date,
  show: Show,
): Promise<void> => {
  const look = async (what: string, check: Check): Promise<readonly Finding[]> => {
    // A check that cannot be made is a finding, too.
    const findings = await db
      .transaction(check, READING)
      .catch((error): Finding[] => [{ verdict: 'wrong', what, says: `cannot be looked at: ${reasonOf(error)}` }])
    show(findings)
    return findings
  }
  const server = await look('database', (tx) => checkServer(tx, pools(), now))
  if (server.some(({ what, verdict }) => what === 'database' && verdict === 'wrong')) return
  const migrations = await look('migrations', checkMigrations)
  if (migrations.some(({ verdict }) => verdict !== 'ok')) return
  await look('calendar', (tx) => checkCalendars(tx, now()))
  await look('seals', (tx) => checkSeals(tx, now()))
  await look('totals', checkTotals)
  await look('numbers', (tx) => checkNumbers(tx, settings))
}

/** Opening a folder would make a database where there is none. */
const isMissing = ({ databaseUrl, dataDir }: Settings): boolean =>
  databaseUrl === undefined && !existsSync(join(dataDir, 'pg'))

/**
 * Looks at what an operator would look at, prints a line for each, and changes nothing. Answers whether nothing is
 * wrong.
 */
export const examine = async (
  env: Readonly<Record<string, string | undefined>>,
  now: () => Date,
  print: (line: string) => void,
): Promise<boolean> => {
  let sound = true
  const show: Show = (findings) => {
    for (const finding of findings) print(lineOf(finding))
    sound = sound && isSound(findings)
  }
  const wrong = (what: string, error: unknown): void =>
    show(
      reasonOf(error)
        .split('\n')
        .map((says) => ({ verdict: 'wrong', what, says })),
    )
  let settings: Settings
  try {
    settings = readSettings(env)
  } catch (error) {
    wrong('settings', error)
    return false
  }
  show(checkSettings(settings))
  if (isMissing(settings)) {
    show([{ verdict: 'warning', what: 'database', says: `none in ${settings.dataDir} yet: npm start makes it` }])
    return sound
  }
  try {
    const { behind, pools, close } = await connectAll({ ...settings, replicaUrl: undefined }, () => undefined)
    await examineDatabase({ db: behind.db, pools }, settings, now, show).finally(close)
  } catch (error) {
    wrong('database', error)
  }
  return sound
}
