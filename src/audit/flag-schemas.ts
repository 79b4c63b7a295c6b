import { z } from 'zod'
import { nextCursor, pageQuery } from '../http/page.ts'
import { agencyCode, date, instant } from '../http/wire.ts'
import { FLAG_NAMES } from './flags/registry.ts'
import { ORDERED, ordered } from './schemas.ts'

const flagName = z
  .enum(FLAG_NAMES)
  .meta({ description: 'Tên dấu hiệu · a flag’s name', examples: ['extension_sent_late'] })

const period = {
  from: date.meta({ description: 'Từ ngày · from this day', examples: ['2021-07-01'] }),
  to: date.meta({ description: 'Đến hết ngày · up to this day', examples: ['2021-09-30'] }),
}

export const flagsQuery = z
  .strictObject({
    ...period,
    agency: agencyCode
      .optional()
      .describe('Cơ quan này và cấp dưới; mặc định tất cả trong phạm vi khóa · this agency and all below'),
    flag: flagName.optional().describe('Xem từng phát hiện của dấu hiệu này · what this flag has found, one by one'),
    ...pageQuery,
  })
  .refine(ordered, ORDERED)

const flag = z
  .object({
    name: flagName,
    description: z.string().meta({ description: 'Dấu hiệu nói gì · what it says' }),
    ground: z.string().meta({ description: 'Căn cứ hoặc lý do · the law, or why it is looked for' }),
    judgedBy: z.string().meta({ description: 'Ngày nào phải nằm trong kỳ · which day must lie in the span' }),
    count: z.int().meta({ description: 'Số phát hiện · how many findings', examples: [2] }),
  })
  .meta({ id: 'Flag', description: 'Dấu hiệu cho biết nên xem ở đâu, chưa phải vi phạm · says where to look' })

const finding = z
  .object({
    dossier: z
      .string()
      .nullable()
      .meta({
        description: 'Mã hồ sơ; null khi là của cơ quan, ngày hay lịch · the dossier; null where it stands for many',
        examples: ['H20.19.05-210831-0001'],
      }),
    agency: agencyCode.nullable().describe('Cơ quan; null khi là lịch chung · whose it is; null for everyone’s days'),
    at: instant.meta({ description: 'Lúc nào · when' }),
    facts: z.record(z.string(), z.union([z.string(), z.number(), z.null()])).meta({
      description: 'Dữ kiện cho thấy điều đó · the facts that show it',
      examples: [{ workingDays: 3 }],
    }),
  })
  .meta({ id: 'Finding', description: 'Một phát hiện, không có dữ liệu cá nhân · a finding, without personal data' })

export const flagsAnswer = z
  .object({
    ...period,
    agency: agencyCode.nullable().describe('Cơ quan đã hỏi; null: cả hệ thống · the agency; null: the whole system'),
    flags: z.array(flag).meta({ description: 'Mọi dấu hiệu, hoặc dấu hiệu đã hỏi · every flag, or the one asked for' }),
    items: z
      .array(finding)
      .nullable()
      .meta({ description: 'Theo thời gian; null khi không hỏi flag · in time; null where no flag was asked for' }),
    nextCursor,
  })
  .meta({ id: 'Flags', description: 'Dấu hiệu cần xem trong một kỳ · what an auditor looks for, in a span of days' })
