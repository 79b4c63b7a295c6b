import type { Reference } from '../reference.ts'
import { invalid, Refusal } from '../refusal.ts'
import { acceptanceDueAt } from '../sla/deadline.ts'
import type { Applicant, Channel, PostalProof } from './dossier.ts'
import type { DossierEvent, IntakeFacts } from './event.ts'
import { promiseFor } from './promise.ts'
import { type Bench, isRecordedLate } from './recording.ts'

/** What front-desk software hands in. */
export type Intake = {
  procedureCode: string
  receivingAgency: string
  resolvingAgency?: string | undefined
  intakeChannel: Channel
  returnChannel: Channel
  applicant: Applicant
  receivedAt?: Date | undefined
  submittedAt?: Date | undefined
  post?: PostalProof | undefined
  withVerification?: boolean | undefined
  source?: { system: string; reference: string } | undefined
  code?: string | undefined
}

export const provesPost = (post: PostalProof | undefined): boolean =>
  post?.trackingNumber !== undefined || post?.handoverNumber !== undefined

const checkChannel = ({ intakeChannel, post, receivedAt, submittedAt }: Intake): void => {
  if (intakeChannel === 'post') {
    if (!provesPost(post)) {
      throw invalid(
        '/post',
        'Hồ sơ nhận qua bưu chính cần trackingNumber hoặc handoverNumber.',
        'A dossier received by post needs a trackingNumber or a handoverNumber.',
      )
    }
    if (!receivedAt) {
      throw invalid(
        '/receivedAt',
        'Hồ sơ nhận qua bưu chính cần thời điểm ký biên bản giao nhận.',
        'A dossier received by post needs the moment at which the handover record was signed.',
      )
    }
  } else if (post) {
    throw invalid('/post', 'Chỉ dùng khi intakeChannel là post.', 'Goes only with intakeChannel post.')
  }
  if (submittedAt && intakeChannel !== 'online') {
    throw invalid('/submittedAt', 'Chỉ dùng khi intakeChannel là online.', 'Goes only with intakeChannel online.')
  }
}

const checkTimes = ({ receivedAt, submittedAt }: Intake, now: Date): void => {
  const future =
    receivedAt && receivedAt > now ? '/receivedAt' : submittedAt && submittedAt > now ? '/submittedAt' : undefined
  if (future) throw invalid(future, 'Không được ở tương lai.', 'Must not lie in the future.')
  if (receivedAt && submittedAt && submittedAt > receivedAt) {
    throw invalid('/submittedAt', 'Phải trước hoặc bằng receivedAt.', 'Must not come after receivedAt.')
  }
}

const checkPlaces = (intake: Intake, reference: Reference): void => {
  const procedure = reference.procedures.get(intake.procedureCode)
  if (!procedure) throw invalid('/procedureCode', 'Không có thủ tục này.', 'There is no such procedure.')
  if (!procedure.postAllowed && (intake.intakeChannel === 'post' || intake.returnChannel === 'post')) {
    throw new Refusal('post_not_allowed', { procedure: procedure.code })
  }
  for (const field of ['receivingAgency', 'resolvingAgency'] as const) {
    const agency = intake[field]
    if (agency !== undefined && !reference.agencies.has(agency)) {
      throw invalid(`/${field}`, 'Không có cơ quan này.', 'There is no such agency.')
    }
  }
}

/** By when an online dossier must be accepted or refused, by the hours of who resolves it. */
const acceptBy = ({ resolvingAgency }: IntakeFacts, submittedAt: Date, reference: Reference): string =>
  new Date(acceptanceDueAt(reference.scheduleOf(resolvingAgency).working, submittedAt.getTime())).toISOString()

/**
 * Decides how a dossier begins: received, with its promise, or — online and not yet accepted — submitted.
 * The code is filled in where it is issued.
 */
export const decideIntake = (intake: Intake, bench: Bench): DossierEvent => {
  const { reference, now } = bench
  checkChannel(intake)
  checkTimes(intake, now)
  checkPlaces(intake, reference)
  const facts: IntakeFacts = {
    code: intake.code ?? '',
    procedureCode: intake.procedureCode,
    receivingAgency: intake.receivingAgency,
    resolvingAgency: intake.resolvingAgency ?? intake.receivingAgency,
    intakeChannel: intake.intakeChannel,
    intakePost: intake.post ?? null,
    returnChannel: intake.returnChannel,
    withVerification: intake.withVerification ?? false,
    sourceSystem: intake.source?.system ?? null,
    sourceReference: intake.source?.reference ?? null,
    submittedAt: intake.submittedAt?.toISOString() ?? null,
  }
  const openedAt = (effectiveAt: Date) => ({
    number: 1,
    effectiveAt,
    recordedAt: now,
    recordedLate: isRecordedLate(intake.receivingAgency, effectiveAt, bench),
  })
  const receivedAt = intake.receivedAt ?? (intake.intakeChannel === 'online' ? undefined : now)
  if (receivedAt) {
    const promise = promiseFor(facts, receivedAt.getTime(), reference)
    const accepted = intake.submittedAt && { acceptanceDueAt: acceptBy(facts, intake.submittedAt, reference) }
    return { ...openedAt(receivedAt), type: 'received', facts: { intake: facts, promise, ...accepted } }
  }
  const submittedAt = intake.submittedAt ?? now
  // A limit that could not be promised on acceptance is refused here, while someone can still mend it.
  promiseFor(facts, submittedAt.getTime(), reference)
  return {
    ...openedAt(submittedAt),
    type: 'submitted',
    facts: {
      intake: { ...facts, submittedAt: submittedAt.toISOString() },
      acceptanceDueAt: acceptBy(facts, submittedAt, reference),
    },
  }
}
