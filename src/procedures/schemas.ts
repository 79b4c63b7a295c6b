import { z } from 'zod'
import { nextCursor, pageQuery } from '../http/page.ts'
import { message } from '../http/problems.ts'
import { date, line, procedureCode } from '../http/wire.ts'
import { SUPPLEMENT_POLICIES } from '../sla/term.ts'

const amount = z
  .int()
  .min(1)
  .max(1000)
  .meta({ description: 'Số ngày hoặc số giờ · how many days or hours', examples: [5] })

const COUNTED = ['working_days', 'calendar_days', 'working_hours'] as const

const verification = z
  .strictObject({
    kind: z.enum(COUNTED).meta({ description: 'Đơn vị tính · the unit', examples: ['calendar_days'] }),
    amount,
    counted: z
      .enum(['from_receipt', 'after_first_term'])
      .optional()
      .meta({
        description:
          'from_receipt (mặc định): “không quá 23 ngày”, tính từ khi tiếp nhận · counted from receipt. after_first_term: “kéo dài thêm không quá 2 ngày” · begins where the first term ends',
        examples: ['from_receipt'],
      }),
  })
  .meta({
    id: 'Verification',
    description: 'Thời hạn khi phải xác minh · the second term, for cases that must be verified',
  })

const second = {
  verification: verification.optional(),
  afterSupplement: z
    .enum(SUPPLEMENT_POLICIES)
    .optional()
    .meta({
      description:
        'Sau khi bổ sung: restart (mặc định) tính lại từ đầu; pause tính tiếp phần còn lại · after a supplement the term starts again in full, or what was left goes on',
      examples: ['restart'],
    }),
}

export const limit = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.enum(COUNTED).meta({ description: 'Ngày làm việc, ngày theo lịch hoặc giờ làm việc · the unit' }),
      amount,
      ...second,
    }),
    z.strictObject({
      kind: z.literal('same_day').meta({ description: 'Trả trong ngày · done on the day itself' }),
      cutoff: z
        .string()
        .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, { error: message('Giờ có dạng 15:00.', 'A time looks like 15:00.') })
        .meta({ description: 'Nhận đến giờ này (kể cả) thì trả trong ngày · inclusive', examples: ['15:00'] }),
      ...second,
    }),
  ])
  .meta({
    id: 'Limit',
    description: 'Thời hạn giải quyết · the published time limit',
    examples: [
      { kind: 'working_days', amount: 5 },
      { kind: 'same_day', cutoff: '15:00' },
    ],
  })

const version = z.strictObject({
  effectiveFrom: date.meta({
    description: 'Áp dụng cho hồ sơ tiếp nhận từ ngày này · for receipts from this day on',
    examples: ['2021-01-01'],
  }),
  limit,
  sample: z
    .boolean()
    .default(false)
    .meta({ description: 'Số liệu mẫu, chưa đối chiếu với văn bản · sample data, not checked against the law' }),
})

const fields = {
  name: line(500).meta({ description: 'Tên thủ tục · its name', examples: ['Đăng ký khai sinh'] }),
  field: line(200).meta({ description: 'Lĩnh vực · its field', examples: ['Hộ tịch'] }),
  postAllowed: z
    .boolean()
    .meta({ description: 'Thực hiện được qua bưu chính công ích · offered through the public post' }),
}

const increasing = (versions: readonly { effectiveFrom: string }[]): boolean =>
  versions.every(({ effectiveFrom }, i) => i === 0 || effectiveFrom > String(versions[i - 1]?.effectiveFrom))

export const procedureBody = z
  .strictObject({
    ...fields,
    versions: z
      .array(version)
      .min(1)
      .max(100)
      .refine(increasing, {
        error: message(
          'Các phiên bản phải theo thứ tự effectiveFrom tăng dần.',
          'Versions must stand in the order of effectiveFrom, each later than the one before.',
        ),
      })
      .meta({ description: 'Các thời hạn theo ngày hiệu lực · limits by the day they take effect' }),
  })
  .meta({ id: 'ProcedureBody', description: 'Thủ tục để ghi · a procedure to save' })

export const procedure = z
  .object({
    code: procedureCode,
    ...fields,
    versions: z
      .array(version)
      .readonly()
      .meta({ description: 'Các thời hạn theo ngày hiệu lực · limits by the day they take effect' }),
  })
  .meta({ id: 'Procedure', description: 'Thủ tục hành chính · an administrative procedure' })

export const procedurePath = z.object({ code: procedureCode })

export const proceduresQuery = z.strictObject({
  field: line(200).optional().meta({ description: 'Chỉ lĩnh vực này · only of this field' }),
  ...pageQuery,
})

export const procedurePage = z.object({
  items: z.array(procedure).meta({ description: 'Theo thứ tự mã · in the order of their codes' }),
  nextCursor,
})
