import { z } from 'zod'
import { STATUSES } from '../dossiers/dossier.ts'
import { applicant, channel, dossierCode } from '../dossiers/schemas.ts'
import { nextCursor, pageQuery } from '../http/page.ts'
import { agencyCode, date, instant, procedureCode } from '../http/wire.ts'
import { figuresOf } from './evidence.ts'
import type { ReportName } from './evidence-link.ts'
import { FILE_FORMATS } from './export.ts'
import { channelFields, consistent, formFields, punctualityFields } from './schemas.ts'

const evidenceFields = (report: ReportName) => ({
  ...pageQuery,
  figure: z.enum(figuresOf(report)).meta({
    description: 'Con số nào, theo đường dẫn của nó trong báo cáo · which number, by its path in the report',
    examples: [figuresOf(report)[0]],
  }),
  group: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .meta({ description: 'Mã nhóm (key) trong báo cáo · the key of the report’s group or row' }),
  format: z
    .enum(['json', ...FILE_FORMATS])
    .optional()
    .meta({
      description:
        'csv, ndjson: cả danh sách, không phân trang; mặc định theo Accept · the whole list; by Accept otherwise',
      examples: ['csv'],
    }),
  applicant: z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .optional()
    .meta({
      description: 'Kèm người nộp; khóa cần có thêm dossiers:read · with applicants; the key needs dossiers:read, too',
      examples: ['false'],
    }),
})

export const channelEvidenceQuery = consistent({ ...channelFields, ...evidenceFields('channel-ratio') })
export const punctualityEvidenceQuery = consistent({ ...punctualityFields, ...evidenceFields('punctuality') })
export const form06aEvidenceQuery = consistent({ ...formFields, ...evidenceFields('ii-06a') })
export const form07aEvidenceQuery = consistent({ ...formFields, ...evidenceFields('07a') })

const OUTCOMES = ['early', 'on_time', 'late', 'withdrawn', 'stopped', 'refused'] as const

const at = (text: string) => instant.nullable().describe(text)

const item = z
  .object({
    code: dossierCode,
    procedureCode,
    receivingAgency: agencyCode.describe('Cơ quan tiếp nhận · the agency that received it'),
    resolvingAgency: agencyCode.describe('Cơ quan giải quyết · the agency that resolves it'),
    intakeChannel: channel.meta({ description: 'Hình thức tiếp nhận · how it came in' }),
    returnChannel: channel.meta({ description: 'Hình thức trả đã đăng ký · the return asked for' }),
    returnedChannel: channel.nullable().meta({ description: 'Hình thức trả thật · the return really used' }),
    receivedAt: at('Tiếp nhận · received'),
    receivedRecordedAt: at('Ghi nhận tiếp nhận · its receipt recorded'),
    dueOn: date.nullable().meta({ description: 'Ngày hẹn trả · due on' }),
    firstDueAt: at('Hạn hẹn đầu tiên · the first promise'),
    finishedAt: at('Xử lý xong · finished'),
    closedAt: at('Kết thúc: xong, từ chối, rút, dừng · finished, refused, withdrawn or stopped'),
    closedRecordedAt: at('Ghi nhận kết thúc · its end recorded'),
    returnedAt: at('Trả kết quả · returned'),
    status: z.enum(Object.values(STATUSES).map(({ key }) => key)).meta({ description: 'Trạng thái · the status' }),
    outcome: z.enum(OUTCOMES).nullable().meta({ description: 'Kết thúc ra sao · how it ended' }),
    count: z.int().meta({
      description: 'Được đếm mấy lần; cộng lại bằng con số của báo cáo · how often it counts; together the number',
      examples: [1],
    }),
    applicant: applicant
      .nullable()
      .optional()
      .describe(
        'Chỉ khi yêu cầu; null khi hồ sơ nay không còn thuộc phạm vi của khóa · only on request; null where the key does not see the dossier any more',
      ),
  })
  .meta({ id: 'EvidenceItem', description: 'Một hồ sơ sau con số · a dossier behind the number' })

export const evidencePage = z
  .object({
    asOf: instant.meta({
      description: 'Tình hình tại thời điểm này · as it stood at this instant',
      examples: ['2021-10-01T08:00:00+07:00'],
    }),
    items: z.array(item).meta({ description: 'Theo thứ tự tiếp nhận vào hệ thống · in the order in which they came' }),
    nextCursor,
  })
  .meta({ id: 'EvidencePage', description: 'Các hồ sơ sau một con số · the dossiers behind a number' })
