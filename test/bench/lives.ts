const REQUEST_HASH = '5'.repeat(64)

const instant = (column: string): string =>
  `'"' || to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '"'`

/** What an event's hash covers, of facts in their canonical form; `at` is text. */
const content = (number: number, type: string, at: string, facts: string, agency: string): string =>
  `'[${number},"' || ${type} || '",' || ${at} || ',' || ${at} || ',false,' || ${facts}
    || ',null,"key_bootstrap",null,"' || ${agency} || '","bench",null,"${REQUEST_HASH}"]'`

const sha256 = (text: string): string => `encode(sha256(convert_to(${text}, 'UTF8')), 'hex')`

/** An event's hash as `audit/chain.ts` makes it. */
const chained = (previous: string, ...event: Parameters<typeof content>): string =>
  sha256(`${previous} || ${sha256(content(...event))} || code`)

const proof = (member: string, number: string): string => `coalesce('{"${member}":"' || ${number} || '"}', 'null')`

/** The facts of a receipt, in canonical form, but for their beginning: the dossier's code is hashed by itself. */
const RECEIPT_BEGINS = `'{"intake":{"code":"'`
const RECEIPT = `'","intakeChannel":"' || intake_channel || '","intakePost":' || ${proof('handoverNumber', 'handover')}
  || ',"procedureCode":"' || procedure_code || '","receivingAgency":"' || receiving_agency || '","resolvingAgency":"'
  || resolving_agency || '","returnChannel":"' || return_channel
  || '","sourceReference":null,"sourceSystem":null,"submittedAt":' || coalesce(${instant('submitted_at')}, 'null')
  || ',"withVerification":false},"promise":' || facts || '}'`

const ENDED = `case when finished_at is null then 'withdrawn' else 'finished' end`
const RETURNED = `'{"channel":"' || returned_channel || '","post":' || ${proof('trackingNumber', 'tracking')} || '}'`

/** What is copied from the promise. */
const PROMISE = `procedure_code, received_at, procedure_version, "limit", sample_limit, schedule_id, due_on, due_at,
  on_time_from, late_from, provisional`

/**
 * The lives of the dossiers from one number to another, drawn at random. One in eight dossiers of a commune is
 * resolved by its district; the larger communes have more than the smaller. Six in a hundred finish late, eighteen in
 * a thousand were forgotten, one in a hundred was withdrawn; so about two in a hundred are open today, nearly all of
 * them overdue: the hardest case for every list of what is overdue.
 *
 * `offset 0` keeps PostgreSQL from writing an expression out once more wherever it is used.
 */
const LIVES = `
drawn as materialized (
  select n, random() as a, random() as b, random() as c, random() as d, random() as e, random() as f
  from generate_series($1::int, $2::int) n
), placed as (
  select n, c, d, e, f, 1 + floor($8::int * power(a, 1.5))::int as place,
    floor((n - 1)::float * $4::int / $3::int)::int as moment, floor(b * $5::int)::int as procedure
  from drawn
), promised as (
  select n, c, e, f, ($6::text[])[place] as receiving_agency,
    case when d < 0.125 then ($7::text[])[place] else ($6::text[])[place] end as resolving_agency, ${PROMISE}, facts,
    case
      when c < 0.0185 then null
      when c < 0.0785 then late_from + f * interval '20 days'
      else received_at + (late_from - received_at) * f * 0.95
    end as ends_at
  from placed join bench_promises g using (moment, procedure)
  where g.moment between floor(($1::int - 1)::float * $4::int / $3::int)::int
    and floor(($2::int - 1)::float * $4::int / $3::int)::int
), closed as (
  select *, date_trunc('minute', case when ends_at < $9::timestamptz then ends_at end) as closed_at,
    c > 0.99 as withdrawn
  from promised offset 0
), returned as (
  select *, case when not withdrawn then closed_at end as finished_at,
    case when not withdrawn and closed_at + e * interval '3 days' < $9::timestamptz
      then date_trunc('minute', closed_at + e * interval '3 days') end as returned_at
  from closed offset 0
), channelled as (
  select *, receiving_agency || '-' || to_char(received_at at time zone interval '7 hours', 'YYMMDD') || '-'
      || lpad(n::text, 8, '0') as code,
    case when e < 0.6 then 'desk' when e < 0.85 then 'post' else 'online' end as intake_channel,
    case when e >= 0.6 and e < 0.85 then 'BBGN-' || n end as handover,
    case when e >= 0.85 then received_at - interval '2 hours' end as submitted_at,
    case when f < 0.7 then 'desk' else 'post' end as return_channel,
    case when returned_at is not null then case when f < 0.7 then 'desk' else 'post' end end as returned_channel,
    case when returned_at is not null and f >= 0.7 then 'EB' || lpad(n::text, 9, '0') || 'VN' end as tracking,
    ${instant('received_at')} as received_text, ${instant('closed_at')} as closed_text,
    ${instant('returned_at')} as returned_text, ${ENDED} as ended
  from returned offset 0
), received as (
  select *, ${RECEIPT} as receipt, ${RETURNED} as handing from channelled offset 0
), hashed_once as (
  select *, ${chained(`''`, 1, `'received'`, 'received_text', `${RECEIPT_BEGINS} || receipt`, 'receiving_agency')}
    as received_hash
  from received offset 0
), hashed_twice as (
  select *, ${chained('received_hash', 2, 'ended', 'closed_text', `'{}'`, 'resolving_agency')} as closed_hash
  from hashed_once offset 0
), lives as materialized (
  select *, ${chained('closed_hash', 3, `'returned'`, 'returned_text', 'handing', 'resolving_agency')} as returned_hash
  from hashed_twice order by n
)`

/** The rows, and with them the trail whose fold they are, in the order in which it was recorded. */
export const WRITE_LIVES = `
with ${LIVES}, added as (
  insert into dossiers (id, code, version, status, receiving_agency, resolving_agency, intake_channel, intake_post,
    return_channel, returned_channel, return_post, with_verification, submitted_at, ${PROMISE},
    received_recorded_at, clock_from, overdue_from, first_due_at, first_late_from, finished_at, returned_at, closed_at,
    closed_recorded_at, stands_from, last_event_at, head, applicant)
  overriding system value
  select n, code, 1 + (closed_at is not null)::int + (returned_at is not null)::int,
    case when returned_at is not null then 10 when finished_at is not null then 9
      when closed_at is not null then 7 else 2 end,
    receiving_agency, resolving_agency, intake_channel,
    case when handover is not null then jsonb_build_object('handoverNumber', handover) end,
    return_channel, returned_channel,
    case when tracking is not null then jsonb_build_object('trackingNumber', tracking) end, false, submitted_at,
    ${PROMISE}, received_at, received_at, late_from, due_at, late_from, finished_at, returned_at, closed_at,
    closed_at, received_at, coalesce(returned_at, closed_at, received_at),
    coalesce(returned_hash, closed_hash, received_hash),
    jsonb_build_object('name', 'Nguyễn Văn An', 'idNumber', lpad(n::text, 12, '0'), 'phone', '0912345678')
  from lives
)
insert into events (dossier_id, number, type, effective_at, recorded_at, facts, key_id, agency, request_id,
  request_hash, hash)
select n, number, type, at, at, facts::jsonb, 'key_bootstrap', agency, 'bench', '${REQUEST_HASH}', hash
from (
  select n, 1 as number, 'received' as type, received_at as at, ${RECEIPT_BEGINS} || code || receipt as facts,
    receiving_agency as agency, received_hash as hash from lives
  union all
  select n, 2, ended, closed_at, '{}', resolving_agency, closed_hash from lives where closed_at is not null
  union all
  select n, 3, 'returned', returned_at, handing, resolving_agency, returned_hash from lives
  where returned_at is not null
) as trail
order by at`
