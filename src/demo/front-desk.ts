import type { Answer, Ask } from './http.ts'
import type { Act, PlannedDossier, Step, Verb } from './story.ts'

/** What the front desk reads of a dossier. */
export type DossierAnswer = {
  readonly code: string
  readonly status: { readonly key: string }
  readonly source: { readonly reference: string } | null
  readonly intakeChannel: string
  readonly returnedChannel: string | null
  readonly submittedAt: string | null
  readonly acceptanceDueAt: string | null
  readonly receivedAt: string | null
  readonly dueOn: string | null
  readonly dueAt: string | null
  readonly lateFrom: string | null
  readonly overdueFrom: string | null
  readonly firstDueAt: string | null
  readonly waiting: { readonly for: string; readonly since: string } | null
  readonly extension: { readonly sentAt: string; readonly workingDays: number | null } | null
  readonly punctuality: string | null
  readonly finishedAt: string | null
  readonly keptFirstPromise: boolean | null
  readonly returnedAt: string | null
}

const SYSTEM = 'mot-cua-hong-ngu'

const intakeBody = (dossier: PlannedDossier, { verb, at }: Step) => ({
  procedureCode: dossier.procedure.code,
  receivingAgency: dossier.receivingAgency,
  resolvingAgency: dossier.resolvingAgency,
  intakeChannel: dossier.intakeChannel,
  returnChannel: dossier.returnChannel,
  withVerification: dossier.withVerification,
  applicant: { name: dossier.applicant },
  source: { system: SYSTEM, reference: dossier.reference },
  submittedAt: dossier.submittedAt,
  post: dossier.post,
  ...(verb === 'receive' ? { receivedAt: at } : {}),
})

/** What some moves are told beside when they happened. */
const WORDS: Partial<Record<Verb, object>> = {
  'request-supplement': { missing: 'Bản sao giấy tờ kèm theo', ground: 'Nghị định 61/2018/NĐ-CP Đ.17' },
  'await-payment': { ground: 'Thông báo nộp phí, lệ phí' },
  extend: { reason: 'Hồ sơ dồn nhiều', apologyNumber: '01/TXL-UBND' },
}

const moveBody = ({ verb, at, channel, trackingNumber, dueOn }: Step) => ({
  effectiveAt: at,
  ...WORDS[verb],
  dueOn,
  channel,
  ...(trackingNumber === undefined ? {} : { post: { trackingNumber } }),
})

export type Told = (act: Act, code: string, answers: readonly Answer<DossierAnswer>[]) => void

/** The software of one desk: sends what happens there, one thing after the other, and tells what was answered. */
export const playDesk = async (ask: Ask, acts: readonly Act[], told: Told): Promise<void> => {
  const codes = new Map<string, string>()
  for (const act of acts) {
    const { dossier, step } = act
    const known = codes.get(dossier.reference)
    const path = known === undefined ? '/v1/dossiers' : `/v1/dossiers/${known}/${step.verb}`
    const request = {
      body: known === undefined ? intakeBody(dossier, step) : moveBody(step),
      headers: { 'idempotency-key': `${dossier.reference}/${step.verb}` },
    }
    const answer = await ask<DossierAnswer>('POST', path, request)
    const { code } = answer.body
    codes.set(dossier.reference, code)
    told(act, code, step.sentTwice ? [answer, await ask<DossierAnswer>('POST', path, request)] : [answer])
  }
}

type Page<T> = { readonly items: readonly T[]; readonly nextCursor: string | null }

const PAGE_SIZE = 100

/** Everything that the desk's key sees, or what of it stands so, page by page. */
export const readBack = async (ask: Ask, punctuality?: string): Promise<DossierAnswer[]> => {
  const all: DossierAnswer[] = []
  const only = punctuality === undefined ? '' : `&punctuality=${punctuality}`
  let cursor = ''
  do {
    const { body } = await ask<Page<DossierAnswer>>('GET', `/v1/dossiers?limit=${PAGE_SIZE}${only}${cursor}`)
    all.push(...body.items)
    cursor = body.nextCursor === null ? '' : `&cursor=${body.nextCursor}`
  } while (cursor !== '')
  return all
}

/** The dates that a dossier was promised, one after the other, as the service explains them. */
export const readDueDates = async (ask: Ask, code: string): Promise<readonly (string | null)[]> => {
  type Explained = { readonly history: readonly { readonly dueOn: string | null }[] }
  const { body } = await ask<Explained>('GET', `/v1/dossiers/${code}/deadline`)
  return body.history.map(({ dueOn }) => dueOn).filter((dueOn, i, all) => i === 0 || dueOn !== all[i - 1])
}
