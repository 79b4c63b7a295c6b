import { z } from 'zod'
import { channel, dossierFields } from '../dossiers/schemas.ts'
import { TIMES } from '../dossiers/view.ts'
import { nextCursor, pageQuery } from '../http/page.ts'
import { message } from '../http/problems.ts'
import { agencyCode, instant, procedureCode } from '../http/wire.ts'
import { DAY, HOUR } from '../sla/date.ts'
import { KINDS } from './query.ts'

const UNITS = { d: DAY, h: HOUR } as const

/** `3d` or `8h`, in milliseconds. */
const soon = z
  .codec(
    z.string().regex(/^[1-9]\d{0,2}[dh]$/, {
      error: message('Có dạng 3d (ngày) hoặc 8h (giờ).', 'Looks like 3d (days) or 8h (hours).'),
    }),
    z.number(),
    {
      decode: (text) => Number(text.slice(0, -1)) * (text.endsWith('d') ? UNITS.d : UNITS.h),
      encode: (length) => `${length / UNITS.h}h`,
    },
  )
  .default(3 * DAY)
  .meta({ description: 'due_soon: trong khoảng này kể từ asOf · within this time of asOf', examples: ['3d'] })

const filters = {
  agency: agencyCode.optional().describe('Cơ quan giải quyết này và cấp dưới · this resolving agency and all below'),
  asOf: instant.optional().meta({
    description: 'Tình hình tại thời điểm đó; mặc định phút hiện tại · as it stood then; the current minute by default',
    examples: ['2021-09-30T17:00:00+07:00'],
  }),
  within: soon,
  procedure: procedureCode.optional(),
  channel: channel.optional().meta({ description: 'Hình thức tiếp nhận · the intake channel' }),
}

export const overdueQuery = z
  .strictObject({
    ...filters,
    below: z
      .stringbool({ truthy: ['true'], falsy: ['false'] })
      .default(true)
      .meta({
        description: 'false: chỉ hồ sơ do chính cơ quan này giải quyết · false: only what this agency itself resolves',
        examples: ['true'],
      }),
    punctuality: z
      .enum(KINDS)
      .default('overdue')
      .meta({
        description: 'overdue: đang quá hạn; due_soon: sắp đến hạn; late: đã xong nhưng trễ · which list',
        examples: ['overdue'],
      }),
    by: z
      .enum(TIMES)
      .default('effective')
      .meta({
        description:
          'late: xét theo lúc xảy ra hay lúc ghi nhận; không dùng cùng asOf · late: by when it happened or when it was recorded; not together with asOf',
        examples: ['effective'],
      }),
    ...pageQuery,
  })
  .refine(({ below, agency }) => below || agency !== undefined, {
    path: ['agency'],
    error: message('below=false cần một agency.', 'below=false needs an agency.'),
  })
  .refine(({ by, asOf }) => by === 'effective' || asOf === undefined, {
    path: ['by'],
    error: message(
      'by=recorded chỉ xét tình hình hiện tại; hãy bỏ asOf.',
      'by=recorded judges the present; leave asOf out.',
    ),
  })

export const summaryQuery = z.strictObject(filters)

const asOf = instant.meta({
  description: 'Tình hình tại thời điểm này · as it stood at this instant',
  examples: ['2021-09-30T17:00:00+07:00'],
})

const lateBy = z
  .object({
    days: z.int().meta({ description: 'Số ngày quá hẹn · calendar days past the due date', examples: [12] }),
    workingDays: z
      .int()
      .nullable()
      .meta({
        description: 'Số ngày làm việc; null ngoài lịch đã công bố · working days; null beyond the calendar',
        examples: [8],
      }),
    workingHours: z
      .number()
      .nullable()
      .meta({
        description: 'Số giờ làm việc quá giờ hẹn · working hours past the due time, to hundredths',
        examples: [60.5],
      }),
  })
  .meta({ id: 'Lateness', description: 'Trễ bao lâu · how late it is' })

export const overdueItem = z
  .object({
    ...dossierFields,
    lateBy: lateBy
      .nullable()
      .meta({ description: 'Trễ bao lâu; null khi chưa quá hạn · how late; null when not late' }),
  })
  .meta({ id: 'OverdueDossier', description: 'Hồ sơ trong danh sách quá hạn · a dossier on the overdue list' })

export const overduePage = z.object({
  asOf,
  items: z.array(overdueItem).meta({ description: 'Quá hạn lâu nhất trước · most overdue first' }),
  nextCursor,
})

const counted = {
  overdue: z.int().meta({ description: 'Đang quá hạn · open and overdue', examples: [3] }),
  dueSoon: z.int().meta({ description: 'Sắp đến hạn · open and due soon', examples: [5] }),
}

export const overdueSummary = z
  .object({
    asOf,
    total: z.object(counted).meta({ description: 'Tổng cộng · all together' }),
    agencies: z
      .array(
        z.object({ agency: agencyCode, name: z.string().meta({ description: 'Tên cơ quan · its name' }), ...counted }),
      )
      .meta({ description: 'Từng cơ quan có hồ sơ như vậy · each agency that has any' }),
  })
  .meta({ id: 'OverdueSummary', description: 'Số hồ sơ theo cơ quan · counts per agency' })
