import { sql } from 'drizzle-orm'
import { events } from '../../db/tables.ts'
import {
  BY_FINISH,
  BY_STEP,
  dossiersWhere,
  during,
  type Flag,
  factsOf,
  instantText,
  localDay,
  localTime,
  oneOf,
  stepsWhere,
  tally,
} from './flag.ts'

/** What an officer does; papers, payments and withdrawals may come in online at any hour. */
const BY_OFFICER = sql`e.type not in
  ('submitted', 'supplement_received', 'payment_received', 'withdrawn', 'recalculated')`

/** What answers an online dossier. */
const ANSWERS = sql`('received', 'accepted', 'refused', 'supplement_requested', 'payment_awaited')`

const STEP = { step: sql`e.type`, recordedAt: instantText(sql`e.recorded_at`) }

/** Within the last minutes before the due time, and at it. */
const JUST_IN_TIME = sql`d.finished_at between d.due_at - interval '5 minutes' and d.due_at`

export const TIME_FLAGS = {
  finished_at_due_time: {
    description: {
      vi: 'Xong đúng đến từng giây vào giờ hẹn trả.',
      en: 'Finished at the due time to the very second.',
    },
    ground: {
      vi: 'Giờ xong được gõ tay theo giờ hẹn, không phải lúc có kết quả.',
      en: 'Such a time is typed from the slip, not taken from when the result was ready.',
    },
    judgedBy: BY_FINISH,
    find: (within) =>
      dossiersWhere(within, {
        at: sql`d.finished_at`,
        agency: sql`d.resolving_agency`,
        where: sql`date_trunc('second', d.finished_at) = date_trunc('second', d.due_at)`,
        facts: { dueAt: instantText(sql`d.due_at`), finishRecordedAt: instantText(sql`d.closed_recorded_at`) },
      }),
  },
  finishes_just_in_time: {
    description: {
      vi: 'Ít nhất 10 hồ sơ và ít nhất 30% số hồ sơ xong của cơ quan trong kỳ xong trong 5 phút cuối trước giờ hẹn.',
      en: 'At least 10 dossiers, and at least 30% of what the agency finished in the span, were finished in the last 5 minutes before their due time.',
    },
    ground: {
      vi: 'Kết quả thật không dồn vào sát giờ hẹn; ngưỡng do phần mềm này đặt.',
      en: 'Real work does not bunch right before the due time; the thresholds are this software’s.',
    },
    judgedBy: BY_FINISH,
    find: (within) => sql`
      select null as dossier, d.resolving_agency as agency, max(d.finished_at) filter (where ${JUST_IN_TIME}) as at,
        d.resolving_agency as key, ${factsOf({ justInTime: tally(JUST_IN_TIME), finished: sql`count(*)` })} as facts
      from dossier d
      where ${oneOf(sql`d.resolving_agency`, within.agencies)} and ${during(sql`d.finished_at`, within)}
      group by d.resolving_agency
      having ${tally(JUST_IN_TIME)} >= 10 and 100 * ${tally(JUST_IN_TIME)} >= 30 * count(*)`,
  },
  recorded_late: {
    description: {
      vi: 'Ghi nhận muộn hơn số ngày làm việc mà cơ quan cho phép (mặc định 5).',
      en: 'Recorded later than the agency’s limit in working days allows (5 by default).',
    },
    ground: {
      vi: 'Lúc diễn ra chỉ còn là lời kể, không ai kiểm được lúc đó.',
      en: 'When it happened is only said, long after anyone could see it.',
    },
    judgedBy: BY_STEP,
    find: () => stepsWhere({ where: sql`e.recorded_late`, facts: STEP }),
  },
  recorded_late_as_in_time: {
    description: {
      vi: 'Nói là xong trong hạn nhưng ghi nhận khi đã trễ.',
      en: 'Said to be finished in time, but recorded when it was late already.',
    },
    ground: {
      vi: 'Ghi lùi ngày biến trễ hạn thành đúng hạn; nếu chỉ là bấm chậm thì có giấy tờ chứng minh.',
      en: 'Backdating turns late into on time; where someone only clicked late, papers will show it.',
    },
    judgedBy: BY_FINISH,
    find: (within) =>
      dossiersWhere(within, {
        at: sql`d.finished_at`,
        agency: sql`d.resolving_agency`,
        where: sql`d.finished_at < d.late_from and d.closed_recorded_at >= d.late_from`,
        facts: { lateFrom: instantText(sql`d.late_from`), finishRecordedAt: instantText(sql`d.closed_recorded_at`) },
      }),
  },
  step_at_night: {
    description: {
      vi: 'Bước của cán bộ trong khoảng 22 giờ đến 5 giờ; không xét việc công dân làm trực tuyến.',
      en: 'An officer’s step between 22:00 and 05:00; not what citizens do online.',
    },
    ground: {
      vi: 'Không cơ quan nào làm việc giờ đó: thường là sửa số liệu.',
      en: 'No office works then: most often someone is tidying figures.',
    },
    judgedBy: BY_STEP,
    find: () =>
      stepsWhere({
        where: sql`${BY_OFFICER} and not ${localTime(sql`e.effective_at`)}::time between '05:00' and '21:59:59.999'`,
        facts: STEP,
      }),
  },
  step_on_day_off: {
    description: {
      vi: 'Bước của cán bộ vào ngày nghỉ theo lịch của cơ quan; không xét việc công dân làm trực tuyến.',
      en: 'An officer’s step on a day off by the agency’s calendar; not what citizens do online.',
    },
    ground: {
      vi: 'Bộ luật Lao động và lịch làm việc đã công bố.',
      en: 'The Labour Code and the published working calendar.',
    },
    judgedBy: BY_STEP,
    // The receipt is the receiving agency's, whatever comes after it the resolving one's.
    find: () =>
      stepsWhere({
        joined: sql`join office_day o on o.day = ${localDay(sql`e.effective_at`)}
          and o.agency = case when e.number = 1 then e.receiving_agency else e.resolving_agency end`,
        where: sql`${BY_OFFICER} and o.off`,
        facts: STEP,
      }),
  },
  answered_late: {
    description: {
      vi: 'Hồ sơ trực tuyến được tiếp nhận, từ chối hay yêu cầu bổ sung lần đầu sau hơn 8 giờ làm việc.',
      en: 'An online dossier was first accepted, refused or sent back for papers after more than 8 working hours.',
    },
    ground: {
      vi: 'Nghị định 61/2018/NĐ-CP: tiếp nhận hoặc từ chối trong 08 giờ làm việc',
      en: 'Decree 61/2018/NĐ-CP: accepted or refused within 8 working hours',
    },
    judgedBy: BY_STEP,
    find: () =>
      stepsWhere({
        where: sql`e.type in ${ANSWERS} and e.effective_at > e.acceptance_due_at and not exists (
          select from ${events} b where b.dossier_id = e.dossier_id and b.number < e.number and b.type in ${ANSWERS})`,
        facts: { step: sql`e.type`, acceptanceDueAt: instantText(sql`e.acceptance_due_at`) },
      }),
  },
} satisfies Record<string, Flag>
