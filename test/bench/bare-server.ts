import { fastify } from 'fastify'
import pg from 'pg'

/**
 * The floor for intake and for moves: routes that trust whatever they are sent and write the row and its event by one
 * prepared statement. They check nothing, issue no codes, count no deadline, chain nothing.
 */
const [url = '', schedule = '1'] = process.argv.slice(2)

const pool = new pg.Pool({ connectionString: url, max: 10 })

const insert = {
  name: 'bare_intake',
  text: `with dossier as (
    insert into dossiers (code, version, status, procedure_code, receiving_agency, resolving_agency, intake_channel,
      intake_post, return_channel, returned_channel, return_post, with_verification, source_system, source_reference,
      submitted_at, acceptance_due_at, received_at, procedure_version, "limit", sample_limit, schedule_id, due_on,
      due_at,
      on_time_from, late_from, first_due_at, provisional, finished_at, returned_at, closed_at, last_event_at, applicant,
      received_recorded_at, clock_from, overdue_from, first_late_from, stands_from, head)
    values ($1, 1, 2, $2, $3, $3, $4, null, $5, null, null, false, null, null, null, null, $6, $7, $8, false, $9, $10, $11,
      $12, $13, $11, false, null, null, null, $6, $14, $6, $6, $13, $13, $6, $20)
    returning id)
  insert into events (dossier_id, number, type, effective_at, recorded_at, facts, note, key_id, request_id,
    idempotency_key, request_hash, agency, hash)
  select id, 1, 'received', $6, $6, $15, null, $16, $17, $18, $19, $3, $20 from dossier`,
}

type Body = {
  procedureCode: string
  receivingAgency: string
  intakeChannel: string
  returnChannel: string
  applicant: object
}

const limit = { kind: 'working_days', amount: 3 }
const promise = {
  procedureVersion: '2018-06-21',
  limit,
  sampleLimit: false,
  scheduleId: Number(schedule),
  dueOn: '2021-09-07',
  dueAt: '2021-09-07T10:00:00.000Z',
  onTimeFrom: '2021-09-06T17:00:00.000Z',
  lateFrom: '2021-09-07T17:00:00.000Z',
  provisional: false,
}
const REQUEST_HASH = '5'.repeat(64)
const HASH = '6'.repeat(64)
const REQUEST_ID = '00000000-0000-4000-8000-000000000000'

const app = fastify()
let issued = 0

app.post<{ Body: Body }>('/v1/dossiers', async ({ body, headers }, reply) => {
  const { procedureCode, receivingAgency, intakeChannel, returnChannel, applicant } = body
  issued += 1
  const code = `${receivingAgency}-000000-${process.pid}${issued}`
  const at = new Date().toISOString()
  const intake = {
    code,
    procedureCode,
    receivingAgency,
    resolvingAgency: receivingAgency,
    intakeChannel,
    intakePost: null,
    returnChannel,
    withVerification: false,
    sourceSystem: null,
    sourceReference: null,
    submittedAt: null,
  }
  await pool.query({
    ...insert,
    values: [
      code,
      procedureCode,
      receivingAgency,
      intakeChannel,
      returnChannel,
      at,
      promise.procedureVersion,
      JSON.stringify(limit),
      promise.scheduleId,
      promise.dueOn,
      promise.dueAt,
      promise.onTimeFrom,
      promise.lateFrom,
      JSON.stringify(applicant),
      JSON.stringify({ intake, promise }),
      'key_bootstrap',
      REQUEST_ID,
      headers['idempotency-key'] ?? null,
      REQUEST_HASH,
      HASH,
    ],
  })
  reply.code(201)
  return { code }
})

/** One row brought up to one event more. */
const bareMove = (move: string, event: string, change: string): void => {
  const statement = {
    name: `bare_${event}`,
    text: `with moved as (
      update dossiers set version = version + 1, last_event_at = $2, head = $3, ${change} where code = $1
      returning id, version, resolving_agency)
    insert into events (dossier_id, number, type, effective_at, recorded_at, facts, note, key_id, request_id,
      idempotency_key, request_hash, agency, hash)
    select id, version, '${event}', $2, $2, $4, null, $5, $6, null, $7, resolving_agency, $3 from moved`,
  }
  app.post<{ Params: { code: string }; Body: object | undefined }>(
    `/v1/dossiers/:code/${move}`,
    async ({ params, body }) => {
      const at = new Date().toISOString()
      const facts = JSON.stringify(body ?? {})
      const values = [params.code, at, HASH, facts, 'key_bootstrap', REQUEST_ID, REQUEST_HASH]
      await pool.query({ ...statement, values })
      return { code: params.code }
    },
  )
}

bareMove('finish', 'finished', 'status = 9, finished_at = $2, closed_at = $2, closed_recorded_at = $2')
bareMove(
  'request-supplement',
  'supplement_requested',
  `status = 5, due_on = null, due_at = null, overdue_from = null, on_time_from = null, late_from = null,
   stands_from = $2, wait = '{"for": "supplement", "since": "2026-11-23T01:00:00.000Z", "status": 2}'`,
)

console.log(await app.listen({ host: '127.0.0.1', port: 0 }))
