import { invalid, Refusal } from '../refusal.ts'
import { isWorkingDay, type WorkingCalendar, workingDaysBetween } from '../sla/calendar.ts'
import { dayNumber, dayOf, formatDate, later } from '../sla/date.ts'
import { type CorrectionOrder, decideCorrection } from './corrections.ts'
import type { Channel, DossierState, PostalProof } from './dossier.ts'
import type { DossierEvent, Happening } from './event.ts'
import { checkMove, type Move } from './lifecycle.ts'
import { extendedPromise, firmPromise, promiseAfterWait, promiseFor } from './promise.ts'
import { type Bench, isRecordedLate } from './recording.ts'

/** What an officer says of any move. */
export type AnyOrder = { effectiveAt?: Date | undefined; note?: string | undefined }

/** What an officer says of each move that needs more. */
export type Orders = {
  return: { channel?: Channel | undefined; post?: PostalProof | undefined }
  'request-supplement': { missing: string; ground: string }
  'await-payment': { ground: string }
  extend: { workingDays?: number | undefined; dueOn?: string | undefined; reason: string; apologyNumber: string }
  stop: { ground: string }
  reopen: { reason: string; approver: string }
  correct: CorrectionOrder & { reason: string }
}

/** One move with what was said of it. */
export type MoveOrder = {
  [M in Move]: { move: M; order: AnyOrder & (M extends keyof Orders ? Orders[M] : object) }
}[Move]

/** The return leg counts as postal when the result was really handed to the post, and that needs its proof. */
const returnFacts = (state: DossierState, { channel = state.returnChannel, post }: Orders['return']) => {
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

/** How many working days an extension adds: as it says, or up to the day that it names. */
const daysAdded = (calendar: WorkingCalendar, dueOn: string, order: Orders['extend']): number => {
  if (order.dueOn === undefined) return Number(order.workingDays)
  const [from, to] = [dayNumber(dueOn), dayNumber(order.dueOn)]
  if (to <= from) throw invalid('/dueOn', `Phải sau ngày hẹn ${dueOn}.`, `Must come after the due date ${dueOn}.`)
  if (!isWorkingDay(calendar, to)) throw invalid('/dueOn', 'Phải là ngày làm việc.', 'Must be a working day.')
  return workingDaysBetween(calendar, from, to)
}

/**
 * An extension (xin lỗi và hẹn lại): once, with a written apology, sent at least one working day before the due
 * date, the day of sending not counted (Nghị định 61/2018/NĐ-CP art. 19; Civil Code 2015, art. 147.2). One that
 * was sent later is recorded by who may correct, and marked.
 */
const extend = (
  state: DossierState,
  order: Orders['extend'],
  at: Date,
  { reference, mayCorrect }: Bench,
): Happening => {
  if (state.extendedAt)
    throw new Refusal('already_extended', { extendedOn: formatDate(dayOf(state.extendedAt.getTime())) })
  const { working } = reference.scheduleOf(state.resolvingAgency)
  const dueOn = String(state.dueOn)
  const sentLate = workingDaysBetween(working, dayOf(at.getTime()), dayNumber(dueOn)) < 1
  if (sentLate && !mayCorrect) throw new Refusal('extended_too_late', { dueOn })
  const workingDays = daysAdded(working, dueOn, order)
  const { reason, apologyNumber } = order
  const promise = extendedPromise(state, workingDays, reference)
  return { type: 'extended', facts: { reason, apologyNumber, workingDays, sentLate, promise } }
}

const happeningOf = (state: DossierState, { move, order }: MoveOrder, at: Date, bench: Bench): Happening => {
  const { reference } = bench
  switch (move) {
    case 'accept':
      return { type: 'accepted', facts: { promise: promiseFor(state, at.getTime(), reference) } }
    case 'refuse':
      return { type: 'refused', facts: {} }
    case 'start':
      return { type: 'started', facts: {} }
    case 'request-supplement':
      return { type: 'supplement_requested', facts: { missing: order.missing, ground: order.ground } }
    case 'supplement-received': {
      const policy = state.limit?.afterSupplement ?? 'restart'
      return { type: 'supplement_received', facts: { policy, promise: promiseAfterWait(state, at, reference) } }
    }
    case 'await-payment':
      return { type: 'payment_awaited', facts: { ground: order.ground } }
    case 'payment-received':
      return { type: 'payment_received', facts: { promise: promiseAfterWait(state, at, reference) } }
    case 'extend':
      return extend(state, order, at, bench)
    case 'finish': {
      const promise = state.wait && promiseAfterWait(state, at, reference, 'finish')
      return { type: 'finished', facts: promise ? { promise } : {} }
    }
    case 'return':
      return { type: 'returned', facts: returnFacts(state, order) }
    case 'withdraw':
      return { type: 'withdrawn', facts: {} }
    case 'stop':
      return { type: 'stopped', facts: { ground: order.ground } }
    case 'reopen': {
      // A clock that ran goes on as if nothing had been; one that stood still starts again here.
      const promise = state.wait ? promiseAfterWait(state, at, reference) : firmPromise(state, reference)
      return { type: 'reopened', facts: { reason: order.reason, approver: order.approver, promise } }
    }
    case 'correct': {
      const { reason, ...corrections } = order
      return { type: 'corrected', facts: { reason, ...decideCorrection(corrections, state, reference, at) } }
    }
  }
}

/** As many events as one dossier can have: far above any honest history. */
const MOST_EVENTS = 500

/**
 * Decides a move from the dossier as it stands.
 * Refuses `illegal_move`, and an `effectiveAt` in the future, before what went before, or too long ago.
 */
export const decideMove = (state: DossierState, ordered: MoveOrder, bench: Bench): DossierEvent => {
  checkMove(state, ordered.move)
  if (state.version >= MOST_EVENTS) throw new Refusal('too_many_events', { limit: MOST_EVENTS })
  const { now } = bench
  // The clocks of two servers differ by a little; "now" is never before what was recorded already.
  const { effectiveAt = later(now, state.lastEventAt) } = ordered.order
  if (ordered.order.effectiveAt && effectiveAt > now) {
    throw invalid('/effectiveAt', 'Không được ở tương lai.', 'Must not lie in the future.')
  }
  if (effectiveAt < state.lastEventAt) {
    throw invalid('/effectiveAt', 'Không được trước bước liền trước.', 'Must not come before the step that it follows.')
  }
  return {
    ...happeningOf(state, ordered, effectiveAt, bench),
    number: state.version + 1,
    effectiveAt,
    recordedAt: now,
    recordedLate: isRecordedLate(state.resolvingAgency, effectiveAt, bench),
  }
}
