import { fileURLToPath } from 'node:url'
import t from 'tap'
import { newNumberKey, readKeyRing } from '../../src/people/keys.ts'
import { INTAKE_APPLICANT } from '../support/desk.ts'
import { PII_KEYS } from '../support/keys.ts'
import { startServer } from '../support/server.ts'
import { launch } from '../support/service.ts'
import { until } from '../support/until.ts'
import { fillEarlier, look } from './support/earlier.ts'
import { openLedger } from './support/ledger.ts'
import { startLoad } from './support/load.ts'
import { reckon } from './support/reckoning.ts'
import { KEY, NO_SERVER, onServer, startService, untilMore } from './support/running.ts'

const TOOL = fileURLToPath(new URL('../../dist/people/main.js', import.meta.url))

t.test('keys of numbers are changed under load, also where that is killed half way', { skip: NO_SERVER }, async (t) => {
  const { url } = await startServer(t)
  const ledger = openLedger()
  await fillEarlier(t, url, ledger)
  const next = newNumberKey()
  const keys = `${next},${PII_KEYS}`
  const [nextId, oldId] = [...readKeyRing(keys).byId.keys()]
  const service = await startService(t, { DATABASE_URL: url, PII_KEYS: keys })
  const load = startLoad(service.url, KEY, ledger, 4)
  await untilMore(ledger, 20)

  const observer = await look(t, url)
  const locker = await look(t, url)
  const rotate = () =>
    launch(t, { DATABASE_URL: `${url}?application_name=rotation`, PII_KEYS: keys }, [], [TOOL, 'rotate'])
  const waiting = `select from pg_stat_activity where application_name = 'rotation' and wait_event_type = 'Lock'`
  const numbers = async (id = ''): Promise<number> => {
    const { rows } = await observer.query(
      `select count(*)::int as numbers from dossiers where split_part(applicant -> 'phone' ->> 'cipher', '.', 2) = $1`,
      [id],
    )
    return rows[0]?.numbers
  }

  // It comes to wait for a dossier of its second batch.
  await locker.query('begin')
  await locker.query('select from dossiers where id = (select min(id) + 1500 from dossiers) for update')
  const killed = rotate()
  await until(async () => (await observer.query(waiting)).rowCount !== 0)
  killed.kill('SIGKILL')
  await killed.ended
  await locker.query('rollback')
  const [changed, unchanged] = [await numbers(nextId), await numbers(oldId)]
  t.ok(changed >= 1000 && unchanged >= 1000, `${changed} stand under the new key, ${unchanged} under the old one`)
  await untilMore(ledger, 20)

  const whole = rotate()
  t.equal(await whole.ended, 0, whole.output())
  t.match(whole.output(), new RegExp(`nothing is kept under ${oldId} any more`))
  await untilMore(ledger, 20)
  await load.finish()
  t.equal(await service.stop(), 0)
  t.equal(await numbers(oldId), 0)

  const only = await startService(t, { DATABASE_URL: url, PII_KEYS: next })
  const found = new Set<string>()
  let cursor: string | undefined
  do {
    const { phone } = INTAKE_APPLICANT
    const answer = await fetch(`${only.url}/v1/dossiers/search`, {
      method: 'POST',
      headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify({ phone, limit: 200, cursor }),
    })
    const page = (await answer.json()) as { items: { code: string; applicant: object }[]; nextCursor: string | null }
    for (const { code, applicant } of page.items) {
      found.add(code)
      t.strictSame(applicant, INTAKE_APPLICANT, code)
    }
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
  t.equal(found.size, await numbers(nextId), 'each is found and read by the new key alone')
  t.equal(await only.stop(), 0)
  await reckon(t, ledger, onServer(url).database)
})
