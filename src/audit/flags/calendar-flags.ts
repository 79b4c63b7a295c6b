import { sql } from 'drizzle-orm'
import { calendars } from '../../db/tables.ts'
import { type Flag, factsOf, instantText, localDay, moment, oneOf } from './flag.ts'

export const CALENDAR_FLAGS = {
  calendar_changed_afterwards: {
    description: {
      vi: 'Một ngày trong lịch làm việc được đổi sau khi ngày đó đã qua.',
      en: 'A day of the working calendar was changed after that day had passed.',
    },
    ground: {
      vi: 'Nghỉ được ghi thêm về sau làm hồ sơ trễ thành đúng hạn, dù có thể chỉ là thông báo nhập chậm.',
      en: 'A day off put in afterwards turns late into on time, though perhaps an announcement was only entered late.',
    },
    judgedBy: { vi: 'ngày bị đổi trong lịch', en: 'the day of the calendar that was changed' },
    // Days are everyone's, or those of an agency and all below it.
    find: (within) => sql`
      select null as dossier, agency, at, concat_ws('/', id, version, date) as key,
        ${factsOf({ calendar: sql`id`, version: sql`version`, date: sql`date`, publishedAt: instantText(sql`published_at`) })} as facts
      from (
        select id, version, date, change->>'agency' as agency, (change->>'recordedAt')::timestamptz as at,
          (change->>'publishedAt')::timestamptz as published_at
        from ${calendars}, jsonb_array_elements_text(change->'dates') as date
      ) changed
      where date::date >= ${localDay(moment(within.from))}
        and date::date < ${localDay(moment(within.until))}
        and date::date < ${localDay(sql`at`)}
        and (agency is null or ${oneOf(sql`agency`, within.places)})`,
  },
} satisfies Record<string, Flag>
