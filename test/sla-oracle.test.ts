import fc from 'fast-check'
import t from 'tap'
import { addWorkingTime, type Pause, workingCalendar, workingTimeBetween } from '../src/sla/calendar.ts'
import { DAY, dayNumber, dayOf, formatDate, HOUR, MINUTE, startOfDay } from '../src/sla/date.ts'
import { countSteps, type Deadline, deadline } from '../src/sla/deadline.ts'
import { reasonsOf } from '../src/sla/reasons.ts'
import { punctuality } from '../src/sla/standing.ts'
import { endAfter, type Limit } from '../src/sla/term.ts'
import {
  answerOf,
  anyCalendar,
  anyLimit,
  anyRules,
  type CalendarCase,
  calendarOf,
  instantIn,
  NATIONAL_CASE,
  pausesNear,
} from './support/calendars.ts'
import { beginsPaused, lateAfter, type OraclePause, oracleOf, punctualityOf } from './support/oracle.ts'

/** `SEED=… npx tap test/sla-oracle.test.ts` tries other cases; a failure prints the seed it had. */
const SEED = Number(process.env.SEED ?? 20_211_115)

// The time limit is for shrinking, which may otherwise go on for minutes after a failure.
fc.configureGlobal({ seed: SEED, numRuns: 1000, interruptAfterTimeLimit: 60_000, markInterruptAsFailure: true })

// A run of this file takes longer than tap's thirty seconds where the machine is slow.
t.setTimeout(300_000)

const NOT_COVERING = 'calendar_not_covering'

/** The union of pauses as pauses that neither touch nor overlap, in order. */
const union = (pauses: readonly Pause[]): Pause[] => {
  const merged: Pause[] = []
  for (const [from, to] of pauses.toSorted((a, b) => a[0] - b[0])) {
    const last = merged.at(-1)
    if (last && from <= last[1]) merged[merged.length - 1] = [last[0], Math.max(last[1], to)]
    else merged.push([from, to])
  }
  return merged
}

const ordered = (a: number, b: number): [number, number] => (a <= b ? [a, b] : [b, a])

t.test('a later receipt never gives an earlier deadline, whatever the kind of term', async () => {
  fc.assert(
    fc.property(anyCalendar, anyLimit, fc.boolean(), fc.gen(), (some, limit, verify, draw) => {
      const calendar = calendarOf(some)
      const [earlier, later] = ordered(draw(instantIn, calendar), draw(instantIn, calendar))
      const withVerification = verify && limit.verification !== undefined
      const second = answerOf(() => deadline(calendar, limit, later, withVerification))
      if (typeof second === 'string') return second === NOT_COVERING
      const first = deadline(calendar, limit, earlier, withVerification)
      return first.dueAt <= second.dueAt && first.lateFrom <= second.lateFrom && first.dueOn <= second.dueOn
    }),
  )
})

t.test('more work never ends earlier, and verifying never shortens a limit', async () => {
  fc.assert(
    fc.property(anyCalendar, anyLimit, fc.nat(20), fc.gen(), (some, limit, more, draw) => {
      const calendar = calendarOf(some)
      const receivedAt = draw(instantIn, calendar)
      const { verification, ...only } = limit
      const longer: Limit = only.kind === 'same_day' ? only : { ...only, amount: only.amount + more }
      const base = answerOf(() => deadline(calendar, only, receivedAt))
      const withMore = answerOf(() => deadline(calendar, longer, receivedAt))
      const verified = answerOf(() =>
        deadline(calendar, { ...only, verification }, receivedAt, verification !== undefined),
      )
      if (typeof base === 'string') return base === NOT_COVERING && withMore === base && verified === base
      return [withMore, verified].every((end) =>
        typeof end === 'string' ? end === NOT_COVERING : end.dueAt >= base.dueAt && end.lateFrom >= base.lateFrom,
      )
    }),
  )
})

t.test('adding working time and measuring it are inverse', async () => {
  fc.assert(
    fc.property(anyCalendar, fc.integer({ min: 1, max: 100 * HOUR }), fc.gen(), (some, amount, draw) => {
      const calendar = calendarOf(some)
      const start = draw(instantIn, calendar)
      const end = answerOf(() => addWorkingTime(calendar, start, amount))
      if (typeof end === 'string') return end === NOT_COVERING
      return (
        workingTimeBetween(calendar, start, end) === amount &&
        workingTimeBetween(calendar, start, end - 1) === amount - 1
      )
    }),
  )
  fc.assert(
    fc.property(anyCalendar, fc.gen(), (some, draw) => {
      const calendar = calendarOf(some)
      const [start, end] = ordered(draw(instantIn, calendar), draw(instantIn, calendar))
      const reached = addWorkingTime(calendar, start, workingTimeBetween(calendar, start, end))
      return reached >= start && reached <= end && workingTimeBetween(calendar, reached, end) === 0
    }),
  )
})

t.test('working time between instants adds up and changes its sign with their order', async () => {
  fc.assert(
    fc.property(anyCalendar, fc.gen(), (some, draw) => {
      const calendar = calendarOf(some)
      const between = (from: number, to: number): number => workingTimeBetween(calendar, from, to)
      const [a, b, c] = [draw(instantIn, calendar), draw(instantIn, calendar), draw(instantIn, calendar)]
      return between(a, b) + between(b, c) === between(a, c) && between(a, b) + between(b, a) === 0
    }),
  )
})

t.test('splitting a pause in two changes nothing, and a pause never brings the end forward', async () => {
  fc.assert(
    fc.property(anyCalendar, fc.nat(40 * HOUR), fc.gen(), (some, amount, draw) => {
      const calendar = calendarOf(some)
      const start = draw(instantIn, calendar)
      const [from, to] = ordered(draw(instantIn, calendar), draw(instantIn, calendar))
      const middle = draw(() => fc.integer({ min: from, max: to }))
      const end = (...pauses: Pause[]) => answerOf(() => addWorkingTime(calendar, start, amount, pauses))
      const [none, whole, split] = [end(), end([from, to]), end([from, middle], [middle, to])]
      if (typeof whole === 'string') return split === whole && whole === NOT_COVERING
      return split === whole && typeof none === 'number' && none <= whole
    }),
  )
})

t.test(
  'pauses in any order, overlapping or within each other, stop the clock for the time of their union',
  async () => {
    fc.assert(
      fc.property(
        anyCalendar,
        fc.nat(40 * HOUR),
        fc.integer({ min: 0, max: 6 }),
        fc.gen(),
        (some, amount, count, draw) => {
          const calendar = calendarOf(some)
          const start = draw(instantIn, calendar)
          const pauses = Array.from({ length: count }, () =>
            ordered(draw(instantIn, calendar), draw(instantIn, calendar)),
          )
          const end = (some: readonly Pause[]) => answerOf(() => addWorkingTime(calendar, start, amount, some))
          return end(pauses) === end(union(pauses)) && end(pauses) === end(pauses.toReversed())
        },
      ),
    )
  },
)

const sameEnd = (a: Deadline | string, b: Deadline | string): boolean =>
  typeof a === 'string' || typeof b === 'string' ? a === b : a.dueAt === b.dueAt && a.lateFrom === b.lateFrom

t.test('whatever the term, a pause never brings its end forward, and only the union of pauses counts', async () => {
  fc.assert(
    fc.property(anyCalendar, anyLimit, fc.gen(), (some, limit, draw) => {
      const calendar = calendarOf(some)
      const receivedAt = draw(instantIn, calendar)
      const pauses = draw(pausesNear, receivedAt).filter(([stops, resumes]) => stops < resumes)
      const verify = limit.verification !== undefined
      const end = (...stood: Pause[]) => answerOf(() => deadline(calendar, limit, receivedAt, verify, stood))
      const [none, all] = [end(), end(...pauses)]
      if (!sameEnd(all, end(...union(pauses))) || !sameEnd(all, end(...pauses.toReversed()))) return false
      if (typeof all === 'string') return all === NOT_COVERING
      return typeof none !== 'string' && none.dueAt <= all.dueAt && none.lateFrom <= all.lateFrom
    }),
  )
})

t.test('a calendar is built exactly where some working time is left, and refused by name elsewhere', async () => {
  fc.assert(
    fc.property(anyRules, ({ rules, hours }) => {
      const [from, to] = [dayNumber(rules.coverage.from), dayNumber(rules.coverage.to)]
      const oracle = oracleOf(rules, hours)
      const some = Array.from({ length: to - from + 1 }, (_, i) => oracle.isWorked(formatDate(from + i))).includes(true)
      return (answerOf(() => workingCalendar(rules, hours)) === 'no_working_time') !== some
    }),
  )
})

const daysFromTheEnd = fc.oneof(fc.integer({ min: -100, max: 5 }), fc.integer({ min: -4000, max: 400 }))

t.test('a deadline beyond the calendar is refused, and one beyond its confirmed part is provisional', async () => {
  fc.assert(
    fc.property(anyCalendar, anyLimit, daysFromTheEnd, fc.nat(1439), (some, limit, day, minute) => {
      const calendar = calendarOf(some)
      const receivedAt = startOfDay(calendar.to + day) + minute * MINUTE
      const end = answerOf(() => deadline(calendar, limit, receivedAt, limit.verification !== undefined))
      if (typeof end === 'string') return end === NOT_COVERING
      return (
        end.dueOn >= calendar.from &&
        end.dueOn <= calendar.to &&
        end.provisional === end.dueOn > calendar.confirmedTo &&
        dayOf(end.lateFrom) >= end.dueOn
      )
    }),
  )
})

t.test('the reasons of a deadline count exactly its term, and pass over days off only', async () => {
  fc.assert(
    fc.property(anyCalendar, anyLimit, fc.gen(), (some, limit, draw) => {
      const calendar = calendarOf(some)
      const receivedAt = draw(instantIn, calendar)
      const steps = answerOf(() => countSteps(calendar, limit, receivedAt, limit.verification !== undefined))
      if (typeof steps === 'string') return steps === NOT_COVERING
      const oracle = oracleOf(some.rules, some.hours)
      return steps.every((step) => {
        const { spans, skipped } = reasonsOf(calendar, step)
        const amount = step.term.kind === 'same_day' ? 1 : step.term.amount
        const sum = spans.reduce((total, span) => total + span.amount, 0)
        return (
          Math.abs(sum - amount) < 1e-9 &&
          spans.every(
            (span, i) => span.from <= span.to && span.from >= (spans[i - 1]?.to ?? Number.NEGATIVE_INFINITY),
          ) &&
          skipped.every(
            ({ day, mark }) => oracle.isWorked(formatDate(day)) === false && calendar.marked.get(day) === mark,
          )
        )
      })
    }),
  )
})

t.test('with pauses, too, the reasons of a deadline count exactly its term, and nothing that was paused', async () => {
  fc.assert(
    fc.property(anyCalendar, anyLimit, fc.gen(), (some, limit, draw) => {
      const calendar = calendarOf(some)
      const receivedAt = draw(instantIn, calendar)
      const pauses = draw(pausesNear, receivedAt)
      const steps = answerOf(() => countSteps(calendar, limit, receivedAt, limit.verification !== undefined, pauses))
      if (typeof steps === 'string') return steps === NOT_COVERING
      const oracle = oracleOf(some.rules, some.hours)
      return steps.every((step) => {
        const { term, start, end } = step
        const { spans, skipped, paused } = reasonsOf(calendar, step)
        const sum = spans.reduce((total, span) => total + span.amount, 0)
        if (Math.abs(sum - (term.kind === 'same_day' ? 1 : term.amount)) > 1e-9) return false
        if (!skipped.every(({ day }) => oracle.isWorked(formatDate(day)) === false)) return false
        if (term.kind === 'same_day') return spans[0]?.from === end.dueOn
        if (term.kind === 'working_hours') {
          const stood = paused.reduce((total, span) => total + span.amount, 0)
          const worked = Number(oracle.workedBetween(start.at, end.dueAt)) / HOUR
          const overlaps = pauses.some(([stops, resumes]) =>
            spans.some(({ from, to }) => stops < resumes && stops <= from && to <= resumes),
          )
          return !overlaps && Math.abs(worked - stood - sum) < 1e-9
        }
        const [counted, still] = [spans, paused].map((some) =>
          some.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, i) => from + i)),
        )
        const days = Array.from({ length: end.dueOn - start.on }, (_, i) => start.on + 1 + i)
        const last = Math.max(start.on, ...(counted ?? []))
        return days.every((day) => {
          const date = formatDate(day)
          if (still?.includes(day) !== beginsPaused(date, pauses)) return false
          if (counted?.includes(day))
            return !still?.includes(day) && (term.kind === 'calendar_days' || oracle.isWorked(date))
          // Once all is counted, what follows is where the term may end.
          return still?.includes(day) || day > last || skipped.some((skip) => skip.day === day)
        })
      })
    }),
  )
})

t.test('an extension ends as many working days after the term as the oracle walks', async () => {
  fc.assert(
    fc.property(anyCalendar, anyLimit, fc.integer({ min: 1, max: 15 }), fc.gen(), (some, limit, days, draw) => {
      const calendar = calendarOf(some)
      const oracle = oracleOf(some.rules, some.hours)
      const receivedAt = draw(instantIn, calendar)
      const due = answerOf(() => deadline(calendar, limit, receivedAt))
      const expected = oracle.deadlineOf(limit, receivedAt, false)
      if (typeof due === 'string' || expected === null) return expected === null && due === NOT_COVERING
      const end = answerOf(() => endAfter(calendar, due, days))
      const walked = oracle.putOff(expected, days)
      if (typeof end === 'string' || walked === null) return walked === null && end === NOT_COVERING
      const lateFrom = Date.parse(`${lateAfter(walked)}+07:00`)
      return formatDate(end.dueOn) === walked.dueOn && end.dueAt === walked.dueAt && end.lateFrom === lateFrom
    }),
  )
})

/** mulberry32: small, and the same on every machine. */
const seeded = (seed: number) => {
  let state = seed
  return (below: number): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below)
  }
}

const LIMITS = fc.sample(anyLimit, { numRuns: 3000, seed: SEED })

const CALENDARS = fc.sample(anyCalendar, { numRuns: 400, seed: SEED })

/** Asks kernel and oracle the same random questions, and stops at the first on which they differ. */
const compare = (some: CalendarCase, random: (below: number) => number, rounds: number) => {
  let asked = 0
  const calendar = calendarOf(some)
  const oracle = oracleOf(some.rules, some.hours)
  const first = startOfDay(calendar.from)
  const last = startOfDay(calendar.to + 1)
  const cutoff = oracle.earliestClosing()
  const named = some === NATIONAL_CASE ? 'national' : some

  const mostlyShort = (): number => random([2, 2, 2, 2, 2, 2, 2, 8, 8, 30][random(10)] ?? 1) * DAY + random(DAY)
  const wholeMinute = (instant: number): number => Math.floor(instant / MINUTE) * MINUTE
  const instant = (from: number, to: number): number => {
    const any = from + random(to - from)
    return random(3) === 0 ? any : wholeMinute(any)
  }
  const within = (value: number): number => Math.max(first, Math.min(last, value))
  const pause = (near: number): OraclePause => {
    const [from, length] = [within(near + random(2 * DAY) - HOUR), random(2 * DAY)]
    const [stops, resumes] = [from, within(from + length)]
    return random(3) === 0 ? [stops, resumes] : [wholeMinute(stops), wholeMinute(resumes)]
  }
  const limitFor = (any: Limit): Limit =>
    any.kind === 'same_day' && any.cutoff > cutoff ? { ...any, cutoff: cutoff === '24:00' ? '23:59' : cutoff } : any

  for (let i = 0; i < rounds; i++) {
    asked += 3
    const from = instant(first, last)
    const to = within(random(2) === 0 ? from + mostlyShort() : from - mostlyShort())
    const between = [workingTimeBetween(calendar, from, to), oracle.workedBetween(from, to)]
    if (between[0] !== between[1]) return { asked, difference: { between, from, to, calendar: named } }

    const amount = random(4) === 0 ? random(20 * HOUR) : random(20 * 60) * MINUTE
    const pauses = Array.from({ length: random(4) }, () => pause(from))
    const whenWorked = answerOf(() => addWorkingTime(calendar, from, amount, pauses))
    const walked = oracle.whenWorked(from, amount, pauses) ?? NOT_COVERING
    if (whenWorked !== walked)
      return { asked, difference: { whenWorked, walked, from, amount, pauses, calendar: named } }

    const limit = limitFor(LIMITS[random(LIMITS.length)] ?? { kind: 'working_days', amount: 1 })
    const receivedAt = instant(first - 3 * DAY, last + DAY)
    const verify = limit.verification !== undefined && random(2) === 0
    const stood = Array.from({ length: Math.max(0, random(6) - 2) }, () => pause(receivedAt + random(4) * DAY))
    const promise = answerOf(() => deadline(calendar, limit, receivedAt, verify, stood))
    const expected = oracle.deadlineOf(limit, receivedAt, verify, stood)
    if (typeof promise === 'string' || expected === null) {
      if (promise !== NOT_COVERING || expected !== null)
        return { asked, difference: { promise, expected, limit, receivedAt, verify, stood, calendar: named } }
      continue
    }
    const { dueAt, provisional } = promise
    const asText = { dueOn: formatDate(promise.dueOn), dueAt, provisional, judgedBy: expected.judgedBy }
    if (JSON.stringify(Object.entries(asText).toSorted()) !== JSON.stringify(Object.entries(expected).toSorted())) {
      return { asked, difference: { asText, expected, limit, receivedAt, verify, stood, calendar: named } }
    }

    const near = [dueAt + random(4 * MINUTE) - 2 * MINUTE, dueAt + random(3 * DAY) - 2 * DAY]
    const edge = wholeMinute(dueAt) + (random(3) - 1) * MINUTE
    const midnight = startOfDay(promise.dueOn + random(3))
    const asOf = [...near, edge, edge - 1, midnight, midnight - 1][random(6)] ?? dueAt
    const finishedAt = random(2) === 0 ? asOf : null
    asked++
    const judges = { ...promise, overdueFrom: promise.lateFrom }
    const verdicts = [punctuality(judges, finishedAt, asOf), punctualityOf(expected, finishedAt, asOf)]
    if (verdicts[0] !== verdicts[1])
      return { asked, difference: { verdicts, expected, finishedAt, asOf, calendar: named } }
  }
  return { asked, difference: undefined }
}

t.test('kernel and oracle agree on more than 100,000 random questions', async (t) => {
  const random = seeded(SEED)
  let asked = 0
  for (const [some, rounds] of [[NATIONAL_CASE, 10_000] as const, ...CALENDARS.map((some) => [some, 55] as const)]) {
    const outcome = compare(some, random, rounds)
    asked += outcome.asked
    if (outcome.difference) return t.fail(`they differ with SEED=${SEED}`, { difference: outcome.difference })
  }
  t.ok(asked > 100_000, `${asked} questions`)
})
