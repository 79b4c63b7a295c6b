type DaysTerm = { kind: 'working_days' | 'calendar_days'; amount: number }
export type Term = DaysTerm | { kind: 'working_hours'; amount: number } | { kind: 'same_day'; cutoff: string }

/**
 * A procedure as the notice on the desk's wall states it. `verification` replaces the term for cases that must be
 * verified, and counts from receipt, too. After a supplement the term starts again in full, unless it says `pause`.
 */
export type PostedProcedure = {
  code: string
  name: string
  term: Term
  verification?: DaysTerm
  afterSupplement?: 'pause'
}

/** What people come to a commune for. */
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
    afterSupplement: 'pause',
  },
  stay: { code: '1.004194', name: 'Đăng ký tạm trú', term: { kind: 'working_days', amount: 3 } },
  residence: {
    code: '3.999999',
    name: 'Xác nhận thông tin về cư trú',
    term: { kind: 'working_hours', amount: 12 },
  },
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
    afterSupplement: 'pause',
  },
} as const satisfies Record<string, PostedProcedure>

/**
 * What the sample catalogue lacks, or has without a pause, the demo puts itself: a limit in hours under an invented
 * code, and two procedures whose sector lets what was left of a term go on after a supplement.
 */
export const PUT_BY_THE_DEMO: readonly { procedure: PostedProcedure; field: string }[] = [
  { procedure: COMMUNE_PROCEDURES.residence, field: 'Cư trú' },
  { procedure: COMMUNE_PROCEDURES.allowance, field: 'Bảo trợ xã hội' },
  { procedure: DISTRICT_PROCEDURES.building, field: 'Xây dựng' },
]
