import { type Appointment, appointmentOf, type Clock, startedAt, type WaitFor, wentOn } from './appointment.ts'
import { at, dayOf, daysAfter, workedAfter, workedDays, workedFrom } from './days.ts'
import { momentOn, officeMinute } from './moments.ts'
import type { PostedProcedure } from './procedures.ts'
import type { Random } from './random.ts'
import type { Step, Verb } from './story.ts'

/** A dossier that is being worked on: what was done, and what is promised by then. */
export type Life = {
  readonly steps: readonly Step[]
  readonly clock: Clock
  readonly appointment: Appointment
  /** When the last step was made. */
  readonly upTo: string
  /** Nothing more will happen to it. */
  readonly isOver: boolean
}

export type Case = {
  readonly procedure: PostedProcedure
  readonly withVerification: boolean
  /** Papers were asked for before it was accepted. That may be done once. */
  readonly wasSupplemented: boolean
}

export const receivedLife = (
  { procedure, withVerification }: Case,
  receivedAt: string,
  begun: readonly Step[],
): Life => {
  const clock = startedAt(receivedAt)
  const appointment = appointmentOf(procedure, clock, withVerification)
  return { steps: begun, clock, appointment, upTo: begun.at(-1)?.at ?? receivedAt, isOver: false }
}

const ASKING: Readonly<Record<WaitFor, Verb>> = { supplement: 'request-supplement', payment: 'await-payment' }
const COMING: Readonly<Record<WaitFor, Verb>> = { supplement: 'supplement-received', payment: 'payment-received' }

/** Papers are asked for within three working days; a fee at any time, and sometimes only when it is too late. */
const askedAt = (random: Random, what: WaitFor, { appointment: { dueOn }, upTo }: Life): string => {
  const begun = dayOf(upTo)
  if (what === 'payment' && random.chance(0.12)) {
    return momentOn(random, workedAfter(dueOn, random.between(1, 5)), upTo)
  }
  const soon = workedAfter(begun, 2)
  const latest = what === 'supplement' && soon < dueOn ? soon : dueOn
  return momentOn(random, random.pick([begun, ...workedDays(daysAfter(begun, 1), latest)]), upTo)
}

/** Papers come over the desk; money at any hour of any day. */
const cameAt = (random: Random, what: WaitFor, asked: string): string => {
  const day = daysAfter(dayOf(asked), Math.floor(random.next() ** 2 * 25))
  if (day === dayOf(asked)) return momentOn(random, day, asked)
  if (what === 'payment' && random.chance(0.4)) return at(day, random.between(0, 24 * 60 - 1))
  return at(workedFrom(day), officeMinute(random, 17 * 60))
}

type Outcome = 'comes' | 'never' | 'withdrawn' | 'finished'

/** What was missing comes, or never does; a result may be ready before its fee is paid. */
const waited = (random: Random, { procedure, withVerification }: Case, life: Life, what: WaitFor): Life => {
  const asked = askedAt(random, what, life)
  const outcome = random.weighted<Outcome>([
    [what === 'payment' ? 0.04 : 0, 'finished'],
    [0.86, 'comes'],
    [0.05, 'never'],
    [0.05, 'withdrawn'],
  ])
  const steps: readonly Step[] = [...life.steps, { verb: ASKING[what], at: asked }]
  const came = cameAt(random, what, asked)
  switch (outcome) {
    case 'never':
      return { ...life, steps, isOver: true }
    case 'withdrawn':
      return { ...life, steps: [...steps, { verb: 'withdraw', at: came }], isOver: true }
    case 'finished':
      return { ...life, steps, upTo: asked }
    case 'comes': {
      const goesOn = { ...life, steps: [...steps, { verb: COMING[what], at: came }], upTo: came }
      if (asked >= life.appointment.lateFrom) return goesOn
      const clock = wentOn(life.clock, procedure, what, [asked, came])
      return { ...goesOn, clock, appointment: appointmentOf(procedure, clock, withVerification) }
    }
  }
}

/** Few dossiers wait at all, and fewer twice. */
export const withWaits = (random: Random, of: Case, life: Life): Life =>
  random
    .weighted<readonly WaitFor[]>([
      [0.83, []],
      [0.08, ['supplement']],
      [0.07, ['payment']],
      [0.02, ['supplement', 'payment']],
    ])
    .filter((what) => what === 'payment' || !of.wasSupplemented)
    .reduce((before, what) => (before.isOver ? before : waited(random, of, before, what)), life)
