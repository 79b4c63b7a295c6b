import { z } from 'zod'
import { agencyCode, calendarId, count, date, instant, line } from '../http/wire.ts'
import { recalculationId, recordedBy } from './recalculation-schemas.ts'

const text = z.string()

const dayDate = date.meta({ description: 'Ngày · the day', examples: ['2021-09-02'] })

const type = z
  .enum(['statutory', 'compensatory', 'swap_off', 'swap_worked', 'closure'])
  .meta({ description: 'Lễ, nghỉ bù, hoán đổi, làm bù, đóng cửa · why it differs' })

const status = z
  .enum(['confirmed', 'provisional'])
  .meta({ description: 'Đã công bố hay dự kiến · published or expected' })

const swapWith = date.optional().meta({ description: 'Ngày hoán đổi · the day it stands in for' })

const publishedAt = instant.meta({ description: 'Lúc công bố · when it was announced' })

const localAgency = agencyCode.describe('Chỉ cơ quan này và cấp dưới · only for this agency and all below')

const day = z
  .object({
    date: dayDate,
    kind: z.enum(['off', 'worked']).meta({ description: 'off: nghỉ; worked: làm bù · off, or worked in exchange' }),
    type,
    name: text.meta({ description: 'Tên ngày · its name', examples: ['Quốc khánh'] }),
    status,
    legalBasis: text.meta({
      description: 'Căn cứ pháp lý · legal ground',
      examples: ['Bộ luật Lao động 2019 Đ.112(1)'],
    }),
    swapWith,
    agency: localAgency.optional(),
    publishedAt: publishedAt.optional(),
  })
  .meta({ id: 'CalendarDay', description: 'Ngày khác tuần làm việc thường · a day that differs from the plain week' })

const change = z
  .object({
    dates: z.array(date).readonly().meta({ description: 'Các ngày đã đổi · the days that changed' }),
    usual: z
      .array(
        z.object({
          date: dayDate,
          name: text.meta({ description: 'Tên · what it was about', examples: ['Mở cửa lại'] }),
          legalBasis: text.meta({ description: 'Căn cứ pháp lý · legal ground', examples: ['Quyết định 12/QĐ-UBND'] }),
        }),
      )
      .readonly()
      .meta({ description: 'Ngày trở lại như thường · days on which the plain week holds again' }),
    agency: localAgency.nullable(),
    publishedAt,
    recordedAt: instant.meta({ description: 'Lúc ghi nhận · when it was recorded' }),
    ...recordedBy,
  })
  .meta({ id: 'CalendarChange', description: 'Thay đổi tạo ra phiên bản này · what made this version' })

export const calendarPath = z.object({ id: calendarId })

export const calendarQuery = z.strictObject({
  version: count(1, 999_999)
    .optional()
    .meta({ description: 'Phiên bản; mặc định mới nhất · a version; the newest by default', examples: ['1'] }),
})

const calendarFields = {
  id: calendarId,
  version: z.int().meta({ description: 'Phiên bản; không bao giờ sửa · a version never changes', examples: [1] }),
  name: text.meta({ description: 'Tên lịch · its name', examples: ['Lịch làm việc quốc gia'] }),
  week: z
    .array(z.int())
    .readonly()
    .meta({ description: 'Thứ làm việc theo ISO · working ISO weekdays', examples: [[1, 2, 3, 4, 5]] }),
  coverage: z
    .object({
      from: date.meta({ description: 'Từ ngày · from', examples: ['2018-12-01'] }),
      to: date.meta({ description: 'Đến ngày · to', examples: ['2027-12-31'] }),
      confirmedTo: date.meta({ description: 'Đã công bố đến ngày · confirmed up to', examples: ['2026-12-31'] }),
    })
    .meta({ description: 'Khoảng đã có lịch · how far the calendar reaches' }),
  provisional: z
    .object({
      from: date.meta({ description: 'Từ ngày · from', examples: ['2027-01-01'] }),
      to: date.meta({ description: 'Đến ngày · to', examples: ['2027-12-31'] }),
    })
    .nullable()
    .meta({ description: 'Khoảng dự kiến, chưa có thông báo · expected, not yet announced' }),
  days: z
    .array(day)
    .readonly()
    .meta({ description: 'Các ngày khác thường, theo thứ tự · the days that differ, in order' }),
  change: change.nullable().meta({ description: 'null: lịch đi kèm phần mềm · null for what this software ships' }),
}

export const calendar = z
  .object(calendarFields)
  .meta({ id: 'Calendar', description: 'Lịch làm việc · a working calendar' })

export const putCalendar = z
  .object({
    ...calendarFields,
    recalculation: recalculationId
      .nullable()
      .describe('Lần tính lại chốt các hạn dự kiến, tự chạy · what makes provisional deadlines firm, by itself'),
  })
  .meta({ id: 'PutCalendar', description: 'Lịch sau khi ghi · a calendar after days were put' })

/** As many as an announcement of a whole year names, and some. */
const MOST_DAYS = 400

const dayBody = z
  .strictObject({
    date: dayDate,
    kind: z.enum(['off', 'worked', 'usual']).meta({
      description: 'off: nghỉ; worked: làm bù; usual: bỏ đánh dấu · off, worked in exchange, or as usual again',
    }),
    type: type.optional(),
    name: line(200).meta({ description: 'Tên ngày · its name', examples: ['Đóng cửa phòng dịch'] }),
    legalBasis: line(500).meta({ description: 'Căn cứ pháp lý · legal ground', examples: ['Chỉ thị 16/CT-TTg'] }),
    swapWith,
    status: status.default('confirmed'),
  })
  .meta({ id: 'CalendarDayBody', description: 'Một ngày để ghi · a day to put' })

export const daysBody = z
  .strictObject({
    publishedAt,
    days: z.array(dayBody).max(MOST_DAYS).readonly().meta({ description: 'Các ngày · the days' }),
    agency: localAgency.optional(),
    confirmedTo: date
      .optional()
      .meta({ description: 'Nay đã công bố đến · now confirmed up to', examples: ['2027-12-31'] }),
    to: date.optional().meta({ description: 'Nay có lịch đến · now reaches to', examples: ['2028-12-31'] }),
    officer: line(100)
      .optional()
      .meta({
        description: 'Cán bộ; hoặc tiêu đề X-Officer · who did it; or the header X-Officer',
        examples: ['cb-017'],
      }),
  })
  .meta({ id: 'CalendarDaysBody', description: 'Ngày được công bố để ghi vào lịch · announced days to put' })
