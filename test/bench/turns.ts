/** Several workers take one piece of work after another, in order, until none is left. */
export const inTurns = async <Worker, Piece>(
  workers: readonly Worker[],
  pieces: readonly Piece[],
  work: (worker: Worker, piece: Piece) => Promise<unknown>,
): Promise<void> => {
  const queue = [...pieces].entries()
  await Promise.all(
    workers.map(async (worker) => {
      for (const [, piece] of queue) await work(worker, piece)
    }),
  )
}
