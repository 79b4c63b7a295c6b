import type { Language } from '../language.ts'
import { type Punctuality, punctuality } from '../sla/standing.ts'
import { type DossierState, type PostalProof, STATUSES, type Status } from './dossier.ts'

export const statusView = (status: Status, language: Language) => ({
  code: status,
  key: STATUSES[status].key,
  label: STATUSES[status][language],
})

/** `null` where no clock ran, or where it ended without a result: not received, withdrawn. */
export const punctualityOf = (
  { onTimeFrom, lateFrom, finishedAt, closedAt }: DossierState,
  asOf: Date,
): Punctuality | null => {
  if (!onTimeFrom || !lateFrom || (closedAt && !finishedAt)) return null
  const promise = { onTimeFrom: onTimeFrom.getTime(), lateFrom: lateFrom.getTime() }
  return punctuality(promise, finishedAt?.getTime() ?? null, asOf.getTime())
}

/** In one order of its members: the database keeps another, and a first answer is repeated byte for byte. */
const proofView = (proof: PostalProof | null): PostalProof | null =>
  proof && { trackingNumber: proof.trackingNumber, handoverNumber: proof.handoverNumber }

/** A dossier for the wire, without the applicant. */
export const dossierView = (dossier: DossierState, asOf: Date, language: Language) => ({
  code: dossier.code,
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
  punctuality: punctualityOf(dossier, asOf),
  finishedAt: dossier.finishedAt,
  returnedAt: dossier.returnedAt,
})
