import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { move, query, take } from './support/asking.ts'
import { type Client, openDesk } from './support/desk.ts'

const BUILT = fileURLToPath(new URL('../dist/dashboard/page', import.meta.url))

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'application/javascript; charset=utf-8',
  svg: 'image/svg+xml',
}

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

t.test('the page is served to anyone, by its own server alone', async (t) => {
  const { stranger } = await openDesk(t)
  const files = readdirSync(BUILT).map((name) => `/dashboard/${name}`)
  for (const path of ['/dashboard', '/dashboard/', '/dashboard/chart.js', ...files]) {
    const { status, headers, text } = await stranger.ask('GET', path)
    t.equal(status, 200, path)
    t.equal(headers['content-type'], TYPES[/\.(\w+)$/.exec(path)?.[1] ?? 'html'], path)
    t.equal(headers['content-security-policy'], POLICY, path)
    t.equal(headers['x-content-type-options'], 'nosniff', path)
    t.equal(headers['referrer-policy'], 'no-referrer', path)
    const known = await stranger.ask('GET', path, undefined, { 'if-none-match': String(headers.etag) })
    t.equal(known.status, 304, `${path} is not sent again`)
    // A name space and a licence are no addresses that anything is loaded from.
    const addresses = text.replace('http://www.w3.org/2000/svg', '').replaceAll(/\/\*![\s\S]*?\*\//g, '')
    t.notMatch(addresses, /https?:\/\//, `${path} names no other server`)
    t.notMatch(text, /<script(?![^>]* src=)|<style|\sstyle=|\son\w+=["']/, `${path} has no inline script or style`)
  }
})

t.test('nothing but the page is there', async (t) => {
  const { stranger } = await openDesk(t)
  const outside = ['nothing.js', '..%2froutes.js', '%2e%2e%2froutes.js', '..%5croutes.js', 'a/b', '.hidden']
  for (const path of outside) {
    const { status, body } = await stranger.ask('GET', `/dashboard/${path}`)
    t.match({ status, body }, { status: 404, body: { type: '/problems/route_not_found' } }, path)
  }
})

const CHROMIUM = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium'

const skip =
  !existsSync(CHROMIUM) && `there is no Chromium at ${CHROMIUM}; install one, or name it in CHROMIUM_PATH, to run this`

const QUIET = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

const DISTRICT = 'H20.19'

/** The nine months of the story, with dossiers of every channel, some of them late, some still open. */
const fillDesk = async (client: Client): Promise<void> => {
  const months = ['2021-03', '2021-07', '2021-08']
  for (const month of months) {
    for (const [day, intakeChannel] of [
      ['02', 'desk'],
      ['03', 'post'],
      ['04', 'desk'],
    ] as const) {
      const { code } = await take(client, {
        intakeChannel,
        returnChannel: 'post',
        receivedAt: `${month}-${day}T09:00:00+07:00`,
        ...(intakeChannel === 'post' ? { post: { handoverNumber: `BBGN-${month}-${day}` } } : {}),
        ...(day === '04' ? { receivingAgency: 'H20.19.04' } : {}),
      })
      if (day === '04') continue
      await move(client, code, 'finish', `${month}-${day === '02' ? '03' : '20'}T15:00:00+07:00`)
      if (day === '02') {
        const post = { trackingNumber: 'EB123456789VN' }
        await move(client, code, 'return', `${month}-${day === '02' ? '04' : '21'}T08:00:00+07:00`, { post })
      }
    }
  }
  for (let n = 1; n <= 3; n += 1) await take(client, { receivedAt: `2021-09-0${n}T08:00:00+07:00` })
}

type Place = { client: Client; reader: Client; url: string; browser: Browser }

const openPlace = async (t: Test): Promise<Place> => {
  const desk = await openDesk(t)
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: QUIET })
  t.teardown(() => browser.close())
  const client = await desk.client()
  await fillDesk(client)
  const reader = await desk.client(['reports:read', 'overdue:read', 'dossiers:read'], DISTRICT)
  return { client, reader, browser, url: await desk.app.listen({ host: '127.0.0.1', port: 0 }) }
}

const VIEW = '#agency=H20.19&period=2021-9M&year=calendar&definition=either&overdue=now&lang=vi'

/** Opens the page in a browser that has never seen it, and complains of all that should not happen there. */
const visit = async (t: Test, { browser, url }: Place, width = 1280, hash = VIEW): Promise<Page> => {
  const context = await browser.newContext({ viewport: { width, height: 800 } })
  t.teardown(() => context.close())
  const page = await context.newPage()
  page.on('pageerror', (error) => t.fail(error.message))
  page.on('console', (message) => {
    // A refusal is told here as well; what the page makes of it is tested.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) t.fail(message.text())
  })
  page.on('request', (request) => {
    if (!request.url().startsWith(`${url}/`) && !request.url().startsWith('blob:')) t.fail(request.url())
    t.notOk(request.url().includes('key='), 'no key in an address')
  })
  await page.goto(`${url}/dashboard${hash}`)
  await page.waitForSelector('#key')
  return page
}

/** Until there is such an element: the page's own policy lets nobody evaluate a condition in it. */
const until = (page: Page, selector: string, hasText: string | RegExp): Promise<void> =>
  page.locator(selector, { hasText }).waitFor({ state: 'attached' })

const loaded = (page: Page): Promise<void> => until(page, '#status', /^(?:Đã tải số liệu|The figures are loaded)\.$/)

const signIn = async (page: Page, key: string): Promise<void> => {
  await page.fill('#key', key)
  await page.click('#enter')
  await loaded(page)
}

type Shown = { figure: string; value: number; text: string }

/** The figures in a part of the page, as they can be read there. */
const figuresIn = (page: Page, selector: string): Promise<Shown[]> =>
  page.evaluate(`[...document.querySelectorAll(${JSON.stringify(`${selector} [data-figure]`)})].map((element) => ({
    figure: element.dataset.figure, value: Number(element.dataset.value), text: element.textContent }))`)

const numberOf = (text: string): number => Number(text.replace(/\D/g, ''))

/** A number of an answer by its path. */
const at = (answer: unknown, path: string): unknown =>
  path.split('.').reduce((part, name) => (part as Record<string, unknown> | undefined)?.[name], answer)

const compare = (t: Test, shown: readonly Shown[], answer: unknown, what: string): void => {
  for (const { figure, value, text } of shown) {
    t.equal(numberOf(text), at(answer, figure), `${what}: ${figure}`)
    t.equal(value, at(answer, figure), `${what}: ${figure}`)
  }
}

const FILTERS = { agency: DISTRICT, period: '2021-9M', year: 'calendar', groupBy: 'month' }

t.test('in a browser', { skip }, async (t) => {
  const place = await openPlace(t)

  t.test('every figure is the one that the API answers', async (t) => {
    const page = await visit(t, place)
    await signIn(page, place.reader.key)

    const reports = {
      ratio: await place.reader.ask('GET', `/v1/reports/channel-ratio?${query({ ...FILTERS, definition: 'either' })}`),
      channels: await place.reader.ask(
        'GET',
        `/v1/reports/channel-ratio?${query({ ...FILTERS, definition: 'either' })}`,
      ),
      punctuality: await place.reader.ask('GET', `/v1/reports/punctuality?${query(FILTERS)}`),
    }
    for (const [section, { status, body }] of Object.entries(reports)) {
      const headline = await figuresIn(page, `#${section} [data-part="headline"]`)
      const months = await page.locator(`#${section} details tbody tr`).count()
      if (status === 200) {
        t.ok(headline.length + (await figuresIn(page, `#${section} .lists`)).length > 1, `${section} has figures`)
        t.equal(months, body.groups.length, `${section} has its months`)
      }
      compare(t, headline, body, section)
      compare(t, await figuresIn(page, `#${section} .lists`), body, section)
      compare(t, await figuresIn(page, `#${section} details tfoot`), body, section)
      for (let month = 0; month < months; month += 1) {
        const row = await figuresIn(page, `#${section} details tbody tr:nth-child(${month + 1})`)
        compare(t, row, body.groups[month], `${section} of ${body.groups[month].label}`)
      }
    }
    const big = await page.locator('#ratio .big').textContent()
    const { numerator, denominator } = reports.ratio.body
    t.equal(Number.parseFloat(String(big).replace(',', '.')), Math.round((1000 * numerator) / denominator) / 10)
    t.match(await page.locator('#ratio .verdict').textContent(), reports.ratio.body.met ? 'Đạt chỉ tiêu' : 'Chưa đạt')

    const summary = await place.reader.ask('GET', `/v1/overdue/summary?${query({ agency: DISTRICT })}`)
    t.ok(summary.body.agencies.length > 1)
    for (const row of await page.locator('#overdue tbody tr').all()) {
      const [name, code, overdue, dueSoon] = await row.locator('th, td').allInnerTexts()
      const counted = summary.body.agencies.find(({ agency }: { agency: string }) => agency === code)
      t.strictSame([name, Number(overdue), Number(dueSoon)], [counted.name, counted.overdue, counted.dueSoon])
    }
    t.equal(await page.locator('canvas[role=img][aria-label]').count(), await page.locator('canvas').count())

    t.test('sorted as the heads say', async (t) => {
      const names = async () => await page.locator('#overdue tbody th').allInnerTexts()
      await page.click('#overdue thead th:first-child button')
      t.equal(await page.locator('#overdue thead th:first-child').getAttribute('aria-sort'), 'ascending')
      const ascending = await names()
      await page.click('#overdue thead th:first-child button')
      t.strictSame(await names(), ascending.toReversed())
    })

    t.test('in English, and of another view, by an address that can be shared', async (t) => {
      await page.click('#language')
      await until(page, '#status', 'The figures are loaded.')
      t.equal(await page.locator('html').getAttribute('lang'), 'en')
      await page.selectOption('#definition', 'intake')
      await page.selectOption('#part', 'Q3')
      await until(page, '#shown', 'Quarter 3 2021')
      const other = await visit(t, place, 1280, new URL(page.url()).hash)
      await signIn(other, place.reader.key)
      t.equal(await other.inputValue('#definition'), 'intake')
      t.equal(await other.inputValue('#part'), 'Q3')
      t.equal(await other.inputValue('#agency'), DISTRICT)
      t.match(await other.locator('#shown').textContent(), '1/7/2021 – 30/9/2021')
    })
  })

  t.test('a figure opens the dossiers behind it', async (t) => {
    const page = await visit(t, place)
    await signIn(page, place.reader.key)
    const listed = async (): Promise<string[]> => {
      await page.waitForSelector('#evidence table')
      return page.locator('#evidence tbody th').allInnerTexts()
    }

    const row = page.locator('#overdue tbody tr', { hasText: 'Xã Long Khánh A' })
    const number = row.locator('button').first()
    await number.click()
    const { body } = await place.reader.ask('GET', `/v1/overdue?${query({ agency: 'H20.19.04' })}`)
    t.strictSame(
      await listed(),
      body.items.map(({ code }: { code: string }) => code),
    )
    t.equal(await page.locator('#evidence').getAttribute('open'), '')
    await page.keyboard.press('Escape')
    t.equal(await page.locator('#evidence').getAttribute('open'), null)
    const focused = await page.evaluate<string>(`document.activeElement.getAttribute('aria-label')`)
    t.equal(focused, await number.getAttribute('aria-label'), 'and one is back where one was')

    const report = await place.reader.ask('GET', `/v1/reports/channel-ratio?${query(FILTERS)}`)
    const figures = page.locator('#ratio [data-part="headline"] button.figure')
    t.equal(await figures.count(), report.body.evidence === undefined ? 0 : 2, 'where the report tells of its evidence')
    if (report.body.evidence !== undefined) {
      await figures.first().click()
      t.equal((await listed()).length, report.body.numerator)
      const standings = await page.locator('#evidence tbody td:last-child').allInnerTexts()
      t.strictSame(
        standings.filter((text) => text === '—' || /^[a-z_]+$/.test(text)),
        [],
        'each says in words how it stands',
      )
      const downloading = page.waitForEvent('download')
      await page.click('#evidence-csv')
      const download = await downloading
      t.match(download.suggestedFilename(), /\.csv$/)
      const lines = readFileSync(await download.path(), 'utf8')
        .trim()
        .split('\n')
      t.equal(lines.length, report.body.numerator + 1)
    }
  })

  t.test('who may not look is told why, and a key leaves nothing behind', async (t) => {
    const page = await visit(t, place)
    const stored = () => page.evaluate('[localStorage.length, sessionStorage.length, document.cookie]')
    for (const wrong of ['no-such-key-1234', 'khóa-không-đúng']) {
      await page.fill('#key', wrong)
      await page.click('#enter')
      await until(page, '#key-error', 'không đúng')
      t.strictSame(await stored(), [0, 0, ''])
    }

    await signIn(page, place.reader.key)
    t.strictSame(await stored(), [0, 1, ''], 'kept for the tab alone')
    t.notOk(page.url().includes(place.reader.key))
    await page.reload()
    await loaded(page)
    await page.click('#sign-out')
    t.strictSame(await stored(), [0, 0, ''])
    t.ok(await page.isVisible('#key'))

    const { body } = await place.client.ask('POST', '/v1/keys', {
      name: 'narrow',
      scopes: ['overdue:read'],
      agency: DISTRICT,
    })
    await signIn(page, body.key)
    t.match(await page.locator('#ratio .notice').textContent(), 'reports:read')
    t.ok(await page.isVisible('#overdue table'), 'what the key may see is shown')
    await place.client.ask('DELETE', `/v1/keys/${body.id}`)
    await page.selectOption('#part', 'H1')
    await until(page, '#key-error', 'thu hồi')
  })

  t.test('by keyboard alone', async (t) => {
    const page = await visit(t, place)
    const focused = () => page.evaluate<string>(`document.activeElement.id || document.activeElement.className`)
    t.equal(await focused(), 'key')
    await page.keyboard.type(place.reader.key)
    await page.keyboard.press('Enter')
    await loaded(page)
    const tabTo = async (wanted: string): Promise<void> => {
      for (let step = 0; step < 60; step += 1) {
        if ((await focused()) === wanted) return
        await page.keyboard.press('Tab')
      }
      t.fail(`${wanted} cannot be reached`)
    }
    await tabTo('agency')
    t.not(
      await page.evaluate(`getComputedStyle(document.activeElement).outlineStyle`),
      'none',
      'where one is can be seen',
    )
    await tabTo('definition')
    await page.keyboard.press('ArrowDown')
    await until(page, '#ratio .hint', 'Hồ sơ nhận qua bưu chính trong kỳ /')
    await loaded(page)
    await tabTo('figure')
    await page.keyboard.press('Enter')
    await page.waitForSelector('#evidence table')
    await page.keyboard.press('Escape')
    t.equal(await focused(), 'figure')
  })

  t.test('on a narrow phone nothing runs out of the screen', async (t) => {
    const page = await visit(t, place, 360)
    await signIn(page, place.reader.key)
    for (const summary of await page.locator('summary').all()) await summary.click()
    const width = () => page.evaluate<number>('document.documentElement.scrollWidth')
    t.ok((await width()) <= 360, `${await width()} px`)
    await page.locator('#overdue button.figure').first().click()
    await page.waitForSelector('#evidence table')
    const inside = await page.evaluate<number>(`document.querySelector('#evidence .body').scrollWidth`)
    t.ok(inside <= 360, `${inside} px`)
  })
})
