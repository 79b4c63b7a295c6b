import type { DossierAnswer } from './front-desk.ts'
import { dateOf, row } from './print.ts'
import type { Scenario } from './scenario.ts'
import type { PlannedDossier, Verb } from './story.ts'

const MOVED = 'hẹn · due'

/** The first dossier whose date a supplement or a payment moved, and how far. */
const moved = (name: string, kept: readonly DossierAnswer[], chosen: readonly PlannedDossier[]): readonly string[] => {
  const references = new Set<string | undefined>(chosen.map(({ reference }) => reference))
  return kept
    .filter(({ source, dueOn, firstDueAt }) => {
      return references.has(source?.reference) && String(dueOn) > String(firstDueAt) && dueOn !== null
    })
    .slice(0, 1)
    .map(({ code, firstDueAt, dueOn }) => {
      return `      ${name.padEnd(40)}${code}  ${MOVED} ${dateOf(String(firstDueAt))} → ${dateOf(String(dueOn))}`
    })
}

const ENDINGS = {
  true: 'đúng hẹn đầu · on time, the first promise was kept',
  false: 'trễ so với hẹn đầu, có xin lỗi · late, with an apology',
  null: 'chưa xong · not finished',
} as const

/** How it ended that a dossier was put off. */
const putOff = ({ code, firstDueAt, dueOn, extension, finishedAt, keptFirstPromise }: DossierAnswer) => [
  `      ${code}  ${MOVED} ${dateOf(String(firstDueAt))} → ${dateOf(String(dueOn))}, gửi · sent ${dateOf(String(extension?.sentAt))}`,
  `      xong · finished ${dateOf(String(finishedAt))}: ${ENDINGS[`${keptFirstPromise}`]}`,
]

/** What stood still, what went on, and what was put off. */
export const printWaits = (scenario: Scenario, kept: readonly DossierAnswer[]): readonly string[] => {
  const acts = [...scenario.values()].flat()
  const inOrder = kept.toSorted((a, b) => (a.code < b.code ? -1 : 1))
  const played = (...verbs: readonly Verb[]): number => acts.filter(({ step }) => verbs.includes(step.verb)).length
  const having = (verb: Verb): readonly PlannedDossier[] =>
    acts.filter(({ step }) => step.verb === verb).map(({ dossier }) => dossier)
  const supplemented = having('supplement-received')
  const paid = having('payment-received').filter((dossier) => !supplemented.includes(dossier))
  return [
    '  Chờ công dân, và hẹn lại · waiting for citizens, and putting off',
    row('yêu cầu bổ sung · supplements requested', played('request-supplement')),
    row('đã bổ sung đủ · full papers came', supplemented.length),
    ...moved(
      'tính lại từ đầu · in full again',
      inOrder,
      supplemented.filter(({ procedure }) => procedure.afterSupplement !== 'pause'),
    ),
    ...moved(
      'tính tiếp phần còn lại · what was left',
      inOrder,
      supplemented.filter(({ procedure }) => procedure.afterSupplement === 'pause'),
    ),
    row('chờ nộp phí, lệ phí · payments awaited', played('await-payment')),
    row('đã nộp · payments that came', played('payment-received')),
    ...moved('tính tiếp phần còn lại · what was left', inOrder, paid),
    row('xin lỗi và hẹn lại · extensions', played('extend')),
    ...inOrder.filter(({ extension }) => extension !== null).flatMap(putOff),
  ]
}
