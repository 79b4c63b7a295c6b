import { Refusal } from '../refusal.ts'
import type { Limit } from '../sla/term.ts'
import { type Channel, type DossierState, type PostalProof, STATUSES, type Status } from './dossier.ts'

type MoveRule = { readonly from: readonly Status[]; readonly to: Status; readonly event: MoveEventType }

/** The legal moves between the national statuses. No official matrix exists; this one is ours. */
export const MOVES = {
  accept: { from: [1], to: 2, event: 'accepted' },
  refuse: { from: [1], to: 3, event: 'refused' },
  start: { from: [2], to: 4, event: 'started' },
  finish: { from: [2, 4], to: 9, event: 'finished' },
  return: { from: [9], to: 10, event: 'returned' },
  withdraw: { from: [1, 2, 4], to: 7, event: 'withdrawn' },
} as const satisfies Record<string, MoveRule>

export type Move = keyof typeof MOVES
export const MOVE_NAMES = Object.keys(MOVES) as readonly Move[]

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

/** The promise given at receipt and everything it was counted from. */
export type PromiseFacts = {
  procedureVersion: string
  limit: Limit
  sampleLimit: boolean
  scheduleId: number
  dueOn: string
  dueAt: string
  onTimeFrom: string
  lateFrom: string
  provisional: boolean
}

type MoveEventType = 'accepted' | 'refused' | 'started' | 'finished' | 'returned' | 'withdrawn'

/** What happened and everything needed to fold it. The trail holds no personal data beyond an officer's note. */
export type Happening =
  | { type: 'submitted'; facts: { intake: IntakeFacts; acceptanceDueAt: string } }
  | { type: 'received'; facts: { intake: IntakeFacts; promise: PromiseFacts } }
  | { type: 'accepted'; facts: { promise: PromiseFacts } }
  | { type: 'returned'; facts: { channel: Channel; post: PostalProof | null } }
  | { type: 'refused' | 'started' | 'finished' | 'withdrawn'; facts: Record<string, never> }

export type EventType = Happening['type']

/** One entry of the trail: when it happened, when it was recorded, and its place in the dossier's history. */
export type DossierEvent = Happening & { number: number; effectiveAt: Date; recordedAt: Date }

/** The first promise of a dossier: the one that never changes. */
const promised = ({ dueAt, onTimeFrom, lateFrom, ...facts }: PromiseFacts) => ({
  ...facts,
  dueAt: new Date(dueAt),
  firstDueAt: new Date(dueAt),
  onTimeFrom: new Date(onTimeFrom),
  lateFrom: new Date(lateFrom),
})

const NOT_YET = {
  returnedChannel: null,
  returnPost: null,
  receivedAt: null,
  procedureVersion: null,
  limit: null,
  sampleLimit: null,
  scheduleId: null,
  dueOn: null,
  dueAt: null,
  onTimeFrom: null,
  lateFrom: null,
  firstDueAt: null,
  provisional: null,
  finishedAt: null,
  returnedAt: null,
  closedAt: null,
} as const

type Opening = DossierEvent & { type: 'submitted' | 'received' }
type Later = Exclude<DossierEvent, { type: 'submitted' | 'received' }>

const isOpening = (event: DossierEvent): event is Opening => event.type === 'submitted' || event.type === 'received'

const opened = (event: Opening): DossierState => {
  const { intake } = event.facts
  const state: DossierState = {
    ...NOT_YET,
    ...intake,
    version: event.number,
    status: 1,
    submittedAt: intake.submittedAt === null ? null : new Date(intake.submittedAt),
    acceptanceDueAt: null,
    lastEventAt: event.effectiveAt,
  }
  return event.type === 'submitted'
    ? Object.assign(state, { acceptanceDueAt: new Date(event.facts.acceptanceDueAt) })
    : Object.assign(state, promised(event.facts.promise), { status: 2, receivedAt: event.effectiveAt })
}

const moved = (state: DossierState, event: Later): DossierState => {
  const at = event.effectiveAt
  const next = { ...state, version: event.number, lastEventAt: at }
  switch (event.type) {
    case 'accepted':
      return { ...next, ...promised(event.facts.promise), status: MOVES.accept.to, receivedAt: at }
    case 'started':
      return { ...next, status: MOVES.start.to }
    case 'finished':
      return { ...next, status: MOVES.finish.to, finishedAt: at, closedAt: at }
    case 'returned':
      return {
        ...next,
        status: MOVES.return.to,
        returnedAt: at,
        returnedChannel: event.facts.channel,
        returnPost: event.facts.post,
      }
    case 'refused':
      return { ...next, status: MOVES.refuse.to, closedAt: at }
    case 'withdrawn':
      return { ...next, status: MOVES.withdraw.to, closedAt: at }
  }
}

/** Folds one event into a dossier's state. A dossier's row is nothing but this, over all its events in order. */
export const apply = (state: DossierState | null, event: DossierEvent): DossierState => {
  if (isOpening(event)) return opened(event)
  if (state === null) throw new RangeError(`a dossier cannot begin with ${event.type}`)
  return moved(state, event)
}

/** The state after all of some events. */
export const replay = (events: readonly DossierEvent[]): DossierState => {
  const state = events.reduce<DossierState | null>(apply, null)
  if (state === null) throw new RangeError('a dossier has at least one event')
  return state
}

/** The moves that a status allows. */
export const legalMoves = (status: Status): readonly Move[] =>
  MOVE_NAMES.filter((move) => (MOVES[move].from as readonly Status[]).includes(status))

/** Refuses `illegal_move` and says which moves are legal. */
export const checkMove = (state: DossierState, move: Move): void => {
  const legal = legalMoves(state.status)
  if (!legal.includes(move))
    throw new Refusal('illegal_move', { move, currentStatus: STATUSES[state.status].key, legalMoves: legal })
}
