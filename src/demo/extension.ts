import { appointmentOf, startedAt } from './appointment.ts'
import { dayOf, daysAfter, workedAfter, workedDays } from './days.ts'
import { returnStep } from './life.ts'
import { momentOn } from './moments.ts'
import type { Random } from './random.ts'
import { COMMUNES, LAST_DAY, type PlannedDossier, type Step, type Verb } from './story.ts'

const EXTRA_DAYS = 5
/** How many days later than the new date the result may come. */
const MOST_LATE = 3

const PLAIN: readonly Verb[] = ['submit', 'receive', 'accept', 'start', 'finish', 'return']

/** A plain dossier of a commune that could be put off. */
type Candidate = {
  readonly dossier: PlannedDossier
  /** What was done before. */
  readonly begun: readonly Step[]
  readonly dueOn: string
  readonly newDueOn: string
  /** The last day on which the apology is still in time: one working day before the date. */
  readonly apologyOn: string
}

const candidateOf = (dossier: PlannedDossier): readonly Candidate[] => {
  const { procedure, resolvingAgency, steps, withVerification } = dossier
  const receipt = steps.find(({ verb }) => verb === 'receive' || verb === 'accept')
  const isPlain = steps.every(({ verb }) => PLAIN.includes(verb)) && procedure.term.kind === 'working_days'
  if (!receipt || !isPlain || !COMMUNES.some(({ code }) => code === resolvingAgency)) return []
  const { dueOn } = appointmentOf(procedure, startedAt(receipt.at), withVerification)
  const newDueOn = workedAfter(dueOn, EXTRA_DAYS)
  const apologyOn = workedDays(daysAfter(dayOf(receipt.at), 1), daysAfter(dueOn, -1)).at(-1)
  if (apologyOn === undefined || workedAfter(newDueOn, MOST_LATE) > LAST_DAY) return []
  const begun = steps.filter(({ verb }) => verb !== 'finish' && verb !== 'return')
  return [{ dossier, begun, dueOn, newDueOn, apologyOn }]
}

/** At a month's end its first date has passed, and still it is on no overdue list. */
const spansMonthEnd = ({ dueOn, newDueOn }: Candidate): boolean => dueOn.slice(0, 7) < newDueOn.slice(0, 7)

const putOff = (random: Random, { dossier, begun, dueOn, newDueOn, apologyOn }: Candidate): PlannedDossier => {
  const upTo = String(begun.at(-1)?.at)
  const sentAt = momentOn(random, apologyOn, upTo)
  // The answer is lost, and sent again the apology is still the only one.
  const extend: Step = { verb: 'extend', at: sentAt, dueOn: newDueOn, sentTwice: true }
  const day = random.weighted([
    [0.65, workedAfter(dueOn, random.between(1, EXTRA_DAYS))],
    [0.15, workedAfter(newDueOn, random.between(1, MOST_LATE))],
    [0.2, dueOn],
  ])
  const finishedAt = momentOn(random, day, sentAt)
  const returned = returnStep(random, finishedAt, dossier.returnChannel).filter(({ at }) => dayOf(at) <= LAST_DAY)
  return { ...dossier, steps: [...begun, extend, { verb: 'finish', at: finishedAt }, ...returned] }
}

/** One of the dossiers, if there is any that can, is put off with an apology. */
export const withOneExtension = (random: Random, planned: readonly PlannedDossier[]): readonly PlannedDossier[] => {
  const candidates = planned.flatMap(candidateOf)
  const chosen = candidates.find(spansMonthEnd) ?? candidates[0]
  return planned.map((dossier) => (chosen?.dossier === dossier ? putOff(random, chosen) : dossier))
}
