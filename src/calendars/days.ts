import stringify from 'safe-stable-stringify'
import { type Agency, withAncestors } from '../agencies/agency.ts'
import { invalid } from '../refusal.ts'
import { type CalendarDay, type CalendarRules, workingCalendar } from '../sla/calendar.ts'
import { dayNumber, dayOf, formatDate, isoWeekday } from '../sla/date.ts'
import { OFFICE_HOURS } from '../sla/hours.ts'
import { type Calendar, type CalendarChange, rulesAt, type UsualDay } from './calendar.ts'

/** One day as it is put: off, worked in exchange, or as the plain week has it again. */
export type DayOrder = {
  date: string
  kind: CalendarDay['kind'] | 'usual'
  type?: CalendarDay['type'] | undefined
  name: string
  legalBasis: string
  swapWith?: string | undefined
  status: CalendarDay['status']
}

/** What an announcement puts into a calendar: everyone's days or, with `agency`, local ones of it and all below. */
export type DaysOrder = {
  publishedAt: Date
  agency?: string | undefined
  confirmedTo?: string | undefined
  to?: string | undefined
  days: readonly DayOrder[]
}

type Coverage = CalendarRules['coverage']
type Marks = ReadonlyMap<string, CalendarDay>

/** How far ahead a calendar may be laid: far beyond any announcement, and a bound on what it costs to build. */
const MOST_YEARS_AHEAD = 10

/** A calendar reaches ever farther, and what was confirmed stays so. */
const coverageAfter = (before: Coverage, order: DaysOrder, now: Date): Coverage => {
  const after = { ...before, to: order.to ?? before.to, confirmedTo: order.confirmedTo ?? before.confirmedTo }
  for (const field of ['to', 'confirmedTo'] as const) {
    if (order[field] === undefined) continue
    if (order.agency !== undefined) {
      throw invalid(
        `/${field}`,
        'Phạm vi lịch là chung; hãy bỏ agency.',
        'What is covered is everyone’s; leave agency out.',
      )
    }
    if (after[field] < before[field]) {
      throw invalid(`/${field}`, `Không được trước ${before[field]}.`, `Must not come before ${before[field]}.`)
    }
  }
  const farthest = `${Number(formatDate(dayOf(now.getTime())).slice(0, 4)) + MOST_YEARS_AHEAD}-12-31`
  if (after.to > before.to && after.to > farthest) {
    throw invalid('/to', `Không được sau ${farthest}.`, `Must not come after ${farthest}.`)
  }
  if (after.confirmedTo > after.to) {
    throw invalid('/confirmedTo', `Lịch chỉ đến ${after.to}.`, `The calendar reaches only to ${after.to}.`)
  }
  return after
}

const usualType = ({ kind, swapWith }: DayOrder, agency: string | undefined): CalendarDay['type'] => {
  if (kind === 'worked') return 'swap_worked'
  if (swapWith !== undefined) return 'swap_off'
  return agency === undefined ? 'statutory' : 'closure'
}

/** The mark that a day gets; `undefined` where it loses its own. */
const markOf = (day: DayOrder, { agency, publishedAt }: DaysOrder): CalendarDay | undefined => {
  const { kind, type = usualType(day, agency), ...rest } = day
  return kind === 'usual' ? undefined : { ...rest, kind, type, agency, publishedAt: publishedAt.toISOString() }
}

/** Whether a day would be worked without the mark of that scope. */
const isWorkedAnyway = (rules: CalendarRules, date: string, agency: string | undefined): boolean => {
  const shared = rules.days.find((day) => agency !== undefined && day.agency === undefined && day.date === date)
  return shared ? shared.kind === 'worked' : rules.week.includes(isoWeekday(dayNumber(date)))
}

const checkDay = (day: DayOrder, i: number, order: DaysOrder, rules: CalendarRules): void => {
  const wrong = (field: string, vi: string, en: string) => invalid(`/days/${i}/${field}`, vi, en)
  const { from, to, confirmedTo } = rules.coverage
  if (day.date < from || day.date > to)
    throw wrong('date', `Lịch có từ ${from} đến ${to}.`, `The calendar covers ${from} to ${to}.`)
  if (order.days.some(({ date }, j) => j < i && date === day.date))
    throw wrong('date', 'Ngày này nêu hai lần.', 'This day stands here twice.')
  const mark = markOf(day, order)
  if (!mark) {
    if (day.type !== undefined) throw wrong('type', 'Không dùng với kind usual.', 'Does not go with kind usual.')
    if (day.swapWith !== undefined)
      throw wrong('swapWith', 'Không dùng với kind usual.', 'Does not go with kind usual.')
    return
  }
  if ((mark.kind === 'worked') !== (mark.type === 'swap_worked')) {
    throw wrong(
      'type',
      'Không hợp với kind: làm bù là swap_worked.',
      'Does not fit its kind: only swap_worked is worked.',
    )
  }
  if (mark.type.startsWith('swap') !== (mark.swapWith !== undefined)) {
    throw wrong('swapWith', 'Đúng các ngày hoán đổi có swapWith.', 'Swapped days, and they alone, have a swapWith.')
  }
  const worked = isWorkedAnyway(rules, day.date, order.agency)
  if (worked ? mark.kind === 'worked' : mark.type === 'swap_off') {
    throw wrong('kind', 'Ngày này vốn đã như vậy.', 'This day is so anyway.')
  }
  if (mark.status === 'provisional' && mark.date <= confirmedTo) {
    throw wrong('status', `Lịch đã công bố đến ${confirmedTo}.`, `The calendar is confirmed up to ${confirmedTo}.`)
  }
}

/** A swap has two sides that name each other, of one scope: one off, the other worked in its place. */
const checkSwaps = ({ days }: DaysOrder, marks: Marks): void => {
  for (const { date, kind, swapWith } of marks.values()) {
    const touched = days.findIndex((day) => swapWith !== undefined && (day.date === date || day.date === swapWith))
    const other = marks.get(String(swapWith))
    if (touched === -1 || (other?.swapWith === date && other.kind !== kind)) continue
    throw invalid(
      `/days/${touched}/swapWith`,
      `${date} và ${swapWith} phải hoán đổi cho nhau: một ngày nghỉ, một ngày làm bù.`,
      `${date} and ${swapWith} must stand in for each other: one off, the other worked.`,
    )
  }
}

/** What is confirmed now must be said anew, day by day: that an expected day off was announced so is not guessed. */
const checkConfirmed = (days: readonly CalendarDay[], before: Coverage, after: Coverage): void => {
  const dates = days
    .filter(({ status, date }) => status === 'provisional' && date > before.confirmedTo && date <= after.confirmedTo)
    .map(({ date }) => date)
  if (dates.length === 0) return
  throw invalid(
    '/confirmedTo',
    `Còn ngày dự kiến; hãy nêu lại từng ngày (hoặc usual): ${dates.join(', ')}.`,
    `Still only expected, so put each again (or usual): ${dates.join(', ')}.`,
  )
}

/** Nearer days stand later, and so hold before those of the agencies above and before everyone's. */
const inOrder = (days: readonly CalendarDay[], agencies: ReadonlyMap<string, Agency>): readonly CalendarDay[] => {
  const place = ({ date, agency }: CalendarDay) =>
    `${date} ${String(withAncestors(agencies, agency ?? null).length).padStart(3, '0')} ${agency}`
  return days.toSorted((a, b) => (place(a) < place(b) ? -1 : 1))
}

type Putting = Pick<CalendarChange, 'keyId' | 'officer' | 'requestId'>

/**
 * The version of a calendar that an announcement makes of the newest one; `undefined` where it says nothing new.
 * Refuses what contradicts itself or the calendar, and `no_working_time` where nothing would be left to count.
 */
export const decideDays = (
  calendar: Calendar,
  order: DaysOrder,
  agencies: ReadonlyMap<string, Agency>,
  who: Putting,
  now: Date,
): Calendar | undefined => {
  const { agency, publishedAt } = order
  if (publishedAt > now) throw invalid('/publishedAt', 'Không được ở tương lai.', 'Must not lie in the future.')
  if (agency !== undefined && !agencies.has(agency))
    throw invalid('/agency', 'Không có cơ quan này.', 'There is no such agency.')
  const before = calendar.rules
  const coverage = coverageAfter(before.coverage, order, now)
  const elsewhere = before.days.filter((day) => day.agency !== agency)
  const here = before.days.filter((day) => day.agency === agency)
  const marks = new Map(here.map((day) => [day.date, day]))
  const dates: string[] = []
  const usual: UsualDay[] = []
  for (const [i, day] of order.days.entries()) {
    checkDay(day, i, order, { ...before, coverage })
    const [old, mark] = [marks.get(day.date), markOf(day, order)]
    if (stringify(old) === stringify(mark)) continue
    dates.push(day.date)
    if (mark) marks.set(day.date, mark)
    else {
      marks.delete(day.date)
      usual.push({ date: day.date, name: day.name, legalBasis: day.legalBasis })
    }
  }
  checkSwaps(order, marks)
  const days = inOrder([...elsewhere, ...marks.values()], agencies)
  checkConfirmed(days, before.coverage, coverage)
  if (dates.length === 0 && stringify(coverage) === stringify(before.coverage)) return undefined
  const rules = { ...before, coverage, days }
  // Built for its refusal alone.
  workingCalendar(rulesAt(rules, withAncestors(agencies, agency ?? null)), OFFICE_HOURS)
  const change = {
    dates: dates.toSorted(),
    usual,
    agency: agency ?? null,
    publishedAt: publishedAt.toISOString(),
    recordedAt: now.toISOString(),
    ...who,
  }
  return { ...calendar, version: calendar.version + 1, rules, change }
}
