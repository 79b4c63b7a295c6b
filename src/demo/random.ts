/** Numbers that look random and are the same for the same seed. */
export type Random = {
  /** At least 0, below 1. */
  readonly next: () => number
  readonly chance: (probability: number) => boolean
  /** A whole number, both ends included. */
  readonly between: (least: number, most: number) => number
  readonly pick: <T>(choices: readonly [T, ...T[]]) => T
  /** One of several, each as often as its weight says. */
  readonly weighted: <T>(choices: readonly [Weighted<T>, ...Weighted<T>[]]) => T
}

export type Weighted<T> = readonly [weight: number, choice: T]

/** Mulberry32: small, quick, and good enough for a play. */
export const randomFrom = (seed: number): Random => {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const between = (least: number, most: number): number => least + Math.floor(next() * (most - least + 1))
  return {
    next,
    chance: (probability) => next() < probability,
    between,
    pick: (choices) => {
      const index = between(0, choices.length - 1)
      return choices.reduce((picked, choice, i) => (i === index ? choice : picked))
    },
    weighted: (choices) => {
      let left = next() * choices.reduce((sum, [weight]) => sum + weight, 0)
      let [[, chosen]] = choices
      for (const [weight, choice] of choices) {
        if (left < 0) break
        chosen = choice
        left -= weight
      }
      return chosen
    },
  }
}
