import { and, desc, eq, inArray, lt, type SQL, sql } from 'drizzle-orm'
import type { Database } from '../db/database.ts'
import { dossiers, events } from '../db/tables.ts'
import type { KeptApplicant, NumberField } from '../dossiers/dossier.ts'
import { belongsTo, LISTED, type ListedDossier } from '../dossiers/query.ts'
import type { Opening } from './cipher.ts'

/** An applicant with what their numbers are bound to. */
export type Kept = { applicant: KeptApplicant; opening: Opening }

const OPENING = { keyId: events.keyId, requestId: events.requestId, recordedAt: events.recordedAt }

const opens = and(eq(events.dossierId, dossiers.id), eq(events.number, 1))

const keptOf = ({ applicant, ...opening }: Opening & { applicant: KeptApplicant | null }): Kept | null =>
  applicant && { applicant, opening }

/** Personal data are read where they are told, and nowhere else; `null` where they were deleted. */
export const findKept = async (db: Database, id: number): Promise<Kept | null> => {
  const rows = await db
    .select({ applicant: dossiers.applicant, ...OPENING })
    .from(dossiers)
    .innerJoin(events, opens)
    .where(eq(dossiers.id, id))
  return rows.map(keptOf)[0] ?? null
}

/** Applicants of dossiers `d` within a list that PostgreSQL writes, as `readKept` reads them. */
export const keptAsText = (of: SQL, id: SQL): SQL => sql`coalesce((
  select jsonb_build_object('applicant', ${of}, 'keyId', e.key_id, 'requestId', e.request_id, 'recordedAt', e.recorded_at)
  from ${events} e where e.dossier_id = ${id} and e.number = 1)::text, 'null')`

export const readKept = (text: string): Kept | null => {
  const { applicant, recordedAt, ...opening } = JSON.parse(text)
  return applicant && { applicant, opening: { ...opening, recordedAt: new Date(recordedAt) } }
}

export type FoundByNumber = { dossier: ListedDossier; kept: Kept | null }

const WITH_APPLICANT = { dossier: LISTED, applicant: dossiers.applicant, opening: OPENING }

type Row = { dossier: ListedDossier; applicant: KeptApplicant | null; opening: Opening }

const foundOf = ({ dossier, applicant, opening }: Row): FoundByNumber => ({
  dossier,
  kept: keptOf({ applicant, ...opening }),
})

/** The index of a number, as the tables' own indexes are written over it. */
export const indexOf: Readonly<Record<NumberField, SQL>> = {
  idNumber: sql`${dossiers.applicant} -> 'idNumber' ->> 'index'`,
  phone: sql`${dossiers.applicant} -> 'phone' ->> 'index'`,
}

/** A page of the dossiers in view whose applicant has a number, newest first, from below an id. */
export const pageByNumber = async (
  db: Database,
  field: NumberField,
  indexes: readonly string[],
  agencies: readonly string[] | null,
  below: number | undefined,
  limit: number,
): Promise<FoundByNumber[]> => {
  const rows = await db
    .select(WITH_APPLICANT)
    .from(dossiers)
    .innerJoin(events, opens)
    .where(
      and(
        inArray(sql`(${indexOf[field]})`, [...indexes]),
        belongsTo(agencies),
        below === undefined ? undefined : lt(dossiers.id, below),
      ),
    )
    .orderBy(desc(dossiers.id))
    .limit(limit)
  return rows.map(foundOf)
}

/** A dossier by its code, with its applicant: one statement, whether or not there is one. */
export const findTracked = async (db: Database, code: string): Promise<FoundByNumber | undefined> =>
  (await db.select(WITH_APPLICANT).from(dossiers).innerJoin(events, opens).where(eq(dossiers.code, code))).map(
    foundOf,
  )[0]
