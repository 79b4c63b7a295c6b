import { randomBytes } from 'node:crypto'
import stringify from 'safe-stable-stringify'
import type { Act, Caller } from '../access/caller.ts'
import { sees } from '../access/caller.ts'
import { agenciesInView } from '../access/scope.ts'
import { sha256 } from '../audit/chain.ts'
import { closeUntil } from '../audit/sealing.ts'
import { readSealing } from '../audit/store.ts'
import type { Database } from '../db/database.ts'
import { readEvents } from '../dossiers/store.ts'
import { type ChangedDossier, changedSince } from '../figures/changes.ts'
import { Refusal } from '../refusal.ts'
import { dayOf, formatDate, formatInstant } from '../sla/date.ts'
import {
  type ChannelQuery,
  channelReport,
  type Desk,
  type FormQuery,
  formReport,
  type PunctualityQuery,
  punctualityReport,
} from './answers.ts'
import { askedOf } from './asked.ts'
import { channelQuery, lifeQuery } from './counting.ts'
import {
  addSnapshot,
  countLostSeals,
  findSnapshot,
  findSnapshotByRequest,
  newestSeals,
  type SealedHead,
  type StoredSnapshot,
} from './snapshot-store.ts'

type Momentary = 'asOf' | 'asOfBy'

/** A report and what it is asked, but for the moment: that is the snapshot's own. */
export type ReportOrder =
  | { report: 'channel-ratio'; parameters: Omit<ChannelQuery, Momentary> }
  | { report: 'punctuality'; parameters: Omit<PunctualityQuery, Momentary> }
  | { report: 'ii-06a' | '07a'; parameters: Omit<FormQuery, Momentary> }

type Moment = { asOf?: Date; asOfBy: 'recorded' }

/** Snapshots speak Vietnamese, whoever reads them: they are the same bytes for everyone. */
const answer = (given: Desk, { report, parameters }: ReportOrder, moment: Moment): Promise<object> => {
  const desk = { ...given, language: 'vi' } as const
  switch (report) {
    case 'channel-ratio':
      return channelReport(desk, { ...parameters, ...moment })
    case 'punctuality':
      return punctualityReport(desk, { ...parameters, ...moment })
    case 'ii-06a':
    case '07a':
      return formReport(desk, report, { ...parameters, ...moment })
  }
}

/** JSON with sorted members and no spaces, instants in Vietnamese time: the form over which the hash is. */
const canonical = (content: object): string =>
  String(
    stringify(
      JSON.parse(
        JSON.stringify(content, function (this: Record<string, unknown>, key, value: unknown) {
          const field = this[key]
          return field instanceof Date ? formatInstant(field) : value
        }),
      ),
    ),
  )

/**
 * Fixes a moment up to which nothing more can be recorded, and everything that was recorded can be seen: whoever is
 * still writing is waited for, whoever comes later records a moment later.
 */
const fence = async (db: Database, now: Date): Promise<Date> => {
  const { closedUntil } = await readSealing(db)
  const takenAt = new Date(Math.max(now.getTime(), closedUntil.getTime()))
  await closeUntil(db, new Date(takenAt.getTime() + 1))
  return takenAt
}

/** Freezes a report as all that is recorded by now gives it. */
export const takeSnapshot = async (desk: Desk, act: Act, order: ReportOrder): Promise<StoredSnapshot> => {
  const { db, caller, reference, now } = desk
  const first = act.idempotencyKey === null ? undefined : await findSnapshotByRequest(db, act.keyId, act.idempotencyKey)
  if (first) {
    if (first.requestHash !== act.requestHash) throw new Refusal('idempotency_mismatch')
    return first
  }
  // Refused before anything is fenced.
  askedOf(caller, reference, { ...order.parameters, asOfBy: 'recorded' }, now)
  const takenAt = await fence(db, now)
  const figures = await answer({ ...desk, now: takenAt }, order, { asOf: takenAt, asOfBy: 'recorded' })
  const agency = order.parameters.agency ?? caller.agency
  const { sealedUntil } = await readSealing(db)
  const content = canonical({
    ...order,
    takenAt,
    agency,
    figures,
    seals: await newestSeals(db, agenciesInView(caller, reference, order.parameters.agency)),
    sealedTo: sealedUntil.getTime() <= 0 ? null : formatDate(dayOf(sealedUntil.getTime()) - 1),
  })
  const { keyId, idempotencyKey, requestHash } = act
  const id = `snap_${randomBytes(12).toString('base64url')}`
  const snapshot = { id, takenAt, agency, content, hash: sha256(content), keyId, idempotencyKey, requestHash }
  if (await addSnapshot(db, snapshot)) return snapshot
  // Another instance was first with the same request.
  return takeSnapshot(desk, act, order)
}

/** Refuses `snapshot_not_found` also where the caller may not see it. */
export const seenSnapshot = async (db: Database, caller: Caller, id: string): Promise<StoredSnapshot> => {
  const found = await findSnapshot(db, id)
  const isSeen = found && (found.agency === null ? caller.agencies === null : sees(caller, found.agency))
  if (!isSeen) throw new Refusal('snapshot_not_found', { snapshot: id })
  return found
}

type Content = ReportOrder & { figures: object; seals: readonly SealedHead[] }

/** What stands in an answer beside its figures, and differs with every asking. */
const ASIDE = ['asOf', 'asOfBy', 'evidence', 'projection']

/** Every figure of an answer by its path; members of lists stand under their keys. */
const flat = (value: unknown, path: string): [string, unknown][] => {
  if (Array.isArray(value)) {
    return value.flatMap((item, place) => flat(item, `${path}/${item?.key ?? item?.text ?? place}`))
  }
  if (typeof value !== 'object' || value === null) return [[path, value]]
  return Object.entries(value).flatMap(([name, member]) =>
    ASIDE.includes(name) ? [] : flat(member, `${path}/${name}`),
  )
}

const differences = (frozen: object, now: object) => {
  const before = new Map(flat(frozen, ''))
  const after = new Map(flat(JSON.parse(canonical(now)), ''))
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((path) => {
    const [was, is] = [before.get(path) ?? null, after.get(path) ?? null]
    if (was === is) return []
    return [{ path, frozen: was, now: is, change: typeof was === 'number' && typeof is === 'number' ? is - was : null }]
  })
}

/** As many changed dossiers as a comparison names. */
const MOST_NAMED = 1000

const named = async (db: Database, { id, code, first }: ChangedDossier) => ({
  dossier: code,
  events: (await readEvents(db, id))
    .filter(({ number }) => number >= first)
    .map(({ number, type, effectiveAt, recordedAt }) => ({ number, type, effectiveAt, recordedAt })),
})

/** What has changed since a snapshot was taken, and by which events; all by what the reader may see. */
export const compareSnapshot = async (desk: Desk, snapshot: StoredSnapshot) => {
  const { db, caller, reference, now } = desk
  const content = JSON.parse(snapshot.content) as Content
  const { figures, seals } = content
  const order: ReportOrder = content
  const parameters = { ...order.parameters, agency: snapshot.agency ?? undefined }
  const asked = askedOf(caller, reference, { ...parameters, asOfBy: 'recorded' }, now)
  const query =
    order.report === 'channel-ratio'
      ? channelQuery(asked)
      : lifeQuery(asked, order.parameters.by, 'promise' in order.parameters ? order.parameters.promise : 'current')
  const past = { at: snapshot.takenAt, by: 'recorded' } as const
  const today = await answer(desk, { ...order, parameters } as ReportOrder, { asOfBy: 'recorded' })
  const changed = await changedSince(db, query, past, MOST_NAMED + 1)
  const dossiers: Awaited<ReturnType<typeof named>>[] = []
  for (const one of changed.slice(0, MOST_NAMED)) dossiers.push(await named(db, one))
  return {
    snapshot: snapshot.id,
    takenAt: snapshot.takenAt,
    comparedAt: now,
    figures: differences(figures, today),
    dossiers,
    more: changed.length > MOST_NAMED,
    sealsStand: (await countLostSeals(db, seals)) === 0,
  }
}
