import pg from 'pg'
import t, { type Test } from 'tap'
import { ON_SERVER } from '../support/database.ts'
import { startServer } from '../support/server.ts'
import { until } from '../support/until.ts'
import { openLedger } from './support/ledger.ts'
import { type Answer, type Load, startLoad } from './support/load.ts'
import { reckon } from './support/reckoning.ts'
import { inFolder, KEY, NO_SERVER, onServer, startService, untilMore } from './support/running.ts'
import { mountSmallDisk, NO_MOUNT } from './support/small-disk.ts'

const untilRefused = ({ refusals }: Load, how: (answer: Answer) => boolean): Promise<void> =>
  until(() => refusals.filter(how).length >= 10, { failing: () => 'nobody was told of the full disk' })

const checkRefusals = (t: Test, { refusals, broken }: Load): void => {
  const unclear = refusals.filter(({ status, retryAfter }) => ![503, 507].includes(status) || !(Number(retryAfter) > 0))
  t.strictSame(unclear, [], 'every refusal says that there is no room, or no database, and when to come back')
  t.strictSame(broken, [])
  const full = refusals.filter(({ status }) => status === 507).length
  t.comment(`${full} were told that the disk is full, ${refusals.length - full} that there is no database`)
}

const isFull = ({ status }: Answer): boolean => status === 507
const isGone = ({ status }: Answer): boolean => status === 503

t.test('a disk that is full for PostgreSQL stops writes and loses none', { skip: NO_SERVER || NO_MOUNT }, async (t) => {
  const disk = await mountSmallDisk(t, 200)
  const server = await startServer(t, disk.folder)
  const { settings, database } = onServer(server.url)
  const service = await startService(t, settings)
  const ledger = openLedger()
  const load = startLoad(service.url, KEY, ledger)
  await untilMore(ledger, 40)

  await disk.fill()
  await untilRefused(load, isFull)
  const list = await fetch(`${service.url}/v1/dossiers?limit=1`, { headers: { authorization: `Bearer ${KEY}` } })
  t.equal(list.status, 200, 'who only reads notices nothing')
  await disk.empty()
  await untilMore(ledger, 40)

  // Without room for its log, too, the server goes down, and comes back when there is some and it is started.
  await disk.fill()
  const admin = new pg.Client(server.url)
  admin.on('error', () => undefined)
  await admin.connect()
  await admin.query('select pg_switch_wal()').catch(() => undefined)
  await untilRefused(load, isGone)
  await disk.empty()
  await server.start().catch(() => undefined)
  await untilMore(ledger, 40)

  await load.finish()
  t.equal(await service.stop(), 0)
  checkRefusals(t, load)
  await reckon(t, ledger, database)
})

t.test(
  'a disk that is full for the embedded database stops writes and loses none',
  { skip: ON_SERVER ? 'asked of the embedded database' : NO_MOUNT },
  async (t) => {
    const disk = await mountSmallDisk(t, 100)
    const { settings, database } = inFolder(disk.folder)
    const service = await startService(t, settings)
    const ledger = openLedger()
    const load = startLoad(service.url, KEY, ledger)
    await untilMore(ledger, 40)
    await disk.fill()
    await untilRefused(load, () => true)
    await disk.empty()
    await untilMore(ledger, 40)
    await load.finish()
    t.equal(await service.stop(), 0)
    checkRefusals(t, load)
    await reckon(t, ledger, database)
  },
)
