import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Order, Outcome } from './generator.ts'

const GENERATOR = fileURLToPath(new URL('./generator.ts', import.meta.url))

/** A load of requests that come at a constant rate, from a process of its own. */
export const crowd = async (order: Order): Promise<Outcome> => {
  const generator = fork(GENERATOR, { execArgv: ['--import', 'tsx'] })
  generator.send(order)
  const [outcome] = await Promise.race([
    once(generator, 'message'),
    once(generator, 'exit').then(() => {
      throw new Error('the generator ended before it told anything')
    }),
  ])
  return outcome as Outcome
}
