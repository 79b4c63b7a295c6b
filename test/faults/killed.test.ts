import { setTimeout } from 'node:timers/promises'
import t from 'tap'
import { openLedger } from './support/ledger.ts'
import { startLoad } from './support/load.ts'
import { reckon } from './support/reckoning.ts'
import { KEY, NO_PLACE, openPlace, startService, untilMore } from './support/running.ts'

/** How often it is killed: a few times with every change, twenty times before a release. */
const ROUNDS = Number(process.env.FAULT_ROUNDS ?? 2)

t.test('killed under load, it has all that it acknowledged, once', { skip: NO_PLACE }, async (t) => {
  const { settings, database } = await openPlace(t)
  const service = await startService(t, settings)
  const ledger = openLedger()
  // Some clients ask again until they are told; of the others, who never come back, nobody knows what was done.
  const patient = startLoad(service.url, KEY, ledger, 4)
  for (let round = 0; round < ROUNDS; round++) {
    const impatient = startLoad(service.url, KEY, ledger, 4)
    await untilMore(ledger, 40)
    await setTimeout(Math.random() * 200)
    await Promise.all([service.kill(), impatient.giveUp()])
    await service.start()
  }
  await untilMore(ledger, 40)
  await patient.finish()
  t.equal(await service.stop(), 0)
  t.comment(`killed ${ROUNDS} times`)
  await reckon(t, ledger, database)
})
