import { isDeepStrictEqual } from 'node:util'

/** Compares what the service says with what the ledger holds, and remembers every difference. */
export type Checks = {
  readonly same: (what: string, got: unknown, expected: unknown) => void
  readonly passed: () => number
  readonly failures: readonly string[]
}

export const openChecks = (): Checks => {
  let passed = 0
  const failures: string[] = []
  return {
    same: (what, got, expected) => {
      if (isDeepStrictEqual(got, expected)) passed += 1
      else failures.push(`${what}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(got)}`)
    },
    passed: () => passed,
    failures,
  }
}
