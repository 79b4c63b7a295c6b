import type { CountingSchedule } from '../calendars/calendar.ts'
import type { Bilingual, Language } from '../language.ts'
import type { ProcedureVersion } from '../procedures/procedure.ts'
import { dayOf, formatDate, formatDateForReaders, formatTime, isoWeekday } from '../sla/date.ts'
import { type CountedStep, countSteps, latestEnd } from '../sla/deadline.ts'
import { COUNTING_BASIS, ruleSetOn, WEEKEND_BASIS } from '../sla/law.ts'
import { type CountedSpan, reasonsOf, type SkippedDay } from '../sla/reasons.ts'
import type { Limit, Term } from '../sla/term.ts'

/** What a deadline is counted from. */
export type DeadlineCase = {
  receivedAt: Date
  limit: Limit
  withVerification: boolean
  schedule: CountingSchedule
  procedure: ({ code: string; name: string } & Pick<ProcedureVersion, 'effectiveFrom' | 'sample'>) | null
  agency: string | null
}

const TERM_TEXT: Readonly<Record<Exclude<Term['kind'], 'same_day'>, Bilingual>> = {
  working_days: { vi: 'ngày làm việc', en: 'working days' },
  calendar_days: { vi: 'ngày', en: 'calendar days' },
  working_hours: { vi: 'giờ làm việc', en: 'working hours' },
}

const termText = (term: Term, language: Language): string => {
  if (term.kind !== 'same_day') return `${term.amount} ${TERM_TEXT[term.kind][language]}`
  return language === 'vi' ? `trong ngày (nhận đến ${term.cutoff})` : `the same day (received up to ${term.cutoff})`
}

const WEEKDAYS: readonly Bilingual[] = [
  { vi: 'Thứ Hai', en: 'Monday' },
  { vi: 'Thứ Ba', en: 'Tuesday' },
  { vi: 'Thứ Tư', en: 'Wednesday' },
  { vi: 'Thứ Năm', en: 'Thursday' },
  { vi: 'Thứ Sáu', en: 'Friday' },
  { vi: 'Thứ Bảy', en: 'Saturday' },
  { vi: 'Chủ nhật', en: 'Sunday' },
]

const skippedView = ({ day, mark }: SkippedDay, language: Language) => ({
  date: formatDate(day),
  reason: mark?.name ?? String(WEEKDAYS[isoWeekday(day) - 1]?.[language]),
  legalBasis: mark?.legalBasis ?? WEEKEND_BASIS,
})

const spanView = (span: CountedSpan) =>
  span.unit === 'day'
    ? { unit: span.unit, from: formatDate(span.from), to: formatDate(span.to), amount: span.amount }
    : { unit: span.unit, from: new Date(span.from), to: new Date(span.to), amount: span.amount }

const skippedText = (skipped: readonly SkippedDay[]): string =>
  skipped
    .filter(({ mark }) => mark)
    .map(({ day, mark }) => `${formatDateForReaders(day)} ${mark?.name} (${mark?.legalBasis})`)
    .join('; ')

const sentence = (
  { receivedAt, withVerification }: DeadlineCase,
  steps: readonly (CountedStep & { skipped: readonly SkippedDay[] })[],
  due: { dueAt: number; dueOn: number; provisional: boolean },
  language: Language,
): string => {
  const received = receivedAt.getTime()
  const skipped = skippedText(steps.flatMap((step) => step.skipped))
  const weekends = steps.some((step) => step.skipped.some(({ mark }) => !mark))
  const terms = steps
    .map(({ term }) => termText(term, language))
    .join(language === 'vi' ? ', xác minh ' : ', verification ')
  const [at, on] = [formatTime(received), formatDateForReaders(dayOf(received))]
  const [dueTime, dueDay] = [formatTime(due.dueAt), formatDateForReaders(due.dueOn)]
  if (language === 'vi') {
    return [
      `Hồ sơ tiếp nhận lúc ${at} ngày ${on}, thời hạn ${terms}${withVerification ? ' (có xác minh)' : ''}`,
      skipped && `không tính ${skipped}`,
      weekends && 'không tính ngày nghỉ cuối tuần',
      `hẹn trả kết quả lúc ${dueTime} ngày ${dueDay}${due.provisional ? ' (dự kiến, lịch năm đó chưa công bố)' : ''}.`,
    ]
      .filter(Boolean)
      .join('; ')
  }
  return [
    `Received at ${at} on ${on}, limit ${terms}${withVerification ? ' (with verification)' : ''}`,
    skipped && `not counting ${skipped}`,
    weekends && 'not counting weekends',
    `due at ${dueTime} on ${dueDay}${due.provisional ? ' (provisional: that year’s calendar is not yet published)' : ''}.`,
  ]
    .filter(Boolean)
    .join('; ')
}

/** Why a deadline is what it is: the rule with its legal ground, each span counted in order, each day passed over and why. */
export const explain = (given: DeadlineCase, language: Language) => {
  const { receivedAt, limit, withVerification, schedule, procedure, agency } = given
  const received = receivedAt.getTime()
  const counted = countSteps(schedule.working, limit, received, withVerification)
  const steps = counted.map((step) => ({ ...step, ...reasonsOf(schedule.working, step) }))
  const due = latestEnd(schedule.working, counted)
  const rules = ruleSetOn(dayOf(received))
  return {
    procedure,
    agency,
    rule: { limit, withVerification, ...rules },
    calendar: { id: schedule.calendarId, version: schedule.calendarVersion },
    receivedAt,
    receivedOn: formatDate(dayOf(received)),
    terms: steps.map(({ part, term, start, end, spans, skipped }) => ({
      part,
      text: termText(term, language),
      legalBasis: COUNTING_BASIS[term.kind],
      startsAfter: term.kind === 'working_hours' ? new Date(start.at) : formatDate(start.on),
      spans: spans.map(spanView),
      skipped: skipped.map((day) => skippedView(day, language)),
      endsOn: formatDate(end.dueOn),
    })),
    dueOn: formatDate(due.dueOn),
    dueAt: new Date(due.dueAt),
    lateFrom: new Date(due.lateFrom),
    provisional: due.provisional,
    sentence: sentence(given, steps, due, language),
  }
}
