import type { CountingSchedule } from '../calendars/calendar.ts'
import type { DossierState } from '../dossiers/dossier.ts'
import type { DossierEvent, EventType, PromiseFacts } from '../dossiers/event.ts'
import { apply } from '../dossiers/fold.ts'
import type { Bilingual, Language } from '../language.ts'
import { dayOf, formatDateForReaders, formatTime } from '../sla/date.ts'
import { SUPPLEMENT_BASIS } from '../sla/law.ts'

/** The appointment at one moment of a dossier's life. */
type Appointment = Pick<DossierState, 'dueOn' | 'dueAt'>

type Reason = { text: Bilingual; ground: string | null }

/** What had been passed before a wait was neither taken away by it nor given anew after it. */
const KEPT: Bilingual = { vi: 'hẹn đã qua trước khi chờ nên giữ nguyên', en: 'its date had passed before, and stays' }

const because = (text: Bilingual, ground: string | null = null): Reason => ({ text, ground })

const both = (first: Bilingual, second: Bilingual): Bilingual => ({
  vi: `${first.vi}; ${second.vi}`,
  en: `${first.en}; ${second.en}`,
})

const afterWait = (came: Bilingual, promise: PromiseFacts | null, goesOn: Reason): Reason =>
  promise ? because(both(came, goesOn.text), goesOn.ground) : because(both(came, KEPT))

const WAITS: readonly EventType[] = ['supplement_requested', 'payment_awaited']

const COMES: readonly EventType[] = ['supplement_received', 'payment_received']

/** Before acceptance the full papers, or the fee, are what makes a dossier received. */
const FIRST = because({ vi: 'Lời hẹn đầu tiên khi đã đủ', en: 'The first promise, once all had come' })

const RESTARTS = because({ vi: 'thời hạn tính lại từ đầu', en: 'the term starts again in full' }, SUPPLEMENT_BASIS)
const GOES_ON = because({ vi: 'tính tiếp phần còn lại', en: 'what was left goes on' })

/** Why an event gave, took or moved an appointment; nothing where it did not. */
const reasonOf = (event: DossierEvent, scheduleOf: (id: number) => CountingSchedule): Reason | undefined => {
  switch (event.type) {
    case 'received':
      return because({ vi: 'Lời hẹn đầu tiên khi tiếp nhận', en: 'The first promise, at receipt' })
    case 'accepted':
      return because({ vi: 'Lời hẹn đầu tiên khi chấp nhận', en: 'The first promise, at acceptance' })
    case 'supplement_requested': {
      const { missing, ground } = event.facts
      return because({ vi: `Chờ bổ sung: ${missing}`, en: `Waiting for a supplement: ${missing}` }, ground)
    }
    case 'supplement_received': {
      const { policy, promise } = event.facts
      const came = { vi: 'Đã bổ sung đủ', en: 'The papers are full' }
      return afterWait(came, promise, policy === 'restart' ? RESTARTS : GOES_ON)
    }
    case 'payment_awaited':
      return because({ vi: 'Chờ nghĩa vụ tài chính', en: 'Waiting for a payment' }, event.facts.ground)
    case 'payment_received':
      return afterWait({ vi: 'Đã nộp', en: 'Paid' }, event.facts.promise, GOES_ON)
    case 'extended': {
      const { apologyNumber, workingDays, reason, sentLate } = event.facts
      const text = {
        vi: `Xin lỗi và hẹn lại thêm ${workingDays} ngày làm việc${sentLate ? ', gửi muộn' : ''}: ${reason}`,
        en: `Put off by ${workingDays} working days with an apology${sentLate ? ', sent late' : ''}: ${reason}`,
      }
      return because(text, apologyNumber)
    }
    case 'reopened': {
      const { reason, approver } = event.facts
      return because({ vi: `Mở lại: ${reason}`, en: `Reopened: ${reason}` }, approver)
    }
    case 'corrected': {
      const { promise, reason } = event.facts
      return promise ? because({ vi: `Đính chính: ${reason}`, en: `Corrected: ${reason}` }) : undefined
    }
    case 'recalculated': {
      const { calendarId, calendarVersion } = scheduleOf(event.facts.promise.scheduleId)
      return because({
        vi: `Tính lại theo lịch ${calendarId} phiên bản ${calendarVersion}`,
        en: `Counted anew by calendar ${calendarId}, version ${calendarVersion}`,
      })
    }
    case 'finished':
      return event.facts.promise
        ? because({ vi: 'Xử lý xong trong lúc chờ', en: 'Finished while it waited' })
        : undefined
    default:
      return undefined
  }
}

const dueText = ({ dueAt }: Appointment, language: Language): string => {
  if (dueAt === null) return language === 'vi' ? 'đồng hồ dừng' : 'the clock stands still'
  const at = dueAt.getTime()
  const day = formatDateForReaders(dayOf(at))
  return language === 'vi' ? `hẹn lúc ${formatTime(at)} ngày ${day}` : `due at ${formatTime(at)} on ${day}`
}

/**
 * Every appointment that a dossier had: which event gave, took or moved it, why, and what would have been without
 * that event — the appointment before, or the one before a wait.
 */
export const promisesOf = (
  events: readonly DossierEvent[],
  scheduleOf: (id: number) => CountingSchedule,
  language: Language,
) => {
  let state: DossierState | null = null
  let before: Appointment | null = null
  const promises = []
  for (const event of events) {
    const isFirst = before === null && COMES.includes(event.type)
    state = apply(state, event)
    const reason = isFirst ? FIRST : reasonOf(event, scheduleOf)
    if (!reason || state.receivedAt === null) continue
    const { dueOn, dueAt } = state
    const isKept = dueAt !== null && WAITS.includes(event.type)
    const text = isKept ? both(reason.text, KEPT) : reason.text
    promises.push({
      event: event.number,
      type: event.type,
      effectiveAt: event.effectiveAt,
      recordedAt: event.recordedAt,
      ground: reason.ground,
      dueOn,
      dueAt,
      without: before,
      sentence: `${text[language]}; ${dueText({ dueOn, dueAt }, language)}.`,
    })
    if (dueAt !== null) before = { dueOn, dueAt }
  }
  return promises
}
