import type { Language } from '../language.ts'
import { type Counts, type Definition, received, returned, returnedBy, shareOf } from './definitions.ts'
import { DEFAULT_TARGET, met, ratio, shortfall, type Target } from './share.ts'

/** An agency's target for a year is its own, else its nearest ancestor's, else "trên 30%". */
export const nearestTarget = (ancestry: readonly string[], targets: ReadonlyMap<string, Target>): Target => {
  const holder = ancestry.find((agency) => targets.has(agency))
  return (holder === undefined ? undefined : targets.get(holder)) ?? DEFAULT_TARGET
}

/** All that a channel report says of one group. */
export const channelFigures = (definition: Definition, counts: Counts, target: Target) => {
  const share = shareOf(definition, counts)
  return {
    ...share,
    ratio: ratio(share),
    met: met(share, target),
    shortfall: shortfall(share, target),
    received: { ...counts.received, total: received(counts) },
    returned: {
      desk: returnedBy(counts, 'desk'),
      post: returnedBy(counts, 'post'),
      online: returnedBy(counts, 'online'),
      total: returned(counts),
    },
    postRequested: counts.postRequested,
    matrix: counts.returned,
  }
}

const METHOD = {
  vi: (passed: number, all: number) =>
    `Tử số và mẫu số tăng đều theo ngày làm việc: nhân với ${all}/${passed}, làm tròn nửa lên.`,
  en: (passed: number, all: number) =>
    `Numerator and denominator go on evenly by working days: times ${all}/${passed}, rounded half up.`,
}

const scaled = (count: number, all: number, passed: number): number =>
  Number((2n * BigInt(count) * BigInt(all) + BigInt(passed)) / (2n * BigInt(passed)))

/** What a period that has not ended would come to, if all went on as up to now. */
export const projection = (
  definition: Definition,
  counts: Counts,
  target: Target,
  days: { passed: number; all: number },
  language: Language,
) => {
  const { numerator, denominator } = shareOf(definition, counts)
  const { passed, all } = days
  const share = { numerator: scaled(numerator, all, passed), denominator: scaled(denominator, all, passed) }
  return {
    method: METHOD[language](passed, all),
    workingDays: all,
    workingDaysPassed: passed,
    ...share,
    ratio: ratio(share),
    met: met(share, target),
  }
}
