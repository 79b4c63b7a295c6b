import { type SQL, sql } from 'drizzle-orm'
import { dossiers, events } from '../../db/tables.ts'
import { during, moment, oneOf } from './flag.ts'
import type { Within } from './within.ts'

/** A dossier belongs to the agency that received it and to the one that resolves it; both as their indexes state them. */
const inView = ({ agencies }: Within): SQL =>
  agencies === null
    ? sql`true`
    : sql`(${oneOf(sql`d.receiving_agency`, agencies)}
        or d.resolving_agency <> d.receiving_agency and ${oneOf(sql`d.resolving_agency`, agencies)})`

/** The dossiers in view with anything in the span, but for what is said of the applicant. */
const dossier = (within: Within): SQL => sql`
  select id, code, receiving_agency, resolving_agency, intake_channel, intake_post, returned_channel, return_post,
    submitted_at, acceptance_due_at, received_at, "limit", wait, due_at, late_from, overdue_from, finished_at,
    closed_recorded_at, returned_at
  from ${dossiers} d
  where ${inView(within)} and coalesce(submitted_at, received_at) < ${moment(within.until)}
    and greatest(last_event_at, received_at, finished_at, returned_at) >= ${moment(within.from)}`

/** Their steps that are said to have happened in the span, each with its dossier as it is now. */
const step = (within: Within): SQL => sql`
  select e.dossier_id, e.number, e.type, e.effective_at, e.recorded_at, e.recorded_late, e.agency,
    case when e.number > 1 then e.facts end as facts, d.code, d.receiving_agency, d.resolving_agency, d.received_at,
    d.acceptance_due_at, d."limit"->>'kind' as limit_kind, d.late_from, d.overdue_from
  from dossier d join ${events} e on e.dossier_id = d.id
  where ${during(sql`e.effective_at`, within)}`

/** What each agency's calendar says of the days in the span. */
const officeDay = ({ office }: Within): SQL => sql`
  select agency, day, off, "receivedSince" as received_since
  from jsonb_to_recordset(${JSON.stringify(office.agencies)}::jsonb) as a(agency text, schedule int)
  join jsonb_to_recordset(${JSON.stringify(office.days)}::jsonb)
    as d(schedule int, day date, off boolean, "receivedSince" date) using (schedule)`

/**
 * What flags select from: `dossier`, `step` and `office_day`. The wall and the span stand here and nowhere else.
 * Each is made once, whoever reads it: joined with what a flag adds, PostgreSQL has misjudged how many rows there
 * are and gone through an index four million times.
 */
export const relations = (within: Within): SQL => sql`
  with dossier as materialized (${dossier(within)}), step as materialized (${step(within)}),
    office_day as materialized (${officeDay(within)})`
