import { type SQL, sql } from 'drizzle-orm'
import { agencies, codeSequences, dossiers } from '../../db/tables.ts'
import { BY_RECEIPT, dossiersWhere, type Flag, factsOf, instantText, localTime, moment, oneOf } from './flag.ts'
import type { Within } from './within.ts'

/** `YYYYMMDD` in a code; older ones leave the century out. */
const CODE_DAY = sql`right('20' || split_part(d.code, '-', 2), 8)`

const compact = (at: SQL): SQL => sql`to_char(${localTime(at)}, 'YYYYMMDD')`

/** The codes of the span's days (`agency`, `day`, `number`) that the agencies looked at have issued, or are said to. */
const seenCodes = (within: Within): SQL => sql`
  select a.code as agency, day, split_part(d.code, '-', 3)::int as number, d.id, d.code
  from dossier d join generate_series(
    ${localTime(moment(within.from))},
    ${localTime(moment(within.until))} - interval '1 day',
    interval '1 day') as day on to_char(day, 'YYYYMMDD') = ${CODE_DAY}
  join ${agencies} a on a.code = split_part(d.code, '-', 1)
  where ${oneOf(sql`a.code`, within.agencies)}`

/** When a code's day begins. */
const DAY_BEGINS = sql`day at time zone interval '7 hours'`

const BY_CODE = { vi: 'ngày ghi trong mã hồ sơ', en: 'the day in the code' }

export const CODE_FLAGS = {
  code_of_another_day: {
    description: {
      vi: 'Ngày trong mã hồ sơ không phải ngày tiếp nhận, cũng không phải ngày nộp trực tuyến.',
      en: 'The day in the code is neither that of receipt nor that of the online submission.',
    },
    ground: {
      vi: 'Thông tư 01/2018/TT-VPCP Đ.19: mã ghi ngày tiếp nhận',
      en: 'Circular 01/2018/TT-VPCP, art. 19: a code names the day of receipt',
    },
    judgedBy: BY_RECEIPT,
    find: (within) =>
      dossiersWhere(within, {
        at: sql`d.received_at`,
        agency: sql`d.receiving_agency`,
        where: sql`${CODE_DAY} not in
          (${compact(sql`d.received_at`)}, ${compact(sql`coalesce(d.submitted_at, d.received_at)`)})`,
        facts: { submittedAt: instantText(sql`d.submitted_at`) },
      }),
  },
  code_missing: {
    description: {
      vi: 'Dãy số trong ngày của cơ quan bị thiếu số: từ 1 đến số lớn nhất đã cấp hoặc đã thấy.',
      en: 'Numbers are missing from an agency’s day: between 1 and the highest that was issued or is seen.',
    },
    ground: {
      vi: 'Thông tư 01/2018/TT-VPCP Đ.19: số theo thứ tự tiếp nhận trong ngày; thiếu số là hồ sơ bị bỏ ra ngoài',
      en: 'Circular 01/2018/TT-VPCP, art. 19: numbered in the order of receipt; where one is missing, a dossier is left out',
    },
    judgedBy: BY_CODE,
    // What was issued is looked up number by number: its dossier may belong to an agency out of view by now.
    find: (within) => sql`
      with issued as (
        select agency, day::timestamp as day, last from ${codeSequences} s
        where ${oneOf(sql`agency`, within.agencies)}
          and day >= ${localTime(moment(within.from))}
          and day < ${localTime(moment(within.until))}
      ), numbers as (
        select agency, day, number from (${seenCodes(within)}) seen
        union
        select agency, day, number from issued, generate_series(1, last) as number where (
          select true from ${dossiers} d where d.code = agency || to_char(day, '-YYMMDD-')
            || lpad(number::text, greatest(4, length(number::text)), '0'))
      ), counted as (
        select agency, day, count(*) as there, max(number) as highest,
          coalesce(min(place) filter (where place <> number), count(*) + 1) as first_missing
        from (select *, row_number() over (partition by agency, day order by number) as place from numbers) placed
        group by agency, day
      )
      select null as dossier, agency, ${DAY_BEGINS} as at, agency as key,
        ${factsOf({
          highest: sql`greatest(highest, last)`,
          missing: sql`greatest(highest, last) - coalesce(there, 0)`,
          firstMissing: sql`coalesce(first_missing, 1)`,
        })} as facts
      from issued full join counted using (agency, day)
      where greatest(highest, last) > coalesce(there, 0)`,
  },
  code_repeated: {
    description: {
      vi: 'Một số của ngày được cấp hơn một lần, dưới các cách viết mã khác nhau.',
      en: 'A day’s number was given more than once, in codes written differently.',
    },
    ground: {
      vi: 'Thông tư 01/2018/TT-VPCP Đ.19: mỗi hồ sơ một số',
      en: 'Circular 01/2018/TT-VPCP, art. 19: one number, one dossier',
    },
    judgedBy: BY_CODE,
    find: (within) => sql`
      select dossier, agency, ${DAY_BEGINS} as at, dossier as key, ${factsOf({ firstGivenTo: sql`first` })} as facts
      from (
        select code as dossier, agency, day, first_value(code) over (partition by agency, day, number order by id) as first
        from (${seenCodes(within)}) seen
      ) given
      where dossier <> first`,
  },
} satisfies Record<string, Flag>
