import { z } from 'zod'
import { nextCursor, pageQuery } from '../http/page.ts'
import { agencyCode, instant } from '../http/wire.ts'
import { REPORTS } from './evidence-link.ts'
import { channelFields, consistent, formFields, punctualityFields } from './schemas.ts'

const momentless = <Fields extends { asOf: unknown; asOfBy: unknown }>({ asOf: _, asOfBy: __, ...rest }: Fields) => rest

const order = <Name extends (typeof REPORTS)[number], Parameters extends z.ZodType>(
  name: Name,
  parameters: Parameters,
) =>
  z.strictObject({
    report: z.literal(name).meta({ description: 'Báo cáo nào · which report' }),
    parameters,
  })

const asked = (fields: Parameters<typeof consistent>[0]) =>
  consistent(fields).meta({
    description: 'Tham số của báo cáo, trừ asOf · the report’s own parameters, but for asOf',
    examples: [{ agency: 'H20.19', period: '2021-9M' }],
  })

export const snapshotBody = z
  .discriminatedUnion('report', [
    order('channel-ratio', asked(momentless(channelFields))),
    order('punctuality', asked(momentless(punctualityFields))),
    order('ii-06a', asked(momentless(formFields))),
    order('07a', asked(momentless(formFields))),
  ])
  .meta({ id: 'SnapshotBody', description: 'Báo cáo để chốt · a report to freeze' })

const id = z
  .string()
  .regex(/^snap_[\w-]{1,40}$/)
  .meta({ description: 'Mã bản chốt · the snapshot’s id', examples: ['snap_2fJ8x0aLQmZrT5uw'] })
const hash = z.string().meta({ description: 'SHA-256 của nội dung, thập lục phân · of the content, in hex' })
const takenAt = instant.meta({ description: 'Lúc chốt · when it was taken' })
const agency = agencyCode.nullable().describe('Cơ quan; null = toàn hệ thống · null means everything')
const report = z.enum(REPORTS).meta({ description: 'Báo cáo nào · which report' })

export const snapshotPath = z.object({ id })

export const snapshot = z
  .object({
    report,
    parameters: z.looseObject({}).meta({ description: 'Tham số · what was asked' }),
    takenAt,
    agency,
    figures: z.looseObject({}).meta({ description: 'Câu trả lời của báo cáo · the report’s answer' }),
    seals: z
      .array(
        z.object({
          agency: agencyCode,
          day: z.string().meta({ description: 'Ngày được niêm phong · the sealed day' }),
          hash,
        }),
      )
      .meta({
        description: 'Niêm phong mới nhất của từng cơ quan trong phạm vi · the newest seal of each agency in scope',
      }),
    sealsRoot: hash.optional().meta({
      description:
        'SHA-256 trên dòng `cơ quan ngày băm` của niêm phong mới nhất của mọi cơ quan, xếp theo byte · over a line `agency day hash` and a line feed for the newest seal of every agency, in the order of their bytes',
    }),
    inputs: z
      .object({ agencies: hash, procedures: hash })
      .optional()
      .meta({ description: 'SHA-256 của cây cơ quan và danh mục thủ tục · of the agencies and the catalogue' }),
    sealedTo: z.string().nullable().meta({ description: 'Đã niêm phong đến hết ngày này · sealed up to this day' }),
  })
  .meta({
    id: 'Snapshot',
    description:
      'Báo cáo đã chốt, cùng một chuỗi byte mãi mãi: JSON sắp theo tên, không dấu cách · a frozen report, the same bytes for ever',
  })

export const snapshotsQuery = z.strictObject(pageQuery)

export const snapshotPage = z.object({
  items: z
    .array(
      z.object({
        id,
        report,
        agency,
        takenAt,
        hash,
        parameters: z.looseObject({}).meta({ description: 'Tham số · what was asked' }),
      }),
    )
    .meta({ description: 'Mới nhất trước · newest first' }),
  nextCursor,
})

const figureValue = z.union([z.number(), z.string(), z.boolean(), z.null()])

export const snapshotDiff = z
  .object({
    snapshot: id,
    takenAt,
    comparedAt: instant.meta({ description: 'Lúc so sánh · when it was compared' }),
    figures: z
      .array(
        z.object({
          path: z.string().meta({ description: 'Đường dẫn trong figures · its path', examples: ['/received/post'] }),
          frozen: figureValue.meta({ description: 'Lúc chốt · as frozen' }),
          now: figureValue.meta({ description: 'Bây giờ · now' }),
          change: z.number().nullable().meta({ description: 'Tăng giảm · by how much' }),
        }),
      )
      .meta({ description: 'Những con số đã khác · the figures that differ' }),
    dossiers: z
      .array(
        z.object({
          dossier: z.string().meta({ description: 'Mã hồ sơ · the dossier' }),
          events: z
            .array(
              z.object({
                number: z.int().meta({ description: 'Số thứ tự trong hồ sơ · its number' }),
                type: z.string().meta({ description: 'Loại sự kiện · its type' }),
                effectiveAt: instant.meta({ description: 'Lúc xảy ra · when it happened' }),
                recordedAt: instant.meta({ description: 'Lúc ghi nhận · when it was recorded' }),
              }),
            )
            .meta({ description: 'Sự kiện ghi nhận từ đó · recorded since' }),
        }),
      )
      .meta({ description: 'Hồ sơ nay được đếm khác · the dossiers that count otherwise now' }),
    more: z.boolean().meta({ description: 'Còn nữa, chưa nêu hết · there are more than are named' }),
    otherInputs: z
      .object({
        time: z.boolean().meta({ description: 'Lúc chốt kỳ chưa hết · the period was not over when it was frozen' }),
        target: z.boolean().meta({ description: 'Chỉ tiêu · the target' }),
        agencies: z.boolean().nullable().meta({ description: 'Cơ quan, cấp trên của chúng · the agencies' }),
        procedures: z.boolean().nullable().meta({ description: 'Danh mục thủ tục · the catalogue' }),
      })
      .meta({
        description:
          'Điều gì ngoài sự kiện đã khác: con số đổi vì nó không nêu hồ sơ nào; null = bản chốt cũ không cho biết · what differs beside events; figures that changed by it name no dossier. null: an older snapshot does not tell',
      }),
    sealsStand: z.boolean().meta({ description: 'Niêm phong vẫn như lúc chốt · its seals stand as they did' }),
  })
  .meta({ id: 'SnapshotDiff', description: 'Khác gì từ lúc chốt và vì sự kiện nào · what changed, and by what' })
