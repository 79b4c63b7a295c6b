import { dayOf, daysAfter, daysBetween } from './days.ts'
import type { Entry } from './ledger.ts'
import { CHANNELS, type Channel } from './story.ts'

export type Definition = 'either' | 'intake' | 'return' | 'both' | 'legs'

export type Period = { readonly from: string; readonly to: string }

type ByChannel = Readonly<Record<Channel | 'total', number>>

/** A postal ratio as the ledger counts it, in whole numbers. */
export type Counted = {
  readonly numerator: number
  readonly denominator: number
  readonly received: ByChannel
  readonly returned: ByChannel
  readonly postRequested: number
}

const within = (moment: string | null, { from, to }: Period): boolean =>
  moment !== null && dayOf(moment) >= from && dayOf(moment) <= to

const byChannel = (channels: readonly (Channel | null)[]): ByChannel => {
  const [desk = 0, post = 0, online = 0] = CHANNELS.map((channel) => channels.filter((one) => one === channel).length)
  return { desk, post, online, total: channels.length }
}

/** The month of a day, which in a period that begins on a 15th runs from the 15th of the month before. */
const monthOf = (day: string, { from }: Period): string => {
  const [year = 0, month = 0, date = 0] = day.split('-').map(Number)
  const isNext = from.endsWith('-15') && date >= 15
  return new Date(Date.UTC(year, month - 1 + (isNext ? 1 : 0))).toISOString().slice(0, 7)
}

/** The months of a period, in order. */
export const monthsOf = (period: Period): readonly string[] => {
  const days = Array.from({ length: daysBetween(period.from, period.to) + 1 }, (_, n) => daysAfter(period.from, n))
  return [...new Set(days.map((day) => monthOf(day, period)))]
}

/**
 * @param month only what was received or returned in that month; a postal return counts for its dossier as soon
 * as it was made anywhere within the whole period
 */
export const countShare = (entries: readonly Entry[], definition: Definition, period: Period, month = ''): Counted => {
  const isIn = (moment: string): boolean => month === '' || monthOf(dayOf(moment), period) === month
  const counts = (moment: string | null): boolean => moment !== null && within(moment, period) && isIn(moment)
  const received = entries.filter(({ receivedAt }) => counts(receivedAt))
  const returned = entries.filter(({ returnedAt }) => counts(returnedAt))
  const cameByPost = ({ dossier }: Entry): boolean => dossier.intakeChannel === 'post'
  const wentByPost = ({ returnedChannel, returnedAt }: Entry): boolean =>
    returnedChannel === 'post' && within(returnedAt, period)
  const among = (all: readonly Entry[], holds: (entry: Entry) => boolean): number => all.filter(holds).length
  const intakes = among(received, cameByPost)
  const returns = among(returned, wentByPost)
  const numerators: Readonly<Record<Definition, number>> = {
    either: among(received, (entry) => cameByPost(entry) || wentByPost(entry)),
    intake: intakes,
    return: returns,
    both: among(received, (entry) => cameByPost(entry) && wentByPost(entry)),
    legs: intakes + returns,
  }
  const denominators: Readonly<Record<Definition, number>> = {
    either: received.length,
    intake: received.length,
    return: returned.length,
    both: received.length,
    legs: received.length + returned.length,
  }
  return {
    numerator: numerators[definition],
    denominator: denominators[definition],
    received: byChannel(received.map(({ dossier }) => dossier.intakeChannel)),
    returned: byChannel(returned.map(({ returnedChannel }) => returnedChannel)),
    postRequested: among(received, ({ dossier }) => dossier.returnChannel === 'post'),
  }
}

/** Trên 30%. */
export const isMet = ({ numerator, denominator }: Counted): boolean | null =>
  denominator === 0 ? null : 100 * numerator > 30 * denominator

/** Six decimals, rounded half up in whole numbers; an empty whole has no ratio. */
export const ratioOf = ({ numerator, denominator }: Counted): string | null => {
  if (denominator === 0) return null
  const millionths = Math.floor((2_000_000 * numerator + denominator) / (2 * denominator))
  return `${Math.floor(millionths / 1_000_000)}.${String(millionths % 1_000_000).padStart(6, '0')}`
}
