import { SAMPLE_AGENCIES } from '../agencies/sample.ts'
import type { PostedProcedure } from './procedures.ts'

export const CHANNELS = ['desk', 'post', 'online'] as const
export type Channel = (typeof CHANNELS)[number]

/** Handed in (received at once, or submitted online and waiting to be accepted), and what became of it. */
export type Verb =
  | 'receive'
  | 'submit'
  | 'accept'
  | 'refuse'
  | 'start'
  | 'request-supplement'
  | 'supplement-received'
  | 'await-payment'
  | 'payment-received'
  | 'extend'
  | 'finish'
  | 'return'
  | 'withdraw'

export type Step = {
  readonly verb: Verb
  readonly at: string
  /** `return`: the way the result really went out, and its tracking number by post. */
  readonly channel?: Channel
  readonly trackingNumber?: string
  /** `extend`: the new date. */
  readonly dueOn?: string
  /** The answer is taken to be lost on the way, so the desk sends the same again. */
  readonly sentTwice?: boolean
}

/** A dossier and all that happens to it before the curtain falls. */
export type PlannedDossier = {
  readonly reference: string
  readonly procedure: PostedProcedure
  readonly receivingAgency: string
  readonly resolvingAgency: string
  readonly intakeChannel: Channel
  readonly returnChannel: Channel
  readonly withVerification: boolean
  readonly applicant: string
  /** Online: when it was submitted. */
  readonly submittedAt?: string
  readonly post?: { readonly trackingNumber: string } | { readonly handoverNumber: string }
  readonly steps: readonly Step[]
}

/** One thing that a desk does. */
export type Act = { readonly dossier: PlannedDossier; readonly step: Step }

type Place = { readonly code: string; readonly name: string }

export const DISTRICT: Place = { code: 'H20.19', name: 'Huyện Hồng Ngự' }
export const COMMUNES: readonly Place[] = SAMPLE_AGENCIES.filter(({ parent }) => parent === DISTRICT.code)

/** The nine months of the report, both days included. */
export const NINE_MONTHS = { from: '2021-01-01', to: '2021-09-30' } as const

/** What was begun in the nine months is followed up to here: some results go to the post only now. */
export const LAST_DAY = '2021-10-15'
