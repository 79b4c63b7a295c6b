import t from 'tap'
import { NATIONAL_CALENDAR } from '../src/calendars/national.ts'
import { runRecalculations } from '../src/calendars/recalculation.ts'
import { replay } from '../src/dossiers/fold.ts'
import { extendedPromise, promiseAfterWait } from '../src/dossiers/promise.ts'
import { findDossier, findEvent, readEvents } from '../src/dossiers/store.ts'
import { move, take } from './support/asking.ts'
import { openDesk } from './support/desk.ts'

const NOW = '2021-10-01T08:00:00+07:00'
const GROUND = 'Nghị định 61/2018/NĐ-CP Đ.17'
const on = (text: string): string => `2021-09-${text.replace(' ', 'T')}:00+07:00`

type Line = { event: number; dueOn: string | null; without: { dueOn: string } | null; ground: string; sentence: string }

t.test('every appointment is told: what gave, took or moved it, and what would have been without it', async (t) => {
  const desk = await openDesk(t)
  const all = await desk.client()
  const { code } = await take(all, { receivedAt: on('06 08:00') })
  const explained = async (language = 'vi') =>
    (await all.ask('GET', `/v1/dossiers/${code}/deadline`, undefined, { 'accept-language': language })).body
  const lines = async (language?: string) =>
    (await explained(language)).history.map(({ event, dueOn, without, sentence }: Line) => [
      event,
      dueOn,
      without?.dueOn ?? null,
      sentence,
    ])
  await move(all, code, 'await-payment', on('07 09:00'), { ground: GROUND })
  t.hasStrict(await explained(), {
    dueOn: null,
    lateFrom: null,
    waiting: { for: 'payment', since: on('07 09:00') },
    firstDueAt: on('09 17:00'),
  })
  await move(all, code, 'payment-received', on('08 10:00'))
  await move(all, code, 'start', on('08 10:30'))
  await move(all, code, 'extend', on('09 09:00'), { workingDays: 2, reason: 'Chờ xác minh', apologyNumber: '12/TXL' })
  await move(all, code, 'stop', on('09 10:00'), { ground: GROUND })
  await move(all, code, 'reopen', on('13 10:00'), { reason: 'Dừng nhầm', approver: 'cb-2' })
  await move(all, code, 'correct', on('13 11:00'), { intakeChannel: 'online', reason: 'Ghi nhầm kênh' })
  await move(all, code, 'correct', on('13 12:00'), { receivedAt: on('05 08:00'), reason: 'Ghi nhầm ngày' })
  const day = { date: '2021-09-09', kind: 'off', name: 'Đóng cửa', legalBasis: 'Công văn 1' }
  desk.at(NOW)
  const put = await all.ask('PUT', '/v1/calendars/vn/days', { publishedAt: NOW, days: [day] })
  t.equal(put.status, 201, put.text)
  await all.ask('POST', '/v1/calendars/vn/recalculate')
  desk.at('2021-10-01T08:01:00+07:00')
  while (await runRecalculations(desk.deps));
  t.strictSame(await lines(), [
    [1, '2021-09-09', null, 'Lời hẹn đầu tiên khi tiếp nhận; hẹn lúc 17:00 ngày 9/9/2021.'],
    [2, null, '2021-09-09', 'Chờ nghĩa vụ tài chính; đồng hồ dừng.'],
    [3, '2021-09-10', '2021-09-09', 'Đã nộp; tính tiếp phần còn lại; hẹn lúc 17:00 ngày 10/9/2021.'],
    [
      5,
      '2021-09-14',
      '2021-09-10',
      'Xin lỗi và hẹn lại thêm 2 ngày làm việc: Chờ xác minh; hẹn lúc 17:00 ngày 14/9/2021.',
    ],
    [7, '2021-09-14', '2021-09-14', 'Mở lại: Dừng nhầm; hẹn lúc 17:00 ngày 14/9/2021.'],
    [9, '2021-09-13', '2021-09-14', 'Đính chính: Ghi nhầm ngày; hẹn lúc 17:00 ngày 13/9/2021.'],
    [10, '2021-09-14', '2021-09-13', 'Tính lại theo lịch vn phiên bản 2; hẹn lúc 17:00 ngày 14/9/2021.'],
  ])
  t.match((await lines('en')).at(-1)?.at(-1), 'Counted anew by calendar vn, version 2; due at 17:00 on 14/9/2021.')
  t.match((await lines('en'))[1]?.at(-1), 'Waiting for a payment; the clock stands still.')
  const english = await explained('en')
  t.match(english.sentence, 'the clock stood still from 09:00 on 7/9/2021 to 10:00 on 8/9/2021')
  t.match(english.sentence, 'put off by 2 working days with an apology')
  t.match((await explained()).sentence, 'xin lỗi và hẹn lại thêm 2 ngày làm việc')
  t.match((await explained()).sentence, 'đồng hồ dừng từ 09:00 ngày 7/9/2021 đến 10:00 ngày 8/9/2021')
})

t.test('what had been passed before a wait is told to have stayed', async (t) => {
  const desk = await openDesk(t)
  const all = await desk.client()
  const { code } = await take(all)
  await move(all, code, 'request-supplement', on('10 09:00'), { missing: 'giấy khai sinh', ground: GROUND })
  await move(all, code, 'supplement-received', on('13 09:00'))
  await move(all, code, 'await-payment', on('14 09:00'), { ground: GROUND })
  await move(all, code, 'finish', on('15 09:00'))
  const { body } = await all.ask('GET', `/v1/dossiers/${code}/deadline`, undefined, { 'accept-language': 'en' })
  t.strictSame(
    body.history.map(({ sentence }: Line) => sentence),
    [
      'The first promise, at receipt; due at 17:00 on 7/9/2021.',
      'Waiting for a supplement: giấy khai sinh; its date had passed before, and stays; due at 17:00 on 7/9/2021.',
      'The papers are full; its date had passed before, and stays; due at 17:00 on 7/9/2021.',
      'Waiting for a payment; its date had passed before, and stays; due at 17:00 on 7/9/2021.',
    ],
  )
})

t.test('a finish ends a wait, and a lateness that was sent late is told so', async (t) => {
  const desk = await openDesk(t)
  const all = await desk.client()
  const finished = await take(all, { receivedAt: on('06 08:00') })
  await move(all, finished.code, 'await-payment', on('07 09:00'), { ground: GROUND })
  await move(all, finished.code, 'finish', on('09 09:00'))
  const late = await take(all, { intakeChannel: 'online', submittedAt: on('06 08:00'), receivedAt: undefined })
  await move(all, late.code, 'accept', on('06 09:00'))
  await move(all, late.code, 'extend', on('09 09:00'), { workingDays: 1, reason: 'Bão', apologyNumber: '2' })
  const said = async (code: string) =>
    (await all.ask('GET', `/v1/dossiers/${code}/deadline`)).body.history.map(({ sentence }: Line) => sentence)
  t.match((await said(finished.code)).at(-1), 'Xử lý xong trong lúc chờ; hẹn lúc 17:00 ngày 13/9/2021.')
  t.match((await said(late.code))[0], 'Lời hẹn đầu tiên khi chấp nhận')
  t.match((await said(late.code)).at(-1), 'Xin lỗi và hẹn lại thêm 1 ngày làm việc, gửi muộn: Bão')
})

t.test('what has no appointment is put off by nobody, and an event that is not there is not found', async (t) => {
  const desk = await openDesk(t)
  const all = await desk.client()
  const { code } = await take(all, { intakeChannel: 'online', receivedAt: undefined })
  const { id, head: _, lastRecordedAt: __, ...state } = await findDossier(desk.db, code)
  const reference = await desk.deps.reference.current()
  t.throws(() => extendedPromise(state, 1, reference), { message: `${code} has no appointment to put off` })
  t.throws(() => promiseAfterWait(state, new Date(), reference), { message: `${code} waits for nothing` })
  await t.rejects(findEvent(desk.db, id, 9), { message: 'the dossier has no event 9' })
})

t.test('a dossier whose applicant was deleted is read without', async (t) => {
  const desk = await openDesk(t)
  const all = await desk.client()
  const { code } = await take(all)
  await desk.db.execute('update dossiers set applicant = null')
  t.hasStrict((await all.ask('GET', `/v1/dossiers/${code}`)).body, { code, applicant: null })
})

t.test('however many ways there are to correct a dossier, its row is what its events say', async (t) => {
  const desk = await openDesk(t)
  const all = await desk.client()
  const { code } = await take(all)
  const kept: Record<string, readonly [unknown, unknown]> = {
    intakeChannel: ['desk', 'online'],
    returnChannel: ['desk', 'online'],
    receivingAgency: ['H20.19.05', 'H20.19.06'],
    resolvingAgency: ['H20.19.05', 'H20.19.06'],
    procedureCode: ['2.000720', '1.004194'],
    receivedAt: ['2021-08-31T09:00:00+07:00', '2021-08-31T09:30:00+07:00'],
  }
  const fields = Object.keys(kept)
  const now: Record<string, number> = {}
  for (let set = 1; set < 2 ** fields.length; set++) {
    const changed = fields.filter((_, i) => set & (1 << i))
    for (const field of changed) now[field] = 1 - (now[field] ?? 0)
    const corrections = Object.fromEntries(changed.map((field) => [field, kept[field]?.[now[field] ?? 0]]))
    const answer = await all.ask('POST', `/v1/dossiers/${code}/correct`, { ...corrections, reason: 'thử' })
    if (answer.status !== 200) t.fail(answer.text)
  }
  const { id, head, lastRecordedAt: _, ...row } = await findDossier(desk.db, code)
  const history = await readEvents(desk.db, id)
  t.strictSame(replay(history), row)
  t.equal(history.length, 64)
  t.equal(head, history.at(-1)?.hash)
})

t.test('what was recorded about a dossier does not bar what had happened to it before', async (t) => {
  const desk = await openDesk(t)
  const all = await desk.client()
  const { code } = await take(all, { receivedAt: '2021-09-28T08:00:00+07:00' })
  desk.at('2021-10-01T10:00:00+07:00')
  const day = { date: '2021-09-30', kind: 'off', name: 'Đóng cửa', legalBasis: 'Công văn 1' }
  await all.ask('PUT', '/v1/calendars/vn/days', { publishedAt: NOW, days: [day] })
  await all.ask('POST', '/v1/calendars/vn/recalculate')
  desk.at('2021-10-01T10:01:00+07:00')
  while (await runRecalculations(desk.deps));
  await all.ask('POST', `/v1/dossiers/${code}/correct`, { intakeChannel: 'online', reason: 'Ghi nhầm kênh' })
  const early = await all.ask('POST', `/v1/dossiers/${code}/correct`, {
    receivedAt: '2021-09-28T09:00:00+07:00',
    reason: 'Ghi nhầm giờ',
  })
  t.equal(early.status, 200)
  const before = await all.ask('POST', `/v1/dossiers/${code}/finish`, { effectiveAt: '2021-09-28T08:30:00+07:00' })
  t.hasStrict(before, { status: 400, body: { errors: [{ pointer: '/effectiveAt' }] } }, 'not before the right receipt')
  const finished = await move(all, code, 'finish', '2021-10-01T09:30:00+07:00')
  t.hasStrict(finished, { finishedAt: '2021-10-01T09:30:00+07:00', punctuality: 'early' })
})

t.test(
  'a promise that was provisional is firm when the dossier is reopened after its year was published',
  async (t) => {
    const desk = await openDesk(t)
    const all = await desk.client()
    desk.at('2026-12-30T08:00:00+07:00')
    const reopened = async (publish: () => Promise<void>) => {
      const { code, provisional } = await take(all, { receivedAt: undefined })
      t.equal(provisional, true)
      await all.ask('POST', `/v1/dossiers/${code}/stop`, { ground: GROUND })
      await publish()
      return (await all.ask('POST', `/v1/dossiers/${code}/reopen`, { reason: 'x', approver: 'y' })).body
    }
    t.hasStrict(await reopened(async () => {}), { provisional: true })
    const firm = await reopened(async () => {
      const days = NATIONAL_CALENDAR.days.filter(({ date }) => date > '2027').map(({ status: _, ...day }) => day)
      const publishedAt = '2026-12-20T08:00:00+07:00'
      const put = await all.ask('PUT', '/v1/calendars/vn/days', { publishedAt, confirmedTo: '2027-12-31', days })
      t.equal(put.status, 201, put.text)
    })
    t.hasStrict(firm, { provisional: false, status: { key: 'processing' } })
  },
)

t.test('what could not be promised on acceptance is not corrected to', async (t) => {
  const desk = await openDesk(t)
  const all = await desk.client()
  const { code } = await take(all, { intakeChannel: 'online', receivedAt: undefined })
  const correct = (order: object) => all.ask('POST', `/v1/dossiers/${code}/correct`, { ...order, reason: 'x' })
  t.equal((await correct({ withVerification: true })).body.type, '/problems/no_verification_term')
  t.equal((await correct({ procedureCode: '1.004194', resolvingAgency: 'H20.19' })).status, 200)
  const desked = await take(all)
  const online = { intakeChannel: 'online', submittedAt: '2021-08-31T08:00:00+07:00', reason: 'x' }
  const corrected = await all.ask('POST', `/v1/dossiers/${desked.code}/correct`, online)
  t.hasStrict(corrected, { status: 200, body: { submittedAt: online.submittedAt, intakeChannel: 'online' } })
})

t.test('the papers or the fee that made a dossier received gave it its first promise', async (t) => {
  const desk = await openDesk(t)
  const all = await desk.client()
  for (const [wait, came, order] of [
    ['request-supplement', 'supplement-received', { missing: 'giấy', ground: GROUND }],
    ['await-payment', 'payment-received', { ground: GROUND }],
  ] as const) {
    const { code } = await take(all, { intakeChannel: 'online', submittedAt: on('06 08:00'), receivedAt: undefined })
    await move(all, code, wait, on('06 09:00'), order)
    await move(all, code, came, on('07 09:00'))
    const { history } = (await all.ask('GET', `/v1/dossiers/${code}/deadline`)).body
    t.strictSame(
      history.map(({ sentence, without }: Line) => [sentence, without]),
      [['Lời hẹn đầu tiên khi đã đủ; hẹn lúc 17:00 ngày 10/9/2021.', null]],
      wait,
    )
  }
})
