import { Refusal } from '../refusal.ts'
import { type DossierState, STATUSES, type Status } from './dossier.ts'
import type { EventType } from './event.ts'

type MoveRule = {
  readonly from: readonly Status[]
  /** Where it leads: a status, `before` the status from which the dossier went waiting, or `same`. */
  readonly to: Status | 'before' | 'same'
  readonly event: EventType
  /** Only of what has not been received yet, or only of what has. */
  readonly only?: 'before_receipt' | 'after_receipt'
}

/**
 * The legal moves between the ten national statuses. No official matrix exists; this one is ours:
 * 1→2,3,5,6,7 · 2→4,5,6,7,8,9 · 4→5,6,7,8,9 · 5→2,4,7,8, and 3 before acceptance · 6→2,4,7,8,9 · 8→4 and 9→4 as
 * reasoned reopenings · 9→10; 3, 7 and 10 end.
 */
export const MOVES = {
  accept: { from: [1], to: 2, event: 'accepted' },
  refuse: { from: [1, 5], to: 3, event: 'refused', only: 'before_receipt' },
  start: { from: [2], to: 4, event: 'started' },
  'request-supplement': { from: [1, 2, 4], to: 5, event: 'supplement_requested' },
  'supplement-received': { from: [5], to: 'before', event: 'supplement_received' },
  'await-payment': { from: [1, 2, 4], to: 6, event: 'payment_awaited' },
  'payment-received': { from: [6], to: 'before', event: 'payment_received' },
  extend: { from: [2, 4], to: 'same', event: 'extended' },
  finish: { from: [2, 4, 6], to: 9, event: 'finished', only: 'after_receipt' },
  return: { from: [9], to: 10, event: 'returned' },
  withdraw: { from: [1, 2, 4, 5, 6], to: 7, event: 'withdrawn' },
  stop: { from: [2, 4, 5, 6], to: 8, event: 'stopped', only: 'after_receipt' },
  reopen: { from: [8, 9], to: 4, event: 'reopened' },
  correct: { from: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], to: 'same', event: 'corrected' },
} as const satisfies Record<string, MoveRule>

export type Move = keyof typeof MOVES
export const MOVE_NAMES = Object.keys(MOVES) as readonly Move[]

const ruleOf = (move: Move): MoveRule => MOVES[move]

type Place = Pick<DossierState, 'status' | 'receivedAt'>

/** The statuses to which a wait leads back: the clock runs there. */
const RUNNING: readonly Status[] = [2, 4]

/** The statuses to which a move may lead from a status. */
export const targetsOf = (move: Move, from: Status): readonly Status[] => {
  const { to } = ruleOf(move)
  if (to === 'before') return RUNNING
  return [to === 'same' ? from : to]
}

/** The moves that a dossier allows. */
export const legalMoves = ({ status, receivedAt }: Place): readonly Move[] => {
  const when = receivedAt === null ? 'before_receipt' : 'after_receipt'
  return MOVE_NAMES.filter((move) => {
    const { from, only = when } = ruleOf(move)
    return from.includes(status) && only === when
  })
}

/** Refuses `illegal_move` and says which moves are legal. */
export const checkMove = (place: Place, move: Move): void => {
  const legal = legalMoves(place)
  if (!legal.includes(move))
    throw new Refusal('illegal_move', { move, currentStatus: STATUSES[place.status].key, legalMoves: legal })
}
