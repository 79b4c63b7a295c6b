import { Agent } from 'node:http'
import { setTimeout } from 'node:timers/promises'
import t from 'tap'
import { intake } from '../support/desk.ts'
import { openLedger } from './support/ledger.ts'
import { attempt, startLoad, toldBy } from './support/load.ts'
import { reckon } from './support/reckoning.ts'
import { KEY, NO_PLACE, openPlace, startService, untilMore } from './support/running.ts'

const SHIFTED_CLOCK = ['--import', new URL('./support/shifted-clock.mjs', import.meta.url).href]

t.test('a clock set back an hour doubles no code and puts no event out of order', { skip: NO_PLACE }, async (t) => {
  const { settings, database } = await openPlace(t)
  const service = await startService(t, settings, SHIFTED_CLOCK)
  const ledger = openLedger()
  const agent = new Agent({ keepAlive: true })
  const ask = async (what: string, code: string | undefined, body: object): Promise<void> => {
    const change = ledger.open(what, code)
    const answer = await attempt(agent, service.url, KEY, change, body)
    t.ok(answer.status < 300, answer.text)
    change.told = toldBy(answer)
  }
  await ask('receive', undefined, intake({ receivedAt: undefined }))
  const [code] = [...ledger.changes.values()].map(({ told }) => told?.code)
  // Recorded just now, though it happened a while ago: so the next one has no time to be brought into order with.
  await ask('receive', undefined, intake({ receivedAt: new Date(Date.now() - 7_200_000).toISOString() }))
  const late = [...ledger.changes.values()].at(-1)?.told?.code

  const load = startLoad(service.url, KEY, ledger)
  await untilMore(ledger, 40)
  service.now().kill('SIGUSR2')
  await setTimeout(100)
  for (const dossier of [code, late]) await ask('start', dossier, {})
  await untilMore(ledger, 40)
  await service.kill()
  // The next process begins with the clock as it should be, and is put back once more.
  await service.start()
  for (const dossier of [code, late]) await ask('finish', dossier, {})
  service.now().kill('SIGUSR2')
  await setTimeout(100)
  for (const dossier of [code, late]) await ask('return', dossier, {})
  await untilMore(ledger, 40)
  await load.finish()
  agent.destroy()
  t.equal(await service.stop(), 0)
  t.comment('set back twice')
  await reckon(t, ledger, database)
})
