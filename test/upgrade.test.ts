import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/pglite'
import { migrate } from 'drizzle-orm/pglite/migrator'
import t from 'tap'
import { hashKey, newKey } from '../src/access/key.ts'
import { findSecretByRequest } from '../src/access/store.ts'
import { rebuild, verify } from '../src/audit/tools.ts'
import { MIGRATIONS } from '../src/db/database.ts'
import { connectEmbedded } from '../src/db/embedded.ts'
import { referenceSource } from '../src/reference.ts'

/** The migrations up to one of them, as an earlier release shipped them. */
const migrationsUpTo = (last: string): string => {
  const folder = mkdtempSync(join(tmpdir(), 'motcua-migrations-'))
  cpSync(MIGRATIONS.migrationsFolder, folder, { recursive: true })
  const file = join(folder, 'meta', '_journal.json')
  const journal = JSON.parse(readFileSync(file, 'utf8'))
  const until = journal.entries.findIndex(({ tag }: { tag: string }) => tag === last)
  writeFileSync(file, JSON.stringify({ ...journal, entries: journal.entries.slice(0, until + 1) }))
  return folder
}

const LIMIT = { kind: 'working_days', amount: 3, verification: { kind: 'calendar_days', amount: 23 } }
const PROMISE = {
  procedureVersion: '2018-06-21',
  limit: LIMIT,
  sampleLimit: true,
  scheduleId: 1,
  dueOn: '2021-09-08',
  dueAt: '2021-09-08T10:00:00.000Z',
  onTimeFrom: '2021-09-07T17:00:00.000Z',
  lateFrom: '2021-09-08T17:00:00.000Z',
  provisional: false,
}
const intakeOf = (code: string, submittedAt: string | null) => ({
  code,
  procedureCode: '2.000720',
  receivingAgency: 'H20.19.05',
  resolvingAgency: 'H20.19',
  intakeChannel: submittedAt ? 'online' : 'post',
  intakePost: submittedAt ? null : { handoverNumber: 'BBGN "12"/2021 – ố' },
  returnChannel: 'desk',
  withVerification: false,
  sourceSystem: null,
  sourceReference: null,
  submittedAt,
})

/** A dossier as version 0.1.0 wrote it: its row is what its events fold to, in the columns of that version. */
const rows = (id: number, code: string, online: boolean) => {
  const submittedAt = online ? '2021-09-02T02:00:00.000Z' : null
  const receivedAt = '2021-09-03T02:00:00.123Z'
  const intake = intakeOf(code, submittedAt)
  const event = (number: number, type: string, at: string, facts: object, note: string | null = null) =>
    sql`insert into events (dossier_id, number, type, effective_at, recorded_at, facts, note, key_id, request_id, idempotency_key, request_hash)
        values (${id}, ${number}, ${type}, ${at}, '2021-09-06T02:00:00.5Z', ${JSON.stringify(facts)}, ${note}, 'key_1', 'r', null, 'h')`
  const dossier = sql`insert into dossiers (id, code, version, status, procedure_code, receiving_agency, resolving_agency,
      intake_channel, intake_post, return_channel, with_verification, submitted_at, acceptance_due_at, received_at,
      procedure_version, "limit", sample_limit, schedule_id, due_on, due_at, on_time_from, late_from, first_due_at,
      provisional, finished_at, closed_at, last_event_at)
    overriding system value
    values (${id}, ${code}, ${online ? 3 : 2}, 9, '2.000720', 'H20.19.05', 'H20.19', ${intake.intakeChannel},
      ${intake.intakePost && JSON.stringify(intake.intakePost)}, 'desk', false, ${submittedAt},
      ${online ? '2021-09-03T02:30:00Z' : null}, ${receivedAt}, ${PROMISE.procedureVersion}, ${JSON.stringify(LIMIT)}, true, 1,
      ${PROMISE.dueOn}, ${PROMISE.dueAt}, ${PROMISE.onTimeFrom}, ${PROMISE.lateFrom}, ${PROMISE.dueAt}, false,
      '2021-09-06T01:00:00Z', '2021-09-06T01:00:00Z', '2021-09-06T01:00:00Z')`
  const opening = online
    ? [
        event(1, 'submitted', String(submittedAt), { intake, acceptanceDueAt: '2021-09-03T02:30:00.000Z' }),
        event(2, 'accepted', receivedAt, { promise: PROMISE }),
      ]
    : [event(1, 'received', receivedAt, { intake, promise: PROMISE })]
  return [dossier, ...opening, event(online ? 3 : 2, 'finished', '2021-09-06T01:00:00Z', {}, 'xong')]
}

t.test('what version 0.1.0 left is chained, verifies, and is what its events say', async (t) => {
  const folder = migrationsUpTo('0000_first')
  const client = await PGlite.create()
  t.teardown(async () => {
    await client.close()
    rmSync(folder, { recursive: true })
  })
  const old = drizzle({ client })
  await migrate(old, { migrationsFolder: folder })
  await old.execute(
    sql`insert into agencies (code, name, level) values ('H20.19.05', 'x', 'commune'), ('H20.19', 'y', 'district')`,
  )
  await old.execute(
    sql`insert into procedures (code, name, field, post_allowed, versions) values ('2.000720', 'x', 'y', true, '[]')`,
  )
  const key = newKey()
  await old.execute(
    sql`insert into api_keys (id, name, hash, scopes, agency, created_at, created_by, idempotency_key, request_hash, salt)
        values ('key_old', 'x', ${hashKey(key)}, '["dossiers:read"]', 'H20.19', '2021-09-01T00:00:00Z', 'key_1', 'i', 'h', 's')`,
  )
  for (const statement of [...rows(1, 'H20.19.05-210903-0001', false), ...rows(2, 'H20.19.05-210903-0002', true)]) {
    await old.execute(statement)
  }
  const { db, migrate: upgrade } = connectEmbedded(client)
  await upgrade()
  const said: string[] = []
  t.ok(await verify(db, {}, new Date('2021-09-30T00:00:00Z'), (line) => said.push(line)), said.join('\n'))
  t.match(said, [/^5 events and 0 seals/, 'no day is sealed yet'])
  t.ok(await rebuild(db, true, (line) => said.push(line)), said.join('\n'))
  const { callerOf } = await referenceSource(db).current()
  t.match(callerOf(hashKey(key), new Date()), { keyId: 'key_old', scopes: ['dossiers:read'], agency: 'H20.19' })
  t.equal(
    (await findSecretByRequest(db, 'key_1', 'i'))?.hash,
    hashKey(key),
    'a request that made a key is known when it is sent again',
  )
})
