import { sql } from 'drizzle-orm'
import { earlierStandings, events } from '../../db/tables.ts'
import { BY_RECEIPT, BY_STEP, dossiersWhere, type Flag, instantText, STOOD_UNTIL, stepsWhere } from './flag.ts'

/** Steps whose promise counts; a correction's only where it corrects what the term is counted from. */
const MOVES_PROMISE = sql`jsonb_typeof(e.facts->'promise') = 'object' and (
  e.type in ('received', 'accepted', 'supplement_received', 'payment_received', 'extended', 'reopened', 'recalculated', 'finished')
  or e.type = 'corrected'
    and e.facts->'changes' ?| array['procedureCode', 'withVerification', 'resolvingAgency', 'receivedAt'])`

/** The dates of the last promise (`promised`) that the trail gives a reason for. */
const LAST_PROMISE = sql`
  cross join lateral (
    select (e.facts->'promise'->>'dueAt')::timestamptz as due_at,
      (e.facts->'promise'->>'lateFrom')::timestamptz as late_from,
      (coalesce(e.facts->'promise'->>'overdueFrom', e.facts->'promise'->>'lateFrom'))::timestamptz as overdue_from
    from ${events} e where e.dossier_id = d.id and ${MOVES_PROMISE}
    order by e.number desc limit 1
  ) promised`

/** How the dossier stood right after the step `e`: as its row or, where that has moved on, as the next one left it. */
const STOOD_AFTER = sql`
  left join lateral (
    select s.dossier_id, s.late_from, s.overdue_from from ${earlierStandings} s
    where s.dossier_id = e.dossier_id and s.number > e.number order by s.number limit 1
  ) stood on true
  cross join lateral (
    select case when stood.dossier_id is null then e.late_from else stood.late_from end as late_from,
      case when stood.dossier_id is null then e.overdue_from else stood.overdue_from end as overdue_from
  ) clock`

export const PROMISE_FLAGS = {
  due_date_moved: {
    description: {
      vi: 'Hạn trong hồ sơ khác lời hẹn cuối mà nhật ký có lý do: tiếp nhận, bổ sung, nộp tiền, xin lỗi hẹn lại, đính chính, tính lại hay mở lại.',
      en: 'The dates that judge the dossier are not those of the last promise for which the trail has a reason: receipt, supplement, payment, extension, correction, recalculation or reopening.',
    },
    ground: { vi: 'Nghị định 61/2018/NĐ-CP Đ.19', en: 'Decree 61/2018/NĐ-CP, art. 19' },
    judgedBy: BY_RECEIPT,
    // While the clock stands still there are no dates; what had passed before stays, whatever was corrected since.
    find: (within) =>
      dossiersWhere(within, {
        at: sql`d.received_at`,
        agency: sql`d.resolving_agency`,
        joined: LAST_PROMISE,
        where: sql`(d.due_at is distinct from promised.due_at and (d.due_at is not null or d.wait is null)
          or d.wait is null and (d.late_from, d.overdue_from) is distinct from (promised.late_from, promised.overdue_from))`,
        facts: {
          dueAt: instantText(sql`d.due_at`),
          promisedDueAt: instantText(sql`promised.due_at`),
          lateFrom: instantText(sql`d.late_from`),
          promisedLateFrom: instantText(sql`promised.late_from`),
        },
      }),
  },
  extended_twice: {
    description: { vi: 'Xin lỗi và hẹn lại quá một lần.', en: 'Put off by apology more than once.' },
    ground: { vi: 'Nghị định 61/2018/NĐ-CP Đ.19: một lần', en: 'Decree 61/2018/NĐ-CP, art. 19: once' },
    judgedBy: BY_STEP,
    find: () =>
      stepsWhere({
        where: sql`e.type = 'extended' and exists (
          select from ${events} b where b.dossier_id = e.dossier_id and b.number < e.number and b.type = 'extended')`,
        facts: { workingDays: sql`e.facts->'workingDays'` },
      }),
  },
  extension_sent_late: {
    description: {
      vi: 'Thư xin lỗi và hẹn lại gửi khi không còn đủ một ngày làm việc trước ngày hẹn.',
      en: 'The apology was sent less than one working day before the due date.',
    },
    ground: {
      vi: 'Nghị định 61/2018/NĐ-CP Đ.19: chậm nhất một ngày trước ngày hẹn',
      en: 'Decree 61/2018/NĐ-CP, art. 19: one day before the due date at the latest',
    },
    judgedBy: BY_STEP,
    find: () =>
      stepsWhere({
        where: sql`e.type = 'extended' and e.facts->'sentLate' = 'true'`,
        facts: { workingDays: sql`e.facts->'workingDays'`, newDueOn: sql`e.facts->'promise'->'dueOn'` },
      }),
  },
  closed_around_due: {
    description: {
      vi: 'Rút hoặc dừng trong vòng một ngày trước hay sau lúc thành trễ, hoặc khi đã quá hạn.',
      en: 'Withdrawn or stopped within one day before or after it became late, or once it was overdue.',
    },
    ground: {
      vi: 'Hồ sơ rút hoặc dừng không tính vào tỷ lệ đúng hạn, nên là cách giấu hồ sơ trễ.',
      en: 'What is withdrawn or stopped is outside the on-time rate, and so hides what is late.',
    },
    judgedBy: BY_STEP,
    find: () =>
      stepsWhere({
        joined: STOOD_AFTER,
        where: sql`e.type in ('withdrawn', 'stopped') and (e.effective_at >= clock.overdue_from
          or e.effective_at between clock.late_from - interval '1 day' and clock.late_from + interval '1 day')`,
        facts: { step: sql`e.type`, lateFrom: instantText(sql`clock.late_from`) },
      }),
  },
  reopened_after_finish: {
    description: { vi: 'Mở lại sau khi đã có kết quả.', en: 'Reopened after the result was ready.' },
    ground: {
      vi: 'Mở lại xóa lúc xong đã ghi, nên là cách sửa một kết quả trễ.',
      en: 'Reopening takes back a recorded finish, and so can mend a late one.',
    },
    judgedBy: BY_STEP,
    find: () =>
      stepsWhere({
        joined: STOOD_UNTIL,
        where: sql`e.type = 'reopened' and stood.finished_at is not null`,
        facts: { finishedAt: instantText(sql`stood.finished_at`) },
      }),
  },
} satisfies Record<string, Flag>
