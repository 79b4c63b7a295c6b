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
  /** `effectiveFrom` of the procedure's version in force at receipt, and its limit: both frozen there. */
  procedureVersion: string | null
  limit: Limit | null
  /** Whether that limit was sample data, not checked against the law. */
  sampleLimit: boolean | null
  /** The calendar version and hours by which the promise was counted. */
  scheduleId: number | null
  dueOn: string | null
  dueAt: Date | null
  onTimeFrom: Date | null
  lateFrom: Date | null
  firstDueAt: Date | null
  provisional: boolean | null
  finishedAt: Date | null
  returnedAt: Date | null
  /** When the clock stopped for good: finished, refused or withdrawn. */
  closedAt: Date | null
  /** When its last event happened; nothing later may be said to have happened earlier. */
  lastEventAt: Date
}

/** The stored row. */
export type Dossier = DossierState & { id: number; applicant: Applicant | null }
