import { createRequire } from 'node:module'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { Dayjs } from 'dayjs'
import type {} from 'dayjs-business-days2'
import type {} from 'dayjs-business-time'
import { NATIONAL_CALENDAR } from '../../src/calendars/national.ts'
import { workingCalendar } from '../../src/sla/calendar.ts'
import { dayNumber, formatDate, HOUR, type Instant, MINUTE, startOfDay } from '../../src/sla/date.ts'
import { deadline } from '../../src/sla/deadline.ts'
import { OFFICE_HOURS } from '../../src/sla/hours.ts'

/** `ratio` is how many times faster ours is; `note` says where the other one is wrong. */
export type BenchRow = { name: string; value: number; unit: string; ratio?: number; note?: string }

const RECEIPTS = 1000
const ROUNDS = 9
const SLICE_MS = 40

const off = NATIONAL_CALENDAR.days.filter((day) => day.kind === 'off').map((day) => day.date)
const worked = NATIONAL_CALENDAR.days.filter((day) => day.kind === 'worked').map((day) => day.date)
const calendar = workingCalendar(NATIONAL_CALENDAR, OFFICE_HOURS)

/** Both plugins write `isBusinessDay` onto the same prototype, so each gets a copy of dayjs to itself. */
const dayjsWith = (plugin?: string, options?: unknown): typeof import('dayjs') => {
  const load = createRequire(import.meta.url)
  for (const file of Object.keys(load.cache)) if (file.includes('/node_modules/dayjs')) delete load.cache[file]
  const dayjs: typeof import('dayjs') = load('dayjs')
  if (plugin) {
    const loaded = load(plugin)
    dayjs.extend(loaded.default ?? loaded, options)
  }
  return dayjs
}

const plain = dayjsWith()

const businessDays = dayjsWith('dayjs-business-days2', {
  holidays: off,
  holidayFormat: 'YYYY-MM-DD',
  additionalWorkingDays: worked,
  additionalWorkingDayFormat: 'YYYY-MM-DD',
})

const businessTime = dayjsWith('dayjs-business-time')
const officeDay = [
  { start: '07:30:00', end: '11:30:00' },
  { start: '13:30:00', end: '17:00:00' },
]
businessTime.setHolidays(off)
businessTime.setBusinessTime({
  sunday: null,
  monday: officeDay,
  tuesday: officeDay,
  wednesday: officeDay,
  thursday: officeDay,
  friday: officeDay,
  saturday: null,
})

const offDates = new Set(off)
const workedDates = new Set(worked)

const naiveLoop = (received: Dayjs, amount: number): Dayjs => {
  let day = received
  for (let left = amount; left > 0; ) {
    day = day.add(1, 'day')
    const date = day.format('YYYY-MM-DD')
    const weekday = day.day()
    if (workedDates.has(date) || (weekday !== 0 && weekday !== 6 && !offDates.has(date))) left--
  }
  return day
}

/** Receipts in whole minutes of 2019–2025, spread evenly and the same in every run. */
const receipts = ((): Instant[] => {
  const from = startOfDay(dayNumber('2019-01-02'))
  const minutes = (startOfDay(dayNumber('2025-12-31')) - from) / MINUTE
  return Array.from(
    { length: RECEIPTS },
    (_, i) => from + Math.floor(((i * 0.618_033_988_749_895) % 1) * minutes) * MINUTE,
  )
})()

const VIETNAM = 7 * HOUR

/** The same wall clock as a dayjs, parsed beforehand: what is measured is the counting alone. */
const asDayjs = (dayjs: typeof import('dayjs')): Dayjs[] =>
  receipts.map((instant) => dayjs(new Date(instant + VIETNAM).toISOString().slice(0, 19)))

/** One way of counting: `answer` is what `i`th receipt gets, as text; `run` is the same without making a text. */
type Contender = { name: string; run: (i: number) => unknown; answer: (i: number) => string }

const ours = (kind: 'working_days' | 'working_hours', amount: number): Contender => {
  const limit = { kind, amount }
  const run = (i: number) => deadline(calendar, limit, receipts[i] ?? 0)
  const answer = (i: number): string => {
    const { dueOn, dueAt } = run(i)
    return kind === 'working_days' ? formatDate(dueOn) : new Date(dueAt + VIETNAM).toISOString().slice(0, 16)
  }
  return { name: 'ours', run, answer }
}

const theirs = (
  name: string,
  dayjs: typeof import('dayjs'),
  count: (received: Dayjs) => Dayjs,
  format = 'YYYY-MM-DD',
): Contender => {
  const received = asDayjs(dayjs)
  const fallback = dayjs(0)
  const run = (i: number): Dayjs => count(received[i] ?? fallback)
  return { name, run, answer: (i) => run(i).format(format) }
}

const dayContenders = (amount: number): readonly [Contender, ...Contender[]] => [
  ours('working_days', amount),
  theirs('naive dayjs loop', plain, (received) => naiveLoop(received, amount)),
  theirs('dayjs-business-days2', businessDays, (received) => received.businessDaysAdd(amount)),
  theirs('dayjs-business-time', businessTime, (received) => received.addBusinessDays(amount)),
]

const hourContenders = (amount: number): readonly [Contender, ...Contender[]] => [
  ours('working_hours', amount),
  theirs('dayjs-business-time', businessTime, (received) => received.addBusinessHours(amount), 'YYYY-MM-DDTHH:mm'),
]

/** Answers a second over one slice of time; the clock is read rarely enough to cost nothing. */
const speed = (run: (i: number) => unknown, batch: number): number => {
  let done = 0
  const began = performance.now()
  let passed = 0
  while (passed < SLICE_MS) {
    for (let i = 0; i < batch; i++) keep(run((done + i) % RECEIPTS))
    done += batch
    passed = performance.now() - began
  }
  return (done / passed) * 1000
}

/** Holds the last answer where the compiler cannot prove it unused. */
let kept: unknown
const keep = (answer: unknown): void => {
  kept = answer
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0

const wrongAnswers = (right: Contender, other: Contender): string | undefined => {
  const wrong = receipts.flatMap((_, i) => (right.answer(i) === other.answer(i) ? [] : [i]))
  const [first] = wrong
  if (first === undefined) return undefined
  const received = new Date((receipts[first] ?? 0) + VIETNAM).toISOString().slice(0, 16)
  const share = ((wrong.length / RECEIPTS) * 100).toFixed(1)
  return `wrong for ${share}% of receipts, such as ${received}: ${other.answer(first)}, not ${right.answer(first)}`
}

/** All contenders take turns within each round, so that a machine that slows down slows all of them. */
const race = (label: string, [first, ...others]: readonly [Contender, ...Contender[]]): BenchRow[] => {
  const all = [first, ...others]
  const batches = all.map(({ run }) => (speed(run, 1) > 100_000 ? 200 : 1))
  const speeds = all.map((): number[] => [])
  for (let round = 0; round < ROUNDS; round++) {
    all.forEach(({ run }, i) => {
      speeds[i]?.push(speed(run, batches[i] ?? 1))
    })
  }
  const values = speeds.map(median)
  return all.map((contender, i) => {
    const value = Math.round(values[i] ?? 0)
    const row: BenchRow = { name: `${label}, ${contender.name}`, value, unit: 'deadlines/s' }
    if (contender === first) return row
    const note = wrongAnswers(first, contender)
    const ratio = median((speeds[i] ?? []).map((speed, round) => (speeds[0]?.[round] ?? 0) / speed))
    return note === undefined ? { ...row, ratio } : { ...row, ratio, note }
  })
}

/** One thread on one core; about fifteen seconds. The goal: a million a second, whatever the distance. */
export const benchDeadline = async (): Promise<BenchRow[]> => [
  ...[1, 20, 240].flatMap((amount) => race(`+${amount} working days`, dayContenders(amount))),
  ...[2, 8, 80].flatMap((amount) => race(`+${amount} working hours`, hourContenders(amount))),
]

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(`Node ${process.version}, ${cpus()[0]?.model}, one thread, median of ${ROUNDS} rounds in turn`)
  for (const { name, value, unit, ratio, note } of await benchDeadline()) {
    const speeds = `${value.toLocaleString('en').padStart(12)} ${unit}`
    const factor = ratio === undefined ? '' : `ours ×${ratio < 10 ? ratio.toFixed(1) : Math.round(ratio)}`
    console.log(`${name.padEnd(44)}${speeds}  ${factor.padEnd(12)}${note ?? ''}`.trimEnd())
  }
  if (kept === undefined) process.exitCode = 1
}
