import { z } from 'zod'
import { deadlineFields, explanation } from '../deadlines/schemas.ts'
import { onceHeaders } from '../http/once.ts'
import { nextCursor, pageQuery } from '../http/page.ts'
import { message } from '../http/problems.ts'
import { agencyCode, date, instant, line, procedureCode } from '../http/wire.ts'
import { PUNCTUALITIES } from '../sla/standing.ts'
import { CODE_PATTERN, isCode } from './code.ts'
import { CHANNELS, STATUSES, WAITS } from './dossier.ts'
import { MOVE_NAMES, MOVES, type Move } from './lifecycle.ts'
import { TIMES } from './view.ts'

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

export const officer = line(100)
  .optional()
  .meta({
    description: 'Cán bộ thực hiện; hoặc tiêu đề X-Officer · who did it; or the header X-Officer',
    examples: ['cb-017'],
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

export const applicant = z
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
    officer,
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
  version: z
    .int()
    .meta({ description: 'Phiên bản, gửi lại trong If-Match · its version, for If-Match', examples: [1] }),
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
  overdueFrom: whenKnown(
    'Chưa xong từ lúc này trở đi là quá hạn; null khi đang chờ · open from this on is overdue; null while it waits',
  ),
  punctuality: punctuality.nullable(),
  punctualityAsRecorded: punctuality
    .nullable()
    .meta({ description: 'Theo lúc ghi nhận thay vì lúc xảy ra · by when the finish was recorded' }),
  waiting: z
    .object({
      for: z.enum(WAITS).meta({ description: 'Chờ bổ sung hay chờ nộp tiền · what for', examples: ['supplement'] }),
      since: instant.meta({ description: 'Từ lúc nào · since when' }),
    })
    .nullable()
    .meta({ description: 'Đang chờ công dân, đồng hồ dừng · waits for the citizen, the clock stands still' }),
  extension: z
    .object({
      sentAt: instant.meta({ description: 'Lúc gửi thư xin lỗi và hẹn lại · when the apology was sent' }),
      workingDays: z
        .int()
        .nullable()
        .meta({ description: 'Số ngày làm việc thêm; null khi thời hạn đã tính lại từ đầu · how many were added' }),
    })
    .nullable()
    .meta({ description: 'Xin lỗi và hẹn lại · the apology with a new date' }),
  finishRecordedAt: whenKnown('Lúc ghi nhận việc xử lý xong · when the finish was recorded'),
  keptFirstPromise: z
    .boolean()
    .nullable()
    .meta({ description: 'Xong trong lời hẹn đầu tiên, dù hẹn có dời · finished within the first promise' }),
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

const plain = { effectiveAt, note, officer }

const ground = line(500).meta({
  description: 'Căn cứ pháp lý · the legal ground',
  examples: ['Nghị định 61/2018/NĐ-CP Đ.17'],
})
const reason = line(1000).meta({ description: 'Lý do · why', examples: ['Ghi nhầm hình thức tiếp nhận'] })

const moveBody = z.strictObject(plain).meta({ id: 'MoveBody', description: 'Một bước chuyển · a move' })

const corrections = {
  procedureCode: procedureCode.optional(),
  withVerification: z.boolean().optional().meta({ description: 'Có xác minh · with verification' }),
  receivingAgency: agencyCode.optional().describe('Cơ quan tiếp nhận đúng · the right receiving agency'),
  resolvingAgency: agencyCode.optional().describe('Cơ quan giải quyết đúng · the right resolving agency'),
  intakeChannel: intakeChannel.optional(),
  post: postalProof.optional(),
  returnChannel: returnChannel.optional(),
  returnedChannel: channel.optional().meta({ description: 'Hình thức đã trả thật · how it really went out' }),
  returnPost: postalProof.optional(),
  submittedAt: instant.optional().meta({ description: 'Lúc nộp đúng · the right time of submission' }),
  receivedAt: instant.optional().meta({ description: 'Lúc tiếp nhận đúng · the right time of receipt' }),
  finishedAt: instant.optional().meta({ description: 'Lúc xong đúng · the right time of finishing' }),
  returnedAt: instant.optional().meta({ description: 'Lúc trả đúng · the right time of handing over' }),
}

/** What each move is told. */
export const MOVE_BODIES: Readonly<Record<Move, z.ZodObject>> = {
  accept: moveBody,
  refuse: moveBody,
  start: moveBody,
  finish: moveBody,
  withdraw: moveBody,
  'supplement-received': moveBody,
  'payment-received': moveBody,
  'request-supplement': z
    .strictObject({
      ...plain,
      missing: line(1000).meta({
        description: 'Giấy tờ còn thiếu · what is missing',
        examples: ['Bản sao giấy chứng sinh'],
      }),
      ground,
    })
    .meta({ id: 'SupplementRequestBody', description: 'Yêu cầu bổ sung, một lần và đầy đủ · a supplement request' }),
  'await-payment': z
    .strictObject({ ...plain, ground })
    .meta({ id: 'PaymentBody', description: 'Yêu cầu thực hiện nghĩa vụ tài chính · a payment to wait for' }),
  extend: z
    .strictObject({
      ...plain,
      workingDays: z
        .int()
        .min(1)
        .max(365)
        .optional()
        .meta({ description: 'Thêm bấy nhiêu ngày làm việc · so many working days more', examples: [3] }),
      dueOn: date.optional().meta({ description: 'Hoặc ngày hẹn mới · or the new date', examples: ['2021-09-10'] }),
      reason,
      apologyNumber: line(100).meta({
        description: 'Số thư xin lỗi và hẹn lại · the apology letter’s number',
        examples: ['12/TXL-UBND'],
      }),
    })
    .refine(({ workingDays, dueOn }) => (workingDays === undefined) !== (dueOn === undefined), {
      error: message('Nêu đúng một trong workingDays và dueOn.', 'Give exactly one of workingDays and dueOn.'),
    })
    .meta({ id: 'ExtensionBody', description: 'Xin lỗi và hẹn lại · an apology with a new date' }),
  stop: z.strictObject({ ...plain, ground }).meta({ id: 'StopBody', description: 'Dừng xử lý · stopping the case' }),
  reopen: z
    .strictObject({
      ...plain,
      reason,
      approver: line(200).meta({ description: 'Người phê duyệt · who approved it', examples: ['cb-002'] }),
    })
    .meta({ id: 'ReopeningBody', description: 'Mở lại có lý do · a reasoned reopening' }),
  correct: z.strictObject({ ...plain, ...corrections, reason }).meta({
    id: 'CorrectionBody',
    description: 'Đính chính; nêu mục sai với giá trị đúng · what was wrong, put right',
  }),
  return: z
    .strictObject({
      ...plain,
      channel: channel
        .optional()
        .meta({ description: 'Hình thức trả thật; mặc định như đã chọn · the way it really went', examples: ['post'] }),
      post: postalProof
        .optional()
        .meta({ description: 'Trả qua bưu chính cần trackingNumber · a return by post needs its trackingNumber' }),
    })
    .meta({ id: 'ReturnBody', description: 'Trả kết quả · handing over the result' }),
}

/** Moves that may be made without a word. */
export const WORDLESS: readonly Move[] = MOVE_NAMES.filter((move) => MOVE_BODIES[move].safeParse({}).success)

export const ifMatchHeaders = onceHeaders.extend({
  'if-match': z
    .string()
    .regex(/^(?:\*|"[1-9]\d{0,8}")$/, {
      error: message('Là ETag của hồ sơ, ví dụ "3", hoặc *.', 'Is the dossier’s ETag, such as "3", or *.'),
    })
    .optional()
    .meta({
      description: 'ETag đã đọc; nếu hồ sơ đã đổi thì 412 · the ETag that was read; 412 where the dossier has changed',
      examples: ['"3"'],
    }),
})

const EVENT_TYPES = ['submitted', 'received', ...MOVE_NAMES.map((move) => MOVES[move].event), 'recalculated'] as const

export const event = z
  .object({
    number: z.int().meta({ description: 'Thứ tự trong hồ sơ · its place in the dossier’s history', examples: [1] }),
    type: z.enum(EVENT_TYPES).meta({ description: 'Việc gì · what happened', examples: ['received'] }),
    effectiveAt: instant.meta({ description: 'Lúc xảy ra · when it happened' }),
    recordedAt: instant.meta({ description: 'Lúc ghi nhận · when it was recorded' }),
    recordedLate: z
      .boolean()
      .meta({ description: 'Ghi nhận muộn hơn mức cơ quan cho phép · later than the agency’s limit allows' }),
    officer: z
      .string()
      .nullable()
      .meta({ description: 'Cán bộ · the officer', examples: ['cb-017'] }),
    agency: agencyCode.describe('Cơ quan thực hiện · in the name of which agency'),
    note: z.string().nullable().meta({ description: 'Ghi chú · a note' }),
    keyId: z.string().meta({ description: 'Khóa API đã ghi · which key', examples: ['key_bootstrap'] }),
    requestId: z.string().meta({ description: 'Mã yêu cầu · which request' }),
    facts: z
      .record(z.string(), z.unknown())
      .meta({ description: 'Toàn bộ dữ kiện của việc đó · everything it decided' }),
    hash: z.string().meta({
      description: 'SHA-256 nối với sự kiện liền trước · chained onto the event before',
      examples: ['0f3c…'],
    }),
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
  by: z
    .enum(TIMES)
    .default('effective')
    .meta({
      description: 'Xét theo lúc xảy ra hay lúc ghi nhận · judged by when it happened or when it was recorded',
      examples: ['effective'],
    }),
  receivedFrom: date
    .optional()
    .meta({ description: 'Tiếp nhận từ ngày · received from this day', examples: ['2021-01-01'] }),
  receivedTo: date
    .optional()
    .meta({ description: 'Tiếp nhận đến hết ngày · received up to this day', examples: ['2021-09-30'] }),
  ...pageQuery,
})

export const dossierPage = z.object({
  asOf: instant.meta({
    description: 'Danh sách có mọi việc đã ghi nhận đến lúc này · all that was recorded up to this instant is in it',
    examples: ['2021-10-01T08:00:00+07:00'],
  }),
  items: z.array(dossier).meta({ description: 'Mới ghi nhận trước · newest first' }),
  nextCursor,
})

const appointment = {
  dueOn: deadlineFields.dueOn.nullable(),
  dueAt: deadlineFields.dueAt.nullable(),
}

const promise = z
  .object({
    event: z.int().meta({ description: 'Sự kiện đã làm việc đó · which event did it', examples: [1] }),
    type: z.enum(EVENT_TYPES).meta({ description: 'Việc gì · what happened', examples: ['received'] }),
    effectiveAt: instant.meta({ description: 'Lúc xảy ra · when it happened' }),
    recordedAt: instant.meta({ description: 'Lúc ghi nhận · when it was recorded' }),
    ground: z.string().nullable().meta({ description: 'Căn cứ được nêu · the ground that was named' }),
    ...appointment,
    without: z
      .object(appointment)
      .nullable()
      .meta({ description: 'Nếu không có việc đó · what would have been without it' }),
    sentence: z.string().meta({
      description: 'Một câu dễ đọc · one readable sentence',
      examples: ['Đã bổ sung đủ; thời hạn tính lại từ đầu; hẹn lúc 17:00 ngày 14/9/2021.'],
    }),
  })
  .meta({ id: 'PromiseHistory', description: 'Một lần hẹn, dừng hoặc dời hẹn · an appointment given, taken or moved' })

export const dossierDeadline = z
  .object({
    code: dossierCode,
    firstDueAt: instant.meta({ description: 'Lời hẹn đầu tiên · the first promise' }),
    ...explanation.shape,
    ...appointment,
    lateFrom: deadlineFields.lateFrom.nullable(),
    overdueFrom: dossierFields.overdueFrom,
    provisional: deadlineFields.provisional.nullable(),
    waiting: dossierFields.waiting,
    extension: dossierFields.extension,
    history: z.array(promise).meta({ description: 'Mọi lần hẹn, theo thứ tự · every promise, in order' }),
  })
  .meta({
    id: 'DossierDeadline',
    description:
      'Giải trình thời hạn của hồ sơ; khi đang chờ thì chưa có hẹn và terms là lần tính cuối · why a dossier’s deadline is what it is; while it waits there is no date, and terms show what was counted last',
  })
