import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { readSettings } from '../config.ts'
import { newNumberKey } from '../people/keys.ts'
import { serve } from '../serve.ts'
import type { Access } from './http.ts'

/** Where the demo's data live while it runs: made for it, and gone with it. */
type Place = {
  readonly dataDir: string
  readonly databaseUrl: string | undefined
  readonly make: () => Promise<unknown>
  readonly remove: () => Promise<unknown>
}

const folder = async (): Promise<Place> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'motcua-demo-'))
  return {
    dataDir,
    databaseUrl: undefined,
    make: async () => {},
    remove: () => rm(dataDir, { recursive: true, force: true }),
  }
}

const tell = (server: string, statement: string): Promise<unknown> => {
  const pool = new pg.Pool({ connectionString: server, max: 1 })
  return pool.query(statement).finally(() => pool.end())
}

const databaseOn = (server: string): Place => {
  const name = `motcua_demo_${randomBytes(6).toString('hex')}`
  const url = new URL(server)
  url.pathname = `/${name}`
  return {
    dataDir: '',
    databaseUrl: url.href,
    make: () => tell(server, `create database ${name}`),
    remove: () => tell(server, `drop database if exists ${name} with (force)`),
  }
}

/** The demo's clients do nine months in a minute. */
const RATE_LIMIT_KEY = '1000000'

/**
 * Runs the real service, on a free port and a database of its own, for as long as `use` takes.
 * @param server a PostgreSQL server on which to create that database; embedded without it
 */
export const withOwnService = async <T>(server: string | undefined, use: (admin: Access) => Promise<T>): Promise<T> => {
  const place = server === undefined ? await folder() : databaseOn(server)
  try {
    await place.make()
    const key = randomBytes(32).toString('base64url')
    const asked = {
      PORT: '0',
      LOG_LEVEL: 'error',
      BOOTSTRAP_ADMIN_KEY: key,
      PII_KEYS: newNumberKey(),
      SEED_SAMPLE: 'on',
      RATE_LIMIT_KEY,
    }
    const settings = { ...readSettings(asked), dataDir: place.dataDir, databaseUrl: place.databaseUrl }
    const { url, close } = await serve(settings, () => {})
    try {
      return await use({ url, key })
    } finally {
      await close()
    }
  } finally {
    await place.remove()
  }
}
