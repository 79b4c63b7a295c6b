import { createHash } from 'node:crypto'
import stringify from 'safe-stable-stringify'
import type { DossierEvent } from '../dossiers/event.ts'

/** An event with who made it by which request: all that its hash covers. */
export type ChainedEvent = DossierEvent & {
  note: string | null
  keyId: string
  officer: string | null
  agency: string
  requestId: string
  idempotencyKey: string | null
  requestHash: string
}

/** In hex, over a text's UTF-8. */
export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** The code is chained by itself: where it is issued, it is not known until the statement that adds the dossier. */
const withoutCode = (event: DossierEvent): object =>
  event.type === 'submitted' || event.type === 'received'
    ? { ...event.facts, intake: { ...event.facts.intake, code: '' } }
    : event.facts

/**
 * SHA-256, in hex, over an event's canonical content: JSON with sorted members and no spaces, of an array of all
 * its columns but `dossier_id` and `hash`, with instants as ISO 8601 in UTC to the millisecond.
 */
export const contentHash = (event: ChainedEvent): string =>
  sha256(
    stringify([
      event.number,
      event.type,
      event.effectiveAt,
      event.recordedAt,
      event.recordedLate,
      withoutCode(event),
      event.note,
      event.keyId,
      event.officer,
      event.agency,
      event.requestId,
      event.idempotencyKey,
      event.requestHash,
    ]),
  )

/**
 * An event's hash: SHA-256 over the hex of the hash before it (nothing for the first), the hex of its content's
 * hash and the dossier's code, one after the other. A change of anything changes every later hash.
 */
export const chainHash = (previous: string, content: string, code: string): string => sha256(previous + content + code)
