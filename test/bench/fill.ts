import pg from 'pg'
import type { Database } from '../../src/db/database.ts'
import { promiseFor } from '../../src/dossiers/promise.ts'
import { referenceSource } from '../../src/reference.ts'
import { isWorkingDay } from '../../src/sla/calendar.ts'
import { dayOf, HOUR, startOfDay } from '../../src/sla/date.ts'
import { COMMUNES, districtOf, PROVINCE } from './province.ts'

const DAYS = 3 * 365

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
      return { moment, procedure, procedureCode, receivedAt: new Date(at).toISOString(), ...promise }
    }),
  )
  return { given, moments: receipts.length, procedures: procedures.length }
}

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
  select *, date_trunc('minute', case when ends_at < $7::timestamptz then ends_at end) as closed from ended
), returned as (
  select *, closed is not null and withdrawn as gone,
    case when not withdrawn and closed + e * interval '3 days' < $7::timestamptz
      then date_trunc('minute', closed + e * interval '3 days') end as returned
  from closed
)
insert into dossiers (code, version, status, procedure_code, receiving_agency, resolving_agency, intake_channel,
  intake_post, return_channel, returned_channel, return_post, with_verification, submitted_at, received_at,
  procedure_version, "limit", sample_limit, schedule_id, due_on, due_at, on_time_from, late_from, first_due_at, provisional,
  finished_at, returned_at, closed_at, last_event_at, applicant)
select commune || '-' || to_char(received_at at time zone interval '7 hours', 'YYMMDD') || '-' || lpad(n::text, 7, '0'),
  1 + (closed is not null)::int + (returned is not null)::int,
  case when gone then 7 when returned is not null then 10 when closed is not null then 9 else 2 end,
  procedure_code, commune, resolving,
  case when e < 0.6 then 'desk' when e < 0.85 then 'post' else 'online' end,
  case when e >= 0.6 and e < 0.85 then jsonb_build_object('handoverNumber', 'BBGN-' || n) end,
  case when f < 0.7 then 'desk' else 'post' end,
  case when returned is not null then case when f < 0.7 then 'desk' else 'post' end end,
  case when returned is not null and f >= 0.7 then jsonb_build_object('trackingNumber', 'EB' || lpad(n::text, 9, '0') || 'VN') end,
  false, case when e >= 0.85 then received_at - interval '2 hours' end, received_at,
  procedure_version, "limit", sample_limit, schedule_id, due_on, due_at, on_time_from, late_from, due_at, provisional,
  case when not gone then closed end, returned, closed, coalesce(returned, closed, received_at),
  jsonb_build_object('name', 'Nguyễn Văn An', 'idNumber', lpad(n::text, 12, '0'), 'phone', '0912345678')
from returned order by n`

const utc = (column: string): string => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`

/** The trail whose fold the rows are: receipt, end and return. */
const EVENTS = `
insert into events (dossier_id, number, type, effective_at, recorded_at, facts, key_id, request_id, request_hash)
select id, number, type, effective_at, effective_at, facts, 'key_bootstrap', 'bench', repeat('5', 64)
from dossiers, lateral (
  select 1, 'received', received_at, jsonb_build_object(
    'intake', jsonb_build_object('code', code, 'procedureCode', procedure_code, 'receivingAgency', receiving_agency,
      'resolvingAgency', resolving_agency, 'intakeChannel', intake_channel, 'intakePost', intake_post,
      'returnChannel', return_channel, 'withVerification', with_verification, 'sourceSystem', null,
      'sourceReference', null, 'submittedAt', ${utc('submitted_at')}),
    'promise', jsonb_build_object('procedureVersion', procedure_version, 'limit', "limit", 'sampleLimit', sample_limit,
      'scheduleId', schedule_id, 'dueOn', due_on, 'dueAt', ${utc('due_at')}, 'onTimeFrom', ${utc('on_time_from')},
      'lateFrom', ${utc('late_from')}, 'provisional', provisional))
  union all
  select 2, case when finished_at is null then 'withdrawn' else 'finished' end, closed_at, '{}'::jsonb
  where closed_at is not null
  union all
  select 3, 'returned', returned_at, jsonb_build_object('channel', returned_channel, 'post', return_post)
  where returned_at is not null
) as event (number, type, effective_at, facts)`

/** Fills an empty database with three years of dossiers up to yesterday, each promised as intake would have. */
export const fill = async (url: string, db: Database, size: number, now: Date): Promise<void> => {
  const { given, moments, procedures } = await promises(db, now)
  const client = new pg.Client(url)
  await client.connect()
  try {
    await client.query(`create temp table bench_promises as
      select moment, procedure, "procedureCode" as procedure_code, "receivedAt" as received_at,
        "procedureVersion" as procedure_version, "limit", "sampleLimit" as sample_limit, "scheduleId" as schedule_id, "dueOn" as due_on,
        "dueAt" as due_at, "onTimeFrom" as on_time_from, "lateFrom" as late_from, provisional
      from jsonb_to_recordset('[]') as t(moment int, procedure int, "procedureCode" text, "receivedAt" timestamptz,
        "procedureVersion" date, "limit" jsonb, "sampleLimit" boolean, "scheduleId" int, "dueOn" date, "dueAt" timestamptz,
        "onTimeFrom" timestamptz, "lateFrom" timestamptz, provisional boolean)`)
    for (let from = 0; from < given.length; from += 20_000) {
      await client.query(
        `insert into bench_promises select * from jsonb_to_recordset($1::jsonb) as t(moment int, procedure int,
          "procedureCode" text, "receivedAt" timestamptz, "procedureVersion" date, "limit" jsonb, "sampleLimit" boolean, "scheduleId" int,
          "dueOn" date, "dueAt" timestamptz, "onTimeFrom" timestamptz, "lateFrom" timestamptz, provisional boolean)`,
        [JSON.stringify(given.slice(from, from + 20_000))],
      )
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
