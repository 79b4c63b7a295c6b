import { z } from 'zod'
import { nextCursor, pageQuery } from '../http/page.ts'
import { message } from '../http/problems.ts'
import { agencyCode, calendarId, instant } from '../http/wire.ts'

const text = z.string()

export const recalculationId = z
  .string()
  .regex(/^rec_[\w-]{1,40}$/)
  .meta({ description: 'Mã lần tính lại · the recalculation’s id', examples: ['rec_2fJ8x0aLQmZr'] })

export const recordedBy = {
  keyId: text.meta({ description: 'Khóa API đã ghi · by which key', examples: ['key_bootstrap'] }),
  officer: text.nullable().meta({ description: 'Cán bộ · the officer', examples: ['cb-017'] }),
  requestId: text.meta({ description: 'Mã yêu cầu · by which request' }),
}

export const recalculateQuery = z
  .strictObject({
    dryRun: z
      .enum(['true', 'false'])
      .default('false')
      .meta({ description: 'Chỉ xem trước, không dời gì · only say what would move', examples: ['true'] }),
    agency: agencyCode.optional().describe('Chỉ cơ quan giải quyết này và cấp dưới · only this agency and all below'),
    ...pageQuery,
  })
  .refine(({ dryRun, cursor }) => dryRun === 'true' || cursor === undefined, {
    path: ['cursor'],
    error: message('Chỉ dùng với dryRun=true.', 'Goes only with dryRun=true.'),
  })

const promised = (description: string) =>
  z
    .object({
      dueAt: instant.meta({ description: 'Hạn · the due date', examples: ['2021-09-07T17:00:00+07:00'] }),
      provisional: z.boolean().meta({ description: 'Dự kiến · provisional', examples: [false] }),
    })
    .meta({ description })

const howMany = (description: string) => z.int().meta({ description, examples: [3] })
const howFar = (description: string) =>
  z
    .int()
    .nullable()
    .meta({ description, examples: [2] })

export const recalculationPreview = z
  .object({
    agencies: z
      .array(
        z.object({
          agency: agencyCode.describe('Cơ quan giải quyết · the resolving agency'),
          open: howMany('Đang có hạn · open dossiers with a date'),
          moved: howMany('Sẽ đổi · would change'),
          sooner: howMany('Hẹn sớm hơn · would be due on an earlier day'),
          later: howMany('Hẹn muộn hơn · would be due on a later day'),
          leastDays: howFar('Dời ít nhất, ngày; âm là sớm hơn · the least shift in days; below 0 is sooner'),
          mostDays: howFar('Dời nhiều nhất, ngày · the greatest shift in days'),
          uncovered: howMany('Vượt quá lịch, giữ nguyên · beyond the calendar, so kept as they are'),
        }),
      )
      .readonly()
      .nullable()
      .meta({ description: 'Theo cơ quan; chỉ ở trang đầu · by agency; on the first page alone' }),
    items: z
      .array(
        z.object({
          code: text.meta({ description: 'Mã hồ sơ · the dossier’s code', examples: ['H20.19.05-210831-0001'] }),
          agency: agencyCode.describe('Cơ quan giải quyết · the resolving agency'),
          before: promised('Hiện nay · as it is'),
          after: promised('Sau khi tính lại · as it would be'),
          days: z.int().meta({ description: 'Dời bao nhiêu ngày · by how many days', examples: [2] }),
        }),
      )
      .meta({ description: 'Hồ sơ sẽ đổi, theo thứ tự ghi nhận · the dossiers that would change, oldest first' }),
    nextCursor,
  })
  .meta({ id: 'RecalculationPreview', description: 'Tính lại sẽ làm gì · what a recalculation would do' })

export const recalculationPath = z.object({ id: calendarId, recalculationId })

export const recalculation = z
  .object({
    id: recalculationId,
    calendarId,
    calendarVersion: z.int().meta({ description: 'Phiên bản khi bắt đầu · the version at its start', examples: [2] }),
    onlyProvisional: z.boolean().meta({ description: 'Chỉ chốt hạn dự kiến · only makes provisional deadlines firm' }),
    agencies: z
      .array(agencyCode)
      .readonly()
      .nullable()
      .meta({ description: 'Cơ quan giải quyết; null = tất cả · the resolving agencies; null means all' }),
    state: z.enum(['running', 'done']).meta({ description: 'Đang chạy hay đã xong · running or done' }),
    examined: howMany('Đã xét · examined so far'),
    moved: howMany('Đã đổi, mỗi hồ sơ một sự kiện · changed so far, each by an event'),
    startedAt: instant.meta({ description: 'Lúc yêu cầu · when it was asked for' }),
    finishedAt: instant.nullable().meta({ description: 'Lúc xong · when it was done' }),
    ...recordedBy,
  })
  .meta({ id: 'Recalculation', description: 'Một lần tính lại hạn · a recalculation of open deadlines' })
