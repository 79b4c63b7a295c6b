import type { RatioAnswer } from './auditor.ts'
import type { Checks } from './checks.ts'
import type { Pulled } from './commune.ts'
import { at, CLOSING } from './days.ts'
import type { DossierAnswer } from './front-desk.ts'
import type { Answer } from './http.ts'
import type { Entry } from './ledger.ts'
import { type Counted, countShare, isMet, monthsOf, type Period, ratioOf } from './share.ts'
import { issuedCodes, keptFirstPromise, mostOverdueFirst, overdueAt, punctualityOf, slipOf } from './standing.ts'
import type { Act } from './story.ts'

/** Each answer that the front desk got, and the second one where it sent the same twice. */
export const checkAnswers = (
  checks: Checks,
  { step }: Act,
  answers: readonly Answer<DossierAnswer>[],
  entry: Entry,
): void => {
  const what = `${entry.code} ${step.verb}`
  const isIntake = step.verb === 'receive' || step.verb === 'submit'
  for (const { status, body } of answers) {
    checks.same(`${what}: HTTP status`, status, isIntake ? 201 : 200)
    checks.same(`${what}: code`, body.code, entry.code)
    checks.same(`${what}: status`, body.status.key, entry.status)
    const { dueOn, dueAt, lateFrom, overdueFrom, firstDueAt } = body
    checks.same(`${what}: deadline`, { dueOn, dueAt, lateFrom, overdueFrom, firstDueAt }, slipOf(entry))
    checks.same(`${what}: acceptance deadline`, body.acceptanceDueAt, entry.acceptanceDueAt)
    checks.same(`${what}: punctuality`, body.punctuality, punctualityOf(entry))
    checks.same(`${what}: first promise kept`, body.keptFirstPromise, keptFirstPromise(entry))
    checks.same(`${what}: extension`, body.extension, entry.extension)
    checks.same(`${what}: waiting`, body.waiting, entry.closedAt === null ? entry.waiting : null)
  }
}

/** The codes of an agency and day are the numbers from 1 on, each once. */
export const checkCodes = (checks: Checks, entries: readonly Entry[]): void => {
  for (const [series, codes] of issuedCodes(entries)) {
    const numbers = codes.map((_, i) => `${series}-${String(i + 1).padStart(4, '0')}`)
    checks.same(`codes ${series}`, codes.toSorted(), numbers)
  }
}

const rowOf = (answer: DossierAnswer) => ({
  code: answer.code,
  status: answer.status.key,
  intakeChannel: answer.intakeChannel,
  returnedChannel: answer.returnedChannel,
  submittedAt: answer.submittedAt,
  receivedAt: answer.receivedAt,
  dueOn: answer.dueOn,
  firstDueAt: answer.firstDueAt,
  extension: answer.extension,
  punctuality: answer.punctuality,
  keptFirstPromise: answer.keptFirstPromise,
  finishedAt: answer.finishedAt,
  returnedAt: answer.returnedAt,
})

const rowFor = (entry: Entry): ReturnType<typeof rowOf> => ({
  code: entry.code,
  status: entry.status,
  intakeChannel: entry.dossier.intakeChannel,
  returnedChannel: entry.returnedChannel,
  submittedAt: entry.submittedAt,
  receivedAt: entry.receivedAt,
  dueOn: slipOf(entry).dueOn,
  firstDueAt: slipOf(entry).firstDueAt,
  extension: entry.extension,
  punctuality: punctualityOf(entry),
  keptFirstPromise: keptFirstPromise(entry),
  finishedAt: entry.finishedAt,
  returnedAt: entry.returnedAt,
})

/** What the front desk reads back is what it sent, dossier by dossier. */
export const checkReadBack = (checks: Checks, kept: readonly DossierAnswer[], entries: readonly Entry[]): void => {
  const rows = new Map(kept.map((answer) => [answer.source?.reference, rowOf(answer)]))
  checks.same('number of dossiers kept', kept.length, entries.length)
  for (const entry of entries) checks.same(entry.code, rows.get(entry.dossier.reference), rowFor(entry))
}

/** What is asked for by how it stands is what the ledger has standing so. */
export const checkStanding = (
  checks: Checks,
  punctuality: string,
  listed: readonly DossierAnswer[],
  entries: readonly Entry[],
): void => {
  const expected = entries.filter((entry) => punctualityOf(entry) === punctuality)
  checks.same(
    `all that is ${punctuality}`,
    listed.map(({ code }) => code).toSorted(),
    expected.map(({ code }) => code).toSorted(),
  )
}

/** A commune's list, page by page, most overdue first, is the ledger's. */
export const checkOverdue = (
  checks: Checks,
  agency: string,
  day: string,
  pulled: Pulled,
  /** As they stood at that moment. */
  entries: readonly Entry[],
  pageSize: number,
): void => {
  const what = `overdue at ${agency} on ${day}`
  const expected = overdueAt(entries, agency, day)
  const got = pulled.items.map(({ code, dueOn, status, waiting, lateBy }) => ({
    ...{ code, dueOn, status: status.key, waiting, lateBy },
  }))
  const dues = got.map(({ dueOn }) => dueOn)
  const pages = Array.from({ length: Math.max(1, Math.ceil(expected.length / pageSize)) }, (_, i) =>
    Math.min(pageSize, expected.length - i * pageSize),
  )
  checks.same(`${what}: as of`, pulled.asOf, at(day, CLOSING))
  checks.same(`${what}: most overdue first`, dues, dues.toSorted())
  checks.same(what, got.toSorted(mostOverdueFirst), expected)
  checks.same(
    `${what}: page sizes`,
    pulled.pages.map(({ length }) => length),
    pages,
  )
  checks.same(`${what}: summary`, pulled.counted, expected.length)
  checks.same(`${what}: unchanged since its ETag`, pulled.askedAgain, 304)
}

const countedIn = ({ numerator, denominator, received, returned, postRequested }: Counted): Counted => ({
  numerator,
  denominator,
  received,
  returned,
  postRequested,
})

/** The auditor's figures, for the whole and for each month, are what the ledger counts. */
export const checkRatio = (checks: Checks, answer: RatioAnswer, period: Period, entries: readonly Entry[]): void => {
  const what = `${answer.definition} ${period.from}–${period.to}`
  const expected = countShare(entries, answer.definition, period)
  checks.same(`${what}: period`, [answer.period.from, answer.period.to], [period.from, period.to])
  checks.same(what, countedIn(answer), expected)
  checks.same(`${what}: ratio`, answer.ratio, ratioOf(expected))
  checks.same(`${what}: target`, answer.target, { percent: 30, comparison: 'gt' })
  checks.same(`${what}: target met`, answer.met, isMet(expected))
  const months = monthsOf(period)
  checks.same(
    `${what}: months`,
    answer.groups.map(({ key }) => key),
    months,
  )
  for (const group of answer.groups) {
    const counted = countShare(entries, answer.definition, period, group.key)
    checks.same(`${what}: ${group.key}`, countedIn(group), counted)
    checks.same(`${what}: ${group.key} target met`, group.met, isMet(counted))
  }
}
