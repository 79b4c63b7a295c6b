/** What a client was told of a change. */
export type Told = { code: string; version: number; text: string }

/** One change that a client asked for, under an `Idempotency-Key` and as an officer of its own. */
export type Change = {
  readonly id: string
  /** `receive`, or the move. */
  readonly what: string
  /** The dossier that it moves; that of an intake is told by the answer. */
  readonly code: string | undefined
  /** What was answered, once it was. Without it nobody knows whether it was done. */
  told?: Told
}

/** What clients know: each change that they have asked for, and what they were told of it. */
export type Ledger = {
  readonly changes: ReadonlyMap<string, Change>
  /** Notes a change before it is sent for the first time. */
  readonly open: (what: string, code?: string) => Change
}

export const openLedger = (): Ledger => {
  const changes = new Map<string, Change>()
  return {
    changes,
    open: (what, code) => {
      const change: Change = { id: `change-${changes.size + 1}`, what, code }
      changes.set(change.id, change)
      return change
    },
  }
}

/** How many changes were answered as done. */
export const acknowledged = ({ changes }: Ledger): number =>
  [...changes.values()].filter(({ told }) => told !== undefined).length
