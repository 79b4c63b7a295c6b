import { sql } from 'drizzle-orm'
import { events } from '../../db/tables.ts'
import { BY_STEP, type Flag, instantText, localDay, STOOD_UNTIL, stepsWhere } from './flag.ts'

const ASKED = sql`e.type = 'supplement_requested'`

export const SUPPLEMENT_FLAGS = {
  supplement_after_third_day: {
    description: {
      vi: 'Yêu cầu bổ sung sau ngày làm việc thứ ba kể từ khi tiếp nhận.',
      en: 'A supplement was asked for after the third working day of receipt.',
    },
    ground: {
      vi: 'Nghị định 61/2018/NĐ-CP Đ.19: trong 03 ngày làm việc kể từ khi tiếp nhận',
      en: 'Decree 61/2018/NĐ-CP, art. 19: within 3 working days of receipt',
    },
    judgedBy: BY_STEP,
    find: () =>
      stepsWhere({
        joined: sql`join office_day o on o.agency = e.resolving_agency and o.day = ${localDay(sql`e.effective_at`)}`,
        where: sql`${ASKED} and ${localDay(sql`e.received_at`)} < o.received_since`,
        facts: { receivedAt: instantText(sql`e.received_at`) },
      }),
  },
  supplement_on_due_day: {
    description: {
      vi: 'Yêu cầu bổ sung đúng ngày hẹn trả; không xét thủ tục giải quyết trong ngày, vốn chỉ có ngày đó.',
      en: 'A supplement was asked for on the due day; not of a same-day procedure, which has no other.',
    },
    ground: {
      vi: 'Bổ sung làm thời hạn tính lại từ đầu (Nghị định 61/2018/NĐ-CP Đ.19.4), nên là cách tránh trễ.',
      en: 'After a supplement the term starts again (Decree 61/2018/NĐ-CP, art. 19.4), which escapes lateness.',
    },
    judgedBy: BY_STEP,
    // The last instant that would not have been overdue lies on the due day.
    find: () =>
      stepsWhere({
        joined: STOOD_UNTIL,
        where: sql`${ASKED} and e.limit_kind <> 'same_day'
          and ${localDay(sql`e.effective_at`)} = ${localDay(sql`(stood.overdue_from - interval '1 millisecond')`)}`,
        facts: { lateFrom: instantText(sql`stood.late_from`) },
      }),
  },
  supplement_repeated: {
    description: { vi: 'Yêu cầu bổ sung quá một lần.', en: 'A supplement was asked for more than once.' },
    ground: {
      vi: 'Nghị định 61/2018/NĐ-CP Đ.19: một lần, đầy đủ',
      en: 'Decree 61/2018/NĐ-CP, art. 19: once, in full',
    },
    judgedBy: BY_STEP,
    find: () =>
      stepsWhere({
        joined: sql`cross join lateral (
          select count(*) as times, max(b.effective_at) as at from ${events} b
          where b.dossier_id = e.dossier_id and b.number < e.number and b.type = 'supplement_requested') before`,
        where: sql`${ASKED} and before.times > 0`,
        facts: { timesBefore: sql`before.times`, askedBeforeAt: instantText(sql`before.at`) },
      }),
  },
  supplement_within_minutes: {
    description: {
      vi: 'Yêu cầu bổ sung và nhận bổ sung cách nhau không quá 15 phút.',
      en: 'A supplement was asked for and received within 15 minutes.',
    },
    ground: {
      vi: 'Thời hạn tính lại từ đầu mà công dân không kịp nộp thêm giấy tờ nào.',
      en: 'The term starts again although nobody can have brought any papers in that time.',
    },
    judgedBy: BY_STEP,
    find: () =>
      stepsWhere({
        where: sql`e.type = 'supplement_received' and exists (
          select from ${events} b
          where b.dossier_id = e.dossier_id and b.number < e.number and b.type = 'supplement_requested'
            and b.effective_at >= e.effective_at - interval '15 minutes')`,
        facts: { policy: sql`e.facts->'policy'` },
      }),
  },
} satisfies Record<string, Flag>
