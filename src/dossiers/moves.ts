import type { Reference } from '../reference.ts'
import { invalid } from '../refusal.ts'
import type { Channel, DossierState, PostalProof } from './dossier.ts'
import { checkMove, type DossierEvent, type Happening, MOVES, type Move } from './lifecycle.ts'
import { promiseFor } from './promise.ts'

/** What an officer says of a move; `channel` and `post` belong to `return`. */
export type MoveOrder = {
  effectiveAt?: Date | undefined
  note?: string | undefined
  channel?: Channel | undefined
  post?: PostalProof | undefined
}

/** The return leg counts as postal when the result was really handed to the post, and that needs its proof. */
const returnFacts = (dossier: DossierState, { channel = dossier.returnChannel, post }: MoveOrder) => {
  if (channel === 'post' && post?.trackingNumber === undefined) {
    throw invalid(
      '/post/trackingNumber',
      'Trả qua bưu chính cần số vận đơn; nếu trả cách khác, hãy nêu channel.',
      'A return by post needs its tracking number; where it went another way, say so in channel.',
    )
  }
  if (channel !== 'post' && post)
    throw invalid('/post', 'Chỉ dùng khi channel là post.', 'Goes only with channel post.')
  return { channel, post: post ?? null }
}

const happeningOf = (
  dossier: DossierState,
  move: Move,
  order: MoveOrder,
  at: Date,
  reference: Reference,
): Happening => {
  if (move === 'accept') return { type: 'accepted', facts: { promise: promiseFor(dossier, at.getTime(), reference) } }
  if (move === 'return') return { type: 'returned', facts: returnFacts(dossier, order) }
  return { type: MOVES[move].event, facts: {} }
}

/** The clocks of two servers differ by a little; "now" is never before what was recorded already. */
const later = (a: Date, b: Date): Date => (a < b ? b : a)

/**
 * Decides a move from the dossier as it stands.
 * Refuses `illegal_move`, and an `effectiveAt` in the future or before what went before.
 */
export const decideMove = (
  dossier: DossierState,
  move: Move,
  order: MoveOrder,
  reference: Reference,
  now: Date,
): DossierEvent => {
  checkMove(dossier, move)
  const effectiveAt = order.effectiveAt ?? later(now, dossier.lastEventAt)
  if (order.effectiveAt && effectiveAt > now) {
    throw invalid('/effectiveAt', 'Không được ở tương lai.', 'Must not lie in the future.')
  }
  if (effectiveAt < dossier.lastEventAt) {
    throw invalid('/effectiveAt', 'Không được trước bước liền trước.', 'Must not come before the step that it follows.')
  }
  return {
    ...happeningOf(dossier, move, order, effectiveAt, reference),
    number: dossier.version + 1,
    effectiveAt,
    recordedAt: now,
  }
}
