import { type SQL, sql } from 'drizzle-orm'
import { dossiers } from '../../db/tables.ts'
import { DAY } from '../../sla/date.ts'
import {
  BY_RECEIPT,
  BY_STEP,
  dossiersWhere,
  during,
  type Flag,
  factsOf,
  instantText,
  localDay,
  localTime,
  moment,
  oneOf,
  STOOD_UNTIL,
  stepsWhere,
  tally,
} from './flag.ts'
import type { Within } from './within.ts'

const unproven = (proof: SQL): SQL => sql`coalesce(${proof}->>'trackingNumber', ${proof}->>'handoverNumber') is null`

/** Who applied: the blind index of their identity number or, in rows from before there was one, the number. */
const personOf = (row: SQL): SQL => sql`coalesce(${row}.applicant->'idNumber'->>'index', ${row}.applicant->>'idNumber')`

/** How long a span's end is. */
const LAST_DAYS = 5

/** How far past its cutoff a same-day dossier was received: a clock that shows 15:00:00 is still at it. */
const PAST_CUTOFF = sql`(date_trunc('second', ${localTime(sql`d.received_at`)})::time - (d."limit"->>'cutoff')::time)`

const JUST_AFTER = sql`${PAST_CUTOFF} > interval '0' and ${PAST_CUTOFF} <= interval '10 minutes'`
const JUST_BEFORE = sql`${PAST_CUTOFF} > interval '-10 minutes' and ${PAST_CUTOFF} <= interval '0'`

/** Dossiers that the agencies looked at have received in the span. */
const receivedThere = (within: Within): SQL =>
  sql`${oneOf(sql`d.receiving_agency`, within.agencies)} and ${during(sql`d.received_at`, within)}`

export const INTAKE_FLAGS = {
  refused_and_refiled: {
    description: {
      vi: 'Không tiếp nhận, rồi cùng người nộp lại cùng thủ tục tại cơ quan đó trong 7 ngày.',
      en: 'Refused at intake, and filed again by the same person for the same procedure there within 7 days.',
    },
    ground: {
      vi: 'Từ chối để nộp lại làm đồng hồ chạy lại từ đầu và giấu thời gian đã qua.',
      en: 'Refusing and refiling starts the clock anew and hides the time that went by.',
    },
    judgedBy: BY_STEP,
    find: () =>
      stepsWhere({
        joined: sql`join ${dossiers} d on d.id = e.dossier_id cross join lateral (
          select r.code, coalesce(r.received_at, r.submitted_at) as at from ${dossiers} r
          where r.receiving_agency = d.receiving_agency and r.procedure_code = d.procedure_code and r.id <> d.id
            and ${personOf(sql`r`)} = ${personOf(sql`d`)}
            and (r.received_at between e.effective_at and e.effective_at + interval '7 days'
              or r.received_at is null and r.submitted_at between e.effective_at and e.effective_at + interval '7 days')
          order by at, r.code limit 1
        ) refiled`,
        where: sql`e.type = 'refused'`,
        facts: { refiledAs: sql`refiled.code`, refiledAt: instantText(sql`refiled.at`) },
      }),
  },
  channel_changed: {
    description: {
      vi: 'Đính chính hình thức tiếp nhận sau khi đã tiếp nhận.',
      en: 'The intake channel was corrected after the receipt.',
    },
    ground: {
      vi: 'Đổi hình thức sau khi tiếp nhận là cách đạt chỉ tiêu bưu chính, trực tuyến.',
      en: 'Moving dossiers to another channel afterwards meets postal and online targets.',
    },
    judgedBy: BY_STEP,
    find: () =>
      stepsWhere({
        joined: STOOD_UNTIL,
        where: sql`e.type = 'corrected' and e.facts->'changes'->>'intakeChannel' <> stood.intake_channel`,
        facts: { before: sql`stood.intake_channel`, after: sql`e.facts->'changes'->'intakeChannel'` },
      }),
  },
  postal_leg_unproven: {
    description: {
      vi: 'Nhận hoặc trả qua bưu chính mà không có số vận đơn, cũng không có biên bản giao nhận.',
      en: 'Received or returned by post without a tracking number and without a handover record.',
    },
    ground: {
      vi: 'Quyết định 45/2016/QĐ-TTg: giao nhận có biên bản; không có chứng cứ thì không phải bưu chính',
      en: 'Decision 45/2016/QĐ-TTg: what is handed over is recorded; without proof it did not go by post',
    },
    judgedBy: { vi: 'ngày tiếp nhận hoặc ngày trả', en: 'the day of receipt or of the return' },
    find: (within) =>
      sql`${dossiersWhere(within, {
        at: sql`d.received_at`,
        agency: sql`d.receiving_agency`,
        where: sql`d.intake_channel = 'post' and ${unproven(sql`d.intake_post`)}`,
        facts: { leg: sql`'intake'::text` },
      })} union all ${dossiersWhere(within, {
        at: sql`d.returned_at`,
        agency: sql`d.receiving_agency`,
        where: sql`d.returned_channel = 'post' and ${unproven(sql`d.return_post`)}`,
        facts: { leg: sql`'return'::text` },
      })}`,
  },
  postal_share_jump: {
    description: {
      vi: 'Trong 5 ngày cuối kỳ, tỷ lệ tiếp nhận qua bưu chính của cơ quan ít nhất gấp đôi trước đó, với ít nhất 10 hồ sơ bưu chính.',
      en: 'In the span’s last 5 days the share received by post was at least twice that before, with at least 10 postal dossiers.',
    },
    ground: {
      vi: 'Dồn bưu chính vào cuối kỳ là chạy chỉ tiêu; ngưỡng do phần mềm này đặt.',
      en: 'Post that bunches at a period’s end is made for the target; the thresholds are this software’s.',
    },
    judgedBy: BY_RECEIPT,
    find: (within) => {
      const isLast = sql`d.received_at >= ${moment(new Date(within.until.getTime() - LAST_DAYS * DAY))}`
      const byPost = sql`d.intake_channel = 'post'`
      return sql`
        select null as dossier, agency, at, agency as key,
          ${factsOf({ post: sql`post`, received: sql`received`, postBefore: sql`post_before`, receivedBefore: sql`received_before` })} as facts
        from (
          select d.receiving_agency as agency, max(d.received_at) filter (where ${byPost}) as at,
            ${tally(sql`${isLast} and ${byPost}`)} as post, ${tally(isLast)} as received,
            ${tally(sql`not ${isLast} and ${byPost}`)} as post_before, ${tally(sql`not ${isLast}`)} as received_before
          from dossier d where ${receivedThere(within)} group by d.receiving_agency
        ) shares
        where post >= 10 and received_before > 0 and post * received_before >= 2 * post_before * received`
    },
  },
  bunched_after_cutoff: {
    description: {
      vi: 'Trong một ngày, ít nhất 5 hồ sơ giải quyết trong ngày được tiếp nhận trong 10 phút sau giờ chốt (15 giờ), và ít nhất gấp đôi 10 phút trước đó.',
      en: 'On one day at least 5 same-day dossiers were received within 10 minutes after the cutoff (15:00), and at least twice as many as in the 10 minutes before.',
    },
    ground: {
      vi: 'Tiếp nhận sau giờ chốt thì hẹn trả ngày hôm sau: giữ hồ sơ lại vài phút là thêm được một ngày.',
      en: 'What is received after the cutoff is due only the next day: holding it back for minutes gains one.',
    },
    judgedBy: BY_RECEIPT,
    find: (within) => sql`
      select null as dossier, d.receiving_agency as agency, min(d.received_at) filter (where ${JUST_AFTER}) as at,
        d.receiving_agency as key, ${factsOf({ after: tally(JUST_AFTER), before: tally(JUST_BEFORE) })} as facts
      from dossier d
      where ${receivedThere(within)} and d."limit"->>'kind' = 'same_day'
      group by d.receiving_agency, ${localDay(sql`d.received_at`)}
      having ${tally(JUST_AFTER)} >= 5 and ${tally(JUST_AFTER)} >= 2 * ${tally(JUST_BEFORE)}`,
  },
} satisfies Record<string, Flag>
