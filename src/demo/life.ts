import { at, CLOSING, dayOf, daysAfter, minuteOf, workedAfter, workedDays } from './days.ts'
import { laterOf, momentOn, officeMinute, soonAfter } from './moments.ts'
import type { Random } from './random.ts'
import type { Channel, Step } from './story.ts'
import { type Case, type Life, receivedLife, withWaits } from './waits.ts'

export const trackingNumber = (random: Random): string => `EB${random.between(100_000_000, 999_999_999)}VN`

export const returnStep = (random: Random, finishedAt: string, asked: Channel): readonly Step[] => {
  const day = dayOf(finishedAt)
  const soon = soonAfter(finishedAt, 10)
  if (asked === 'online') return [{ verb: 'return', at: soon }]
  // Some who asked for the post came by after all, and some who did not had it sent.
  const channel = random.chance(asked === 'post' ? 0.94 : 0.02) ? 'post' : 'desk'
  if (channel === 'post') {
    const handedOver = at(workedAfter(day, random.between(1, 3)), officeMinute(random, CLOSING))
    return [{ verb: 'return', at: handedOver, channel, trackingNumber: trackingNumber(random) }]
  }
  if (random.chance(0.04)) return []
  const wait = random.between(0, 4)
  return [
    { verb: 'return', at: wait === 0 ? soon : at(workedAfter(day, wait), officeMinute(random, CLOSING)), channel },
  ]
}

type Fate = 'early' | 'on_time' | 'late' | 'never' | 'withdrawn'

const endOf = (random: Random, fate: Fate, { appointment, upTo }: Life, inHours: boolean): string => {
  const { dueOn, dueAt } = appointment
  // Around the very minute, where it is the minute that judges.
  if (fate === 'on_time' && inHours) return laterOf(upTo, at(dueOn, minuteOf(dueAt) + random.between(-2, 1)))
  if (fate === 'on_time') return momentOn(random, dueOn, upTo)
  if (fate === 'late') return momentOn(random, workedAfter(dueOn, 1 + Math.floor(random.next() ** 2 * 25)), upTo)
  const before = workedDays(dayOf(upTo), daysAfter(dueOn, -1))
  return momentOn(random, before[random.between(0, before.length - 1)] ?? dueOn, upTo)
}

/** All that happens to a dossier once it is received. */
export const afterReceipt = (random: Random, of: Case, receivedAt: string, asked: Channel): readonly Step[] => {
  const fate = random.weighted<Fate>([
    [0.5, 'early'],
    [0.32, 'on_time'],
    [0.1, 'late'],
    [0.04, 'never'],
    [0.04, 'withdrawn'],
  ])
  const start: Step = { verb: 'start', at: soonAfter(receivedAt, 3) }
  const life = withWaits(random, of, receivedLife(of, receivedAt, random.chance(0.6) ? [start] : []))
  if (life.isOver || fate === 'never') return life.steps
  const end = endOf(random, fate, life, of.procedure.term.kind === 'working_hours')
  if (fate === 'withdrawn') return [...life.steps, { verb: 'withdraw', at: end }]
  return [...life.steps, { verb: 'finish', at: end }, ...returnStep(random, end, asked)]
}
