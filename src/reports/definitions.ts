import type { Bilingual } from '../language.ts'

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

/** By what a report may be divided. */
export const GROUPINGS = ['agency', 'procedure', 'field', 'month'] as const
export type Grouping = (typeof GROUPINGS)[number]

/** Counts of one group over a period, from which every definition is a sum. */
export type Counts = {
  receivedDesk: number
  receivedPost: number
  receivedOnline: number
  returnedDesk: number
  returnedPost: number
  returnedOnline: number
  /** Received in the period with a postal return asked for, whether or not it came to that. */
  postRequested: number
  /** Received in the period with at least one postal leg. */
  eitherLeg: number
  /** Received in the period with both legs by post. */
  bothLegs: number
}

export const NO_COUNTS: Counts = {
  receivedDesk: 0,
  receivedPost: 0,
  receivedOnline: 0,
  returnedDesk: 0,
  returnedPost: 0,
  returnedOnline: 0,
  postRequested: 0,
  eitherLeg: 0,
  bothLegs: 0,
}

export const COUNT_NAMES = Object.keys(NO_COUNTS) as readonly (keyof Counts)[]

export const sumCounts = (all: readonly Counts[]): Counts => {
  const sum = { ...NO_COUNTS }
  for (const counts of all) for (const name of COUNT_NAMES) sum[name] += counts[name]
  return sum
}

export const received = ({ receivedDesk, receivedPost, receivedOnline }: Counts): number =>
  receivedDesk + receivedPost + receivedOnline

export const returned = ({ returnedDesk, returnedPost, returnedOnline }: Counts): number =>
  returnedDesk + returnedPost + returnedOnline

/** The two integers of a definition. */
export const shareOf = (definition: Definition, counts: Counts): { numerator: number; denominator: number } => {
  switch (definition) {
    case 'intake':
      return { numerator: counts.receivedPost, denominator: received(counts) }
    case 'return':
      return { numerator: counts.returnedPost, denominator: returned(counts) }
    case 'either':
      return { numerator: counts.eitherLeg, denominator: received(counts) }
    case 'both':
      return { numerator: counts.bothLegs, denominator: received(counts) }
    case 'legs':
      return {
        numerator: counts.receivedPost + counts.returnedPost,
        denominator: received(counts) + returned(counts),
      }
  }
}
