import type { Reference } from '../reference.ts'
import { invalid, Refusal } from '../refusal.ts'
import { acceptanceDueAt } from '../sla/deadline.ts'
import type { Channel, DossierState, PauseFacts, PostalProof } from './dossier.ts'
import type { Correction, PromiseFacts } from './event.ts'
import { provesPost } from './intake.ts'
import { countingOf, governingLimit, pauseOf, promiseAnew, promiseFor } from './promise.ts'

/** What an officer says was wrong; everything that is given replaces what stands there. */
export type CorrectionOrder = {
  procedureCode?: string | undefined
  withVerification?: boolean | undefined
  receivingAgency?: string | undefined
  resolvingAgency?: string | undefined
  intakeChannel?: Channel | undefined
  post?: PostalProof | undefined
  returnChannel?: Channel | undefined
  returnedChannel?: Channel | undefined
  returnPost?: PostalProof | undefined
  submittedAt?: Date | undefined
  receivedAt?: Date | undefined
  finishedAt?: Date | undefined
  returnedAt?: Date | undefined
}

export type CorrectionFacts = { changes: Correction; acceptanceDueAt: string | null; promise: PromiseFacts | null }

const checkPlaces = (order: CorrectionOrder, state: DossierState, reference: Reference): void => {
  const code = order.procedureCode ?? state.procedureCode
  const procedure = reference.procedures.get(code)
  if (!procedure) throw invalid('/procedureCode', 'Không có thủ tục này.', 'There is no such procedure.')
  for (const field of ['receivingAgency', 'resolvingAgency'] as const) {
    const agency = order[field]
    if (agency !== undefined && !reference.agencies.has(agency)) {
      throw invalid(`/${field}`, 'Không có cơ quan này.', 'There is no such agency.')
    }
  }
  const channels = [order.intakeChannel ?? state.intakeChannel, order.returnChannel ?? state.returnChannel]
  const reclassifies = order.procedureCode ?? order.intakeChannel ?? order.returnChannel
  if (reclassifies !== undefined && !procedure.postAllowed && channels.includes('post')) {
    throw new Refusal('post_not_allowed', { procedure: procedure.code })
  }
}

/** The proof of a leg as it is after the correction; a leg that is not postal any more has none. */
const proofAfter = (
  pointer: string,
  channel: Channel | null,
  given: PostalProof | undefined,
  kept: PostalProof | null,
): PostalProof | null => {
  if (channel !== 'post') {
    if (given) throw invalid(pointer, 'Chỉ dùng cho chặng bưu chính.', 'Goes only with a postal leg.')
    return null
  }
  const proof = given ?? kept ?? undefined
  if (!proof || !provesPost(proof)) {
    throw invalid(
      pointer,
      'Chặng bưu chính cần trackingNumber hoặc handoverNumber.',
      'A postal leg needs a trackingNumber or a handoverNumber.',
    )
  }
  return proof
}

const channelChanges = (order: CorrectionOrder, state: DossierState): Correction => {
  if (order.returnedChannel !== undefined && state.returnedChannel === null) {
    throw invalid('/returnedChannel', 'Hồ sơ chưa trả kết quả.', 'The result has not been handed over.')
  }
  const intakeChannel = order.intakeChannel ?? state.intakeChannel
  const returnedChannel = order.returnedChannel ?? state.returnedChannel
  const touchesIntake = order.intakeChannel !== undefined || order.post !== undefined
  const touchesReturn = order.returnedChannel !== undefined || order.returnPost !== undefined
  return {
    intakeChannel: order.intakeChannel,
    intakePost: touchesIntake ? proofAfter('/post', intakeChannel, order.post, state.intakePost) : undefined,
    returnChannel: order.returnChannel,
    returnedChannel: order.returnedChannel,
    returnPost: touchesReturn
      ? proofAfter('/returnPost', returnedChannel, order.returnPost, state.returnPost)
      : undefined,
  }
}

const TIMES = ['submittedAt', 'receivedAt', 'finishedAt', 'returnedAt'] as const

/** A wait that the finish ended ends with the finish as it is right. */
const pausesAfter = ({ finishedAt }: CorrectionOrder, state: DossierState): readonly PauseFacts[] => {
  const last = state.pauses.at(-1)
  if (!finishedAt || last?.[2] !== 'finish' || last[1] !== state.finishedAt?.toISOString()) return state.pauses
  return state.pauses.with(-1, [last[0], finishedAt.toISOString(), 'finish'])
}

type Moment = { field: (typeof TIMES)[number] | undefined; at: Date }

/** The times of a dossier as they must stand, one after the other, with whatever happened between receipt and end. */
const timeLine = (order: CorrectionOrder, state: DossierState): readonly Moment[] => {
  const { clockFrom, extendedAt, receivedAt, wait } = state
  const restarted = clockFrom && receivedAt && clockFrom > receivedAt ? clockFrom : null
  const between = [restarted, extendedAt, ...pausesAfter(order, state).flatMap(pauseOf), wait?.since ?? null]
    .flatMap((at) => (at === null ? [] : new Date(at)))
    .toSorted((a, b) => a.getTime() - b.getTime())
  const line = [
    { field: 'submittedAt' as const, at: order.submittedAt ?? state.submittedAt },
    { field: 'receivedAt' as const, at: order.receivedAt ?? receivedAt },
    ...between.map((at) => ({ field: undefined, at })),
    { field: 'finishedAt' as const, at: order.finishedAt ?? state.closedAt },
    { field: 'returnedAt' as const, at: order.returnedAt ?? state.returnedAt },
  ]
  return line.flatMap(({ field, at }) => (at === null ? [] : { field, at }))
}

const checkTimes = (order: CorrectionOrder, state: DossierState, correctedAt: Date): void => {
  for (const field of TIMES) {
    const given = order[field]
    if (given === undefined) continue
    // What was taken for another channel may turn out to have been submitted.
    const mayBeNew = field === 'submittedAt' && (order.intakeChannel ?? state.intakeChannel) === 'online'
    if (state[field] === null && !mayBeNew)
      throw invalid(`/${field}`, 'Việc này chưa xảy ra.', 'That has not happened yet.')
    if (given > correctedAt) {
      throw invalid(`/${field}`, 'Không được sau lúc đính chính.', 'Must not lie after the correction itself.')
    }
  }
  const line = timeLine(order, state)
  const wrong = line.findIndex(({ at }, i) => i > 0 && at.getTime() < Number(line[i - 1]?.at.getTime()))
  if (wrong < 0) return
  const given = [line[wrong], line[wrong - 1]].find((one) => one?.field && order[one.field])
  throw invalid(
    `/${given?.field}`,
    'Thứ tự thời gian của hồ sơ không còn đúng: nộp, tiếp nhận, chờ, xong, trả.',
    'The times of the dossier would be out of order: submitted, received, waited, finished, returned.',
  )
}

const text = (instant: Date | undefined): string | undefined => instant?.toISOString()

const RECOUNTED = ['procedureCode', 'withVerification', 'resolvingAgency', 'receivedAt'] as const

const given = ({ procedureCode, resolvingAgency, withVerification }: CorrectionOrder) => ({
  ...(procedureCode === undefined ? {} : { procedureCode }),
  ...(resolvingAgency === undefined ? {} : { resolvingAgency }),
  ...(withVerification === undefined ? {} : { withVerification }),
})

/** A received dossier's promise, counted anew from what is right now; its waits and its extension stay. */
const promiseAfter = (order: CorrectionOrder, state: DossierState, reference: Reference): PromiseFacts | null => {
  const pauses = pausesAfter(order, state)
  const isRecounted = pauses !== state.pauses || RECOUNTED.some((field) => order[field] !== undefined)
  if (state.receivedAt === null) {
    // What could not be promised on acceptance is refused here, while someone can still mend it.
    if (isRecounted && state.submittedAt)
      promiseFor({ ...state, ...given(order) }, state.submittedAt.getTime(), reference)
    return null
  }
  if (!isRecounted) return null
  const counting = countingOf(state)
  const receivedAt = order.receivedAt ?? state.receivedAt
  const governed = order.procedureCode !== undefined || order.receivedAt !== undefined
  const fromReceipt = counting.clockFrom.getTime() === state.receivedAt.getTime()
  const right = {
    ...counting,
    ...(governed ? governingLimit(order.procedureCode ?? state.procedureCode, receivedAt.getTime(), reference) : {}),
    resolvingAgency: order.resolvingAgency ?? state.resolvingAgency,
    withVerification: order.withVerification ?? state.withVerification,
    clockFrom: fromReceipt ? receivedAt : counting.clockFrom,
    pauses,
  }
  return promiseAnew(state, right, reference)
}

const acceptanceAfter = (order: CorrectionOrder, state: DossierState, reference: Reference): string | null => {
  const submittedAt = order.submittedAt ?? state.submittedAt
  if (state.acceptanceDueAt === null || !submittedAt) return null
  if (order.submittedAt === undefined && order.resolvingAgency === undefined) return null
  const { working } = reference.scheduleOf(order.resolvingAgency ?? state.resolvingAgency)
  return new Date(acceptanceDueAt(working, submittedAt.getTime())).toISOString()
}

/**
 * Decides a correction: what was recorded wrongly is put right by an event of its own; the event that was wrong
 * stays as it is, and so does the first promise. Refuses what names nothing, or would put times out of order.
 */
export const decideCorrection = (
  order: CorrectionOrder,
  state: DossierState,
  reference: Reference,
  correctedAt: Date,
): CorrectionFacts => {
  checkPlaces(order, state, reference)
  checkTimes(order, state, correctedAt)
  const wanted: Correction = {
    procedureCode: order.procedureCode,
    withVerification: order.withVerification,
    receivingAgency: order.receivingAgency,
    resolvingAgency: order.resolvingAgency,
    ...channelChanges(order, state),
    submittedAt: text(order.submittedAt),
    receivedAt: text(order.receivedAt),
    finishedAt: text(order.finishedAt),
    returnedAt: text(order.returnedAt),
  }
  const changes: Correction = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined))
  if (Object.keys(changes).length === 0) {
    throw invalid('', 'Hãy nêu ít nhất một mục cần sửa.', 'Name at least one thing to correct.')
  }
  return {
    changes,
    acceptanceDueAt: acceptanceAfter(order, state, reference),
    promise: promiseAfter(order, state, reference),
  }
}
