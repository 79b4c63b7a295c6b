import { LANES, type Lane, type LaneLimits } from './lanes.ts'

/** How long whoever comes in a burst may wait: a client still listens by then, and most bursts are over. */
const PATIENCE_MS = 10_000

/** A lane in which somebody has been waiting for longer does not see a burst but a crowd that will not pass by waiting. */
const BURST_MS = 1000

/** One crowd goes on where nobody waited for no longer than this: a pause of the process is no end of it. */
const CALM_MS = 20

/** In a crowd, nobody waits much longer than their work will take; this long in any case. */
const LEAST_WAIT_MS = 20

/** Timers of few lengths are cheap. */
const WAIT_STEP_MS = 10

/** How much of what is known of the time that work takes comes from the last that ended. */
const NEWEST_SHARE = 1 / 32

/** One request's visit to the room. */
export type Visit = {
  /** Whether it is its turn: `false` where it would have to wait longer than its lane allows. */
  readonly admitted: Promise<boolean> | boolean
  /** Gives back the place, or leaves the queue; once is enough, and more do no harm. */
  readonly leave: () => void
}

export type WaitingRoom = {
  readonly enter: (lane: Lane) => Visit
  /** Whether whoever came now would wait in vain: so many are before them that their turn would come too late. */
  readonly isShut: (lane: Lane) => boolean
  /** How many are worked on and how many wait. */
  readonly counts: (lane: Lane) => { running: number; waiting: number }
}

type LaneState = {
  readonly limits: LaneLimits
  running: number
  /** How to call each who waits, in the order of their coming. */
  readonly waiting: Set<() => void>
  crowdedSince: number
  lastCrowdedAt: number
  /** How long a place is held, of late. */
  heldMs: number
}

const openLane = (limits: LaneLimits): LaneState => ({
  limits,
  running: 0,
  waiting: new Set(),
  crowdedSince: Number.NEGATIVE_INFINITY,
  lastCrowdedAt: Number.NEGATIVE_INFINITY,
  heldMs: 0,
})

const nothing = (): void => {}

/**
 * Bounds how many requests are worked on, how many wait, and how long. A place that comes free goes to the most
 * important lane in which somebody waits, within it to who came first.
 * @param now a clock in milliseconds that never goes back
 */
export const openWaitingRoom = (limits: Readonly<Record<Lane, LaneLimits>>, now: () => number): WaitingRoom => {
  const lanes = { desk: openLane(limits.desk), reading: openLane(limits.reading), reports: openLane(limits.reports) }
  const inOrder = LANES.map((name) => lanes[name])

  /** The more important lanes in which somebody waits. */
  const outranking = (lane: LaneState): readonly LaneState[] =>
    inOrder.slice(0, inOrder.indexOf(lane)).filter(({ waiting }) => waiting.size > 0)
  const placesOf = (lane: LaneState): number => (outranking(lane).length > 0 ? lane.limits.least : lane.limits.most)
  const hasPlace = (lane: LaneState): boolean => lane.running < placesOf(lane)

  /** How long the next to come may wait: a queue that does not empty lets all of them wait, and serves no more by it. */
  const mayWaitMs = (lane: LaneState): number => {
    const inTheWay = [lane, ...outranking(lane)]
    if (inTheWay.every(({ crowdedSince }) => now() - crowdedSince < BURST_MS)) return PATIENCE_MS
    const wait = Math.min(PATIENCE_MS, Math.max(LEAST_WAIT_MS, lane.heldMs))
    return Math.ceil(wait / WAIT_STEP_MS) * WAIT_STEP_MS
  }

  const isShut = (name: Lane): boolean => {
    const lane = lanes[name]
    const { waiting, heldMs, limits } = lane
    if (waiting.size === 0 && hasPlace(lane)) return false
    return waiting.size >= limits.waiting || (waiting.size * heldMs) / placesOf(lane) > mayWaitMs(lane)
  }

  /** To be told whenever somebody comes to wait or waits no longer. */
  const noteCrowd = (lane: LaneState): void => {
    const at = now()
    if (lane.waiting.size === 0 && at - lane.lastCrowdedAt > CALM_MS) lane.crowdedSince = at
    lane.lastCrowdedAt = at
  }

  const callWhoeverFits = (): void => {
    for (const lane of inOrder) {
      for (const call of lane.waiting) {
        if (!hasPlace(lane)) break
        call()
      }
    }
  }

  /** Takes a place; answers how to give it back. */
  const begin = (lane: LaneState): (() => void) => {
    const beganAt = now()
    lane.running += 1
    return () => {
      lane.running -= 1
      lane.heldMs += (now() - beganAt - lane.heldMs) * NEWEST_SHARE
      callWhoeverFits()
    }
  }

  const enter = (name: Lane): Visit => {
    const lane = lanes[name]
    let end = nothing
    const leave = (): void => {
      const ending = end
      end = nothing
      ending()
    }
    if (lane.waiting.size === 0 && hasPlace(lane)) {
      end = begin(lane)
      return { admitted: true, leave }
    }
    if (isShut(name)) return { admitted: false, leave }
    noteCrowd(lane)
    const admitted = new Promise<boolean>((resolve) => {
      const timer = setTimeout(leave, mayWaitMs(lane))
      const stopWaiting = (): void => {
        noteCrowd(lane)
        lane.waiting.delete(call)
        clearTimeout(timer)
      }
      const call = (): void => {
        stopWaiting()
        end = begin(lane)
        resolve(true)
      }
      end = () => {
        stopWaiting()
        resolve(false)
        // Where nobody is left to wait in an important lane, the others may take more.
        callWhoeverFits()
      }
      lane.waiting.add(call)
    })
    return { admitted, leave }
  }

  const counts: WaitingRoom['counts'] = (name) => ({ running: lanes[name].running, waiting: lanes[name].waiting.size })

  return { enter, isShut, counts }
}
