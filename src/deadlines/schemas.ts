import { z } from 'zod'
import { message } from '../http/problems.ts'
import { agencyCode, calendarId, date, instant, procedureCode } from '../http/wire.ts'
import { limit } from '../procedures/schemas.ts'

export const deadlineFields = {
  dueOn: date.meta({ description: 'Ngày hẹn trả · the due date', examples: ['2021-09-09'] }),
  dueAt: instant.meta({
    description: 'Thời điểm hẹn trả, in trên phiếu · printed on the slip',
    examples: ['2021-09-09T17:00:00+07:00'],
  }),
  lateFrom: instant.meta({
    description: 'Xong từ lúc này trở đi là trễ · the first instant at which finishing is late',
    examples: ['2021-09-10T00:00:00+07:00'],
  }),
  provisional: z.boolean().meta({
    description: 'Vượt quá lịch đã công bố · beyond the confirmed calendar',
    examples: [false],
  }),
}

const dayOrInstant = z.union([date, instant])

const spans = z.array(
  z
    .object({
      unit: z.enum(['day', 'hour']).meta({ description: 'Đơn vị · the unit' }),
      from: dayOrInstant.meta({ description: 'Từ · from', examples: ['2021-09-01'] }),
      to: dayOrInstant.meta({ description: 'Đến hết · to, inclusive', examples: ['2021-09-01'] }),
      amount: z.number().meta({ description: 'Số ngày hoặc giờ · how many days or hours', examples: [1] }),
    })
    .meta({ id: 'Span', description: 'Một khoảng thời gian liền · an unbroken span of time' }),
)

const term = z
  .object({
    part: z.enum(['limit', 'verification']).meta({ description: 'Thời hạn chính hay xác minh · which term' }),
    text: z.string().meta({ description: 'Bằng lời · in words', examples: ['5 ngày làm việc'] }),
    legalBasis: z
      .string()
      .meta({ description: 'Căn cứ cách tính · by which article', examples: ['Bộ luật Dân sự 2015 Đ.147.2'] }),
    startsAfter: dayOrInstant.meta({
      description: 'Ngày không tính, hoặc thời điểm bắt đầu · the day that is not counted, or the moment it starts',
      examples: ['2021-08-31'],
    }),
    spans: spans.meta({ description: 'Các khoảng được tính, theo thứ tự · what was counted, in order' }),
    skipped: z
      .array(
        z.object({
          date: date.meta({ description: 'Ngày không tính · a day passed over', examples: ['2021-09-02'] }),
          reason: z.string().meta({ description: 'Vì sao · why', examples: ['Quốc khánh'] }),
          legalBasis: z
            .string()
            .meta({ description: 'Căn cứ · legal ground', examples: ['Bộ luật Lao động 2019 Đ.112(1)'] }),
        }),
      )
      .meta({ description: 'Các ngày không tính và lý do · the days passed over, and why' }),
    paused: spans.meta({ description: 'Các khoảng đồng hồ dừng · where the clock stood still' }),
    endsOn: date.meta({ description: 'Ngày kết thúc · where this term ends', examples: ['2021-09-09'] }),
  })
  .meta({ id: 'CountedTerm', description: 'Một thời hạn đã tính · one term as it was counted' })

export const explanation = z
  .object({
    procedure: z
      .object({
        code: procedureCode,
        name: z.string().meta({ description: 'Tên thủ tục · its name' }),
        effectiveFrom: date.meta({ description: 'Phiên bản áp dụng · the version applied' }),
        sample: z.boolean().meta({ description: 'Thời hạn mẫu · the limit is sample data' }),
      })
      .nullable()
      .meta({ description: 'Thủ tục; null nếu chỉ nêu thời hạn · null for a bare limit' }),
    agency: agencyCode.nullable().meta({ description: 'Cơ quan giải quyết · the resolving agency' }),
    rule: z
      .object({
        limit,
        withVerification: z.boolean().meta({ description: 'Có xác minh · with verification' }),
        effectiveFrom: date.meta({ description: 'Quy định có hiệu lực từ · the rules’ first day' }),
        citation: z
          .string()
          .meta({ description: 'Căn cứ pháp lý · legal ground', examples: ['Nghị định 61/2018/NĐ-CP Đ.15–20'] }),
        verified: z.boolean().meta({ description: 'Đã đối chiếu văn bản · whether the text was read' }),
      })
      .meta({ description: 'Quy định áp dụng · the rule' }),
    calendar: z
      .object({
        id: calendarId,
        version: z.int().meta({ description: 'Phiên bản lịch · its version', examples: [1] }),
      })
      .meta({ description: 'Lịch làm việc đã dùng · the calendar' }),
    receivedAt: instant.meta({
      description: 'Thời điểm tiếp nhận · the receipt',
      examples: ['2021-08-31T09:00:00+07:00'],
    }),
    receivedOn: date.meta({ description: 'Ngày tiếp nhận · the day of receipt', examples: ['2021-08-31'] }),
    terms: z.array(term).meta({ description: 'Các thời hạn đã tính · each term, in order' }),
    ...deadlineFields,
    sentence: z.string().meta({
      description: 'Một câu dễ đọc · one readable sentence',
      examples: [
        'Hồ sơ tiếp nhận lúc 09:00 ngày 31/8/2021, thời hạn 5 ngày làm việc; … hẹn trả kết quả lúc 17:00 ngày 9/9/2021.',
      ],
    }),
  })
  .meta({ id: 'DeadlineExplanation', description: 'Giải trình thời hạn · why a deadline is what it is' })

export const deadlineBody = z
  .strictObject({
    receivedAt: instant.meta({
      description: 'Thời điểm tiếp nhận · the receipt',
      examples: ['2021-08-31T09:00:00+07:00'],
    }),
    procedureCode: procedureCode.optional(),
    limit: limit.optional(),
    agency: agencyCode.optional(),
    calendar: calendarId.optional(),
    withVerification: z.boolean().default(false).meta({ description: 'Có xác minh · with verification' }),
  })
  .refine((given) => (given.procedureCode === undefined) !== (given.limit === undefined), {
    error: message('Nêu đúng một trong procedureCode và limit.', 'Give exactly one of procedureCode and limit.'),
  })
  .refine((given) => given.agency === undefined || given.calendar === undefined, {
    error: message('Chỉ nêu một trong agency và calendar.', 'Give at most one of agency and calendar.'),
  })
  .meta({ id: 'DeadlineCase', description: 'Trường hợp cần tính; không lưu · a case to compute; nothing is stored' })
