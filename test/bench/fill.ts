import pg from 'pg'
import stringify from 'safe-stable-stringify'
import type { Database } from '../../src/db/database.ts'
import { promiseFor } from '../../src/dossiers/promise.ts'
import { referenceSource } from '../../src/reference.ts'
import { isWorkingDay } from '../../src/sla/calendar.ts'
import { dayOf, HOUR, startOfDay } from '../../src/sla/date.ts'
import { COMMUNES, districtOf, PROVINCE } from './province.ts'

const DAYS = 3 * 365

/** As many promises as go into one statement. */
const PORTION = 20_000

const MOMENTS = [7.75, 8.5, 9.25, 10, 11, 13.75, 14.5, 15.25, 16].map((hour) => hour * HOUR)

/** Every promise that the catalogue gives at any of those moments, in order of receipt. */
const promises = async (db: Database, now: Date) => {
  const reference = await referenceSource(db).current()
  const { working } = reference.scheduleOf(PROVINCE)
  const days: number[] = []
  const today = dayOf(now.getTime())
  for (let day = today - DAYS; day < today; day++) if (isWorkingDay(working, day)) days.push(day)
  const receipts = days.flatMap((day) => MOMENTS.map((moment) => startOfDay(day) + moment))
  const procedures = [...reference.procedures.keys()]
  const given = receipts.flatMap((at, moment) =>
    procedures.map((procedureCode, procedure) => {
      const order = { procedureCode, resolvingAgency: PROVINCE, withVerification: false }
      const promise = promiseFor(order, at, reference)
      const receivedAt = new Date(at).toISOString()
      return { moment, procedure, procedureCode, receivedAt, ...promise, facts: stringify(promise) }
    }),
  )
  return { given, moments: receipts.length, procedures: procedures.length }
}

/** An event's hash as `audit/chain.ts` makes it. */
const CHAINED = `
create function pg_temp.chained(previous text, content text, code text) returns text language sql immutable as $$
  select encode(sha256(convert_to(
    previous || encode(sha256(convert_to(content, 'UTF8')), 'hex') || code, 'UTF8')), 'hex')
$$`

const REQUEST_HASH = '5'.repeat(64)

const instant = (column: string): string =>
  `coalesce('"' || to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '"', 'null')`

/** What an event's hash covers, of facts in their canonical form. */
const content = (number: string, type: string, at: string, facts: string, agency: string): string =>
  `'[' || ${number} || ',"' || ${type} || '",' || ${instant(at)} || ',' || ${instant(at)} || ',false,' || ${facts}
    || ',null,"key_bootstrap",null,"' || ${agency} || '","bench",null,"${REQUEST_HASH}"]'`

const proof = (column: string, member: string): string =>
  `coalesce('{"${member}":"' || (${column}->>'${member}') || '"}', 'null')`

const receipt = (code: string): string =>
  `'{"intake":{"code":"' || ${code} || '","intakeChannel":"' || intake_channel
    || '","intakePost":' || ${proof('intake_post', 'handoverNumber')} || ',"procedureCode":"' || procedure_code
    || '","receivingAgency":"' || receiving_agency || '","resolvingAgency":"' || resolving_agency
    || '","returnChannel":"' || return_channel || '","sourceReference":null,"sourceSystem":null,"submittedAt":'
    || ${instant('submitted_at')} || ',"withVerification":false},"promise":' || facts || '}'`

const ENDED = `case when finished_at is null then 'withdrawn' else 'finished' end`
const RETURNED = `'{"channel":"' || returned_channel || '","post":' || ${proof('return_post', 'trackingNumber')} || '}'`

/** The hashes of the trail whose fold a row is: receipt, end and return; what did not happen has none. */
const HASHES = `
  lateral (select pg_temp.chained('', ${content('1', `'received'`, 'received_at', receipt(`''`), 'receiving_agency')},
    code) as received) as first,
  lateral (select case when closed_at is not null then pg_temp.chained(first.received,
    ${content('2', ENDED, 'closed_at', `'{}'`, 'resolving_agency')}, code) end as ended) as second,
  lateral (select case when returned_at is not null then pg_temp.chained(second.ended,
    ${content('3', `'returned'`, 'returned_at', RETURNED, 'resolving_agency')}, code) end as returned) as third`

/**
 * One in eight dossiers of a commune is resolved by its district; the larger communes have more than the smaller.
 * Six in a hundred finish late, seventeen in a thousand were forgotten, one in a hundred was withdrawn; so about two in
 * a hundred are open today.
 */
const DOSSIERS = `
with drawn as materialized (
  select n, random() as a, random() as b, random() as c, random() as d, random() as e, random() as f
  from generate_series(1, $1::int) n
), placed as (
  select n, b, c, d, e, f,
    ($4::text[])[1 + floor($6::int * power(a, 1.5))::int] as commune,
    ($5::text[])[1 + floor($6::int * power(a, 1.5))::int] as district,
    floor((n - 1)::float * $2::int / $1::int)::int as moment, floor(b * $3::int)::int as procedure
  from drawn
), ended as (
  select p.n, p.c, p.d, p.e, p.f, p.commune, case when p.d < 0.125 then p.district else p.commune end as resolving, g.*,
    case
      when p.c < 0.017 then null
      when p.c < 0.077 then g.late_from + p.f * interval '20 days'
      else g.received_at + (g.late_from - g.received_at) * p.f * 0.95
    end as ends_at,
    p.c > 0.99 as withdrawn
  from placed p join bench_promises g on g.moment = p.moment and g.procedure = p.procedure
), closed as (
  select *, date_trunc('minute', case when ends_at < $7::timestamptz then ends_at end) as closed_at from ended
), returned as (
  select *, closed_at is not null and withdrawn as gone,
    case when not withdrawn and closed_at + e * interval '3 days' < $7::timestamptz
      then date_trunc('minute', closed_at + e * interval '3 days') end as returned_at
  from closed
), rows as (
  select n, commune || '-' || to_char(received_at at time zone interval '7 hours', 'YYMMDD') || '-' || lpad(n::text, 7, '0') as code,
    1 + (closed_at is not null)::int + (returned_at is not null)::int as version,
    case when gone then 7 when returned_at is not null then 10 when closed_at is not null then 9 else 2 end as status,
    procedure_code, commune as receiving_agency, resolving as resolving_agency,
    case when e < 0.6 then 'desk' when e < 0.85 then 'post' else 'online' end as intake_channel,
    case when e >= 0.6 and e < 0.85 then jsonb_build_object('handoverNumber', 'BBGN-' || n) end as intake_post,
    case when f < 0.7 then 'desk' else 'post' end as return_channel,
    case when returned_at is not null then case when f < 0.7 then 'desk' else 'post' end end as returned_channel,
    case when returned_at is not null and f >= 0.7
      then jsonb_build_object('trackingNumber', 'EB' || lpad(n::text, 9, '0') || 'VN') end as return_post,
    case when e >= 0.85 then received_at - interval '2 hours' end as submitted_at,
    received_at, procedure_version, "limit", sample_limit, schedule_id, due_on, due_at, on_time_from, late_from,
    provisional, case when not gone then closed_at end as finished_at, returned_at, closed_at, facts
  from returned
)
insert into dossiers (code, version, status, procedure_code, receiving_agency, resolving_agency, intake_channel,
  intake_post, return_channel, returned_channel, return_post, with_verification, submitted_at, received_at,
  received_recorded_at, clock_from, procedure_version, "limit", sample_limit, schedule_id, due_on, due_at, on_time_from,
  late_from, overdue_from, first_due_at, first_late_from, provisional, finished_at, returned_at, closed_at,
  closed_recorded_at, stands_from, last_event_at, head, applicant)
select code, version, status, procedure_code, receiving_agency, resolving_agency, intake_channel,
  intake_post, return_channel, returned_channel, return_post, false, submitted_at, received_at,
  received_at, received_at, procedure_version, "limit", sample_limit, schedule_id, due_on, due_at, on_time_from,
  late_from, late_from, due_at, late_from, provisional, finished_at, returned_at, closed_at,
  closed_at, received_at, coalesce(returned_at, closed_at, received_at), coalesce(third.returned, second.ended, first.received),
  jsonb_build_object('name', 'Nguyễn Văn An', 'idNumber', lpad(n::text, 12, '0'), 'phone', '0912345678')
from rows, ${HASHES}
order by n`

/** The trail whose fold the rows are. */
const EVENTS = `
insert into events (dossier_id, number, type, effective_at, recorded_at, facts, key_id, agency, request_id, request_hash,
  hash)
select id, number, type, at, at, event.facts, 'key_bootstrap', agency, 'bench', '${REQUEST_HASH}', hash
from dossiers join bench_promises g using (procedure_code, received_at), ${HASHES}, lateral (
  select 1, 'received', received_at, (${receipt('code')})::jsonb, receiving_agency, first.received
  union all
  select 2, ${ENDED}, closed_at, '{}'::jsonb, resolving_agency, second.ended where closed_at is not null
  union all
  select 3, 'returned', returned_at, (${RETURNED})::jsonb, resolving_agency, third.returned
  where returned_at is not null
) as event (number, type, at, facts, agency, hash)`

const PROMISES = `
  moment int, procedure int, "procedureCode" text, "receivedAt" timestamptz, "procedureVersion" date, "limit" jsonb,
  "sampleLimit" boolean, "scheduleId" int, "dueOn" date, "dueAt" timestamptz, "onTimeFrom" timestamptz,
  "lateFrom" timestamptz, provisional boolean, facts text`

/** Fills an empty database with three years of dossiers up to yesterday, each promised as intake would have. */
export const fill = async (url: string, db: Database, size: number, now: Date): Promise<void> => {
  const { given, moments, procedures } = await promises(db, now)
  const client = new pg.Client(url)
  await client.connect()
  try {
    await client.query(CHAINED)
    await client.query(`create temp table bench_promises as
      select moment, procedure, "procedureCode" as procedure_code, "receivedAt" as received_at,
        "procedureVersion" as procedure_version, "limit", "sampleLimit" as sample_limit, "scheduleId" as schedule_id,
        "dueOn" as due_on, "dueAt" as due_at, "onTimeFrom" as on_time_from, "lateFrom" as late_from, provisional, facts
      from jsonb_to_recordset('[]') as t(${PROMISES})`)
    for (let from = 0; from < given.length; from += PORTION) {
      await client.query(`insert into bench_promises select * from jsonb_to_recordset($1::jsonb) as t(${PROMISES})`, [
        JSON.stringify(given.slice(from, from + PORTION)),
      ])
    }
    await client.query('analyze bench_promises')
    await client.query('select setseed(0.2021)')
    const districts = COMMUNES.map(districtOf)
    await client.query(DOSSIERS, [size, moments, procedures, COMMUNES, districts, COMMUNES.length, now.toISOString()])
    await client.query(EVENTS)
    await client.query('vacuum analyze')
  } finally {
    await client.end()
  }
}
