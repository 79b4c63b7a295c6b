import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import type { Test } from 'tap'
import { sealNextDay } from '../../src/audit/sealing.ts'
import { readSettings } from '../../src/config.ts'
import { connect } from '../../src/db/connect.ts'
import type { Connection } from '../../src/db/database.ts'
import { foldChanges } from '../../src/figures/folding.ts'
import { DAY } from '../../src/sla/date.ts'
import { take } from './asking.ts'
import { EMBEDDED_TEMPLATE, SERVER_TEMPLATE, serverUrl } from './database.ts'
import { type Desk, openDesk } from './desk.ts'
import { PII_KEYS } from './keys.ts'

/** A database that outlives its connections: the settings by which a process finds it, and a connection to it. */
export type Place = { env: Record<string, string>; open: () => Promise<Connection> }

export const placeOf = (env: Record<string, string>): Place => ({
  env,
  open: () => connect(readSettings(env), () => {}),
})

export const newFolder = (t: Test): string => {
  const folder = mkdtempSync(join(tmpdir(), 'motcua-place-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A database of a server, made from another or empty, and dropped after the test. */
export const newServerPlace = async (t: Test, url: string, template = 'template1'): Promise<Place> => {
  const database = `motcua_place_${randomUUID().replaceAll('-', '')}`
  const admin = new pg.Client(url)
  await admin.connect()
  await admin.query(`create database ${database} template ${template}`)
  t.teardown(async () => {
    await admin.query(`drop database ${database} with (force)`)
    await admin.end()
  })
  return placeOf({ DATABASE_URL: serverUrl(url, database), PII_KEYS })
}

/** Migrated and seeded: in a folder, or on the server of `DATABASE_URL`. */
export const newPlace = async (t: Test): Promise<Place> => {
  const { DATABASE_URL } = process.env
  if (DATABASE_URL) return newServerPlace(t, DATABASE_URL, SERVER_TEMPLATE)
  const folder = newFolder(t)
  const { PGlite } = await import('@electric-sql/pglite')
  const template = new Blob([await readFile(EMBEDDED_TEMPLATE)])
  const client = await PGlite.create({ dataDir: join(folder, 'pg'), loadDataDir: template })
  await client.close()
  return placeOf({ DATA_DIR: folder, PII_KEYS })
}

/** Does something with the application at a place, which nobody is connected to afterwards. */
export const within = (t: Test, { open }: Place, work: (desk: Desk) => Promise<unknown>): Promise<unknown> =>
  t.test('at its place', async (t) => {
    const desk = await openDesk(t, {}, open())
    desk.at(new Date().toISOString())
    await work(desk)
  })

/** Three days ago two dossiers came in; their day is sealed, and one of them is not folded yet. */
export const workAt = (t: Test, place: Place): Promise<unknown> =>
  within(t, place, async (desk) => {
    const all = await desk.client()
    desk.at(new Date(Date.now() - 3 * DAY).toISOString())
    await take(all)
    await foldChanges(desk.db)
    await take(all)
    while (await sealNextDay(desk.db, new Date()));
  })
