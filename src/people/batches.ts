import { and, asc, eq, gt, isNotNull, lt, lte, or, type SQL, sql } from 'drizzle-orm'
import type { Database } from '../db/database.ts'
import { columnsOf, recordSet } from '../db/record-set.ts'
import { dossiers, events } from '../db/tables.ts'
import { type KeptApplicant, NUMBER_FIELDS } from '../dossiers/dossier.ts'
import { keepApplicant, keyIdsOf, readApplicant } from './applicant.ts'
import type { Opening } from './cipher.ts'
import type { KeyRing } from './keys.ts'

/** As many dossiers as one transaction looks at: a desk that moves one of them meanwhile waits some milliseconds. */
const BATCH = 1000

type Span = { after: number; until: number }

/** Spans of ids that hold every dossier that there is when this begins. */
export async function* spansOfDossiers(db: Database, batch = BATCH): AsyncGenerator<Span> {
  const newest = sql<number>`coalesce(max(${dossiers.id}), 0)`.mapWith(Number)
  const [{ last } = { last: 0 }] = await db.select({ last: newest }).from(dossiers)
  for (let after = 0; after < last; after += batch) yield { after, until: Math.min(after + batch, last) }
}

const within = ({ after, until }: Span) => and(gt(dossiers.id, after), lte(dossiers.id, until))

const number = (field: string): SQL => sql`${dossiers.applicant} -> ${sql.raw(`'${field}'`)}`

/** The id of the key under which a number is kept. */
const keyOf = (field: string): SQL => sql`split_part(${number(field)} ->> 'cipher', '.', 2)`

const notUnder = (keyId: string): SQL | undefined =>
  or(...NUMBER_FIELDS.map((field) => sql`(jsonb_typeof(${number(field)}) = 'string' or ${keyOf(field)} <> ${keyId})`))

type Row = { id: number; code: string; applicant: KeptApplicant | null; opening: Opening }

const isReadable = (keys: KeyRing, applicant: KeptApplicant): boolean =>
  keyIdsOf(applicant).every((id) => id === undefined || keys.byId.has(id))

/** The applicant under the current key; `undefined` where what is kept was changed, or put into another row. */
const kept = (keys: KeyRing, applicant: KeptApplicant, opening: Opening): KeptApplicant | undefined => {
  try {
    return keepApplicant(keys, readApplicant(keys, applicant, opening), opening)
  } catch {
    return undefined
  }
}

const IDENTIFIED = columnsOf(dossiers).filter(({ name }) => name === 'id' || name === 'applicant')

export type Rotated = { encrypted: number; inClear: number; broken: readonly string[] }

/**
 * Encrypts under the current key what of a span is not, and indexes it anew, while nobody else changes those rows; what
 * no key at hand can read is left. One transaction: killed in it, the span is as it was. Answers with how many were
 * encrypted, how many of them had stood in clear, and which dossiers have a number that is not what was encrypted.
 */
export const rotateSpan = (db: Database, keys: KeyRing, span: Span): Promise<Rotated> =>
  db.transaction(async (tx) => {
    const found: Row[] = await tx
      .select({
        id: dossiers.id,
        code: dossiers.code,
        applicant: dossiers.applicant,
        opening: { keyId: events.keyId, requestId: events.requestId, recordedAt: events.recordedAt },
      })
      .from(dossiers)
      .innerJoin(events, and(eq(events.dossierId, dossiers.id), eq(events.number, 1)))
      .where(and(within(span), notUnder(keys.current.id)))
      .orderBy(asc(dossiers.id))
      .for('no key update', { of: dossiers })
    const broken: string[] = []
    let inClear = 0
    const rows = found.flatMap(({ id, code, applicant, opening }) => {
      if (applicant === null || !isReadable(keys, applicant)) return []
      const renewed = kept(keys, applicant, opening)
      if (renewed === undefined) {
        broken.push(code)
        return []
      }
      if (keyIdsOf(applicant).includes(undefined)) inClear += 1
      return [{ id, applicant: renewed }]
    })
    const given = recordSet(IDENTIFIED, JSON.stringify(rows))
    await tx.execute(
      sql`update ${dossiers} set applicant = given.applicant from ${given} where ${dossiers.id} = given.id`,
    )
    return { encrypted: rows.length, inClear, broken }
  })

/** How many numbers of a span are kept under each key; those in clear under none, `''`. */
export const countKeys = (db: Database, span: Span): Promise<{ key: string; numbers: number }[]> => {
  const each = sql.join(
    NUMBER_FIELDS.map((field) => sql`(${number(field)}, ${keyOf(field)})`),
    sql`, `,
  )
  return db
    .select({ key: sql<string>`coalesce(key, '')`, numbers: sql<number>`count(*)`.mapWith(Number) })
    .from(sql`${dossiers} cross join lateral (values ${each}) as kept(number, key)`)
    .where(and(within(span), sql`number is not null`))
    .groupBy(sql`key`)
}

const outdated = (span: Span, closedBefore: Date) =>
  and(within(span), lt(dossiers.closedAt, closedBefore), isNotNull(dossiers.applicant))

/** How many applicants of a span stand in dossiers closed before an instant. */
export const countOutdated = (db: Database, span: Span, closedBefore: Date): Promise<number> =>
  db.$count(dossiers, outdated(span, closedBefore))

/** Deletes them, in the order of their ids as whoever else holds several rows. Answers with how many there were. */
export const purgeSpan = async (db: Database, span: Span, closedBefore: Date): Promise<number> => {
  const held = db
    .select({ id: dossiers.id })
    .from(dossiers)
    .where(outdated(span, closedBefore))
    .orderBy(asc(dossiers.id))
    .for('no key update')
  const purged = await db
    .update(dossiers)
    .set({ applicant: null })
    .where(sql`${dossiers.id} in ${held}`)
    .returning({ id: dossiers.id })
  return purged.length
}
