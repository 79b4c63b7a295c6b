import fc from 'fast-check'
import { NATIONAL_CALENDAR } from '../../src/calendars/national.ts'
import { Refusal, type RefusalCode } from '../../src/refusal.ts'
import {
  type CalendarDay,
  type CalendarRules,
  type Pause,
  type WorkingCalendar,
  workingCalendar,
} from '../../src/sla/calendar.ts'
import { OFFICE_HOURS, type Period, type WeeklyHours } from '../../src/sla/hours.ts'
import type { Limit } from '../../src/sla/term.ts'

/** `2021-09-07 15:00:01`, read from a clock in Vietnam. */
export const at = (wallClock: string): number => Date.parse(`${wallClock.replace(' ', 'T')}+07:00`)

export const NATIONAL = workingCalendar(NATIONAL_CALENDAR, OFFICE_HOURS)

export type CalendarCase = { rules: CalendarRules; hours: WeeklyHours }

export const NATIONAL_CASE: CalendarCase = { rules: NATIONAL_CALENDAR, hours: OFFICE_HOURS }

export const calendarOf = (some: CalendarCase): WorkingCalendar =>
  some === NATIONAL_CASE ? NATIONAL : workingCalendar(some.rules, some.hours)

/** What a function answers, or the code by which it refuses; anything else that it throws is thrown on. */
export const answerOf = <T>(ask: () => T): T | RefusalCode => {
  try {
    return ask()
  } catch (error) {
    if (error instanceof Refusal) return error.code
    throw error
  }
}

const date = (day: number): string => new Date(day * 86_400_000).toISOString().slice(0, 10)

const clock = (minute: number): string => new Date(minute * 60_000).toISOString().slice(11, 16)

const clockToMidnight = (minute: number): string => (minute === 1440 ? '24:00' : clock(minute))

/** Up to four periods apart, or up to seven that touch. */
const periods: fc.Arbitrary<Period[]> = fc
  .record({ cuts: fc.uniqueArray(fc.integer({ min: 0, max: 1440 }), { maxLength: 8 }), touching: fc.boolean() })
  .map(({ cuts, touching }) => {
    const times = cuts.toSorted((a, b) => a - b).map(clockToMidnight)
    return times
      .slice(1)
      .map((closes, i): Period => [times[i] ?? closes, closes])
      .filter((_, i) => touching || i % 2 === 0)
  })

const dayPeriods = fc.oneof(
  { weight: 3, arbitrary: periods },
  { weight: 2, arbitrary: fc.constant<Period[]>([['07:30', '11:30'] as const, ['13:30', '17:00'] as const]) },
  { weight: 1, arbitrary: fc.constant<Period[]>([['00:00', '24:00'] as const]) },
)

const weeklyHours: fc.Arbitrary<WeeklyHours> = fc.record(
  {
    1: dayPeriods,
    2: dayPeriods,
    3: dayPeriods,
    4: dayPeriods,
    5: dayPeriods,
    6: dayPeriods,
    7: dayPeriods,
  },
  { requiredKeys: [] },
)

const markedDay = (from: number, length: number): fc.Arbitrary<CalendarDay> =>
  fc
    .record({
      day: fc.nat(length),
      worked: fc.boolean(),
      other: fc.option(fc.nat(length), { nil: undefined }),
    })
    .map(({ day, worked, other }) => ({
      date: date(from + day),
      kind: worked ? 'worked' : 'off',
      type: worked ? 'swap_worked' : 'swap_off',
      name: 'some day',
      status: 'confirmed',
      legalBasis: 'none',
      swapWith: other === undefined ? undefined : date(from + other),
    }))

const rules: fc.Arbitrary<CalendarRules> = fc
  .record({ from: fc.integer({ min: -800, max: 25_000 }), length: fc.integer({ min: 0, max: 90 }) })
  .chain(({ from, length }) =>
    fc.record({
      week: fc.subarray([1, 2, 3, 4, 5, 6, 7]),
      coverage: fc.nat(length).map((confirmed) => ({
        from: date(from),
        to: date(from + length),
        confirmedTo: date(from + confirmed),
      })),
      days: fc.uniqueArray(markedDay(from, length), { maxLength: 20, selector: (day) => day.date }),
    }),
  )

/** Any calendar and hours, also those that leave nothing to count. */
export const anyRules: fc.Arbitrary<CalendarCase> = fc.record({ rules, hours: weeklyHours })

/** A calendar with working time in it: the national one, or any other. */
export const anyCalendar: fc.Arbitrary<CalendarCase> = fc.oneof(
  { weight: 1, arbitrary: fc.constant(NATIONAL_CASE) },
  {
    weight: 4,
    arbitrary: anyRules.filter((some) => typeof answerOf(() => workingCalendar(some.rules, some.hours)) !== 'string'),
  },
)

/** Any instant of the days covered, up to and including the midnight that ends them. */
export const instantIn = (calendar: Pick<WorkingCalendar, 'from' | 'to'>): fc.Arbitrary<number> => {
  const from = at(`${date(calendar.from)} 00:00`)
  const to = at(`${date(calendar.to)} 00:00`) + 86_400_000
  return fc.oneof(
    fc.integer({ min: from, max: to }),
    fc.integer({ min: from / 60_000, max: to / 60_000 }).map((minute) => minute * 60_000),
  )
}

const counted = fc.oneof(
  fc.record({ kind: fc.constant('working_days' as const), amount: fc.integer({ min: 1, max: 40 }) }),
  fc.record({ kind: fc.constant('calendar_days' as const), amount: fc.integer({ min: 1, max: 60 }) }),
  fc.record({ kind: fc.constant('working_hours' as const), amount: fc.integer({ min: 1, max: 40 }) }),
)

const verification = fc
  .record({ term: counted, counted: fc.constantFrom('from_receipt' as const, 'after_first_term' as const, undefined) })
  .map(({ term, counted }) => ({ ...term, counted }))

/** Any published limit, with or without a term for verification. */
export const anyLimit: fc.Arbitrary<Limit> = fc
  .record({
    term: fc.oneof(counted, fc.record({ kind: fc.constant('same_day' as const), cutoff: fc.nat(1439).map(clock) })),
    verification: fc.option(verification, { nil: undefined }),
  })
  .map(({ term, verification }) => ({ ...term, verification }))

/** Up to four pauses near an instant, in any order, apart, touching, overlapping or ending before they begin. */
export const pausesNear = (instant: number): fc.Arbitrary<Pause[]> => {
  const days = (most: number) => fc.integer({ min: 0, max: most * 1440 }).map((minutes) => minutes * 60_000)
  const exact = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(59_999))
  const pause = fc
    .record({ after: days(12), length: fc.oneof(days(1), days(5)), ms: exact, backwards: fc.nat(9) })
    .map(({ after, length, ms, backwards }): Pause => {
      const stops = instant - 2 * 86_400_000 + after + ms
      return backwards === 0 ? [stops, stops - length] : [stops, stops + length + ms]
    })
  return fc.array(pause, { maxLength: 4 })
}
