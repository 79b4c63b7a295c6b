import type { Limit } from '../sla/term.ts'

/** Ways in and ways out: trực tiếp, bưu chính công ích, trực tuyến. */
export const CHANNELS = ['desk', 'post', 'online'] as const
export type Channel = (typeof CHANNELS)[number]

/** The ten national statuses (Cổng Dịch vụ công quốc gia). */
export const STATUSES = {
  1: { key: 'submitted', vi: 'Mới đăng ký', en: 'Submitted' },
  2: { key: 'received', vi: 'Được tiếp nhận', en: 'Received' },
  3: { key: 'refused', vi: 'Không được tiếp nhận', en: 'Refused at intake' },
  4: { key: 'processing', vi: 'Đang xử lý', en: 'Processing' },
  5: { key: 'supplement_requested', vi: 'Yêu cầu bổ sung giấy tờ', en: 'Supplement requested' },
  6: { key: 'awaiting_payment', vi: 'Yêu cầu thực hiện nghĩa vụ tài chính', en: 'Awaiting payment' },
  7: { key: 'withdrawn', vi: 'Công dân yêu cầu rút hồ sơ', en: 'Withdrawn' },
  8: { key: 'stopped', vi: 'Dừng xử lý', en: 'Stopped' },
  9: { key: 'finished', vi: 'Đã xử lý xong', en: 'Finished' },
  10: { key: 'returned', vi: 'Đã trả kết quả', en: 'Returned' },
} as const
export type Status = keyof typeof STATUSES

/** What proves a postal leg: the postal tracking number or the handover record (Biên bản giao nhận). */
export type PostalProof = { trackingNumber?: string | undefined; handoverNumber?: string | undefined }

/** The person or business who applies. Personal data stand here alone, never in the trail. */
export type Applicant = {
  name: string
  idNumber?: string | undefined
  phone?: string | undefined
  address?: string | undefined
}

/** What of an applicant is never kept in clear. */
export const NUMBER_FIELDS = ['idNumber', 'phone'] as const
export type NumberField = (typeof NUMBER_FIELDS)[number]

/** A number encrypted, with the blind index by which it is found; or in clear, from before there was encryption. */
export type KeptNumber = string | { cipher: string; index: string }

/** An applicant as the row keeps them (`people/applicant.ts`). */
export type KeptApplicant = Omit<Applicant, NumberField> & Partial<Record<NumberField, KeptNumber>>

/** What a dossier may wait for; meanwhile its clock stands still. */
export const WAITS = ['supplement', 'payment'] as const
export type WaitFor = (typeof WAITS)[number]

/** What a dossier waits for, since when (ISO 8601, UTC), and the status to which it comes back. */
export type Wait = { for: WaitFor; since: string; status: Status }

/** From when until when the clock stood still (ISO 8601, UTC), and whether the finish itself was the end of it. */
export type PauseFacts = readonly [stops: string, resumes: string, endedBy?: 'finish']

/** A dossier as its events leave it. Everything about the clock is `null` until it is received. */
export type DossierState = {
  code: string
  /** The number of its last event. */
  version: number
  status: Status
  procedureCode: string
  receivingAgency: string
  resolvingAgency: string
  intakeChannel: Channel
  intakePost: PostalProof | null
  /** The channel asked for at intake; the one really used is `returnedChannel`. */
  returnChannel: Channel
  returnedChannel: Channel | null
  returnPost: PostalProof | null
  withVerification: boolean
  sourceSystem: string | null
  sourceReference: string | null
  submittedAt: Date | null
  acceptanceDueAt: Date | null
  receivedAt: Date | null
  receivedRecordedAt: Date | null
  /** `effectiveFrom` of the procedure's version in force at receipt, and its limit: both frozen there. */
  procedureVersion: string | null
  limit: Limit | null
  /** Whether that limit was sample data, not checked against the law. */
  sampleLimit: boolean | null
  /** The calendar version and hours by which the promise was counted. */
  scheduleId: number | null
  /** Where the running term counts from: the receipt, or that of the supplemented papers. */
  clockFrom: Date | null
  /** When the clock stood still since then. */
  pauses: readonly PauseFacts[]
  wait: Wait | null
  /** The appointment; like all that judges it `null` while the clock stands still, unless it had passed before. */
  dueOn: string | null
  dueAt: Date | null
  /** Finished before this is early, from `lateFrom` on late: what the law gives, without an extension. */
  onTimeFrom: Date | null
  lateFrom: Date | null
  /** Open from this on is overdue: as `lateFrom`, or the end of an extension. */
  overdueFrom: Date | null
  /** The first promise. It never changes. */
  firstDueAt: Date | null
  firstLateFrom: Date | null
  provisional: boolean | null
  /** When an apology with a new date was sent, and how many working days it added to the running term. */
  extendedAt: Date | null
  extendedDays: number | null
  finishedAt: Date | null
  returnedAt: Date | null
  /** When the clock stopped: finished, refused, withdrawn or stopped. */
  closedAt: Date | null
  closedRecordedAt: Date | null
  /** Since when all that puts it on a list has been as it is; how it stood before is kept apart. */
  standsFrom: Date
  /** When its last event happened; nothing later may be said to have happened earlier. */
  lastEventAt: Date
}

/** The stored row. `head` is the hash of the dossier's last event. */
export type Dossier = DossierState & { id: number; head: string; applicant: KeptApplicant | null }
