import type { Answer, Ask } from './http.ts'
import type { Act, PlannedDossier, Step } from './story.ts'

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
  readonly punctuality: string | null
  readonly finishedAt: string | null
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

const moveBody = ({ at, channel, trackingNumber }: Step) => ({
  effectiveAt: at,
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

/** Everything that the desk's key sees, page by page. */
export const readBack = async (ask: Ask): Promise<DossierAnswer[]> => {
  const all: DossierAnswer[] = []
  let cursor = ''
  do {
    const { body } = await ask<Page<DossierAnswer>>('GET', `/v1/dossiers?limit=${PAGE_SIZE}${cursor}`)
    all.push(...body.items)
    cursor = body.nextCursor === null ? '' : `&cursor=${body.nextCursor}`
  } while (cursor !== '')
  return all
}
