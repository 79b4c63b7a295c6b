import type { Channel } from '../dossiers/dossier.ts'
import type { Bilingual } from '../language.ts'
import type { Share } from './share.ts'

/** The five ways in which the postal ratio is counted in practice. No legal formula was found, so each answer states its own. */
export const DEFINITIONS = ['either', 'intake', 'return', 'both', 'legs'] as const
export type Definition = (typeof DEFINITIONS)[number]

export const DEFINITION_TEXT: Readonly<Record<Definition, Bilingual>> = {
  either: {
    vi: 'Hồ sơ tiếp nhận trong kỳ có ít nhất một chặng bưu chính (nhận qua bưu chính, hoặc đã giao bưu chính trả kết quả trong kỳ) / hồ sơ tiếp nhận trong kỳ.',
    en: 'Dossiers received in the period with at least one postal leg (received by post, or handed to the post for return within the period) / dossiers received in the period.',
  },
  intake: {
    vi: 'Hồ sơ nhận qua bưu chính trong kỳ / hồ sơ tiếp nhận trong kỳ.',
    en: 'Dossiers received by post in the period / dossiers received in the period.',
  },
  return: {
    vi: 'Kết quả đã giao bưu chính trả trong kỳ / kết quả đã trả trong kỳ.',
    en: 'Results handed to the post in the period / results returned in the period.',
  },
  both: {
    vi: 'Hồ sơ nhận qua bưu chính trong kỳ và cũng đã giao bưu chính trả kết quả trong kỳ / hồ sơ tiếp nhận trong kỳ.',
    en: 'Dossiers received by post in the period and also handed to the post for return within it / dossiers received in the period.',
  },
  legs: {
    vi: '(Lượt nhận qua bưu chính + lượt trả qua bưu chính) / (lượt tiếp nhận + lượt trả), tính theo lượt trong kỳ.',
    en: '(Postal intakes + postal returns) / (intakes + returns), each counted as a leg in the period.',
  },
}

/** Counts of one group over a period, from which every definition is a sum. */
export type Counts = {
  received: Readonly<Record<Channel, number>>
  /** Returned in the period, by intake channel and then by the channel really used. */
  returned: Readonly<Record<Channel, Readonly<Record<Channel, number>>>>
  /** Received in the period with a postal return asked for, whether or not it came to that. */
  postRequested: number
  /** Received in the period with at least one postal leg. */
  eitherLeg: number
  /** Received in the period with both legs by post. */
  bothLegs: number
}

const byChannel = <T>(of: (channel: Channel) => T): Record<Channel, T> => ({
  desk: of('desk'),
  post: of('post'),
  online: of('online'),
})

const total = (all: readonly Counts[], of: (counts: Counts) => number): number =>
  all.reduce((sum, counts) => sum + of(counts), 0)

export const sumCounts = (all: readonly Counts[]): Counts => ({
  received: byChannel((channel) => total(all, (counts) => counts.received[channel])),
  returned: byChannel((intake) => byChannel((by) => total(all, (counts) => counts.returned[intake][by]))),
  postRequested: total(all, (counts) => counts.postRequested),
  eitherLeg: total(all, (counts) => counts.eitherLeg),
  bothLegs: total(all, (counts) => counts.bothLegs),
})

export const NO_COUNTS: Counts = sumCounts([])

export const received = ({ received }: Counts): number => received.desk + received.post + received.online

/** Returned by a channel, however it came in. */
export const returnedBy = ({ returned }: Counts, by: Channel): number =>
  returned.desk[by] + returned.post[by] + returned.online[by]

export const returned = (counts: Counts): number =>
  returnedBy(counts, 'desk') + returnedBy(counts, 'post') + returnedBy(counts, 'online')

/** The two integers of a definition. */
export const shareOf = (definition: Definition, counts: Counts): Share => {
  switch (definition) {
    case 'intake':
      return { numerator: counts.received.post, denominator: received(counts) }
    case 'return':
      return { numerator: returnedBy(counts, 'post'), denominator: returned(counts) }
    case 'either':
      return { numerator: counts.eitherLeg, denominator: received(counts) }
    case 'both':
      return { numerator: counts.bothLegs, denominator: received(counts) }
    case 'legs':
      return {
        numerator: counts.received.post + returnedBy(counts, 'post'),
        denominator: received(counts) + returned(counts),
      }
  }
}
