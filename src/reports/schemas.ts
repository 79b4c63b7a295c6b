import { z } from 'zod'
import { LEVELS } from '../agencies/agency.ts'
import { CLOCKS } from '../figures/flows.ts'
import { message } from '../http/problems.ts'
import { agencyCode, date, instant } from '../http/wire.ts'
import { INCLUSIONS } from './asked.ts'
import { DEFINITIONS } from './definitions.ts'
import { FORM_IDS } from './form-columns.ts'
import { GROUPINGS } from './grouping.ts'
import { PERIOD_NAME, YEARS } from './period.ts'
import { PROMISES } from './punctuality.ts'
import { COMPARISONS } from './share.ts'

const definition = z.enum(DEFINITIONS).meta({ description: 'Cách tính · which definition', examples: ['either'] })

/** What every report is asked. */
const periodFields = {
  agency: agencyCode.optional().describe('Cơ quan này và cấp dưới · this agency and all below'),
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
      description: 'Kỳ theo năm hành chính (15/12–14/12) hay năm dương lịch · in which kind of year the name is meant',
      examples: ['calendar'],
    }),
  asOf: instant.optional().meta({
    description:
      'Tình hình hồ sơ tại thời điểm đó; mặc định bây giờ. Chỉ tiêu, lĩnh vực, thủ tục nhận qua bưu chính và cây cơ quan luôn theo danh mục hiện nay; bản chốt giữ cả những điều ấy · how dossiers stood at this instant; now by default. Targets, fields, which procedures allow post (eligible), certification and the tree of agencies are always those of today’s catalogue; a snapshot freezes them, too',
    examples: ['2021-10-05T08:00:00+07:00'],
  }),
  asOfBy: z
    .enum(CLOCKS)
    .default('effective')
    .meta({
      description:
        'asOf xét theo việc đã xảy ra hay theo việc đã ghi nhận · by what had happened then, or by what had been recorded',
      examples: ['recorded'],
    }),
}

const groupFields = {
  groupBy: z
    .enum(GROUPINGS)
    .optional()
    .meta({ description: 'Chia nhóm · how to group', examples: ['month'] }),
  level: z
    .enum(LEVELS)
    .optional()
    .meta({
      description:
        'Cùng groupBy=agency: gộp theo cấp này; mặc định từng cơ quan · with groupBy=agency: each agency of this level with all below it; by itself each by default',
      examples: ['district'],
    }),
}

type PeriodAsked = { from?: string | undefined; to?: string | undefined; period?: string | undefined }

/** What no field can say by itself. */
export const consistent = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z
    .strictObject(shape)
    .refine(
      (query) => {
        const { from, to, period } = query as PeriodAsked
        return (
          (period === undefined) === (from !== undefined && to !== undefined) &&
          (from === undefined) === (to === undefined)
        )
      },
      { error: message('Nêu period, hoặc cả from và to.', 'Give period, or both from and to.') },
    )
    .refine(
      (query) => {
        const { from, to } = query as PeriodAsked
        return from === undefined || to === undefined || from <= to
      },
      { path: ['to'], error: message('Không được trước from.', 'Must not come before from.') },
    )
    .refine((query) => !('level' in query && query.level !== undefined) || query.groupBy === 'agency', {
      path: ['level'],
      error: message('Chỉ dùng cùng groupBy=agency.', 'Goes with groupBy=agency only.'),
    })

const inclusion = (vi: string, en: string) =>
  z
    .enum(INCLUSIONS)
    .default('include')
    .meta({ description: `${vi} · ${en}`, examples: ['include'] })

export const channelFields = {
  ...periodFields,
  ...groupFields,
  definition: definition.default('either'),
  eligible: z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .optional()
    .meta({
      description:
        'true: chỉ hồ sơ của thủ tục thực hiện qua bưu chính, theo danh mục hiện nay · only of procedures that allow post, by the catalogue as it is',
      examples: ['true'],
    }),
  online: inclusion('Kể cả hồ sơ nộp trực tuyến', 'with what came in online'),
  certification: inclusion(
    'Kể cả lĩnh vực Chứng thực, theo đúng tên ấy trong danh mục',
    'with the field of certified copies and signatures, by that very name in the catalogue',
  ),
  sameDay: inclusion('Kể cả hồ sơ giải quyết trong ngày', 'with dossiers of a same-day term'),
}

const by = z
  .enum(CLOCKS)
  .default('effective')
  .meta({
    description:
      'Đếm và xét theo lúc xảy ra hay lúc ghi nhận · counted and judged by when it happened or when it was recorded',
    examples: ['effective'],
  })

export const punctualityFields = {
  ...periodFields,
  ...groupFields,
  by,
  promise: z
    .enum(PROMISES)
    .default('current')
    .meta({
      description: 'So với hạn hiện hành hay hạn hẹn đầu tiên · against the promise in force, or the first one',
      examples: ['current'],
    }),
}

export const formFields = { ...periodFields, by }

export const channelRatioQuery = consistent(channelFields)
export const punctualityQuery = consistent(punctualityFields)
export const formQuery = consistent({
  ...formFields,
  format: z
    .enum(['json', 'xlsx'])
    .optional()
    .meta({
      description: 'xlsx: bảng tính để in; mặc định theo Accept · a workbook to print; by Accept otherwise',
      examples: ['xlsx'],
    }),
})

const countOf = (text: string, example: number) => z.int().meta({ description: text, examples: [example] })

const channels = z.object({
  desk: countOf('Trực tiếp · over the desk', 70),
  post: countOf('Bưu chính công ích · by post', 25),
  online: countOf('Trực tuyến · online', 5),
  total: countOf('Tổng ba hình thức · all three', 100),
})

const matrixRow = z
  .object({
    desk: countOf('Trả trực tiếp · returned over the desk', 60),
    post: countOf('Trả qua bưu chính · returned by post', 20),
    online: countOf('Trả trực tuyến · returned online', 5),
  })
  .meta({ description: 'Theo hình thức trả · by return channel' })

const evidence = z.string().meta({
  description:
    'Mẫu URL (RFC 6570) của danh sách hồ sơ sau mỗi con số, tại đúng thời điểm của báo cáo: điền figure = đường dẫn của số đó · URL template of the dossiers behind each number, as of the report’s own moment: figure is its path in this answer',
  examples: [
    '/v1/reports/channel-ratio/evidence?agency=H20.19&period=2021-9M&asOf=2021-10-05T08%3A00%3A00%2B07%3A00&asOfBy=recorded{&figure}',
  ],
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
  matrix: z
    .object({ desk: matrixRow, post: matrixRow, online: matrixRow })
    .meta({ description: 'Đã trả trong kỳ: hình thức tiếp nhận × trả · returned in the period: intake × return' }),
  evidence,
}

export const target = z
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
  .meta({
    description:
      'Chỉ tiêu của cơ quan hoặc cấp trên gần nhất, theo danh mục hiện nay; toàn hệ thống: của cơ quan gốc duy nhất · the agency’s own or its nearest ancestor’s, as they are today; for the whole system that of the only root agency',
  })

/** What every report says of itself. */
const heading = {
  agency: agencyCode.nullable().describe('Cơ quan; null = mọi cơ quan của khóa · null means all that the key sees'),
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
  asOf: instant.meta({
    description:
      'Tình hình tại thời điểm này; khi không yêu cầu asOf: một ảnh chụp cơ sở dữ liệu ngay sau đó, muốn đúng tuyệt đối thì chốt báo cáo · as it stood at this instant; where no asOf was asked for, at one database snapshot taken just after it, which a snapshot (POST) makes exact',
  }),
  asOfBy: z.enum(CLOCKS).meta({ description: 'Xét theo · by what had happened or had been recorded' }),
}

const grouped = <Shape extends z.ZodRawShape>(figures: Shape) => ({
  groupBy: z.enum(GROUPINGS).nullable().meta({ description: 'Chia nhóm theo · grouped by' }),
  groups: z
    .array(
      z.object({
        key: z.string().meta({ description: 'Mã nhóm · the group’s key', examples: ['2021-08'] }),
        label: z.string().meta({ description: 'Tên nhóm · its name', examples: ['Tháng 8/2021'] }),
        ...figures,
      }),
    )
    .nullable()
    .meta({ description: 'Từng nhóm; cộng lại bằng tổng · each group; together they make the whole' }),
})

const included = z.enum(INCLUSIONS).meta({ description: 'Kể cả hay không · counted or not' })

export const channelRatio = z
  .object({
    ...heading,
    definition,
    definitionText: z.string().meta({ description: 'Cách tính bằng lời · the definition in words' }),
    filters: z
      .object({
        eligible: z.boolean().meta({ description: 'Chỉ thủ tục nhận qua bưu chính · only where post is allowed' }),
        online: included,
        certification: included,
        sameDay: included,
      })
      .meta({ description: 'Hồ sơ nào được đếm · which dossiers are counted' }),
    target,
    ...figure,
    projection: z
      .object({
        method: z.string().meta({ description: 'Cách dự báo · how it is projected' }),
        workingDays: countOf('Số ngày làm việc của kỳ · working days of the period', 250),
        workingDaysPassed: countOf('Đã qua · of which have begun', 200),
        numerator: countOf('Tử số dự báo · the numerator to come', 40),
        denominator: countOf('Mẫu số dự báo · the denominator to come', 125),
        ratio: figure.ratio,
        met: figure.met,
      })
      .nullable()
      .meta({
        description:
          'Dự báo đến cuối kỳ; null khi có asOf (kể cả bản chốt), trước ngày làm việc đầu tiên của kỳ, khi kỳ đã hết, hoặc khi kỳ vượt quá lịch đã công bố · to the period’s end; null with asOf (so in snapshots, too), before the period’s first working day, once it is over, and where it reaches beyond the published calendar',
      }),
    ...grouped({
      target: target.describe(
        'Chỉ tiêu dùng để xét nhóm: của chính cơ quan ấy khi groupBy=agency · by which target the group is judged: with groupBy=agency that agency’s own',
      ),
      ...figure,
    }),
  })
  .meta({
    id: 'ChannelRatio',
    description: 'Tỷ lệ theo hình thức, số nguyên chính xác · the channel ratio in exact integers',
  })

const rate = z
  .object({ numerator: figure.numerator, denominator: figure.denominator, ratio: figure.ratio })
  .meta({ id: 'Rate', description: 'Hai số nguyên và thương · two integers and their quotient' })

const punctualityFigure = {
  carriedOver: countOf('Từ kỳ trước chuyển sang · carried over', 12),
  received: channels.meta({ description: 'Tiếp nhận trong kỳ · received in the period' }),
  resolved: z
    .object({
      early: z
        .int()
        .nullable()
        .meta({
          description: 'Trước hạn; null khi so với hạn đầu tiên · early; null against the first promise',
          examples: [60],
        }),
      onTime: countOf('Đúng hạn · on time', 30),
      late: countOf('Trễ hạn · late', 5),
      lateWithApology: countOf('Trễ hạn có xin lỗi · late, with an apology', 2),
      lateWithoutApology: countOf('Trễ hạn không xin lỗi · late, without one', 3),
      total: countOf('Đã giải quyết · resolved', 95),
    })
    .meta({ description: 'Đã giải quyết trong kỳ · resolved in the period' }),
  refused: countOf('Không tiếp nhận; ngoài mọi tổng · refused at intake; in no sum', 1),
  withdrawn: countOf('Công dân rút · withdrawn', 1),
  stopped: countOf('Dừng xử lý · stopped', 0),
  pending: z
    .object({
      inTime: countOf('Trong hạn · in time', 9),
      overdue: countOf('Quá hạn · overdue', 3),
      waiting: countOf('Đang chờ công dân · waiting for the citizen', 4),
      total: countOf('Đang giải quyết · pending', 16),
    })
    .meta({ description: 'Còn lại cuối kỳ · pending at the period’s end, or at asOf' }),
  rates: z
    .object({
      onTimeOfResolved: rate.describe('Đúng và trước hạn / đã giải quyết · of those resolved (portals)'),
      onTimeOfReceived: rate.describe(
        'Đúng và trước hạn / tiếp nhận kể cả kỳ trước · of those received (NĐ 61/2018 Đ.30; QĐ 766/QĐ-TTg)',
      ),
    })
    .meta({ description: 'Tỷ lệ đúng hạn, mỗi cách một tên · on-time rates by name' }),
  remainder: countOf(
    'Chênh lệch: tồn đầu kỳ + nhận − đã kết thúc − đang giải quyết; khác 0 là lỗi · carried over + received − ended − pending, which is kept by itself; anything but 0 is an error',
    0,
  ),
  evidence,
}

export const punctuality = z
  .object({
    ...heading,
    by,
    promise: z.enum(PROMISES).meta({ description: 'So với hạn nào · against which promise' }),
    ...punctualityFigure,
    ...grouped(punctualityFigure),
  })
  .meta({ id: 'PunctualityReport', description: 'Tình hình giải quyết đúng hạn · how dates were kept' })

const column = z
  .object({
    key: z.string().meta({ description: 'Tên trong values · its name in values', examples: ['received'] }),
    label: z.string().meta({ description: 'Tiêu đề cột · its heading', examples: ['Tổng số'] }),
    number: z
      .int()
      .nullable()
      .meta({ description: 'Số thứ tự cột trên biểu · its number on the form', examples: [3] }),
    added: z.boolean().meta({ description: 'Cột không có trên biểu mẫu · a column that the form itself lacks' }),
    get columns() {
      return z.array(column).meta({ description: 'Các cột con · the columns under it' })
    },
  })
  .meta({ id: 'FormColumn', description: 'Một cột của biểu mẫu · a column of a form' })

const formFigures = {
  values: z.record(z.string(), z.int()).meta({ description: 'Số liệu theo cột · a number for each column' }),
  identities: z
    .array(
      z.object({
        text: z.string().meta({ description: 'Đẳng thức phải đúng · what must hold', examples: ['(3) = (7) + (11)'] }),
        holds: z.boolean().meta({ description: 'Có đúng không · whether it does' }),
        remainder: z.int().meta({ description: 'Chênh lệch · by how much it does not', examples: [0] }),
      }),
    )
    .readonly()
    .meta({ description: 'Các đẳng thức của biểu, đã kiểm · the form’s identities, checked' }),
  evidence,
}

export const form = z
  .object({
    ...heading,
    by,
    form: z.enum(FORM_IDS).meta({ description: 'Ký hiệu biểu · the form’s sign', examples: ['II.06a'] }),
    title: z.string().meta({ description: 'Tên biểu · its title' }),
    name: z.string().meta({ description: 'Tên gọi · what it is called' }),
    citation: z.string().meta({
      description:
        'Văn bản ban hành biểu; tiêu đề chưa đối chiếu, xem notes · where it is laid down; its headings were not compared with that, see notes',
    }),
    columns: z.array(column).meta({ description: 'Các cột · its columns' }),
    rows: z
      .array(
        z.object({
          key: z.string().meta({ description: 'Mã dòng · the row’s key' }),
          label: z.string().meta({ description: 'Lĩnh vực · the field', examples: ['Hộ tịch'] }),
          ...formFigures,
        }),
      )
      .meta({ description: 'Mỗi lĩnh vực một dòng · a row for each field' }),
    total: z.object(formFigures).meta({ description: 'Dòng tổng cộng · the total row' }),
    notes: z.array(z.string()).meta({ description: 'Ghi chú · notes' }),
  })
  .meta({ id: 'OfficialForm', description: 'Biểu mẫu báo cáo · an official form' })
