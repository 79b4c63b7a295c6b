import type { CountingSchedule } from '../calendars/calendar.ts'
import type { Bilingual, Language } from '../language.ts'
import type { ProcedureVersion } from '../procedures/procedure.ts'
import type { Pause } from '../sla/calendar.ts'
import { dayOf, formatDate, formatDateForReaders, formatTime, isoWeekday } from '../sla/date.ts'
import { type CountedStep, countSteps, latestEnd } from '../sla/deadline.ts'
import { COUNTING_BASIS, ruleSetOn, WEEKEND_BASIS } from '../sla/law.ts'
import { type CountedSpan, reasonsOf, type SkippedDay } from '../sla/reasons.ts'
import { endAfter, type Limit, type Term } from '../sla/term.ts'

/** Working days put behind a term, and the pauses that put these off. */
type Extension = { workingDays: number; pauses: readonly Pause[] }

/** What a deadline is counted from. */
export type DeadlineCase = {
  receivedAt: Date
  limit: Limit
  withVerification: boolean
  schedule: CountingSchedule
  procedure: ({ code: string; name: string } & Pick<ProcedureVersion, 'effectiveFrom' | 'sample'>) | null
  agency: string | null
  /** What has happened to the clock since the receipt; nothing where it is left out. */
  clock?: { from: Date; pauses: readonly Pause[]; extension: Extension | null } | undefined
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

const momentText = (at: number, language: Language): string =>
  language === 'vi'
    ? `${formatTime(at)} ngày ${formatDateForReaders(dayOf(at))}`
    : `${formatTime(at)} on ${formatDateForReaders(dayOf(at))}`

/** What has happened to the clock, one half-sentence each. */
const clockText = ({ clock }: DeadlineCase, language: Language): string[] => [
  ...(clock?.pauses ?? []).map(([stops, resumes]) =>
    language === 'vi'
      ? `đồng hồ dừng từ ${momentText(stops, language)} đến ${momentText(resumes, language)}`
      : `the clock stood still from ${momentText(stops, language)} to ${momentText(resumes, language)}`,
  ),
  ...(clock?.extension
    ? [
        language === 'vi'
          ? `xin lỗi và hẹn lại thêm ${clock.extension.workingDays} ngày làm việc`
          : `put off by ${clock.extension.workingDays} working days with an apology`,
      ]
    : []),
]

const beginningText = ({ receivedAt, clock }: DeadlineCase, language: Language): string => {
  const from = clock?.from.getTime() ?? receivedAt.getTime()
  const again = from !== receivedAt.getTime()
  if (language === 'vi')
    return `${again ? 'Thời hạn tính lại từ' : 'Hồ sơ tiếp nhận'} lúc ${momentText(from, language)}`
  return `${again ? 'The term began again' : 'Received'} at ${momentText(from, language)}`
}

const sentence = (
  given: DeadlineCase,
  steps: readonly (CountedStep & { skipped: readonly SkippedDay[] })[],
  due: { dueAt: number; dueOn: number; provisional: boolean },
  language: Language,
): string => {
  const { withVerification } = given
  const skipped = skippedText(steps.flatMap((step) => step.skipped))
  const weekends = steps.some((step) => step.skipped.some(({ mark }) => !mark))
  const terms = steps
    .map(({ term }) => termText(term, language))
    .join(language === 'vi' ? ', xác minh ' : ', verification ')
  const beginning = beginningText(given, language)
  const [dueTime, dueDay] = [formatTime(due.dueAt), formatDateForReaders(due.dueOn)]
  const parts =
    language === 'vi'
      ? [
          `${beginning}, thời hạn ${terms}${withVerification ? ' (có xác minh)' : ''}`,
          skipped && `không tính ${skipped}`,
          weekends && 'không tính ngày nghỉ cuối tuần',
          ...clockText(given, language),
          `hẹn trả kết quả lúc ${dueTime} ngày ${dueDay}${due.provisional ? ' (dự kiến, lịch năm đó chưa công bố)' : ''}.`,
        ]
      : [
          `${beginning}, limit ${terms}${withVerification ? ' (with verification)' : ''}`,
          skipped && `not counting ${skipped}`,
          weekends && 'not counting weekends',
          ...clockText(given, language),
          `due at ${dueTime} on ${dueDay}${due.provisional ? ' (provisional: that year’s calendar is not yet published)' : ''}.`,
        ]
  return parts.filter(Boolean).join('; ')
}

/** Why a deadline is what it is: the rule with its legal ground, each span counted in order, each day passed over and why. */
export const explain = (given: DeadlineCase, language: Language) => {
  const { receivedAt, limit, withVerification, schedule, procedure, agency, clock } = given
  const { working } = schedule
  const counted = countSteps(working, limit, (clock?.from ?? receivedAt).getTime(), withVerification, clock?.pauses)
  const steps = counted.map((step) => ({ ...step, ...reasonsOf(working, step) }))
  const term = latestEnd(working, counted)
  const { dueOn, dueAt } = clock?.extension
    ? endAfter(working, term, clock.extension.workingDays, clock.extension.pauses)
    : term
  const due = { dueOn, dueAt, provisional: dueOn > working.confirmedTo }
  const rules = ruleSetOn(dayOf(receivedAt.getTime()))
  return {
    procedure,
    agency,
    rule: { limit, withVerification, ...rules },
    calendar: { id: schedule.calendarId, version: schedule.calendarVersion },
    receivedAt,
    receivedOn: formatDate(dayOf(receivedAt.getTime())),
    terms: steps.map(({ part, term, start, end, spans, skipped, paused }) => ({
      part,
      text: termText(term, language),
      legalBasis: COUNTING_BASIS[term.kind],
      startsAfter: term.kind === 'working_hours' ? new Date(start.at) : formatDate(start.on),
      spans: spans.map(spanView),
      skipped: skipped.map((day) => skippedView(day, language)),
      paused: paused.map(spanView),
      endsOn: formatDate(end.dueOn),
    })),
    dueOn: formatDate(due.dueOn),
    dueAt: new Date(due.dueAt),
    lateFrom: new Date(term.lateFrom),
    provisional: due.provisional,
    sentence: sentence(given, steps, due, language),
  }
}
