import type { Limit, SupplementPolicy } from '../sla/term.ts'
import type { Channel, PauseFacts, PostalProof } from './dossier.ts'

/** What was handed in, as it stands in the trail. Instants inside facts are ISO 8601 texts in UTC. */
export type IntakeFacts = {
  code: string
  procedureCode: string
  receivingAgency: string
  resolvingAgency: string
  intakeChannel: Channel
  intakePost: PostalProof | null
  returnChannel: Channel
  withVerification: boolean
  sourceSystem: string | null
  sourceReference: string | null
  submittedAt: string | null
}

/** By which version of its procedure's limit a dossier goes: the one in force at receipt. */
export type GoverningLimit = { procedureVersion: string; limit: Limit; sampleLimit: boolean }

/** A promise and everything it was counted from. */
export type PromiseFacts = GoverningLimit & {
  scheduleId: number
  dueOn: string
  dueAt: string
  onTimeFrom: string
  lateFrom: string
  provisional: boolean
  /** Where the term counts from, if not from the event itself. */
  clockFrom?: string
  pauses?: readonly PauseFacts[]
  /** Apart from `lateFrom` only where an extension put the appointment off. */
  overdueFrom?: string
  extendedDays?: number
}

/** What a correction says was wrong: only what changes stands in it. */
export type Correction = {
  procedureCode?: string | undefined
  withVerification?: boolean | undefined
  receivingAgency?: string | undefined
  resolvingAgency?: string | undefined
  intakeChannel?: Channel | undefined
  intakePost?: PostalProof | null | undefined
  returnChannel?: Channel | undefined
  returnedChannel?: Channel | undefined
  returnPost?: PostalProof | null | undefined
  submittedAt?: string | undefined
  receivedAt?: string | undefined
  finishedAt?: string | undefined
  returnedAt?: string | undefined
}

/**
 * What happened and everything needed to fold it. `promise` is `null` where the event moved no promise.
 * The trail holds no personal data beyond what an officer writes into a note or a reason.
 */
export type Happening =
  | { type: 'submitted'; facts: { intake: IntakeFacts; acceptanceDueAt: string } }
  | { type: 'received'; facts: { intake: IntakeFacts; promise: PromiseFacts; acceptanceDueAt?: string } }
  | { type: 'accepted'; facts: { promise: PromiseFacts } }
  | { type: 'supplement_requested'; facts: { missing: string; ground: string } }
  | { type: 'supplement_received'; facts: { policy: SupplementPolicy; promise: PromiseFacts | null } }
  | { type: 'payment_awaited'; facts: { ground: string } }
  | { type: 'payment_received'; facts: { promise: PromiseFacts | null } }
  | {
      type: 'extended'
      facts: { reason: string; apologyNumber: string; workingDays: number; sentLate: boolean; promise: PromiseFacts }
    }
  | { type: 'stopped'; facts: { ground: string } }
  | { type: 'reopened'; facts: { reason: string; approver: string; promise: PromiseFacts | null } }
  | {
      type: 'corrected'
      facts: { reason: string; changes: Correction; acceptanceDueAt: string | null; promise: PromiseFacts | null }
    }
  | { type: 'recalculated'; facts: { recalculation: string; promise: PromiseFacts } }
  | { type: 'returned'; facts: { channel: Channel; post: PostalProof | null } }
  | { type: 'finished'; facts: { promise?: PromiseFacts } }
  | { type: 'refused' | 'started' | 'withdrawn'; facts: Record<string, never> }

export type EventType = Happening['type']

/**
 * One entry of the trail: when it happened, when it was recorded, whether that was later than the agency's limit
 * allows, and its place in the dossier's history.
 */
export type DossierEvent = Happening & {
  number: number
  effectiveAt: Date
  recordedAt: Date
  recordedLate: boolean
}
