import type { Language } from '../language.ts'
import { type Punctuality, punctuality } from '../sla/standing.ts'
import { type DossierState, type PostalProof, STATUSES, type Status } from './dossier.ts'

export const statusView = (status: Status, language: Language) => ({
  code: status,
  key: STATUSES[status].key,
  label: STATUSES[status][language],
})

/** The two readings of when a dossier was finished: when it happened, and when it was recorded. */
export const TIMES = ['effective', 'recorded'] as const
export type Time = (typeof TIMES)[number]

const timeOf = (at: Date | null): number | null => at?.getTime() ?? null

/** `null` where no clock ran, or where it ended without a result: not received, withdrawn, stopped. */
export const punctualityOf = (
  { receivedAt, onTimeFrom, lateFrom, overdueFrom, finishedAt, closedAt, closedRecordedAt }: DossierState,
  asOf: Date,
  by: Time = 'effective',
): Punctuality | null => {
  if (receivedAt === null || (closedAt && !finishedAt)) return null
  const judges = {
    onTimeFrom: timeOf(onTimeFrom),
    lateFrom: timeOf(lateFrom),
    overdueFrom: timeOf(overdueFrom),
  }
  const finished = finishedAt && by === 'recorded' ? closedRecordedAt : finishedAt
  return punctuality(judges, timeOf(finished), asOf.getTime())
}

/** A stopped dossier still knows what it waited for, but waits no longer. */
const waitingView = ({ wait, closedAt }: DossierState) =>
  wait && closedAt === null ? { for: wait.for, since: new Date(wait.since) } : null

/** What became of the first promise: `null` where none was given or the dossier ended without a result. */
const keptFirstPromise = ({ firstLateFrom, finishedAt }: DossierState): boolean | null =>
  firstLateFrom && finishedAt && finishedAt < firstLateFrom

/** In one order of its members: the database keeps another, and a first answer is repeated byte for byte. */
const proofView = (proof: PostalProof | null): PostalProof | null =>
  proof && { trackingNumber: proof.trackingNumber, handoverNumber: proof.handoverNumber }

/** A dossier for the wire, without the applicant. */
export const dossierView = (dossier: DossierState, asOf: Date, language: Language) => ({
  code: dossier.code,
  version: dossier.version,
  status: statusView(dossier.status, language),
  procedureCode: dossier.procedureCode,
  procedureVersion: dossier.procedureVersion,
  receivingAgency: dossier.receivingAgency,
  resolvingAgency: dossier.resolvingAgency,
  intakeChannel: dossier.intakeChannel,
  returnChannel: dossier.returnChannel,
  returnedChannel: dossier.returnedChannel,
  post: proofView(dossier.intakePost),
  returnPost: proofView(dossier.returnPost),
  withVerification: dossier.withVerification,
  source:
    dossier.sourceSystem !== null && dossier.sourceReference !== null
      ? { system: dossier.sourceSystem, reference: dossier.sourceReference }
      : null,
  submittedAt: dossier.submittedAt,
  acceptanceDueAt: dossier.acceptanceDueAt,
  receivedAt: dossier.receivedAt,
  dueOn: dossier.dueOn,
  dueAt: dossier.dueAt,
  lateFrom: dossier.lateFrom,
  firstDueAt: dossier.firstDueAt,
  provisional: dossier.provisional,
  overdueFrom: dossier.overdueFrom,
  punctuality: punctualityOf(dossier, asOf),
  punctualityAsRecorded: punctualityOf(dossier, asOf, 'recorded'),
  waiting: waitingView(dossier),
  extension: dossier.extendedAt && { sentAt: dossier.extendedAt, workingDays: dossier.extendedDays },
  finishedAt: dossier.finishedAt,
  finishRecordedAt: dossier.finishedAt && dossier.closedRecordedAt,
  keptFirstPromise: keptFirstPromise(dossier),
  returnedAt: dossier.returnedAt,
})
