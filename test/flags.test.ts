import { sql } from 'drizzle-orm'
import t from 'tap'
import { FLAG_NAMES, FLAGS, type FlagName } from '../src/audit/flags/registry.ts'
import { dayNumber, formatCompactDate, formatDate } from '../src/sla/date.ts'
import { forged, move, pagesOf, query, take } from './support/asking.ts'
import { type Client, openDesk } from './support/desk.ts'

const desk = await openDesk(t)
const all = await desk.client()

type Overrides = Record<string, unknown>
type Finding = { dossier: string | null; agency: string | null; at: string; facts: Record<string, unknown> }

/** A week without holidays, from Monday 1 to Sunday 7, in which nothing else happens. */
type Week = {
  on: (weekday: number, time?: string) => string
  day: (weekday: number) => string
  span: { from: string; to: string }
}

let monday = dayNumber('2021-05-03')

/** Each case has a week to itself; it is recorded on the Monday after. */
const nextWeek = (): Week => {
  monday += 7
  if (monday === dayNumber('2021-08-30')) monday += 7
  const first = monday
  const day = (weekday: number) => formatDate(first + weekday - 1)
  const on = (weekday: number, time = '09:00') => `${day(weekday)}T${time.padEnd(8, ':00')}+07:00`
  desk.at(on(8, '08:00'))
  return { on, day, span: { from: day(1), to: day(7) } }
}

const FLAGS_PATH = '/v1/audit/flags'

const findings = async (
  client: Client,
  filters: { from: string; to: string; flag: FlagName; agency?: string; limit?: string },
): Promise<Finding[]> => (await pagesOf(client, FLAGS_PATH, filters)).flatMap(({ items }) => items)

/** What each flag counts in a span, those with none left out. */
const counts = async ({ ask }: Client, filters: { from: string; to: string; agency?: string }) => {
  const { body } = await ask('GET', `${FLAGS_PATH}?${query(filters)}`)
  return Object.fromEntries(
    body.flags.flatMap(({ name, count }: { name: string; count: number }) => (count > 0 ? [[name, count]] : [])),
  )
}

const [COMMUNE, SIBLING, DISTRICT, OTHER] = ['H20.19.05', 'H20.19.06', 'H20.19', 'H20.20.01']
const [MONTH, SAME_DAY] = ['1.001776', '1.001193']
const ONLINE = { intakeChannel: 'online', receivedAt: undefined }
const POST = { trackingNumber: 'EB123456789VN' }

/** A dossier received in the morning and due on the third working day after. */
const received = async (receivedAt: string, overrides: Overrides = {}): Promise<string> =>
  (await take(all, { receivedAt, ...overrides })).code

const go = (code: string, name: string, at: string, order: Overrides = {}) => move(all, code, name, at, order)

const supplement = (code: string, at: string) =>
  go(code, 'request-supplement', at, { missing: 'Bản sao', ground: 'Đ.19' })
const extend = (code: string, at: string) =>
  go(code, 'extend', at, { workingDays: 2, reason: 'Chờ xác minh', apologyNumber: '1/TXL' })
const stop = (code: string, at: string) => go(code, 'stop', at, { ground: 'Đ.19' })
const reopen = (code: string, at: string) => go(code, 'reopen', at, { reason: 'Sai sót', approver: 'cb-2' })
const pay = (code: string, at: string) => go(code, 'await-payment', at, { ground: 'Lệ phí' })

const times = async <T>(count: number, work: (i: number) => Promise<T>): Promise<T[]> => {
  const done: T[] = []
  for (let i = 0; i < count; i++) done.push(await work(i))
  return done
}

const minute = (i: number): string => String(i).padStart(2, '0')

/** Writes into the trail what the application never would: a copy of a dossier's last event, changed. */
const forgeEvent = (code: string, type: string, at: string, facts: ReturnType<typeof sql> = sql`facts`) =>
  desk.db.execute(sql`
    insert into events (dossier_id, number, type, effective_at, recorded_at, facts, key_id, agency, request_id, request_hash, hash)
    select dossier_id, number + 1, ${type}, ${at}::timestamptz, recorded_at, ${facts}, key_id, agency, request_id, request_hash, hash
    from events where dossier_id = (select id from dossiers where code = ${code}) order by number desc limit 1`)

type Expected = readonly [dossier: string | null, members: Overrides]

/**
 * Of every flag, the trick that it is there for and something honest that looks alike. Answers with what must be
 * found in that week, in order; nothing else may be.
 */
const CASES: Readonly<Record<FlagName, (week: Week) => Promise<readonly Expected[]>>> = {
  due_date_moved: async ({ on }) => {
    const [moved, judged, corrected, erased] = [
      await received(on(1, '09:00')),
      await received(on(1, '09:01')),
      await received(on(1, '09:02')),
      await received(on(1, '09:03')),
    ]
    const shift = sql`interval '1 day'`
    await desk.db.execute(sql`update dossiers set due_at = due_at + ${shift} where code = ${moved}`)
    await desk.db.execute(sql`update dossiers set late_from = late_from + ${shift} where code = ${judged}`)
    await desk.db.execute(sql`update dossiers set due_at = null where code = ${erased}`)
    const facts = sql`jsonb_build_object('changes', '{"returnChannel":"post"}'::jsonb, 'promise',
      facts->'promise' || '{"dueAt":"2030-01-01T00:00:00Z"}'::jsonb)`
    await forgeEvent(corrected, 'corrected', on(1, '10:00'), facts)
    await desk.db.execute(sql`update dossiers set due_at = '2030-01-01T00:00:00Z' where code = ${corrected}`)

    const supplemented = await received(on(1))
    await supplement(supplemented, on(2))
    await received(on(1)).then((waiting) => supplement(waiting, on(2)))
    await go(supplemented, 'supplement-received', on(3))
    await extend(supplemented, on(4))
    await go(supplemented, 'correct', on(4), { withVerification: false, reason: 'Ghi nhầm' })
    const paid = await received(on(1))
    await pay(paid, on(1, '14:00'))
    await go(paid, 'correct', on(2), { resolvingAgency: DISTRICT, reason: 'Ghi nhầm' })
    await stop(paid, on(3))
    await reopen(paid, on(5))
    const overdue = await received(on(1))
    await extend(overdue, on(2))
    await supplement(overdue, on(8, '07:00'))
    const due = (code: string, dueAt: string | null, lateFrom: string): Expected => [
      code,
      { agency: COMMUNE, facts: { dueAt, promisedDueAt: on(4, '17:00'), lateFrom, promisedLateFrom: on(5, '00:00') } },
    ]
    return [
      due(moved, on(5, '17:00'), on(5, '00:00')),
      due(judged, on(4, '17:00'), on(6, '00:00')),
      due(corrected, '2030-01-01T07:00:00+07:00', on(5, '00:00')),
      due(erased, null, on(5, '00:00')),
    ]
  },

  extended_twice: async ({ on }) => {
    const [twice, once] = [await received(on(1)), await received(on(1))]
    await extend(twice, on(2))
    await extend(once, on(2))
    await supplement(once, on(3))
    await forgeEvent(twice, 'extended', on(3))
    return [[twice, { at: on(3), facts: { workingDays: 2 } }]]
  },

  extension_sent_late: async ({ on, day }) => {
    const [late, inTime] = [await received(on(1)), await received(on(1))]
    await extend(late, on(4))
    await extend(inTime, on(3, '17:00'))
    return [[late, { at: on(4), facts: { workingDays: 2, newDueOn: day(8) } }]]
  },

  closed_around_due: async ({ on }) => {
    const [dueDay, dayAfter, overdue, reopened] = [
      await received(on(1)),
      await received(on(1)),
      await received(on(1)),
      await received(on(1)),
    ]
    await stop(reopened, on(4, '08:00'))
    await reopen(reopened, on(4, '15:00'))
    await supplement(reopened, on(4, '16:00'))
    await go(dueDay, 'withdraw', on(4, '09:00'))
    await stop(dayAfter, on(5, '10:00'))
    await stop(overdue, on(7, '11:00'))
    await go(await received(on(1)), 'withdraw', on(3, '23:59'))
    const waiting = await received(on(1))
    await supplement(waiting, on(2))
    await go(waiting, 'withdraw', on(4))
    const lateFrom = on(5, '00:00')
    return [
      [reopened, { at: on(4, '08:00'), facts: { step: 'stopped', lateFrom } }],
      [dueDay, { facts: { step: 'withdrawn', lateFrom } }],
      [dayAfter, { facts: { step: 'stopped', lateFrom } }],
      [overdue, { facts: { step: 'stopped', lateFrom } }],
    ]
  },

  reopened_after_finish: async ({ on }) => {
    const [finished, stopped] = [await received(on(1)), await received(on(1))]
    await go(finished, 'finish', on(2))
    await reopen(finished, on(3))
    await stop(stopped, on(2))
    await reopen(stopped, on(3))
    return [[finished, { at: on(3), facts: { finishedAt: on(2) } }]]
  },

  supplement_after_third_day: async ({ on }) => {
    const month = { procedureCode: MONTH }
    const [fourth, saturday, third] = [
      await received(on(1), month),
      await received(on(2), month),
      await received(on(1), month),
    ]
    await supplement(fourth, on(5))
    await supplement(saturday, on(6))
    await supplement(third, on(4, '17:00'))
    await supplement(await received(on(4), month), on(7))
    const before = (await take(all, { ...ONLINE, submittedAt: on(1) })).code
    await supplement(before, on(5))
    return [
      [fourth, { at: on(5), facts: { receivedAt: on(1) } }],
      [saturday, { at: on(6), facts: { receivedAt: on(2) } }],
    ]
  },

  supplement_on_due_day: async ({ on }) => {
    const [dueDay, extended] = [await received(on(1)), await received(on(1))]
    await supplement(dueDay, on(4))
    await extend(extended, on(2))
    await supplement(extended, on(4))
    await supplement(await received(on(1)), on(3))
    await supplement(await received(on(1), { procedureCode: SAME_DAY }), on(1, '10:00'))
    return [[dueDay, { at: on(4), facts: { lateFrom: on(5, '00:00') } }]]
  },

  supplement_repeated: async ({ on }) => {
    const [twice, once] = [await received(on(1)), await received(on(1))]
    await supplement(twice, on(2))
    await go(twice, 'supplement-received', on(3))
    await supplement(twice, on(4))
    await supplement(once, on(2))
    await go(once, 'supplement-received', on(3))
    await pay(once, on(4))
    return [[twice, { at: on(4), facts: { timesBefore: 1, askedBeforeAt: on(2) } }]]
  },

  supplement_within_minutes: async ({ on }) => {
    const [minutes, honest] = [await received(on(1)), await received(on(1))]
    for (const [code, to] of [
      [minutes, '10:15'],
      [honest, '10:16'],
    ] as const) {
      await supplement(code, on(2, '10:00'))
      await go(code, 'supplement-received', on(2, to))
    }
    return [[minutes, { at: on(2, '10:15'), facts: { policy: 'restart' } }]]
  },

  finished_at_due_time: async ({ on }) => {
    const [typed, before, after] = [await received(on(1)), await received(on(1)), await received(on(1))]
    await go(typed, 'finish', on(4, '17:00'))
    await go(before, 'finish', on(4, '16:59:59'))
    await go(after, 'finish', on(4, '17:00:01'))
    return [[typed, { facts: { dueAt: on(4, '17:00'), finishRecordedAt: on(8, '08:00') } }]]
  },

  finishes_just_in_time: async ({ on }) => {
    const finishing = async (receivingAgency: string, count: number, at: (i: number) => string) =>
      times(count, async (i) => go(await received(on(1), { receivingAgency }), 'finish', at(i)))
    const late = (i: number) => on(4, `16:${55 + (i % 5)}`)
    await finishing(COMMUNE, 10, late)
    await finishing(COMMUNE, 23, () => on(3))
    await finishing(SIBLING, 9, late)
    await finishing(OTHER, 10, late)
    await finishing(OTHER, 24, () => on(3))
    return [[null, { agency: COMMUNE, at: on(4, '16:59'), facts: { justInTime: 10, finished: 33 } }]]
  },

  recorded_late: async ({ on }) => {
    const [late, soon] = [await received(on(1)), await received(on(1))]
    await go(soon, 'finish', on(2))
    desk.at(on(10, '08:00'))
    await go(late, 'finish', on(2))
    return [[late, { at: on(2), facts: { step: 'finished', recordedAt: on(10, '08:00') } }]]
  },

  recorded_late_as_in_time: async ({ on }) => {
    desk.at(on(1, '17:00'))
    const [backdated, honest, late] = [await received(on(1)), await received(on(1)), await received(on(1))]
    desk.at(on(4, '23:59'))
    await go(honest, 'finish', on(2))
    desk.at(on(5, '00:00'))
    await go(backdated, 'finish', on(4, '16:00'))
    await go(late, 'finish', on(5, '00:00'))
    return [[backdated, { facts: { lateFrom: on(5, '00:00'), finishRecordedAt: on(5, '00:00') } }]]
  },

  step_at_night: async ({ on }) => {
    const [evening, morning] = [await received(on(1)), await received(on(1))]
    await go(evening, 'start', on(2, '22:00'))
    await go(morning, 'start', on(3, '04:59:59'))
    await go(await received(on(1)), 'start', on(2, '21:59:59'))
    await go(await received(on(1)), 'start', on(3, '05:00'))
    const { code } = await take(all, { ...ONLINE, submittedAt: on(1, '23:00') })
    await go(code, 'withdraw', on(2, '03:00'))
    const recordedAt = on(8, '08:00')
    return [
      [evening, { facts: { step: 'started', recordedAt } }],
      [morning, { facts: { step: 'started', recordedAt } }],
    ]
  },

  step_on_day_off: async ({ on }) => {
    const started = await received(on(1))
    await go(started, 'start', on(6))
    const taken = await received(on(7))
    await go(await received(on(5)), 'start', on(5, '18:00'))
    const { code } = await take(all, { ...ONLINE, submittedAt: on(6) })
    await go(code, 'withdraw', on(7))
    const recordedAt = on(8, '08:00')
    return [
      [started, { agency: COMMUNE, facts: { step: 'started', recordedAt } }],
      [taken, { agency: COMMUNE, facts: { step: 'received', recordedAt } }],
    ]
  },

  answered_late: async ({ on }) => {
    const submitted = async () => (await take(all, { ...ONLINE, submittedAt: on(1, '08:00') })).code
    const [accepted, refused, inTime, incomplete] = [
      await submitted(),
      await submitted(),
      await submitted(),
      await submitted(),
    ]
    await go(accepted, 'accept', on(2, '08:30:01'))
    await supplement(accepted, on(3))
    await go(refused, 'refuse', on(4))
    await go(inTime, 'accept', on(2, '08:30'))
    await supplement(incomplete, on(1, '10:00'))
    await go(incomplete, 'supplement-received', on(4))
    const acceptanceDueAt = on(2, '08:30')
    return [
      [accepted, { at: on(2, '08:30:01'), facts: { step: 'accepted', acceptanceDueAt } }],
      [refused, { at: on(4), facts: { step: 'refused', acceptanceDueAt } }],
    ]
  },

  code_of_another_day: async ({ on }) => {
    const date = (weekday: number) => formatCompactDate(monday + weekday - 1)
    const earlier = await received(on(2), { code: `${COMMUNE}-${date(1)}-0007` })
    await received(on(2, '10:00'), { code: `${COMMUNE}-20${date(2)}-0008` })
    const { code } = await take(all, { ...ONLINE, submittedAt: on(1) })
    await go(code, 'accept', on(2))
    return [[earlier, { agency: COMMUNE, at: on(2), facts: { submittedAt: null } }]]
  },

  code_missing: async ({ on }) => {
    const date = (weekday: number) => formatCompactDate(monday + weekday - 1)
    await received(on(1), { code: `${COMMUNE}-${date(1)}-0005` })
    await received(on(1))
    const [, removed] = [await received(on(2)), await received(on(2))]
    const alone = await received(on(3))
    for (const table of ['events', 'dossiers'])
      await desk.db.execute(sql.raw(`alter table ${table} disable trigger all`))
    for (const code of [removed, alone]) {
      await desk.db.execute(sql`delete from events where dossier_id = (select id from dossiers where code = ${code})`)
      await desk.db.execute(sql`delete from dossiers where code = ${code}`)
    }
    for (const table of ['events', 'dossiers'])
      await desk.db.execute(sql.raw(`alter table ${table} enable trigger all`))

    await go((await take(all, { ...ONLINE, submittedAt: on(4) })).code, 'refuse', on(4))
    await go(await received(on(4)), 'correct', on(4), {
      receivingAgency: OTHER,
      resolvingAgency: OTHER,
      reason: 'Nhầm',
    })
    await received(on(4))
    await received(on(5), { code: `000.00.19.H20-${date(5)}-0009` })
    const gap = (weekday: number, facts: Overrides): Expected => [
      null,
      { agency: COMMUNE, at: on(weekday, '00:00'), facts },
    ]
    return [
      gap(1, { highest: 5, missing: 3, firstMissing: 2 }),
      gap(2, { highest: 2, missing: 1, firstMissing: 2 }),
      gap(3, { highest: 1, missing: 1, firstMissing: 1 }),
    ]
  },

  code_repeated: async ({ on }) => {
    const date = (weekday: number) => formatCompactDate(monday + weekday - 1)
    const first = await received(on(1))
    const again = await received(on(1), { code: `${COMMUNE}-20${date(1)}-0001` })
    await received(on(2), { code: `${COMMUNE}-20${date(2)}-0001` })
    await received(on(1), { receivingAgency: SIBLING })
    return [[again, { agency: COMMUNE, at: on(1, '00:00'), facts: { firstGivenTo: first } }]]
  },

  refused_and_refiled: async ({ on }) => {
    const person = (idNumber?: string) => ({ applicant: { name: 'Trần Thị Bình', idNumber } })
    const refused = async (idNumber?: string) => {
      const { code } = await take(all, { ...ONLINE, submittedAt: on(1), ...person(idNumber) })
      await go(code, 'refuse', on(1, '10:00'))
      return code
    }
    const [again, online] = [await refused('087000000001'), await refused('087000000002')]
    for (const id of ['087000000003', '087000000004', '087000000005', undefined]) await refused(id)
    const refiled = await received(on(2), person('087000000001'))
    await received(on(3), person('087000000001'))
    const { code } = await take(all, { ...ONLINE, submittedAt: on(4), ...person('087000000002') })
    await received(on(2), { ...person('087000000003'), procedureCode: MONTH })
    await received(on(2), { ...person('087000000004'), receivingAgency: SIBLING })
    await received(on(2), person())
    desk.at(on(9))
    await received(on(8, '10:01'), person('087000000005'))
    return [
      [again, { at: on(1, '10:00'), facts: { refiledAs: refiled, refiledAt: on(2) } }],
      [online, { at: on(1, '10:00'), facts: { refiledAs: code, refiledAt: on(4) } }],
    ]
  },

  channel_changed: async ({ on }) => {
    const changed = await received(on(1))
    await go(changed, 'correct', on(2), { intakeChannel: 'post', post: POST, reason: 'Ghi nhầm' })
    const posted = await received(on(1), { intakeChannel: 'post', post: POST })
    const post = { handoverNumber: 'BB-1' }
    await go(posted, 'correct', on(2), { intakeChannel: 'post', post, procedureCode: MONTH, reason: 'Ghi nhầm' })
    const { code } = await take(all, { ...ONLINE, submittedAt: on(1) })
    await go(code, 'correct', on(2), { intakeChannel: 'desk', reason: 'Nộp tại quầy' })
    return [[changed, { at: on(2), facts: { before: 'desk', after: 'post' } }]]
  },

  postal_leg_unproven: async ({ on }) => {
    const posted = { intakeChannel: 'post', post: { handoverNumber: 'BB-1' }, returnChannel: 'post' }
    const returned = async (weekday: number) => {
      const code = await received(on(weekday), posted)
      await go(code, 'finish', on(weekday, '10:00'))
      await go(code, 'return', on(weekday, '11:00'), { post: POST })
      return code
    }
    const [unproven] = [await returned(1), await returned(2)]
    await received(on(1))
    await desk.db.execute(sql`update dossiers set intake_post = null, return_post = '{}' where code = ${unproven}`)
    return [
      [unproven, { at: on(1), facts: { leg: 'intake' } }],
      [unproven, { at: on(1, '11:00'), facts: { leg: 'return' } }],
    ]
  },

  postal_share_jump: async ({ on }) => {
    const receiving = (count: number, receivingAgency: string, weekday: number, channel: Overrides = {}) =>
      times(count, (i) => received(on(weekday, `10:${minute(i)}`), { receivingAgency, ...channel }))
    const post = { intakeChannel: 'post', post: POST }
    await receiving(3, COMMUNE, 1)
    await receiving(1, COMMUNE, 2, post)
    await receiving(10, COMMUNE, 3, post)
    await receiving(10, COMMUNE, 4)
    await receiving(3, SIBLING, 1)
    await receiving(1, SIBLING, 2, post)
    await receiving(10, SIBLING, 3, post)
    await receiving(11, SIBLING, 4)
    await receiving(10, OTHER, 3, post)
    return [
      [
        null,
        { agency: COMMUNE, at: on(3, '10:09'), facts: { post: 10, received: 20, postBefore: 1, receivedBefore: 4 } },
      ],
    ]
  },

  bunched_after_cutoff: async ({ on }) => {
    const receiving = (count: number, receivingAgency: string, time: (i: number) => string) =>
      times(count, (i) => received(on(1, time(i)), { receivingAgency, procedureCode: SAME_DAY }))
    await receiving(2, COMMUNE, (i) => `14:${51 + i}`)
    await receiving(5, COMMUNE, (i) => `15:${minute(2 * i + 1)}`)
    await receiving(2, SIBLING, (i) => `14:${51 + i}`)
    await receiving(1, SIBLING, () => '15:00:00.900')
    await receiving(5, SIBLING, (i) => `15:${minute(i + 1)}`)
    await receiving(4, OTHER, (i) => `15:${minute(i + 1)}`)
    await receiving(1, OTHER, () => '15:10:01')
    return [[null, { agency: COMMUNE, at: on(1, '15:01'), facts: { after: 5, before: 2 } }]]
  },

  calendar_changed_afterwards: async ({ on, day }) => {
    const closed = (weekday: number) => ({
      date: day(weekday),
      kind: 'off',
      name: 'Đóng cửa phòng dịch',
      legalBasis: 'Chỉ thị 16/CT-TTg',
    })
    const put = async (at: string, agency: string, ...weekdays: number[]) => {
      desk.at(at)
      const days = weekdays.map(closed)
      const answer = await all.ask('PUT', '/v1/calendars/vn/days', { publishedAt: on(1), agency, days })
      if (answer.status !== 201) throw new Error(answer.text)
      return answer.body.version
    }
    const version = await put(on(4), 'H20.21.01', 3, 4, 5)
    const facts = { calendar: 'vn', version, date: day(3), publishedAt: on(1) }
    return [[null, { agency: 'H20.21.01', at: on(4), facts }]]
  },
}

for (const flag of FLAG_NAMES) {
  t.test(`${flag}: the trick is found, what is honest and looks alike is not`, async (t) => {
    const week = nextWeek()
    const expected = await CASES[flag](week)
    const found = await findings(all, { ...week.span, flag })
    t.strictSame(
      found.map(({ dossier }) => dossier),
      expected.map(([dossier]) => dossier),
    )
    for (const [i, [, members]] of expected.entries()) t.hasStrict(found[i], members)
    t.equal((await counts(all, week.span))[flag], expected.length)
  })
}

t.test('a flag is seen by the agencies that received and resolve the dossier, and by nobody else', async (t) => {
  const { on, span } = nextWeek()
  const code = await received(on(1), { resolvingAgency: DISTRICT })
  const own = await received(on(1, '10:00'))
  for (const each of [code, own]) await go(each, 'start', on(6))
  const flag = 'step_on_day_off'
  const seenBy = async (agency: string | null) => {
    const client = await desk.client(['audit:read'], agency)
    t.equal((await counts(client, span))[flag] ?? 0, (await findings(client, { ...span, flag })).length)
    return (await findings(client, { ...span, flag })).map(({ dossier }) => dossier)
  }
  t.strictSame(await seenBy(COMMUNE), [code, own])
  t.strictSame(await seenBy(DISTRICT), [code, own])
  t.strictSame(await seenBy(null), [code, own])
  for (const agency of [SIBLING, 'H20.20', OTHER]) t.strictSame(await seenBy(agency), [], agency)

  await go(own, 'correct', on(8, '07:00'), { receivingAgency: SIBLING, resolvingAgency: SIBLING, reason: 'Ghi nhầm' })
  t.strictSame(await seenBy(COMMUNE), [code])
  t.strictSame(await seenBy(SIBLING), [own])
  const commune = await desk.client(['audit:read'], COMMUNE)
  t.notOk((await counts(commune, span)).code_missing, 'a number that went to another agency is not missing')
  t.strictSame(
    (await findings(all, { ...span, flag, agency: SIBLING })).map(({ dossier }) => dossier),
    [own],
  )
  const outside = await commune.ask('GET', `${FLAGS_PATH}?${query({ ...span, agency: SIBLING })}`)
  t.equal(outside.body.type, '/problems/outside_your_agency')
  const unknown = await all.ask('GET', `${FLAGS_PATH}?${query({ ...span, agency: 'H99' })}`)
  t.equal(unknown.body.type, '/problems/agency_not_found')
  const reader = await desk.client(['dossiers:read'])
  t.equal((await reader.ask('GET', `${FLAGS_PATH}?${query(span)}`)).body.type, '/problems/scope_missing')
})

t.test('what an agency does as a whole is its own, and a shared day of the calendar concerns everyone', async (t) => {
  const { on, day, span } = nextWeek()
  const date = formatCompactDate(monday)
  await received(on(1), { code: `${SIBLING}-${date}-0003`, receivingAgency: SIBLING, resolvingAgency: DISTRICT })
  await received(on(1), { code: `${COMMUNE}-${date}-0002` })
  const put = async (agency: string | undefined, weekday: number) => {
    const days = [{ date: day(weekday), kind: 'off', name: 'Bão', legalBasis: 'Công điện' }]
    await all.ask('PUT', '/v1/calendars/vn/days', { publishedAt: on(1), agency, days })
  }
  await put('H20', 1)
  await put(SIBLING, 2)
  await put(undefined, 3)
  const seenBy = async (agency: string, flag: FlagName) =>
    (await findings(await desk.client(['audit:read'], agency), { ...span, flag })).map((found) => found.agency)
  t.strictSame(await seenBy(SIBLING, 'code_missing'), [SIBLING])
  t.strictSame(await seenBy(DISTRICT, 'code_missing'), [COMMUNE, SIBLING])
  t.strictSame(await seenBy(SIBLING, 'calendar_changed_afterwards'), ['H20', SIBLING, null])
  t.strictSame(
    await seenBy(COMMUNE, 'calendar_changed_afterwards'),
    ['H20', null],
    'what holds for all below holds there',
  )
})

t.test('what was found is read page by page, each finding once, in time', async (t) => {
  const { on, span } = nextWeek()
  const codes = await times(5, () => received(on(1)))
  for (const [i, code] of codes.entries()) await go(code, 'start', on(i < 3 ? 6 : 7))
  const filters = { ...span, flag: 'step_on_day_off', limit: '2' } as const
  const pages = await pagesOf(all, FLAGS_PATH, filters)
  t.strictSame(
    pages.map(({ items }) => items.map(({ dossier }: Finding) => dossier)),
    [codes.slice(0, 2), codes.slice(2, 4), codes.slice(4)],
  )
  for (const { flags } of pages) t.hasStrict(flags, [{ name: 'step_on_day_off', count: 5 }])
  const cursor = pages[0].nextCursor
  const ask = (other: Record<string, string>) =>
    all.ask('GET', `${FLAGS_PATH}?${query({ ...filters, cursor, ...other })}`)
  t.equal((await ask({})).status, 200)
  const wrong = [
    { flag: 'step_at_night' },
    { to: span.from },
    { cursor: 'x' },
    ...[
      [on(1), 1],
      ['0000-01-01T00:00:00Z', 'a'],
      [on(1), 'a\u0000b'],
    ].map((position) => ({ cursor: forged(cursor, position) })),
  ]
  for (const other of wrong) t.equal((await ask(other)).body.type, '/problems/invalid_cursor', JSON.stringify(other))
})

t.test('a span has two days and a year at most, and an unknown flag is refused', async (t) => {
  const [from, to] = ['2021-01-01', '2021-12-31']
  const cases: readonly [Record<string, string>, string][] = [
    [{ to }, '/query/from'],
    [{ from }, '/query/to'],
    [{ from: '2021-02-30', to }, '/query/from'],
    [{ from: to, to: from }, '/query/to'],
    [{ from, to: formatDate(dayNumber(from) + 366) }, '/query/to'],
    [{ from, to, flag: 'bribe' }, '/query/flag'],
    [{ from, to, asOf: to }, '/query/asOf'],
    [{ from, to, limit: '201' }, '/query/limit'],
  ]
  for (const [filters, pointer] of cases) {
    const answer = await all.ask('GET', `${FLAGS_PATH}?${query(filters)}`)
    t.hasStrict(answer.body, { status: 400, errors: [{ pointer }] }, JSON.stringify(filters))
  }
  t.equal((await all.ask('GET', `${FLAGS_PATH}?${query({ from, to: formatDate(dayNumber(from) + 365) })}`)).status, 200)
  t.strictSame(await counts(all, { from: '2018-11-01', to: '2018-12-31' }), {}, 'what no calendar covers is not judged')
  t.strictSame(await counts(all, { from: '2199-01-01', to: '2199-12-31' }), {})
})

t.test('every flag says what it means, on which ground and by which day, in the language asked for', async (t) => {
  const span = { from: '2021-01-01', to: '2021-01-31' }
  const texts = async (language: string) =>
    (await all.ask('GET', `${FLAGS_PATH}?${query(span)}`, undefined, { 'accept-language': language })).body
  const [vi, en] = [await texts('vi'), await texts('en')]
  t.hasStrict(vi, { ...span, agency: null, items: null, nextCursor: null })
  for (const [i, name] of FLAG_NAMES.entries()) {
    const { description, ground, judgedBy } = FLAGS[name]
    t.strictSame(vi.flags[i], { name, description: description.vi, ground: ground.vi, judgedBy: judgedBy.vi, count: 0 })
    t.strictSame(en.flags[i], { name, description: description.en, ground: ground.en, judgedBy: judgedBy.en, count: 0 })
  }
})

t.test('no finding holds anything of a person', async (t) => {
  const span = { from: '2021-05-10', to: formatDate(monday) }
  for (const flag of FLAG_NAMES) {
    const text = JSON.stringify(await findings(all, { ...span, flag, limit: '200' }))
    t.notMatch(text, /Nguyễn Văn An|Trần Thị Bình|"?087\d{9}|0912345678|cb-2/, flag)
  }
})
