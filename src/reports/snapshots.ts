import { randomBytes } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import stringify from 'safe-stable-stringify'
import type { Act, Caller } from '../access/caller.ts'
import { seesOwned } from '../access/caller.ts'
import { agenciesInView } from '../access/scope.ts'
import { sha256 } from '../audit/chain.ts'
import { closeUntil } from '../audit/sealing.ts'
import { readSealing } from '../audit/store.ts'
import type { Database } from '../db/database.ts'
import { readEvents } from '../dossiers/store.ts'
import { type ChangedDossier, changedSince } from '../figures/changes.ts'
import type { Reference } from '../reference.ts'
import { Refusal } from '../refusal.ts'
import { DAY, dayNumber, dayOf, formatDate, formatInstant, startOfDay } from '../sla/date.ts'
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
  countSnapshotsSince,
  findSnapshot,
  findSnapshotByRequest,
  newestSeals,
  type SealedHead,
  type StoredSnapshot,
  sealsRoot,
} from './snapshot-store.ts'

type Momentary = 'asOf' | 'asOfBy'

/** A report and what it is asked, but for the moment: that is the snapshot's own. */
export type ReportOrder =
  | { report: 'channel-ratio'; parameters: Omit<ChannelQuery, Momentary> }
  | { report: 'punctuality'; parameters: Omit<PunctualityQuery, Momentary> }
  | { report: 'ii-06a' | '07a'; parameters: Omit<FormQuery, Momentary> }

/** A channel report's switches; others have none. */
const switchesOf = (order: ReportOrder) => (order.report === 'channel-ratio' ? order.parameters : undefined)

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

/** As many reports as a key freezes on a Vietnamese day: each makes those who write wait a moment, and stays for ever. */
const MOST_A_DAY = 100

/** Refuses `too_many_snapshots`. What a key asks for in one moment can pass together. */
const boundSnapshots = async (db: Database, keyId: string, now: Date): Promise<void> => {
  const today = startOfDay(dayOf(now.getTime()))
  if ((await countSnapshotsSince(db, keyId, new Date(today))) < MOST_A_DAY) return
  const retryAfter = Math.ceil((today + DAY - now.getTime()) / 1000)
  throw new Refusal('too_many_snapshots', { limit: MOST_A_DAY, retryAfter })
}

/** SHA-256 over what figures and their groups take from the agencies and the catalogue, which have no past. */
const inputsOf = ({ agencies, procedures }: Reference) => {
  const all = <T>(some: ReadonlyMap<string, T>, taken: (one: T) => object): string =>
    sha256(
      [...some.values()]
        .map((one) => canonical(taken(one)))
        .toSorted()
        .join(),
    )
  return {
    agencies: all(agencies, ({ code, name, level, parent }) => ({ code, name, level, parent })),
    procedures: all(procedures, ({ code, name, field, postAllowed }) => ({ code, name, field, postAllowed })),
  }
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
  await boundSnapshots(db, act.keyId, now)
  askedOf(caller, reference, { ...order.parameters, asOfBy: 'recorded' }, now, switchesOf(order))
  const takenAt = await fence(db, now)
  const figures = await answer({ ...desk, now: takenAt }, order, { asOf: takenAt, asOfBy: 'recorded' })
  const agency = order.parameters.agency ?? caller.agency
  const { sealedUntil } = await readSealing(db)
  const sealedTo = sealedUntil.getTime() <= 0 ? null : formatDate(dayOf(sealedUntil.getTime()) - 1)
  // A day's seals and how far they reach are written at once: these stay the same.
  const seals = await newestSeals(db, sealedTo)
  const inView = agenciesInView(caller, reference, order.parameters.agency)
  const content = canonical({
    ...order,
    takenAt,
    agency,
    figures,
    inputs: inputsOf(reference),
    seals: seals.filter((seal) => inView?.includes(seal.agency) ?? true),
    sealsRoot: sealsRoot(seals),
    sealedTo,
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
  if (!found || !seesOwned(caller, found)) throw new Refusal('snapshot_not_found', { snapshot: id })
  return found
}

/** Older snapshots know no `inputs` and no `sealsRoot`. */
type Content = ReportOrder & {
  figures: { target?: unknown; period: { to: string } }
  inputs?: ReturnType<typeof inputsOf>
  seals: readonly SealedHead[]
  sealsRoot?: string
  sealedTo: string | null
}

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
  const after = new Map(flat(now, ''))
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

/**
 * What differs beside events: each of these can change a figure with no dossier to name for it. `null` where an older
 * snapshot does not tell.
 */
const otherInputs = (
  { reference }: Desk,
  { takenAt }: StoredSnapshot,
  { inputs, figures }: Content,
  today: Content['figures'],
) => {
  const now = inputsOf(reference)
  return {
    // What was open fell due, or a month began.
    time: dayOf(takenAt.getTime()) <= dayNumber(figures.period.to),
    target: !isDeepStrictEqual(figures.target, today.target),
    agencies: inputs ? inputs.agencies !== now.agencies : null,
    procedures: inputs ? inputs.procedures !== now.procedures : null,
  }
}

const sealsStand = async (db: Database, { seals, sealsRoot: root, sealedTo }: Content): Promise<boolean> =>
  (await countLostSeals(db, seals)) === 0 && (root === undefined || root === sealsRoot(await newestSeals(db, sealedTo)))

/** All that `compareSnapshot` reads, from one state of the database. */
const compare = async (desk: Desk, snapshot: StoredSnapshot) => {
  const { db, caller, reference, now } = desk
  const content = JSON.parse(snapshot.content) as Content
  const order: ReportOrder = content
  const parameters = { ...order.parameters, agency: snapshot.agency ?? undefined }
  const asked = askedOf(caller, reference, { ...parameters, asOfBy: 'recorded' }, now, switchesOf(order))
  const query =
    order.report === 'channel-ratio'
      ? channelQuery(asked)
      : lifeQuery(asked, order.parameters.by, 'promise' in order.parameters ? order.parameters.promise : 'current')
  const past = { at: snapshot.takenAt, by: 'recorded' } as const
  const changed = await changedSince(db, query, past, MOST_NAMED + 1)
  const answered = await answer(desk, { ...order, parameters } as ReportOrder, { asOfBy: 'recorded' })
  const today = JSON.parse(canonical(answered)) as Content['figures']
  const dossiers: Awaited<ReturnType<typeof named>>[] = []
  for (const one of changed.slice(0, MOST_NAMED)) dossiers.push(await named(db, one))
  return {
    snapshot: snapshot.id,
    takenAt: snapshot.takenAt,
    comparedAt: now,
    figures: differences(content.figures, today),
    dossiers,
    more: changed.length > MOST_NAMED,
    otherInputs: otherInputs(desk, snapshot, content, today),
    sealsStand: await sealsStand(db, content),
  }
}

/**
 * What has changed since a snapshot was taken, and by which events; all by what the reader may see, at one snapshot of
 * the database. Refuses `too_much_happened_since`.
 */
export const compareSnapshot = (desk: Desk, snapshot: StoredSnapshot) =>
  desk.db.transaction((tx) => compare({ ...desk, db: tx }, snapshot), {
    isolationLevel: 'repeatable read',
    accessMode: 'read only',
  })
