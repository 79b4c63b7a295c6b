import t from 'tap'
import { NATIONAL_CALENDAR } from '../src/calendars/national.ts'
import { SAMPLE_PROCEDURES } from '../src/procedures/sample.ts'
import {
  addWorkingTime,
  closingOf,
  type Pause,
  workingCalendar,
  workingDaysBetween,
  workingTimeBetween,
} from '../src/sla/calendar.ts'
import {
  addMonths,
  dayNumber,
  dayOf,
  formatCompactDate,
  formatDate,
  formatDateForReaders,
  formatInstant,
  formatTime,
  HOUR,
  isoWeekday,
  MINUTE,
  parseDate,
  startOfDay,
} from '../src/sla/date.ts'
import { acceptanceDueAt, countSteps, type Deadline, deadline } from '../src/sla/deadline.ts'
import { dayHours, OFFICE_HOURS, type Period, timeWhenWorked, workedByTime } from '../src/sla/hours.ts'
import { COUNTING_BASIS, ruleSetOn } from '../src/sla/law.ts'
import { type CountedSpan, reasonsOf } from '../src/sla/reasons.ts'
import { type Judges, lateness, punctuality } from '../src/sla/standing.ts'
import { endAfter, type Limit } from '../src/sla/term.ts'
import { at, NATIONAL } from './support/calendars.ts'
import { DEADLINE_CASES } from './support/deadline-cases.ts'
import { PAUSE_CASES } from './support/pause-cases.ts'
import { calendarFor, type DeadlineVector, readCases, readerFor, type WorkingTimeVector } from './support/vectors.ts'

const iso = (instant: number): string => formatInstant(new Date(instant))

t.test('every published deadline vector is met', async (t) => {
  const vectors = readCases<DeadlineVector>('deadlines.json')
  t.equal(vectors.length, 14)
  for (const vector of vectors) {
    const limit: Limit =
      vector.rule === 'same_day'
        ? { kind: vector.rule, cutoff: vector.cutoff }
        : { kind: vector.rule, amount: vector.amount }
    const receivedAt = vector.received.includes('T') ? Date.parse(vector.received) : at(`${vector.received} 09:00`)
    t.equal(formatDate(deadline(NATIONAL, limit, receivedAt).dueOn), vector.dueDate, JSON.stringify(vector))
  }
})

t.test('every working-time vector of other systems is met', async (t) => {
  const vectors = readCases<WorkingTimeVector>('working-time.json')
  t.equal(vectors.length, 48)
  for (const vector of vectors) {
    const calendar = calendarFor(vector.calendar, Number(vector.start.slice(0, 4)))
    const read = readerFor(vector.calendar.tz)
    const label = `${vector.op} ${vector.start}, ${vector.source}`
    if (vector.op === 'add') {
      const pauses = vector.pauses.map(([from, to]): Pause => [read(from), read(to)])
      t.equal(
        iso(addWorkingTime(calendar, read(vector.start), vector.seconds * 1000, pauses)),
        iso(read(vector.expect)),
        label,
      )
    } else {
      // GLPI counts nothing backwards; the kernel's difference has a sign.
      const worked = workingTimeBetween(calendar, read(vector.start), read(vector.end))
      t.equal(Math.max(0, worked) / 1000, vector.expect, label)
    }
  }
})

t.test('a deadline is counted as the law says', async (t) => {
  for (const { rule, ground, limit, verified = false, received, dueAt, lateFrom } of DEADLINE_CASES) {
    const promise = deadline(NATIONAL, limit, at(received), verified)
    const midnightAfter = startOfDay(dayOf(at(dueAt)) + 1)
    t.same(
      { dueOn: formatDate(promise.dueOn), dueAt: iso(promise.dueAt), lateFrom: iso(promise.lateFrom) },
      { dueOn: dueAt.slice(0, 10), dueAt: iso(at(dueAt)), lateFrom: iso(lateFrom ? at(lateFrom) : midnightAfter) },
      `${rule} (${ground})`,
    )
    t.equal(promise.provisional, false, `${rule}: confirmed`)
  }
})

/** Pauses read from a clock in Vietnam. */
const stood = (pauses: readonly (readonly [stops: string, resumes: string])[]): Pause[] =>
  pauses.map(([stops, resumes]) => [at(stops), at(resumes)])

t.test('the clock of a deadline stands still as the law says', async (t) => {
  for (const { rule, ground, limit, verified = false, received, pauses, dueAt, lateFrom } of PAUSE_CASES) {
    const promise = deadline(NATIONAL, limit, at(received), verified, stood(pauses))
    const midnightAfter = startOfDay(dayOf(at(dueAt)) + 1)
    t.same(
      { dueOn: formatDate(promise.dueOn), dueAt: iso(promise.dueAt), lateFrom: iso(promise.lateFrom) },
      { dueOn: dueAt.slice(0, 10), dueAt: iso(at(dueAt)), lateFrom: iso(lateFrom ? at(lateFrom) : midnightAfter) },
      `${rule} (${ground})`,
    )
  }
})

t.test('an extension ends some working days after the term, whatever the term', async (t) => {
  const put = (limit: Limit, received: string, workingDays: number) => {
    const { dueOn, dueAt, onTimeFrom, lateFrom } = endAfter(
      NATIONAL,
      deadline(NATIONAL, limit, at(received)),
      workingDays,
    )
    return [formatDate(dueOn), iso(dueAt), iso(onTimeFrom), iso(lateFrom)].join(' ')
  }
  const ends = (date: string, next: string) =>
    `${date} ${date}T17:00:00+07:00 ${date}T00:00:00+07:00 ${next}T00:00:00+07:00`
  const days: Limit = { kind: 'working_days', amount: 2 }
  t.equal(put(days, '2021-08-30 10:00', 1), ends('2021-09-06', '2021-09-07'), 'over the National Day')
  t.equal(put(days, '2025-04-23 10:00', 1), ends('2025-04-26', '2025-04-27'), 'a Saturday worked in exchange')
  t.equal(put({ kind: 'calendar_days', amount: 5 }, '2021-09-06 10:00', 3), ends('2021-09-16', '2021-09-17'))
  t.equal(put({ kind: 'working_hours', amount: 2 }, '2021-09-07 08:00', 1), ends('2021-09-08', '2021-09-09'))
  t.equal(put({ kind: 'same_day', cutoff: '15:00' }, '2021-02-09 08:00', 1), ends('2021-02-17', '2021-02-18'))
  t.throws(() => put(days, '2027-12-29 10:00', 1), { code: 'calendar_not_covering' })
})

t.test('an extended dossier is overdue by its new date, and late by its old one', async (t) => {
  const day = (text: string) => at(`${text} 00:00`)
  const judges: Judges = {
    onTimeFrom: day('2021-09-07'),
    lateFrom: day('2021-09-08'),
    overdueFrom: day('2021-09-11'),
  }
  t.equal(punctuality(judges, null, day('2021-09-10')), 'in_time')
  t.equal(punctuality(judges, null, day('2021-09-11')), 'overdue')
  t.equal(punctuality(judges, day('2021-09-11') - 1, day('2021-10-01')), 'late')
  t.equal(punctuality(judges, day('2021-09-08') - 1, day('2021-10-01')), 'on_time')
})

t.test('where the clock stands still a dossier waits, and what finishes without judges is on time', async (t) => {
  const still: Judges = { onTimeFrom: null, lateFrom: null, overdueFrom: null }
  t.equal(punctuality(still, null, at('2021-09-10 08:00')), 'waiting')
  t.equal(punctuality({ ...still, lateFrom: at('2021-09-08 00:00') }, null, at('2021-09-10 08:00')), 'waiting')
  t.equal(punctuality(still, at('2021-09-09 08:00'), at('2021-09-10 08:00')), 'on_time')
})

t.test('every sample procedure has a deadline, and one not earlier when it is verified', async (t) => {
  for (const { name, limit } of SAMPLE_PROCEDURES) {
    const promise = deadline(NATIONAL, limit, at('2021-09-07 09:00'))
    t.ok(promise.dueAt > at('2021-09-07 09:00'), name)
    if (limit.verification) t.ok(deadline(NATIONAL, limit, at('2021-09-07 09:00'), true).dueAt >= promise.dueAt, name)
  }
})

t.test(
  'every Saturday worked in exchange names the day off that it stands in for, and that day names it',
  async (t) => {
    const byDate = new Map(NATIONAL_CALENDAR.days.map((day) => [day.date, day]))
    t.equal(byDate.size, NATIONAL_CALENDAR.days.length, 'no date is listed twice')
    for (const day of NATIONAL_CALENDAR.days.filter((day) => day.kind === 'worked')) {
      const given = byDate.get(day.swapWith ?? '')
      t.match(given, { kind: 'off', type: 'swap_off', swapWith: day.date }, day.date)
    }
  },
)

t.test('a Saturday worked in exchange keeps the hours of the day that it stands in for', async (t) => {
  const mornings: Period[] = [['08:00', '12:00']]
  const calendar = workingCalendar(NATIONAL_CALENDAR, { ...OFFICE_HOURS, 5: mornings, 6: [['09:00', '10:00']] })
  // Saturday 26/4/2025 stands in for Friday 2/5/2025; Saturday 4/5/2024 for Monday 29/4/2024.
  t.equal(iso(closingOf(calendar, dayNumber('2025-04-26'))), '2025-04-26T12:00:00+07:00')
  t.equal(iso(closingOf(calendar, dayNumber('2024-05-04'))), '2024-05-04T17:00:00+07:00')
  t.equal(workingTimeBetween(calendar, at('2025-04-26 00:00'), at('2025-04-27 00:00')), 4 * HOUR)
  t.equal(workingTimeBetween(calendar, at('2024-05-04 00:00'), at('2024-05-05 00:00')), 7.5 * HOUR)
  t.equal(workingTimeBetween(calendar, at('2024-05-11 00:00'), at('2024-05-12 00:00')), 0, 'other Saturdays stay off')
})

t.test('hours up to midnight end on the day that they close', async (t) => {
  const calendar = workingCalendar(NATIONAL_CALENDAR, { 2: [['16:00', '24:00']], 3: [['00:00', '02:00']] })
  const promise = deadline(calendar, { kind: 'working_hours', amount: 8 }, at('2021-09-07 10:00'))
  t.equal(formatDate(promise.dueOn), '2021-09-07')
  t.equal(iso(promise.dueAt), '2021-09-08T00:00:00+07:00')
  t.equal(iso(promise.lateFrom), '2021-09-08T00:01:00+07:00')
})

t.test('a deadline in the unconfirmed part of the calendar is provisional', async (t) => {
  const days = (amount: number): Limit => ({ kind: 'calendar_days', amount })
  t.equal(deadline(NATIONAL, days(3), at('2026-12-28 10:00')).provisional, false, 'due on 31/12/2026')
  t.equal(deadline(NATIONAL, days(4), at('2026-12-28 10:00')).provisional, true, 'rolled to 4/1/2027')
  t.equal(deadline(NATIONAL, { kind: 'working_days', amount: 1 }, at('2027-02-04 10:00')).provisional, true)
  t.equal(deadline(NATIONAL, { kind: 'working_hours', amount: 1 }, at('2026-12-31 16:30')).provisional, true)
  t.equal(deadline(NATIONAL, { kind: 'working_hours', amount: 1 }, at('2026-12-31 16:00')).provisional, false)
})

t.test('what the calendar does not cover is refused, not guessed', async (t) => {
  const promise = (limit: Limit, received: string) => () => deadline(NATIONAL, limit, at(received))
  const refused = { code: 'calendar_not_covering', facts: { date: null, from: '2018-12-01', to: '2027-12-31' } }
  const dated = (date: string) => ({ ...refused, facts: { ...refused.facts, date } })
  t.throws(promise({ kind: 'working_days', amount: 1 }, '2027-12-31 10:00'), refused)
  t.throws(promise({ kind: 'working_hours', amount: 1 }, '2027-12-31 16:30'), refused)
  t.throws(promise({ kind: 'calendar_days', amount: 1 }, '2027-12-31 10:00'), dated('2028-01-01'))
  t.throws(promise({ kind: 'same_day', cutoff: '15:00' }, '2027-12-31 15:30'), dated('2028-01-01'))
  t.throws(promise({ kind: 'calendar_days', amount: 2 }, '2027-12-31 10:00'), dated('2028-01-02'))
  t.throws(promise({ kind: 'working_days', amount: 1 }, '2030-01-01 10:00'), dated('2030-01-01'))
  t.throws(promise({ kind: 'working_days', amount: 1 }, '2018-11-29 10:00'), dated('2018-11-29'))
  t.throws(promise({ kind: 'working_hours', amount: 1 }, '2018-11-30 10:00'), dated('2018-11-30'))
  t.throws(() => closingOf(NATIONAL, dayNumber('2018-11-30')), dated('2018-11-30'))
  t.throws(() => closingOf(NATIONAL, dayNumber('2028-01-01')), dated('2028-01-01'))
  t.throws(() => workingDaysBetween(NATIONAL, dayNumber('2027-12-31'), dayNumber('2028-01-01')), dated('2028-01-01'))
  t.equal(formatDate(promise({ kind: 'same_day', cutoff: '15:00' }, '2027-12-31 15:00')().dueOn), '2027-12-31')
})

t.test('a limit without a term for verification cannot be verified', async (t) => {
  const verified = () => deadline(NATIONAL, { kind: 'working_days', amount: 3 }, at('2021-09-07 10:00'), true)
  t.throws(verified, { name: 'Refusal', code: 'no_verification_term' })
})

t.test('a calendar or a day without working time is refused', async (t) => {
  const refused = { name: 'Refusal', code: 'no_working_time' }
  t.throws(() => workingCalendar(NATIONAL_CALENDAR, {}), refused)
  t.throws(() => workingCalendar({ ...NATIONAL_CALENDAR, week: [], days: [] }, OFFICE_HOURS), refused)
  t.throws(() => workingCalendar(NATIONAL_CALENDAR, { 1: [], 7: [['08:00', '09:00']] }), refused, 'Sundays are off')
  const hours =
    (...periods: Period[]) =>
    () =>
      dayHours(periods)
  t.throws(hours(['08:00', '08:00']), { ...refused, facts: { period: '08:00–08:00' } }, 'no time in it')
  t.throws(hours(['12:00', '08:00']), refused, 'ends before it begins')
  t.throws(hours(['13:00', '17:00'], ['08:00', '12:00']), refused, 'out of order')
  t.throws(hours(['08:00', '12:00'], ['11:59', '17:00']), refused, 'overlapping')
  t.equal(hours(['08:00', '12:00'], ['12:00', '17:00'])().length, 9 * HOUR, 'touching periods are one')
  t.same(dayHours([]), { periods: [], opens: 0, closes: 0, length: 0 })
})

t.test('the clock stands still during pauses', async (t) => {
  const morning = [at('2021-09-07 09:00'), at('2021-09-07 10:00')] as const
  const lunch = [at('2021-09-07 11:30'), at('2021-09-07 13:30')] as const
  const within = [at('2021-09-07 09:15'), at('2021-09-07 09:45')] as const
  const end = (hours: number, ...pauses: Pause[]) =>
    formatTime(addWorkingTime(NATIONAL, at('2021-09-07 08:00'), hours * HOUR, pauses))
  t.equal(end(2, morning), '11:00')
  t.equal(end(2, within, morning), '11:00', 'a pause within a pause')
  t.equal(end(3, lunch, morning), '14:00', 'a pause outside opening hours costs nothing')
  t.equal(end(1, morning), '09:00', 'work that is done when the pause begins is not held up')
  t.equal(end(0, morning), '08:00')
  const before = [at('2021-09-07 07:30'), at('2021-09-07 08:30')] as const
  t.equal(end(1, before), '09:30', 'a pause that runs at the start')
  t.equal(end(1, [at('2021-09-01 08:00'), at('2021-09-01 09:00')]), '09:00', 'a pause that is over at the start')
})

t.test('the hours of a day are counted within its periods', async (t) => {
  const hours = dayHours([
    ['07:30', '11:30'],
    ['13:30', '17:00'],
  ])
  const worked = [0, 7.5, 8, 11.5, 12, 13.5, 14, 17, 24].map((time) => workedByTime(hours, time * HOUR) / HOUR)
  t.same(worked, [0, 0, 0.5, 4, 4, 4, 4.5, 7.5, 7.5])
  const times = [0.5, 4, 4.5, 7.5].map((amount) => timeWhenWorked(hours, amount * HOUR) / HOUR)
  t.same(times, [8, 11.5, 14, 17])
})

t.test('an online dossier must be accepted within eight working hours', async (t) => {
  t.equal(iso(acceptanceDueAt(NATIONAL, at('2021-09-10 16:00'))), '2021-09-13T16:30:00+07:00')
  t.equal(iso(acceptanceDueAt(NATIONAL, at('2021-09-11 09:00'))), '2021-09-14T08:00:00+07:00')
})

/** What judges a dossier that was never put off. */
const judgesOf = ({ onTimeFrom, lateFrom }: Deadline): Judges => ({ onTimeFrom, lateFrom, overdueFrom: lateFrom })

t.test('a term in days is judged by date, and is overdue from the midnight after it', async (t) => {
  const promise = judgesOf(deadline(NATIONAL, { kind: 'working_days', amount: 5 }, at('2021-08-31 10:00')))
  const judged = (finished: string) => punctuality(promise, at(finished), at('2021-12-01 08:00'))
  t.equal(judged('2021-09-08 23:59:59.999'), 'early')
  t.equal(judged('2021-09-09 00:00'), 'on_time')
  t.equal(judged('2021-09-09 23:59:59.999'), 'on_time', 'after closing too')
  t.equal(judged('2021-09-10 00:00'), 'late')
  t.equal(punctuality(promise, null, at('2021-09-09 23:59:59.999')), 'in_time')
  t.equal(punctuality(promise, null, at('2021-09-10 00:00')), 'overdue')
})

t.test('a term in hours is judged by the minute, and is overdue from the minute after it', async (t) => {
  const promise = judgesOf(deadline(NATIONAL, { kind: 'working_hours', amount: 2 }, at('2021-09-07 08:00:40')))
  const judged = (finished: string) => punctuality(promise, at(finished), at('2021-12-01 08:00'))
  t.equal(judged('2021-09-07 09:59:59.999'), 'early')
  t.equal(judged('2021-09-07 10:00:00'), 'on_time')
  t.equal(judged('2021-09-07 10:00:59.999'), 'on_time', 'to the end of the minute that the slip shows')
  t.equal(judged('2021-09-07 10:01:00'), 'late')
  t.equal(punctuality(promise, null, at('2021-09-07 10:00:59.999')), 'in_time')
  t.equal(punctuality(promise, null, at('2021-09-07 10:01:00')), 'overdue')
})

t.test('lateness is told in days, working days and working hours', async (t) => {
  const due = deadline(NATIONAL, { kind: 'working_days', amount: 5 }, at('2021-08-31 10:00'))
  t.same(lateness(NATIONAL, due, at('2021-09-13 08:30')), { days: 4, workingDays: 2, workingHours: 8.5 })
  t.same(lateness(NATIONAL, due, at('2021-09-10 07:30')), { days: 1, workingDays: 1, workingHours: 0 })
  t.same(lateness(NATIONAL, due, at('2021-09-11 10:00')), { days: 2, workingDays: 1, workingHours: 7.5 })
  t.equal(lateness(NATIONAL, due, at('2021-09-10 07:30:35.999')).workingHours, 0, 'cut, not rounded')
  t.equal(lateness(NATIONAL, due, at('2021-09-10 07:30:36')).workingHours, 0.01)
})

t.test('working figures are unknown where the calendar does not reach', async (t) => {
  const last = { dueOn: dayNumber('2027-12-31'), dueAt: at('2027-12-31 17:00') }
  t.same(lateness(NATIONAL, last, at('2027-12-31 17:30')), { days: 0, workingDays: 0, workingHours: 0 })
  t.same(lateness(NATIONAL, last, at('2028-01-01 08:00')), { days: 1, workingDays: null, workingHours: null })
  const before = { dueOn: dayNumber('2018-11-30'), dueAt: at('2018-11-30 17:00') }
  t.same(lateness(NATIONAL, before, at('2018-12-03 08:00')), { days: 3, workingDays: null, workingHours: null })
})

t.test('working days between two days have a sign', async (t) => {
  const between = (from: string, to: string) => workingDaysBetween(NATIONAL, dayNumber(from), dayNumber(to))
  t.equal(between('2021-08-31', '2021-09-09'), 5)
  t.equal(between('2021-09-09', '2021-08-31'), -5)
  t.equal(between('2021-09-09', '2021-09-09'), 0)
})

t.test('a dossier stays under the decree in force on the day of its receipt', async (t) => {
  const citation = (date: string) => ruleSetOn(dayNumber(date)).citation
  t.match(citation('2018-06-20'), '61/2018', 'nothing older is known')
  t.match(citation('2018-06-21'), '61/2018')
  t.match(citation('2025-06-30'), '61/2018')
  t.match(citation('2025-07-01'), '118/2025')
  t.equal(ruleSetOn(dayNumber('2021-09-07')).verified, true)
  t.equal(ruleSetOn(dayNumber('2025-07-01')).verified, false, 'its text was not read')
  for (const basis of Object.values(COUNTING_BASIS)) t.match(basis, /^Bộ luật Dân sự 2015 Đ\.147/)
})

/** Reasons as a reader would tell them: `2021-09-06–2021-09-09: 4`, and days off with what marks them. */
const told = (limit: Limit, received: string, ...pauses: (readonly [stops: string, resumes: string])[]) => {
  const [step] = countSteps(NATIONAL, limit, at(received), false, stood(pauses))
  const { spans, skipped, paused } = reasonsOf(NATIONAL, step)
  const asTold = (some: readonly CountedSpan[]) =>
    some.map((span) => {
      const [from, to] =
        span.unit === 'day' ? [formatDate(span.from), formatDate(span.to)] : [iso(span.from), iso(span.to)]
      return `${from.slice(0, 16)}–${to.slice(0, 16)}: ${span.amount}`
    })
  return {
    counted: asTold(spans),
    skipped: skipped.map(({ day, mark }) => `${formatDate(day)} ${mark?.name ?? 'weekend'}`),
    ...(paused.length > 0 ? { paused: asTold(paused) } : {}),
  }
}

t.test('the reasons for a deadline are what was counted and what was passed over', async (t) => {
  t.same(told({ kind: 'working_days', amount: 5 }, '2021-08-31 10:00'), {
    counted: ['2021-09-01–2021-09-01: 1', '2021-09-06–2021-09-09: 4'],
    skipped: [
      '2021-09-02 Quốc khánh',
      '2021-09-03 Quốc khánh (ngày liền kề)',
      '2021-09-04 weekend',
      '2021-09-05 weekend',
    ],
  })
  t.same(told({ kind: 'calendar_days', amount: 4 }, '2021-08-31 10:00'), {
    counted: ['2021-09-01–2021-09-04: 4'],
    skipped: ['2021-09-04 weekend', '2021-09-05 weekend'],
  })
  t.same(told({ kind: 'calendar_days', amount: 7 }, '2021-08-31 10:00'), {
    counted: ['2021-09-01–2021-09-07: 7'],
    skipped: [],
  })
  t.same(told({ kind: 'same_day', cutoff: '15:00' }, '2021-09-10 15:30'), {
    counted: ['2021-09-13–2021-09-13: 1'],
    skipped: ['2021-09-11 weekend', '2021-09-12 weekend'],
  })
  t.same(told({ kind: 'same_day', cutoff: '15:00' }, '2021-09-10 09:30'), {
    counted: ['2021-09-10–2021-09-10: 1'],
    skipped: [],
  })
  t.same(told({ kind: 'working_hours', amount: 2 }, '2021-09-02 09:00'), {
    counted: ['2021-09-06T07:30–2021-09-06T09:30: 2'],
    skipped: [
      '2021-09-02 Quốc khánh',
      '2021-09-03 Quốc khánh (ngày liền kề)',
      '2021-09-04 weekend',
      '2021-09-05 weekend',
    ],
  })
  t.same(told({ kind: 'working_hours', amount: 8 }, '2021-09-10 16:00'), {
    counted: ['2021-09-10T16:00–2021-09-10T17:00: 1', '2021-09-13T07:30–2021-09-13T16:30: 7'],
    skipped: ['2021-09-11 weekend', '2021-09-12 weekend'],
  })
})

t.test('the reasons for a deadline whose clock stood still are what was counted around that', async (t) => {
  t.same(told({ kind: 'working_days', amount: 5 }, '2021-08-30 10:00', ['2021-09-01 10:00', '2021-09-06 10:00']), {
    counted: ['2021-08-31–2021-09-01: 2', '2021-09-07–2021-09-09: 3'],
    skipped: [],
    paused: ['2021-09-02–2021-09-06: 5'],
  })
  t.same(told({ kind: 'working_days', amount: 2 }, '2021-09-07 10:00', ['2021-09-09 14:00', '2021-09-10 09:00']), {
    counted: ['2021-09-08–2021-09-09: 2'],
    skipped: [],
    paused: ['2021-09-10–2021-09-10: 1'],
  })
  t.same(
    told(
      { kind: 'working_days', amount: 2 },
      '2021-09-07 10:00',
      ['2021-09-09 14:00', '2021-09-11 09:00'],
      ['2021-09-12 09:00', '2021-09-17 09:00'],
    ),
    {
      counted: ['2021-09-08–2021-09-09: 2'],
      skipped: ['2021-09-12 weekend'],
      paused: ['2021-09-10–2021-09-11: 2', '2021-09-13–2021-09-17: 5'],
    },
  )
  t.same(told({ kind: 'calendar_days', amount: 10 }, '2021-09-06 10:00', ['2021-09-10 10:00', '2021-09-12 10:00']), {
    counted: ['2021-09-07–2021-09-10: 4', '2021-09-13–2021-09-18: 6'],
    skipped: ['2021-09-18 weekend', '2021-09-19 weekend'],
    paused: ['2021-09-11–2021-09-12: 2'],
  })
  t.same(told({ kind: 'calendar_days', amount: 5 }, '2021-09-06 10:00', ['2021-09-11 10:00', '2021-09-12 10:00']), {
    counted: ['2021-09-07–2021-09-11: 5'],
    skipped: ['2021-09-11 weekend', '2021-09-12 weekend'],
    paused: ['2021-09-12–2021-09-12: 1'],
  })
  t.same(told({ kind: 'working_hours', amount: 4 }, '2021-09-07 08:00', ['2021-09-07 11:00', '2021-09-07 14:00']), {
    counted: ['2021-09-07T08:00–2021-09-07T11:00: 3', '2021-09-07T14:00–2021-09-07T15:00: 1'],
    skipped: [],
    paused: ['2021-09-07T11:00–2021-09-07T14:00: 1'],
  })
  const spent = told({ kind: 'working_hours', amount: 2 }, '2021-09-07 08:00', ['2021-09-07 10:01', '2021-09-20 10:00'])
  t.same(spent, { counted: ['2021-09-07T08:00–2021-09-07T10:00: 2'], skipped: [] }, 'a pause that came too late')
  const backwards = told({ kind: 'working_hours', amount: 2 }, '2021-09-07 08:00', [
    '2021-09-07 09:30',
    '2021-09-07 09:00',
  ])
  t.same(backwards, { counted: ['2021-09-07T08:00–2021-09-07T10:00: 2'], skipped: [] })
})

t.test('a step that prolongs another has reasons of its own', async (t) => {
  const limit: Limit = {
    kind: 'working_days',
    amount: 3,
    verification: { kind: 'working_days', amount: 2, counted: 'after_first_term' },
  }
  const steps = countSteps(NATIONAL, limit, at('2021-08-10 10:00'), true)
  const spans = steps.map((step) => reasonsOf(NATIONAL, step).spans)
  t.same(
    steps.map((step) => step.part),
    ['limit', 'verification'],
  )
  t.same(spans, [
    [{ unit: 'day', from: dayNumber('2021-08-11'), to: dayNumber('2021-08-13'), amount: 3 }],
    [{ unit: 'day', from: dayNumber('2021-08-16'), to: dayNumber('2021-08-17'), amount: 2 }],
  ])
})

t.test('a text is a date only when it names a real day', async (t) => {
  t.equal(parseDate('1970-01-01'), 0)
  t.equal(parseDate('1969-12-31'), -1)
  t.equal(parseDate('2024-02-29'), 19_782)
  for (const text of ['2021-02-31', '2021-02-29', '2021-13-01', '2021-2-3', '2021-02-03T00:00', 'today', ''])
    t.equal(parseDate(text), undefined, `"${text}"`)
  t.throws(() => dayNumber('2021-02-31'), { name: 'RangeError', message: '2021-02-31 is not a date' })
})

t.test('days and instants are Vietnamese, whatever the clock of the machine', async (t) => {
  const day = dayNumber('2021-04-30')
  t.equal(dayOf(at('2021-04-30 00:00')), day)
  t.equal(dayOf(at('2021-04-30 00:00') - 1), day - 1)
  t.equal(dayOf(at('2021-04-30 23:59:59.999')), day)
  t.equal(startOfDay(day), at('2021-04-30 00:00'))
  t.same(
    ['2021-04-26', '2021-05-02', '1969-12-29', '1969-12-28'].map((text) => isoWeekday(dayNumber(text))),
    [1, 7, 1, 7],
  )
  t.equal(formatDate(day), '2021-04-30')
  t.equal(formatDateForReaders(day), '30/4/2021')
  t.equal(formatCompactDate(day), '210430')
  t.equal(iso(at('2021-04-30 08:05')), '2021-04-30T08:05:00+07:00')
  t.equal(iso(at('2021-04-30 08:05') + 7), '2021-04-30T08:05:00.007+07:00')
  t.equal(formatTime(at('2021-04-30 08:05')), '08:05')
  t.equal(formatTime(at('2021-04-30 00:05:30') + MINUTE), '00:06:30')
  t.equal(formatDate(addMonths(dayNumber('2021-01-31'), 1)), '2021-02-28')
  t.equal(formatDate(addMonths(dayNumber('2021-01-15'), -1)), '2020-12-15')
})

t.test('lateness in hundredths of an hour loses none of them', async (t) => {
  const due = { dueOn: dayNumber('2021-09-07'), dueAt: at('2021-09-07 07:30') }
  const hundredths = Array.from({ length: 400 }, (_, i) => i)
  t.same(
    hundredths.map((n) => lateness(NATIONAL, due, due.dueAt + n * 36_000).workingHours),
    hundredths.map((n) => n / 100),
  )
  const early = { dueOn: dayNumber('2028-01-05'), dueAt: at('2028-01-05 17:00') }
  t.match(lateness(NATIONAL, early, at('2027-12-30 08:00')), { workingDays: null, workingHours: null })
})

t.test('the text "Invalid Date" is no date', async (t) => {
  t.equal(parseDate('Invalid Date'), undefined)
})

t.test('the day after the calendar is refused, the midnight that ends it is not', async (t) => {
  t.throws(() => workingTimeBetween(NATIONAL, at('2027-12-31 16:00'), at('2028-01-01 15:00')), {
    code: 'calendar_not_covering',
  })
  t.equal(workingTimeBetween(NATIONAL, at('2027-12-31 16:00'), at('2028-01-01 00:00')), 3_600_000)
  t.throws(() => addWorkingTime(NATIONAL, at('2040-01-01 08:00'), 0), { code: 'calendar_not_covering' })
})

t.test('a same-day receipt before the cutoff but after closing counts from the next working day', async (t) => {
  const mornings = workingCalendar(NATIONAL_CALENDAR, { 1: [['07:30', '11:30']] })
  const { dueAt } = deadline(mornings, { kind: 'same_day', cutoff: '15:00' }, at('2021-09-06 14:00'))
  t.equal(iso(dueAt), '2021-09-13T11:30:00+07:00')
})

t.test('a receipt on the day before the calendar is refused in every kind of term', async (t) => {
  for (const kind of ['working_days', 'calendar_days', 'working_hours'] as const) {
    t.throws(() => deadline(NATIONAL, { kind, amount: 1 }, at('2018-11-30 15:30')), { code: 'calendar_not_covering' })
  }
  const sameDay = { kind: 'same_day', cutoff: '15:00' } as const
  t.throws(() => countSteps(NATIONAL, sameDay, at('2018-11-30 15:30'), false), { code: 'calendar_not_covering' })
})

t.test('a pause after the end, or one that ends before it begins, changes nothing', async (t) => {
  const hour = 3_600_000
  const beyond: Pause = [at('2028-02-01 08:00'), at('2028-02-02 08:00')]
  t.equal(iso(addWorkingTime(NATIONAL, at('2027-12-30 08:00'), hour, [beyond])), '2027-12-30T09:00:00+07:00')
  const inverted: Pause = [at('2021-09-07 09:30'), at('2021-09-07 09:00')]
  t.equal(iso(addWorkingTime(NATIONAL, at('2021-09-07 08:00'), 2 * hour, [inverted])), '2021-09-07T10:00:00+07:00')
})

t.test('hours past midnight or that are no time are refused', async (t) => {
  t.throws(() => dayHours([['20:00', '26:00']]), { code: 'no_working_time' })
  t.throws(() => dayHours([['ab:cd', '11:30']]), { code: 'no_working_time' })
})

t.test('a calendar that ends with days off has no closing time for them', async (t) => {
  const coverage = { from: '2021-09-06', to: '2021-09-12', confirmedTo: '2021-09-12' }
  const week = workingCalendar({ week: [1, 2, 3, 4, 5], coverage, days: [] }, OFFICE_HOURS)
  t.throws(() => closingOf(week, dayNumber('2021-09-12')), { code: 'calendar_not_covering' })
})
