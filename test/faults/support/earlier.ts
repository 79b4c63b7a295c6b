import pg from 'pg'
import type { Test } from 'tap'
import { connectPostgres } from '../../../src/db/postgres.ts'
import { referenceSource } from '../../../src/reference.ts'
import { seed } from '../../../src/seed.ts'
import { DAY } from '../../../src/sla/date.ts'
import { TEST_POOL } from '../../support/database.ts'
import { intake, openDesk } from '../../support/desk.ts'
import type { Ledger } from './ledger.ts'
import { type Answer, toldBy } from './load.ts'

/** A session of the test's own, to look into the database and to be in the way. */
export const look = async (t: Test, url: string): Promise<pg.Client> => {
  const client = new pg.Client(url)
  // The server is stopped before a test that failed could have ended this.
  client.on('error', () => undefined)
  await client.connect()
  t.teardown(() => client.end().catch(() => undefined))
  return client
}

/** More than two batches of whatever goes through dossiers batch by batch. */
export const EARLIER = 2200

/** A database in which dossiers were taken in some days ago that are still open, and no day is sealed. */
export const fillEarlier = async (t: Test, url: string, ledger: Ledger): Promise<void> => {
  const connection = connectPostgres(url, TEST_POOL, () => undefined)
  await connection.migrate()
  await seed(referenceSource(connection.db), true)
  await t.test('dossiers of some days ago', async (t) => {
    const desk = await openDesk(t, {}, Promise.resolve(connection))
    desk.at(new Date(Date.now() - 3 * DAY).toISOString())
    const { ask } = await desk.client()
    const body = intake({ procedureCode: '1.004222', receivedAt: undefined })
    const receive = async (): Promise<void> => {
      const change = ledger.open('receive')
      const { status, text } = await ask('POST', '/v1/dossiers', body, {
        'idempotency-key': change.id,
        'x-officer': change.id,
      })
      if (status !== 201) throw new Error(text)
      change.told = toldBy({ text } as Answer)
    }
    // As many at once as one instance works on: nobody waits, and nobody is refused.
    for (let n = 0; n < EARLIER; n += 20) await Promise.all(Array.from({ length: 20 }, receive))
  })
}
