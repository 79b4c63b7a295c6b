import { CHANNELS, type Channel } from '../dossiers/dossier.ts'

/** By which of its two times something is counted: when it happened, or when it was recorded. */
export const CLOCKS = ['effective', 'recorded'] as const
export type Clock = (typeof CLOCKS)[number]

const capital = <T extends string>(text: T): Capitalize<T> =>
  (text.charAt(0).toUpperCase() + text.slice(1)) as Capitalize<T>

/** Received by an agency, by intake channel, at receipt. */
export const receivedFlow = <C extends Channel>(intake: C) => `received${capital(intake)}` as const

/** Of those, the ones with a postal return asked for. */
export const requestedFlow = <C extends Channel>(intake: C) => `requested${capital(intake)}` as const

/** Results returned, by intake channel and the channel really used, at the return. */
export const returnedFlow = <I extends Channel, R extends Channel>(intake: I, by: R) =>
  `returned${capital(intake)}By${capital(by)}` as const

const CHANNEL_FLOWS = CHANNELS.flatMap((intake) => [
  receivedFlow(intake),
  requestedFlow(intake),
  ...CHANNELS.map((by) => returnedFlow(intake, by)),
])

/**
 * What happens to the dossiers that an agency resolves. Up to those finished after the first promise they are events,
 * at their instants; from `open` on they are stocks, which something enters (+1) and leaves (−1): their sum up to an
 * instant is how many are in them then.
 */
export const LIFE_FLOWS = [
  'takenDesk',
  'takenPost',
  'takenOnline',
  'refused',
  'withdrawn',
  'stopped',
  'early',
  'onTime',
  'late',
  'lateApologized',
  /** Finished after the first promise, by the same split. */
  'broken',
  'brokenApologized',
  /** Taken and not yet ended: kept apart from both, so that what came in and what went out can be checked by it. */
  'open',
  'overdue',
  'waiting',
  /** Judged by the first promise. */
  'firstOverdue',
  'firstWaiting',
] as const
export type LifeFlow = (typeof LIFE_FLOWS)[number]

/** A flow of an agency's resolving, by one of its two clocks. */
export const lifeFlow = <F extends LifeFlow, C extends Clock>(flow: F, clock: C) =>
  (clock === 'effective' ? flow : `recorded${capital(flow)}`) as C extends 'effective' ? F : `recorded${Capitalize<F>}`

export type Flow = (typeof CHANNEL_FLOWS)[number] | LifeFlow | `recorded${Capitalize<LifeFlow>}`

/** All that is counted: each is a column of the totals. */
export const FLOWS: readonly Flow[] = [
  ...CHANNEL_FLOWS,
  ...CLOCKS.flatMap((clock) => LIFE_FLOWS.map((flow) => lifeFlow(flow, clock))),
]

/** A flow's column. */
export const columnOf = (flow: Flow): string => flow.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
