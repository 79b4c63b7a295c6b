import type { Test } from 'tap'
import { SCOPES, type Scope } from '../../src/access/caller.ts'
import { hashKey, newKey, newKeyId } from '../../src/access/key.ts'
import { addKey } from '../../src/access/store.ts'
import { buildApp } from '../../src/app.ts'
import type { Connection, Database } from '../../src/db/database.ts'
import { onPrimary } from '../../src/db/reading.ts'
import type { Deps } from '../../src/deps.ts'
import type { App } from '../../src/http/app-type.ts'
import { referenceSource } from '../../src/reference.ts'
import { openDatabase } from './database.ts'
import { numberKeys } from './keys.ts'

/** Parsed JSON: an answer's body is whatever the test says it is. */
type Body = ReturnType<typeof JSON.parse>

export type Answered = { status: number; headers: Record<string, unknown>; body: Body; text: string }

/** One client: an API key, and how to ask with it. */
export type Client = {
  key: string
  ask: (method: string, url: string, body?: unknown, headers?: Record<string, string>) => Promise<Answered>
}

export type Desk = {
  app: App
  db: Database
  deps: Deps
  /** Sets the clock that the application reads. */
  at: (instant: string) => void
  /** A client with those scopes (all by default) over that agency and below (everything by default). */
  client: (scopes?: readonly Scope[], agency?: string | null) => Promise<Client>
  /** A client that sends no key. */
  stranger: Client
}

const clientOf = (app: App, key: string): Client => ({
  key,
  ask: async (method, url, body, headers = {}) => {
    const answer = await app.inject({
      method: method as 'GET',
      url,
      headers: { ...(key ? { authorization: `Bearer ${key}` } : {}), ...headers },
      ...(body === undefined ? {} : { payload: body as object }),
    })
    const isJson = /[/+]json/.test(String(answer.headers['content-type']))
    return {
      status: answer.statusCode,
      headers: answer.headers,
      text: answer.body,
      body: isJson ? JSON.parse(answer.body) : undefined,
    }
  },
})

/** What the application needs, all on one database. */
export const depsOn = (db: Database, now = () => new Date()): Deps => {
  const reading = onPrimary(db, now)
  return { db, lists: reading, reports: reading, now, reference: referenceSource(db), numberKeys }
}

/** The whole application on a database of its own, with the sample catalogue and a clock that stands still. */
export const openDesk = async (
  t: Test,
  options: Parameters<typeof buildApp>[1] = {},
  opening: Promise<Connection> = openDatabase(),
  beside = (deps: Deps): Deps => deps,
): Promise<Desk> => {
  const connection = await opening
  const { db } = connection
  let clock = new Date('2021-10-01T08:00:00+07:00')
  const deps = beside(depsOn(db, () => clock))
  const app = await buildApp(deps, options)
  t.teardown(async () => {
    await app.close()
    await connection.close()
  })
  const client: Desk['client'] = async (scopes = SCOPES, agency = null) => {
    const key = newKey()
    const row = { id: newKeyId(), name: 'test', hash: hashKey(key), scopes, agency, createdAt: clock }
    await deps.reference.change((tx) => addKey(tx, row))
    return clientOf(app, key)
  }
  return {
    app,
    db,
    deps,
    client,
    stranger: clientOf(app, ''),
    at: (instant) => {
      clock = new Date(instant)
    },
  }
}

/** Who hands it in, where nobody else is named. */
export const INTAKE_APPLICANT = { name: 'Nguyễn Văn An', idNumber: '087123456789', phone: '0912345678' }

/** A dossier as a desk would hand it in; `overrides` change or, with `undefined`, remove a field. */
export const intake = (overrides: Record<string, unknown> = {}) => ({
  procedureCode: '2.000720',
  receivingAgency: 'H20.19.05',
  intakeChannel: 'desk',
  returnChannel: 'desk',
  receivedAt: '2021-08-31T09:00:00+07:00',
  applicant: INTAKE_APPLICANT,
  ...overrides,
})
