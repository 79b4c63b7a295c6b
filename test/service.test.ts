import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { readSettings, type Settings } from '../src/config.ts'
import { claimFolder } from '../src/db/folder.ts'
import { serve } from '../src/serve.ts'
import { intake } from './support/desk.ts'
import { launch, listening } from './support/service.ts'

const newFolder = (t: Test): string => {
  const folder = mkdtempSync(join(tmpdir(), 'motcua-service-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const settingsIn = (folder: string, more: Partial<Settings> = {}): Settings => ({
  ...readSettings({ DATA_DIR: folder, PORT: '0', LOG_LEVEL: 'silent' }),
  ...more,
})

const start = async (settings: Settings) => {
  const printed: string[] = []
  const running = await serve(settings, (line) => printed.push(line))
  return { ...running, printed }
}

const get = (url: string, key: string): Promise<Response> => fetch(url, { headers: { authorization: `Bearer ${key}` } })

t.test(
  'the first start makes a database, a sample catalogue and an admin key that its owner alone can read',
  async (t) => {
    const folder = newFolder(t)
    const { url, printed, close } = await start(settingsIn(folder))
    const file = join(folder, 'admin.key')
    t.equal(statSync(file).mode & 0o777, 0o600)
    t.match(printed.join('\n'), `${url}/docs`)
    t.match(printed.join('\n'), file)
    const key = readFileSync(file, 'utf8').trim()
    t.equal((await get(`${url}/v1/agencies/H20.19.05`, key)).status, 200)
    t.notMatch(printed.join('\n'), key, 'the key itself is not printed')
    await close()

    t.test('the next start finds all of it again, and the same key', async (t) => {
      const again = await start(settingsIn(folder))
      t.equal((await get(`${again.url}/v1/keys`, key)).status, 200)
      await again.close()
    })

    t.test('a bootstrap key from the settings takes the place of the one in the folder', async (t) => {
      const bootstrapAdminKey = 'a-key-of-at-least-24-letters'
      const other = await start(settingsIn(folder, { bootstrapAdminKey }))
      t.equal((await get(`${other.url}/v1/keys`, bootstrapAdminKey)).status, 200)
      t.equal((await get(`${other.url}/v1/keys`, key)).status, 401)
      await other.close()
    })
  },
)

t.test('the figures of the whole process are told to whoever has the token of the settings', async (t) => {
  const metricsToken = 'a-token-of-24-letters-or-more'
  const { url, close } = await start(settingsIn(newFolder(t), { metricsToken }))
  const text = await (await get(`${url}/metrics`, metricsToken)).text()
  for (const name of ['process_cpu_seconds_total', 'motcua_database_up', 'motcua_build_info']) t.match(text, name)
  await close()
})

t.test('without the sample there is the national calendar alone', async (t) => {
  const folder = newFolder(t)
  const { url, close } = await start(settingsIn(folder, { seedSample: false }))
  const key = readFileSync(join(folder, 'admin.key'), 'utf8').trim()
  t.equal((await get(`${url}/v1/calendars/vn`, key)).status, 200)
  t.match(await (await get(`${url}/v1/procedures`, key)).json(), { items: [] })
  await close()
})

t.test('a folder in use by another process is refused with a sentence, and left alone', async (t) => {
  const folder = newFolder(t)
  // The parent of this process lives as long as the test.
  writeFileSync(join(folder, 'lock'), String(process.ppid))
  await t.rejects(start(settingsIn(folder)), { message: /in use by process \d+: stop that one, or set DATA_DIR/ })
  t.equal(readFileSync(join(folder, 'lock'), 'utf8'), String(process.ppid))
  writeFileSync(join(folder, 'lock'), '1')
  t.throws(() => claimFolder(folder), { message: /in use by process 1/ }, 'also where that process is another user’s')
})

t.test('a folder left behind by a process that is gone is taken over', async (t) => {
  const folder = newFolder(t)
  writeFileSync(join(folder, 'lock'), '2147483646')
  const { release } = claimFolder(folder)
  t.equal(readFileSync(join(folder, 'lock'), 'utf8'), String(process.pid))
  release()
  t.notOk(existsSync(join(folder, 'lock')))
})

t.test('a database that cannot be opened gives its folder back', async (t) => {
  const folder = newFolder(t)
  writeFileSync(join(folder, 'pg'), 'a file where the database should be')
  await t.rejects(start(settingsIn(folder)))
  t.notOk(existsSync(join(folder, 'lock')))
})

t.test('a port in use stops the start, and the database is closed again', async (t) => {
  const folder = newFolder(t)
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const address = other.address()
  const port = typeof address === 'object' && address ? address.port : 0
  await t.rejects(start(settingsIn(folder, { port })), { code: 'EADDRINUSE' })
  t.notOk(existsSync(join(folder, 'lock')))
  other.close()
})

t.test('SIGTERM lets every request that was accepted finish, and the process ends well', async (t) => {
  const folder = newFolder(t)
  const service = launch(t, { DATA_DIR: folder, PORT: '0' })
  const url = await listening(service)
  const key = readFileSync(join(folder, 'admin.key'), 'utf8').trim()
  const post = (): Promise<Response> =>
    fetch(`${url}/v1/dossiers`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(intake()),
    })
  t.equal((await post()).status, 201)
  const crowd = Array.from({ length: 20 }, post)
  await new Promise((resolve) => setTimeout(resolve, 30))
  service.kill('SIGTERM')
  const answers = await Promise.allSettled(crowd)
  const accepted = answers.filter((answer) => answer.status === 'fulfilled' && answer.value.status === 201)
  t.equal(await service.ended, 0)
  t.notOk(existsSync(join(folder, 'lock')), 'the database was closed')
  for (const told of [/"database":"embedded","migrationsApplied":\d+,"msg":"started"/, '"stopping"', '"stopped"']) {
    t.match(service.output(), told)
  }
  t.notMatch(service.output(), 'Nguyễn Văn An', 'the log holds no personal data')
  t.notMatch(service.output(), key)

  const again = await start(settingsIn(folder))
  const page = (await (await get(`${again.url}/v1/dossiers?limit=200`, key)).json()) as { items: unknown[] }
  t.ok(page.items.length >= accepted.length + 1, 'nothing that was acknowledged is lost')
  await again.close()
})

t.test('while it closes, what still comes in is answered, and its connection ends with the answer', async (t) => {
  const { url, close } = await start(settingsIn(newFolder(t)))
  const { hostname, port } = new URL(url)
  const silent = connect(Number(port), hostname)
  await once(silent, 'connect')
  const closing = close()
  const answer = await fetch(`${url}/healthz`)
  t.strictSame([answer.status, answer.headers.get('connection')], [200, 'close'])
  await closing
  await t.rejects(fetch(`${url}/healthz`))
})

t.test('a connection over which nothing comes does not keep the process', async (t) => {
  const service = launch(t, { DATA_DIR: newFolder(t), PORT: '0' })
  const { hostname, port } = new URL(await listening(service))
  const silent = [connect(Number(port), hostname), connect(Number(port), hostname)]
  for (const socket of silent) await once(socket, 'connect')
  silent[1]?.write('GET /healthz HTTP/1.1\r\nHost:')
  service.kill('SIGTERM')
  await Promise.all(silent.map((socket) => once(socket.resume(), 'close')))
  t.equal(await service.ended, 0)
})

t.test('a wrong setting ends the process with its sentence', async (t) => {
  const service = launch(t, { PORT: 'seven' })
  t.equal(await service.ended, 1)
  t.match(service.output(), /^The setting PORT is wrong/)
})
