import { z } from 'zod'
import { nextCursor, pageQuery } from '../http/page.ts'
import { message } from '../http/problems.ts'
import { agencyCode, date, instant } from '../http/wire.ts'
import { DEFINITIONS, GROUPINGS } from './definitions.ts'
import { PERIOD_NAME, YEARS } from './period.ts'
import { COMPARISONS } from './share.ts'

const definition = z.enum(DEFINITIONS).meta({ description: 'Cách tính · which definition', examples: ['either'] })

export const channelRatioQuery = z
  .strictObject({
    agency: agencyCode.optional().describe('Cơ quan tiếp nhận này và cấp dưới · this receiving agency and all below'),
    from: date.optional().meta({ description: 'Từ ngày · from this day', examples: ['2021-01-01'] }),
    to: date.optional().meta({ description: 'Đến hết ngày · up to this day, inclusive', examples: ['2021-09-30'] }),
    period: z
      .string()
      .regex(PERIOD_NAME, {
        error: message(
          'Kỳ có dạng 2021, 2021-Q3, 2021-H1 hoặc 2021-9M.',
          'A period looks like 2021, 2021-Q3, 2021-H1 or 2021-9M.',
        ),
      })
      .optional()
      .meta({
        description: 'Tên kỳ, thay cho from và to · a named period, in place of from and to',
        examples: ['2021-9M'],
      }),
    year: z
      .enum(YEARS)
      .default('calendar')
      .meta({
        description:
          'Kỳ theo năm hành chính (15/12–14/12) hay năm dương lịch · in which kind of year the name is meant',
        examples: ['calendar'],
      }),
    definition: definition.default('either'),
    groupBy: z
      .enum(GROUPINGS)
      .optional()
      .meta({ description: 'Chia nhóm · how to group', examples: ['month'] }),
  })
  .refine(
    ({ from, to, period }) =>
      (period === undefined) === (from !== undefined && to !== undefined) &&
      (from === undefined) === (to === undefined),
    {
      error: message('Nêu period, hoặc cả from và to.', 'Give period, or both from and to.'),
    },
  )
  .refine(({ from, to }) => from === undefined || to === undefined || from <= to, {
    path: ['to'],
    error: message('Không được trước from.', 'Must not come before from.'),
  })

const countOf = (text: string, example: number) => z.int().meta({ description: text, examples: [example] })

const channels = z.object({
  desk: countOf('Trực tiếp · over the desk', 70),
  post: countOf('Bưu chính công ích · by post', 25),
  online: countOf('Trực tuyến · online', 5),
  total: countOf('Tổng ba hình thức · all three', 100),
})

const figure = {
  numerator: countOf('Tử số · the numerator', 31),
  denominator: countOf('Mẫu số · the denominator', 100),
  ratio: z
    .string()
    .nullable()
    .meta({
      description:
        'Tử số / mẫu số, sáu chữ số thập phân, làm tròn nửa lên bằng số nguyên; null khi mẫu số bằng 0 · to six decimals, rounded half up in integers; null on an empty denominator',
      examples: ['0.310000'],
    }),
  met: z
    .boolean()
    .nullable()
    .meta({ description: 'Đạt chỉ tiêu; null khi mẫu số bằng 0 · whether the target is met', examples: [true] }),
  shortfall: z
    .int()
    .nullable()
    .meta({
      description:
        'Trong số hồ sơ đã đếm, cần thêm bao nhiêu qua bưu chính để đạt · how many more of the counted dossiers by post would meet it; null where none would do',
      examples: [0],
    }),
  received: channels.meta({ description: 'Tiếp nhận trong kỳ theo hình thức · received in the period, by channel' }),
  returned: channels.meta({
    description: 'Đã trả trong kỳ theo hình thức thật · returned in the period, by the channel really used',
  }),
  postRequested: countOf(
    'Tiếp nhận trong kỳ có đăng ký trả qua bưu chính · received in the period with a postal return asked for',
    28,
  ),
}

const target = z
  .object({
    percent: z
      .int()
      .min(0)
      .max(100)
      .meta({ description: 'Chỉ tiêu, phần trăm · the target in percent', examples: [30] }),
    comparison: z
      .enum(COMPARISONS)
      .meta({ description: 'gt: trên; gte: từ … trở lên · strict or not', examples: ['gt'] }),
  })
  .meta({ description: 'Chỉ tiêu của cơ quan hoặc cấp trên gần nhất · the agency’s own or its nearest ancestor’s' })

export const channelRatio = z
  .object({
    agency: agencyCode.nullable().describe('Cơ quan; null = mọi cơ quan của khóa · null means all that the key sees'),
    definition,
    definitionText: z.string().meta({ description: 'Cách tính bằng lời · the definition in words' }),
    period: z
      .object({
        name: z
          .string()
          .nullable()
          .meta({ description: 'Tên kỳ · its name', examples: ['2021-9M'] }),
        year: z
          .enum(YEARS)
          .nullable()
          .meta({ description: 'Loại năm · the kind of year', examples: ['calendar'] }),
        from: date.meta({ description: 'Từ ngày · from', examples: ['2021-01-01'] }),
        to: date.meta({ description: 'Đến hết ngày · to, inclusive', examples: ['2021-09-30'] }),
      })
      .meta({ description: 'Kỳ báo cáo, ngày Việt Nam · the period in Vietnamese days' }),
    asOf: instant.meta({ description: 'Lúc đếm · when it was counted' }),
    target,
    ...figure,
    groupBy: z.enum(GROUPINGS).nullable().meta({ description: 'Chia nhóm theo · grouped by' }),
    groups: z
      .array(
        z.object({
          key: z.string().meta({ description: 'Mã nhóm · the group’s key', examples: ['2021-08'] }),
          label: z.string().meta({ description: 'Tên nhóm · its name', examples: ['Tháng 8/2021'] }),
          ...figure,
        }),
      )
      .nullable()
      .meta({ description: 'Từng nhóm; cộng lại bằng tổng · each group; together they make the whole' }),
  })
  .meta({
    id: 'ChannelRatio',
    description: 'Tỷ lệ theo hình thức, số nguyên chính xác · the channel ratio in exact integers',
  })

export const targetBody = z
  .strictObject({
    agency: agencyCode,
    year: z
      .int()
      .min(2000)
      .max(2199)
      .meta({ description: 'Năm · the year', examples: [2021] }),
    ...target.shape,
  })
  .meta({
    id: 'Target',
    description: 'Chỉ tiêu bưu chính của một cơ quan trong một năm · an agency’s postal target for a year',
  })

export const targetsQuery = z.strictObject({
  agency: agencyCode.optional().describe('Cơ quan này và cấp dưới · this agency and all below'),
  ...pageQuery,
})

export const targetPage = z.object({
  items: z.array(targetBody).meta({ description: 'Theo cơ quan và năm · by agency and year' }),
  nextCursor,
})
