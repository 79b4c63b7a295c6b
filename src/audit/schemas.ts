import { z } from 'zod'
import { nextCursor, pageQuery } from '../http/page.ts'
import { message } from '../http/problems.ts'
import { agencyCode, date, instant } from '../http/wire.ts'
import { DAY } from '../sla/date.ts'

const MOST_DAYS = 366

/** From and to are days, both included; an audit looks at a year at most at once. */
export const span = {
  from: date.meta({ description: 'Từ ngày ghi nhận · from this day of recording', examples: ['2026-11-01'] }),
  to: date.meta({ description: 'Đến hết ngày · up to this day', examples: ['2026-11-30'] }),
}

export const ordered = ({ from, to }: { from: string; to: string }): boolean => {
  const days = (Date.parse(to) - Date.parse(from)) / DAY
  return days >= 0 && days < MOST_DAYS
}

export const ORDERED = {
  path: ['to'],
  error: message('Phải từ from trở đi, tối đa 366 ngày.', 'Must not come before from, and 366 days at most.'),
}

const agency = agencyCode
  .optional()
  .describe('Cơ quan này và cấp dưới; mặc định tất cả trong phạm vi khóa · this agency and all below')

export const verifyQuery = z.strictObject({ agency, ...span }).refine(ordered, ORDERED)

export const sealsQuery = z.strictObject({ agency, ...span, ...pageQuery }).refine(ordered, ORDERED)

const hash = z.string().meta({ description: 'SHA-256, thập lục phân · in hex', examples: ['9f86d0…'] })

export const verification = z
  .object({
    intact: z.boolean().meta({ description: 'Mọi thứ đều khớp · everything fits', examples: [true] }),
    verifiedTo: date.nullable().meta({
      description: 'Đã kiểm đến hết ngày này; hãy tiếp tục từ hôm sau · verified up to this day; go on from the next',
      examples: ['2026-11-30'],
    }),
    complete: z.boolean().meta({ description: 'Đã kiểm hết khoảng yêu cầu · all that was asked for' }),
    events: z.int().meta({ description: 'Số sự kiện đã tính lại · events recomputed', examples: [1204] }),
    seals: z.int().meta({ description: 'Số niêm phong đã tính lại · seals recomputed', examples: [30] }),
    misfit: z
      .object({
        what: z
          .enum([
            'event_changed',
            'event_missing',
            'dossier_missing',
            'row_changed',
            'seal_missing',
            'seal_changed',
            'seals_apart',
            'day_changed',
          ])
          .meta({ description: 'Cái gì không khớp · what does not fit', examples: ['event_changed'] }),
        agency: agencyCode.describe('Cơ quan · the agency'),
        day: date.meta({ description: 'Ngày ghi nhận · the day of recording' }),
        dossier: z.string().nullable().meta({ description: 'Mã hồ sơ · the dossier' }),
        event: z.int().nullable().meta({ description: 'Số thứ tự sự kiện · the event’s number' }),
        expected: z.string().nullable().meta({ description: 'Giá trị tính lại · as recomputed' }),
        found: z.string().nullable().meta({ description: 'Giá trị đang lưu · as it stands' }),
      })
      .nullable()
      .meta({ description: 'Chỗ đầu tiên không khớp · the first thing that does not fit' }),
  })
  .meta({ id: 'TrailVerification', description: 'Kết quả kiểm tra nhật ký · what verifying the trail gave' })

export const sealPage = z.object({
  sealedTo: date.nullable().meta({
    description: 'Đã niêm phong đến hết ngày này · all days up to this one are sealed',
    examples: ['2026-11-22'],
  }),
  items: z
    .array(
      z
        .object({
          agency: agencyCode.describe('Cơ quan thực hiện · in whose name it was done'),
          day: date.meta({ description: 'Ngày ghi nhận · the day of recording', examples: ['2026-11-22'] }),
          dossiers: z.int().meta({ description: 'Số hồ sơ có sự kiện · dossiers with events', examples: [12] }),
          events: z.int().meta({ description: 'Số sự kiện · events', examples: [31] }),
          root: hash.describe('Băm của các đầu chuỗi · over the heads of their chains'),
          previous: hash.describe('Niêm phong liền trước của cơ quan · the agency’s seal before'),
          hash: hash.describe('Niêm phong; hãy giữ lại · the seal; keep it'),
          sealedAt: instant.meta({ description: 'Lúc niêm phong · when it was made' }),
        })
        .meta({ id: 'Seal', description: 'Niêm phong một ngày của cơ quan · one agency’s day under one hash' }),
    )
    .meta({ description: 'Theo ngày rồi cơ quan · by day, then agency' }),
  nextCursor,
})

const deed = {
  at: instant.meta({ description: 'Lúc nào · when' }),
  keyId: z.string().meta({ description: 'Khóa API · which key' }),
  officer: z.string().nullable().meta({ description: 'Cán bộ · the officer' }),
  agency: agencyCode.nullable().describe('Cơ quan của khóa · the key’s agency'),
  requestId: z.string().meta({ description: 'Mã yêu cầu · which request' }),
  action: z.string().meta({ description: 'Thao tác · the operation', examples: ['finishDossier'] }),
  dossierCode: z
    .string()
    .nullable()
    .meta({ description: 'Mã hồ sơ, khi chỉ có một · the dossier, where it was one alone' }),
}

export const attemptPage = z.object({
  items: z
    .array(
      z
        .object({
          ...deed,
          refusal: z.string().meta({ description: 'Lý do từ chối · why it was refused', examples: ['illegal_move'] }),
        })
        .meta({ id: 'RefusedAttempt', description: 'Một việc bị từ chối · something that was tried and refused' }),
    )
    .meta({ description: 'Mới trước · newest first' }),
  nextCursor,
})

export const numberReadPage = z.object({
  items: z
    .array(
      z
        .object({
          ...deed,
          dossiers: z.int().meta({ description: 'Bao nhiêu người nộp đã hiện · how many applicants were shown' }),
        })
        .meta({
          id: 'PiiRead',
          description:
            'Một lần xem đủ số của người nộp, hoặc tìm theo số · numbers that were read whole, or searched by',
        }),
    )
    .meta({ description: 'Mới trước · newest first' }),
  nextCursor,
})
