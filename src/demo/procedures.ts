import { dayOf, daysAfter, workedAfter, workedFrom } from './days.ts'

type DaysTerm = { kind: 'working_days' | 'calendar_days'; amount: number }
type Term = DaysTerm | { kind: 'same_day'; cutoff: string }

/** A procedure as the notice on the desk's wall states it. `verification` replaces the term for cases that must be verified, and counts from receipt, too. */
export type PostedProcedure = { code: string; name: string; term: Term; verification?: DaysTerm }

/** What people come to a commune for; all of it stands in the sample catalogue. */
export const COMMUNE_PROCEDURES = {
  birth: { code: '1.001193', name: 'Đăng ký khai sinh', term: { kind: 'same_day', cutoff: '15:00' } },
  copies: {
    code: '2.000815',
    name: 'Chứng thực bản sao từ bản chính',
    term: { kind: 'same_day', cutoff: '15:00' },
    verification: { kind: 'working_days', amount: 2 },
  },
  single: {
    code: '1.004873',
    name: 'Cấp Giấy xác nhận tình trạng hôn nhân',
    term: { kind: 'working_days', amount: 3 },
    verification: { kind: 'calendar_days', amount: 23 },
  },
  birthAgain: {
    code: '1.004884',
    name: 'Đăng ký lại khai sinh',
    term: { kind: 'working_days', amount: 5 },
    verification: { kind: 'calendar_days', amount: 25 },
  },
  allowance: {
    code: '1.001776',
    name: 'Thực hiện, điều chỉnh trợ cấp xã hội hàng tháng',
    term: { kind: 'working_days', amount: 22 },
  },
  stay: { code: '1.004194', name: 'Đăng ký tạm trú', term: { kind: 'working_days', amount: 3 } },
} as const satisfies Record<string, PostedProcedure>

/** What the district resolves, wherever it was handed in. */
export const DISTRICT_PROCEDURES = {
  business: { code: '1.001612', name: 'Đăng ký thành lập hộ kinh doanh', term: { kind: 'working_days', amount: 3 } },
  businessChange: {
    code: '2.000720',
    name: 'Đăng ký thay đổi nội dung đăng ký hộ kinh doanh',
    term: { kind: 'working_days', amount: 3 },
  },
  building: {
    code: '1.009122',
    name: 'Cấp giấy phép xây dựng nhà ở riêng lẻ',
    term: { kind: 'calendar_days', amount: 15 },
  },
} as const satisfies Record<string, PostedProcedure>

const endOf = (term: Term, receivedAt: string): string => {
  const received = dayOf(receivedAt)
  switch (term.kind) {
    case 'working_days':
      return workedAfter(received, term.amount)
    case 'calendar_days':
      return workedFrom(daysAfter(received, term.amount))
    case 'same_day':
      return workedFrom(receivedAt.slice(11, 16) <= term.cutoff ? received : daysAfter(received, 1))
  }
}

/** The due date of a dossier received at a moment. Each second term here is a longer limit of its own. */
export const dueOn = ({ term, verification }: PostedProcedure, receivedAt: string, withVerification: boolean): string =>
  endOf((withVerification && verification) || term, receivedAt)
