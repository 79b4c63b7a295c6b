import type { Limit } from '../../src/sla/term.ts'

/** `dueAt` is the minute on the slip; a case whose `lateFrom` is not the midnight after it says so. */
export type DeadlineCase = {
  rule: string
  ground: string
  limit: Limit
  verified?: true
  received: string
  dueAt: string
  lateFrom?: string
}

const workingDays = (amount: number): Limit => ({ kind: 'working_days', amount })
const calendarDays = (amount: number): Limit => ({ kind: 'calendar_days', amount })
const workingHours = (amount: number): Limit => ({ kind: 'working_hours', amount })
const sameDay: Limit = { kind: 'same_day', cutoff: '15:00' }

const FIRST_DAY = 'Bộ luật Dân sự 2015 Đ.147.2'
const LAST_DAY_OFF = 'Bộ luật Dân sự 2015 Đ.148.5'
const FROM_THE_MOMENT = 'Bộ luật Dân sự 2015 Đ.147.1'
const SAME_DAY = 'Nghị định 61/2018/NĐ-CP Đ.15–20; Bộ luật Dân sự 2015 Đ.148.5'
const SWAP_2025 = 'Thông báo 6150/TB-BLĐTBXH 03/12/2024'
const VERIFYING = 'published limit: "trường hợp xác minh không quá 23 ngày"'

/** On the national calendar with office hours, 07:30–11:30 and 13:30–17:00. */
export const DEADLINE_CASES: readonly DeadlineCase[] = [
  {
    rule: 'the day of receipt is not counted, however early the receipt',
    ground: FIRST_DAY,
    limit: workingDays(1),
    received: '2021-09-06 00:00:00',
    dueAt: '2021-09-07 17:00',
  },
  {
    rule: 'the day of receipt is not counted, however late the receipt',
    ground: FIRST_DAY,
    limit: workingDays(1),
    received: '2021-09-06 23:59:59.999',
    dueAt: '2021-09-07 17:00',
  },
  {
    rule: 'a receipt on a Saturday counts from the day after it',
    ground: FIRST_DAY,
    limit: workingDays(1),
    received: '2021-09-11 08:00',
    dueAt: '2021-09-13 17:00',
  },
  {
    rule: 'a receipt on a public holiday counts from the day after it',
    ground: FIRST_DAY,
    limit: workingDays(2),
    received: '2021-09-02 08:00',
    dueAt: '2021-09-07 17:00',
  },
  {
    rule: 'working days pass over a holiday and the weekend after it',
    ground: FIRST_DAY,
    limit: workingDays(5),
    received: '2021-08-31 10:00',
    dueAt: '2021-09-09 17:00',
  },
  {
    rule: 'days off within a term in calendar days count',
    ground: FIRST_DAY,
    limit: calendarDays(3),
    received: '2021-09-10 10:00',
    dueAt: '2021-09-13 17:00',
  },
  {
    rule: 'a last day that is a Saturday rolls to the end of Monday',
    ground: LAST_DAY_OFF,
    limit: calendarDays(1),
    received: '2021-09-10 10:00',
    dueAt: '2021-09-13 17:00',
  },
  {
    rule: 'a last day that is a public holiday rolls to the end of the next working day',
    ground: LAST_DAY_OFF,
    limit: calendarDays(1),
    received: '2021-02-09 10:00',
    dueAt: '2021-02-17 17:00',
  },
  {
    rule: 'a calendar day received on a day off counts from the day after it',
    ground: FIRST_DAY,
    limit: calendarDays(2),
    received: '2021-09-11 10:00',
    dueAt: '2021-09-13 17:00',
  },
  {
    rule: 'a Saturday worked in exchange counts in full',
    ground: SWAP_2025,
    limit: workingDays(2),
    received: '2025-04-24 10:00',
    dueAt: '2025-04-26 17:00',
  },
  {
    rule: 'a Saturday worked in exchange is no day off to roll from',
    ground: `${SWAP_2025}; ${LAST_DAY_OFF}`,
    limit: calendarDays(2),
    received: '2025-04-24 10:00',
    dueAt: '2025-04-26 17:00',
  },
  {
    rule: 'the day given for that Saturday is off',
    ground: SWAP_2025,
    limit: workingDays(1),
    received: '2025-04-29 10:00',
    dueAt: '2025-05-05 17:00',
  },
  {
    rule: 'hours received before opening count from opening',
    ground: FROM_THE_MOMENT,
    limit: workingHours(2),
    received: '2021-09-07 06:00',
    dueAt: '2021-09-07 09:30',
    lateFrom: '2021-09-07 09:31',
  },
  {
    rule: 'hours received over lunch count from the afternoon',
    ground: FROM_THE_MOMENT,
    limit: workingHours(2),
    received: '2021-09-07 12:10',
    dueAt: '2021-09-07 15:30',
    lateFrom: '2021-09-07 15:31',
  },
  {
    rule: 'hours received after closing count from the next opening',
    ground: FROM_THE_MOMENT,
    limit: workingHours(2),
    received: '2021-09-07 17:00:01',
    dueAt: '2021-09-08 09:30',
    lateFrom: '2021-09-08 09:31',
  },
  {
    rule: 'hours received on a day off count from the next opening',
    ground: FROM_THE_MOMENT,
    limit: workingHours(2),
    received: '2021-09-11 10:00',
    dueAt: '2021-09-13 09:30',
    lateFrom: '2021-09-13 09:31',
  },
  {
    rule: 'hours do not run over lunch',
    ground: FROM_THE_MOMENT,
    limit: workingHours(2),
    received: '2021-09-07 10:30',
    dueAt: '2021-09-07 14:30',
    lateFrom: '2021-09-07 14:31',
  },
  {
    rule: 'hours do not run over Tết',
    ground: FROM_THE_MOMENT,
    limit: workingHours(2),
    received: '2021-02-09 16:00',
    dueAt: '2021-02-17 08:30',
    lateFrom: '2021-02-17 08:31',
  },
  {
    rule: 'hours that end at closing time end there, and are late a minute after it',
    ground: FROM_THE_MOMENT,
    limit: workingHours(2),
    received: '2021-09-07 15:00',
    dueAt: '2021-09-07 17:00',
    lateFrom: '2021-09-07 17:01',
  },
  {
    rule: 'hours run on a Saturday worked in exchange',
    ground: `${FROM_THE_MOMENT}; ${SWAP_2025}`,
    limit: workingHours(2),
    received: '2025-04-25 16:00',
    dueAt: '2025-04-26 08:30',
    lateFrom: '2025-04-26 08:31',
  },
  {
    rule: 'hours keep the second of their start, and the whole minute of their end is on time',
    ground: FROM_THE_MOMENT,
    limit: workingHours(1),
    received: '2021-09-07 08:00:40',
    dueAt: '2021-09-07 09:00:40',
    lateFrom: '2021-09-07 09:01',
  },
  {
    rule: 'a same-day dossier received before opening is due that day',
    ground: SAME_DAY,
    limit: sameDay,
    received: '2021-09-07 05:00',
    dueAt: '2021-09-07 17:00',
  },
  {
    rule: 'the cutoff itself still belongs to the day',
    ground: SAME_DAY,
    limit: sameDay,
    received: '2021-09-07 15:00:00',
    dueAt: '2021-09-07 17:00',
  },
  {
    rule: 'a clock that shows the cutoff is at the cutoff, whatever its milliseconds',
    ground: SAME_DAY,
    limit: sameDay,
    received: '2021-09-07 15:00:00.999',
    dueAt: '2021-09-07 17:00',
  },
  {
    rule: 'a second after the cutoff is the next working day',
    ground: SAME_DAY,
    limit: sameDay,
    received: '2021-09-07 15:00:01',
    dueAt: '2021-09-08 17:00',
  },
  {
    rule: 'after the cutoff on a Friday is Monday',
    ground: SAME_DAY,
    limit: sameDay,
    received: '2021-09-10 15:00:01',
    dueAt: '2021-09-13 17:00',
  },
  {
    rule: 'a same-day dossier received on a day off is due on the next working day',
    ground: SAME_DAY,
    limit: sameDay,
    received: '2021-09-11 09:00',
    dueAt: '2021-09-13 17:00',
  },
  {
    rule: 'a same-day dossier received on a day off after the cutoff is due on the next working day too',
    ground: SAME_DAY,
    limit: sameDay,
    received: '2021-09-12 16:00',
    dueAt: '2021-09-13 17:00',
  },
  {
    rule: 'a limit for verified cases is a whole limit of its own, from receipt',
    ground: VERIFYING,
    limit: { kind: 'working_days', amount: 3, verification: { kind: 'calendar_days', amount: 23 } },
    verified: true,
    received: '2021-08-10 10:00',
    dueAt: '2021-09-06 17:00',
  },
  {
    rule: 'a dossier that needs no verification keeps the first limit',
    ground: VERIFYING,
    limit: { kind: 'working_days', amount: 3, verification: { kind: 'calendar_days', amount: 23 } },
    received: '2021-08-10 10:00',
    dueAt: '2021-08-13 17:00',
  },
  {
    rule: 'a term that prolongs the first begins where the first ends',
    ground: 'published limit: "kéo dài thêm không quá 2 ngày"',
    limit: {
      kind: 'working_days',
      amount: 3,
      verification: { kind: 'working_days', amount: 2, counted: 'after_first_term' },
    },
    verified: true,
    received: '2021-08-10 10:00',
    dueAt: '2021-08-17 17:00',
  },
  {
    rule: 'hours that follow a term in days begin at its closing time',
    ground: FROM_THE_MOMENT,
    limit: {
      kind: 'working_days',
      amount: 1,
      verification: { kind: 'working_hours', amount: 2, counted: 'after_first_term' },
    },
    verified: true,
    received: '2021-09-06 10:00',
    dueAt: '2021-09-08 09:30',
    lateFrom: '2021-09-08 09:31',
  },
  {
    rule: 'verifying never shortens a limit',
    ground: VERIFYING,
    limit: {
      kind: 'working_days',
      amount: 5,
      verification: { kind: 'working_days', amount: 2, counted: 'from_receipt' },
    },
    verified: true,
    received: '2021-09-06 10:00',
    dueAt: '2021-09-13 17:00',
  },
]
