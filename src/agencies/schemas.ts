import { z } from 'zod'
import { nextCursor, pageQuery } from '../http/page.ts'
import { message } from '../http/problems.ts'
import { agencyCode, calendarId, line } from '../http/wire.ts'
import { LEVELS } from './agency.ts'

const time = z
  .string()
  .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/, { error: message('Giờ có dạng 07:30.', 'A time looks like 07:30.') })
  .meta({ examples: ['07:30'] })

const periods = z
  .array(z.tuple([time, time]).readonly())
  .min(1)
  .max(10)
  .readonly()
  .optional()
  .meta({ description: 'Các buổi, theo thứ tự · periods in order, none overlapping' })

const hours = z
  .strictObject({ 1: periods, 2: periods, 3: periods, 4: periods, 5: periods, 6: periods, 7: periods })
  .refine((week) => week[1] && week[2] && week[3] && week[4] && week[5], {
    error: message('Cần giờ của cả năm ngày 1–5.', 'Needs the hours of all five days 1–5.'),
  })
  .meta({
    description:
      'Giờ làm việc theo thứ ISO (1 = thứ Hai) · periods per ISO weekday; 1–5 are needed. Saturday and Sunday hours are for intake only: the clock counts the calendar’s working days.',
    examples: [
      {
        1: [
          ['07:00', '11:30'],
          ['13:30', '17:00'],
        ],
        2: [
          ['07:00', '11:30'],
          ['13:30', '17:00'],
        ],
        3: [
          ['07:00', '11:30'],
          ['13:30', '17:00'],
        ],
        4: [
          ['07:00', '11:30'],
          ['13:30', '17:00'],
        ],
        5: [
          ['07:00', '11:30'],
          ['13:30', '16:30'],
        ],
      },
    ],
  })

const fields = {
  name: line(200).meta({ description: 'Tên cơ quan · its name', examples: ['Xã Long Thuận'] }),
  level: z
    .enum(LEVELS)
    .meta({ description: 'Cấp: tỉnh, huyện (đến 30/6/2025), xã · its level', examples: ['commune'] }),
}

const lateRecordingDays = z
  .int()
  .min(0)
  .max(365)
  .meta({
    description:
      'Được ghi nhận muộn nhất bao nhiêu ngày làm việc sau khi việc xảy ra; mặc định 5 · how many working days late something may be recorded; 5 by default',
    examples: [5],
  })

export const agencyBody = z
  .strictObject({
    ...fields,
    parent: agencyCode
      .nullish()
      .transform((parent) => parent ?? null)
      .meta({
        description: 'Cơ quan cấp trên · the agency above it',
        examples: ['H20.19'],
      }),
    calendar: calendarId
      .nullish()
      .transform((id) => id ?? null)
      .meta({
        description: 'Lịch làm việc riêng; mặc định lịch quốc gia vn · its own calendar; the national one by default',
        examples: ['vn'],
      }),
    hours: hours
      .nullish()
      .transform((own) => own ?? null)
      .meta({ description: 'Giờ làm việc riêng; mặc định 07:30–11:30, 13:30–17:00 thứ Hai–thứ Sáu · its own hours' }),
    lateRecordingDays: lateRecordingDays.nullish().transform((days) => days ?? null),
  })
  .meta({ id: 'AgencyBody', description: 'Cơ quan để ghi · an agency to save' })

export const agency = z
  .object({
    code: agencyCode,
    ...fields,
    parent: agencyCode.nullable().meta({ description: 'Cơ quan cấp trên · the agency above it' }),
    calendar: calendarId
      .nullable()
      .meta({ description: 'Lịch riêng; null = lịch quốc gia · null means the national one' }),
    hours: hours.nullable().meta({ description: 'Giờ riêng; null = giờ hành chính · null means office hours' }),
    lateRecordingDays: lateRecordingDays.nullable(),
  })
  .meta({ id: 'Agency', description: 'Cơ quan tiếp nhận hoặc giải quyết · an agency' })

export const agencyPath = z.object({ code: agencyCode })

export const agenciesQuery = z.strictObject({
  under: agencyCode.optional().meta({ description: 'Chỉ cơ quan này và cấp dưới · only this agency and those below' }),
  ...pageQuery,
})

export const agencyPage = z.object({
  items: z.array(agency).meta({ description: 'Theo thứ tự mã · in the order of their codes' }),
  nextCursor,
})
