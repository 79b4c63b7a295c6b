import { z } from 'zod'
import { deadlineFields, explanation } from '../deadlines/schemas.ts'
import { nextCursor, pageQuery } from '../http/page.ts'
import { message } from '../http/problems.ts'
import { agencyCode, date, instant, line, procedureCode } from '../http/wire.ts'
import { CODE_PATTERN, isCode } from './code.ts'
import { CHANNELS, STATUSES } from './dossier.ts'
import { MOVE_NAMES, MOVES } from './lifecycle.ts'

export const PUNCTUALITIES = ['in_time', 'overdue', 'early', 'on_time', 'late'] as const

export const channel = z.enum(CHANNELS)

export const dossierCode = z
  .string()
  .max(60)
  .regex(CODE_PATTERN)
  .refine(isCode)
  .meta({ description: 'Mã hồ sơ · the dossier’s code', examples: ['H20.19.05-210831-0001'] })

const codeIssuedElsewhere = z
  .string()
  .max(60)
  .refine(isCode, {
    error: message(
      'Mã hồ sơ có dạng H20.19.05-210907-0001 với ngày có thật.',
      'A dossier code looks like H20.19.05-210907-0001, with a real day in it.',
    ),
  })

const postalNumber = line(64)

const postalProof = z
  .strictObject({
    trackingNumber: postalNumber
      .optional()
      .meta({ description: 'Số vận đơn · the tracking number', examples: ['EB123456789VN'] }),
    handoverNumber: postalNumber
      .optional()
      .meta({ description: 'Số biên bản giao nhận · the handover record’s number', examples: ['BBGN-12/2021'] }),
  })
  .meta({ id: 'PostalProof', description: 'Chứng cứ chặng bưu chính · what proves a postal leg' })

const applicant = z
  .strictObject({
    name: line(200).meta({ description: 'Họ tên hoặc tên doanh nghiệp · the name', examples: ['Nguyễn Văn An'] }),
    idNumber: line(32)
      .optional()
      .meta({ description: 'Số định danh · the identity number', examples: ['087123456789'] }),
    phone: line(32)
      .optional()
      .meta({ description: 'Điện thoại · the phone number', examples: ['0912345678'] }),
    address: line(500)
      .optional()
      .meta({ description: 'Địa chỉ · the address', examples: ['Ấp Long Hòa, xã Long Thuận'] }),
  })
  .meta({ id: 'Applicant', description: 'Người nộp hồ sơ · the person or business who applies' })

const source = z
  .strictObject({
    system: line(100).meta({ description: 'Hệ thống gửi · the sending system', examples: ['mot-cua-hong-ngu'] }),
    reference: line(200).meta({
      description: 'Mã tại hệ thống đó · its reference there',
      examples: ['HS-2021-004512'],
    }),
  })
  .meta({ id: 'Source', description: 'Cùng source là cùng một hồ sơ · the same source is one dossier' })

const intakeChannel = channel.meta({
  description: 'Hình thức tiếp nhận: desk trực tiếp, post bưu chính công ích, online trực tuyến · how it came in',
  examples: ['desk'],
})
const returnChannel = channel.meta({
  description: 'Hình thức trả kết quả đã chọn · how the result is to go out',
  examples: ['post'],
})

export const intakeBody = z
  .strictObject({
    procedureCode,
    receivingAgency: agencyCode,
    resolvingAgency: agencyCode.optional(),
    intakeChannel,
    returnChannel,
    applicant,
    receivedAt: instant.optional().meta({
      description:
        'desk: mặc định bây giờ; post: bắt buộc, lúc ký biên bản giao nhận; online: lúc tiếp nhận · desk: now by default; post: needed, the signing of the handover record; online: the acceptance',
      examples: ['2021-08-31T09:00:00+07:00'],
    }),
    submittedAt: instant.optional().meta({ description: 'Lúc nộp trực tuyến · online: when it was submitted' }),
    post: postalProof.optional(),
    withVerification: z
      .boolean()
      .optional()
      .meta({ description: 'Phải xác minh · the case must be verified', examples: [false] }),
    source: source.optional(),
    code: codeIssuedElsewhere
      .optional()
      .meta({ description: 'Mã đã cấp ở nơi khác · a code issued elsewhere', examples: ['000.00.19.H20-210831-0007'] }),
  })
  .meta({ id: 'DossierBody', description: 'Hồ sơ để tiếp nhận · a dossier to take in' })

const status = z
  .object({
    code: z
      .int()
      .min(1)
      .max(10)
      .meta({ description: 'Mã trạng thái quốc gia 1–10 · the national status', examples: [2] }),
    key: z
      .enum(Object.values(STATUSES).map(({ key }) => key))
      .meta({ description: 'Tên máy · its key', examples: ['received'] }),
    label: z.string().meta({ description: 'Tên hiển thị · its label', examples: ['Được tiếp nhận'] }),
  })
  .meta({ id: 'Status', description: 'Trạng thái · one of the ten national statuses' })

const punctuality = z
  .enum(PUNCTUALITIES)
  .meta({ description: 'Tình trạng so với hẹn · how it stands against its promise', examples: ['in_time'] })

const whenKnown = (text: string) => instant.nullable().meta({ description: text })

export const dossierFields = {
  code: dossierCode,
  status,
  procedureCode,
  procedureVersion: date
    .nullable()
    .meta({ description: 'Phiên bản thủ tục khi tiếp nhận · the version frozen at receipt', examples: ['2018-06-21'] }),
  receivingAgency: agencyCode.describe('Cơ quan tiếp nhận · the receiving agency'),
  resolvingAgency: agencyCode.describe('Cơ quan giải quyết · the resolving agency'),
  intakeChannel,
  returnChannel,
  returnedChannel: channel.nullable().meta({ description: 'Hình thức đã trả thật · how the result really went out' }),
  post: postalProof.nullable().meta({ description: 'Chứng cứ nhận qua bưu chính · proof of the postal intake' }),
  returnPost: postalProof.nullable().meta({ description: 'Chứng cứ trả qua bưu chính · proof of the postal return' }),
  withVerification: z.boolean().meta({ description: 'Có xác minh · with verification' }),
  source: source.nullable(),
  submittedAt: whenKnown('Lúc nộp trực tuyến · when it was submitted online'),
  acceptanceDueAt: whenKnown(
    'Hạn tiếp nhận hồ sơ trực tuyến, 8 giờ làm việc · by when an online dossier must be accepted or refused',
  ),
  receivedAt: whenKnown('Lúc tiếp nhận, đồng hồ bắt đầu · the receipt, when the clock starts'),
  dueOn: deadlineFields.dueOn.nullable(),
  dueAt: deadlineFields.dueAt.nullable(),
  lateFrom: deadlineFields.lateFrom.nullable(),
  firstDueAt: whenKnown('Lời hẹn đầu tiên, không bao giờ đổi · the first promise; it never changes'),
  provisional: deadlineFields.provisional.nullable(),
  punctuality: punctuality.nullable(),
  finishedAt: whenKnown('Lúc có kết quả, đồng hồ dừng · the result is ready, the clock stops'),
  returnedAt: whenKnown('Lúc trả kết quả · the result was handed over'),
}

export const dossier = z.object(dossierFields).meta({ id: 'Dossier', description: 'Hồ sơ · a dossier' })

export const dossierWithApplicant = z
  .object({ ...dossierFields, applicant: applicant.nullable() })
  .meta({ id: 'DossierWithApplicant', description: 'Hồ sơ kèm người nộp · a dossier with its applicant' })

export const dossierPath = z.object({ code: dossierCode })

const effectiveAt = instant.optional().meta({
  description: 'Lúc việc xảy ra; mặc định bây giờ · when it happened; now by default',
  examples: ['2021-09-08T15:30:00+07:00'],
})
const note = line(1000)
  .optional()
  .meta({ description: 'Ghi chú · a note', examples: ['Đã đủ hồ sơ'] })

export const moveBody = z
  .strictObject({ effectiveAt, note })
  .meta({ id: 'MoveBody', description: 'Một bước chuyển · a move' })

export const returnBody = z
  .strictObject({
    effectiveAt,
    note,
    channel: channel
      .optional()
      .meta({ description: 'Hình thức trả thật; mặc định như đã chọn · the way it really went', examples: ['post'] }),
    post: postalProof
      .optional()
      .meta({ description: 'Trả qua bưu chính cần trackingNumber · a return by post needs its trackingNumber' }),
  })
  .meta({ id: 'ReturnBody', description: 'Trả kết quả · handing over the result' })

const EVENT_TYPES = ['submitted', 'received', ...MOVE_NAMES.map((move) => MOVES[move].event)] as const

export const event = z
  .object({
    number: z.int().meta({ description: 'Thứ tự trong hồ sơ · its place in the dossier’s history', examples: [1] }),
    type: z.enum(EVENT_TYPES).meta({ description: 'Việc gì · what happened', examples: ['received'] }),
    effectiveAt: instant.meta({ description: 'Lúc xảy ra · when it happened' }),
    recordedAt: instant.meta({ description: 'Lúc ghi nhận · when it was recorded' }),
    note: z.string().nullable().meta({ description: 'Ghi chú · a note' }),
    keyId: z.string().meta({ description: 'Khóa API đã ghi · which key', examples: ['key_bootstrap'] }),
    requestId: z.string().meta({ description: 'Mã yêu cầu · which request' }),
    facts: z
      .record(z.string(), z.unknown())
      .meta({ description: 'Toàn bộ dữ kiện của việc đó · everything it decided' }),
  })
  .meta({
    id: 'Event',
    description: 'Một dòng của nhật ký hồ sơ, không bao giờ sửa · one entry of the trail; it never changes',
  })

export const eventPage = z.object({ items: z.array(event).meta({ description: 'Theo thứ tự · in order' }) })

export const dossiersQuery = z.strictObject({
  agency: agencyCode
    .optional()
    .describe('Cơ quan này và cấp dưới, tiếp nhận hoặc giải quyết · this agency and all below'),
  procedure: procedureCode.optional(),
  channel: channel.optional().meta({ description: 'Hình thức tiếp nhận · the intake channel' }),
  status: z
    .enum(Object.values(STATUSES).map(({ key }) => key))
    .optional()
    .meta({ description: 'Trạng thái · the status', examples: ['received'] }),
  punctuality: punctuality.optional(),
  receivedFrom: date
    .optional()
    .meta({ description: 'Tiếp nhận từ ngày · received from this day', examples: ['2021-01-01'] }),
  receivedTo: date
    .optional()
    .meta({ description: 'Tiếp nhận đến hết ngày · received up to this day', examples: ['2021-09-30'] }),
  ...pageQuery,
})

export const dossierPage = z.object({
  items: z.array(dossier).meta({ description: 'Mới ghi nhận trước · newest first' }),
  nextCursor,
})

export const dossierDeadline = z
  .object({
    code: dossierCode,
    firstDueAt: instant.meta({ description: 'Lời hẹn đầu tiên · the first promise' }),
    ...explanation.shape,
  })
  .meta({
    id: 'DossierDeadline',
    description: 'Giải trình thời hạn của hồ sơ · why a dossier’s deadline is what it is',
  })
