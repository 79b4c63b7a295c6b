import { z } from 'zod'
import { calendarId, date } from '../http/wire.ts'

const text = z.string()

const day = z
  .object({
    date: date.meta({ description: 'Ngày · the day', examples: ['2021-09-02'] }),
    kind: z.enum(['off', 'worked']).meta({ description: 'off: nghỉ; worked: làm bù · off, or worked in exchange' }),
    type: z
      .enum(['statutory', 'compensatory', 'swap_off', 'swap_worked', 'closure'])
      .meta({ description: 'Lễ, nghỉ bù, hoán đổi, làm bù, đóng cửa · why it differs' }),
    name: text.meta({ description: 'Tên ngày · its name', examples: ['Quốc khánh'] }),
    status: z
      .enum(['confirmed', 'provisional'])
      .meta({ description: 'Đã công bố hay dự kiến · published or expected' }),
    legalBasis: text.meta({
      description: 'Căn cứ pháp lý · legal ground',
      examples: ['Bộ luật Lao động 2019 Đ.112(1)'],
    }),
    swapWith: date.optional().meta({ description: 'Ngày hoán đổi · the day it stands in for' }),
  })
  .meta({ id: 'CalendarDay', description: 'Ngày khác tuần làm việc thường · a day that differs from the plain week' })

export const calendarPath = z.object({ id: calendarId })

export const calendar = z
  .object({
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
  })
  .meta({ id: 'Calendar', description: 'Lịch làm việc · a working calendar' })
