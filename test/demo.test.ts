import { readdirSync } from 'node:fs'
import t, { type Test } from 'tap'
import { openChecks } from '../src/demo/checks.ts'
import { afterWorkingHours, workedAfter } from '../src/demo/days.ts'
import { runDemo } from '../src/demo/demo.ts'
import { asker } from '../src/demo/http.ts'
import { readOptions } from '../src/demo/options.ts'
import { withOwnService } from '../src/demo/own-service.ts'
import { printAudit, printOutcome } from '../src/demo/print.ts'
import { COMMUNE_PROCEDURES, DISTRICT_PROCEDURES, dueOn } from '../src/demo/procedures.ts'
import { countShare, isMet, ratioOf } from '../src/demo/share.ts'

const server = process.env.DATABASE_URL

// The whole service starts twice, on a new database each time.
t.setTimeout(120_000)

type Play = { failed: number; printed: readonly string[]; shown: string }

/** Plays the demo as its command does, with every request going through `fetch`. */
const play = async (
  options: { seed: number; dossiers: number; page: number },
  line: Parameters<typeof runDemo>[1]['line'],
  isTTY?: boolean,
): Promise<Play> => {
  const printed: string[] = []
  let shown = ''
  const screen = {
    isTTY,
    write: (text: string) => {
      shown += text
    },
  }
  const failed = await runDemo(options, { print: (text) => printed.push(text), screen, line, server })
  return { failed, printed, shown }
}

const OPTIONS = { seed: 9, dossiers: 150, page: 2 }

/** Behind the ledger's back: before the desk reads its dossiers again, somebody else hands over a result. */
const meddler = (t: Test) => {
  const meddled: string[] = []
  const meddle = async (url: string, headers: RequestInit['headers']): Promise<void> => {
    const ask = asker(
      { url, key: String(new Headers(headers).get('authorization')).slice('Bearer '.length) },
      { fetch },
    )
    const { body } = await ask<{ items: { code: string }[] }>('GET', '/v1/dossiers?status=finished')
    const code = String(body.items[0]?.code)
    meddled.push(code)
    const move = { body: { channel: 'desk', effectiveAt: '2021-10-20T09:00:00+07:00' } }
    await ask('POST', `/v1/dossiers/${code}/return`, move)
    await t.rejects(ask('POST', `/v1/dossiers/${code}/return`, move), { message: /answered 409/ })
  }
  const meddling: typeof fetch = async (input, init) => {
    const { origin, pathname, searchParams } = new URL(String(input))
    if (pathname === '/v1/dossiers' && init?.method === 'GET' && meddled.length === 0) {
      await meddle(origin, init.headers)
    }
    const response = await fetch(input, init)
    if (searchParams.get('definition') !== 'legs') return response
    // And one figure comes out wrong.
    return new Response((await response.text()).replace(/"postRequested":(\d+)/, '"postRequested":1$1'), response)
  }
  return { meddled, fetch: meddling }
}

t.test('what the three clients see is what the demo counted on its own', async (t) => {
  const before = process.env.TMPDIR
  process.env.TMPDIR = t.testdir()
  t.teardown(() => {
    if (before === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = before
  })
  const { failed, printed, shown } = await play(OPTIONS, { fetch, signal: new AbortController().signal })
  t.equal(failed, 0, String(printed.find((text) => text.startsWith('✗'))))
  t.match(printed.at(-1), /^[\d,]+ checks passed, 0 failed$/)
  t.match(printed.join('\n'), /the first of 2 pages/, 'the list is longer than a page')
  t.equal(shown.split('\n').filter((text) => text.endsWith(' %')).length, 10, 'a line every tenth of the way')
  t.strictSame(readdirSync(process.env.TMPDIR), [], 'nothing is left of its database')

  t.test('and whatever is otherwise is noticed, where all else is the same again for the same seed', async (t) => {
    const { meddled, fetch } = meddler(t)
    const again = await play(OPTIONS, { fetch }, true)
    const [code] = meddled
    t.equal(again.failed, 2)
    t.match(again.printed.slice(-3), [
      `✗ ${code}: expected {"code":"${code}","status":"finished"`,
      /^✗ legs 2021-01-01–2021-09-30: expected {"numerator":/,
      /^[\d,]+ checks passed, 2 failed$/,
    ])
    t.strictSame(again.printed.slice(0, -3), printed.slice(0, -1))
    t.match(again.shown, /\r.* 100 %\n/, 'a terminal’s line is rewritten')
  })
})

t.test('a server that does not answer ends the demo', async (t) => {
  const stage = { print: t.fail, screen: { write: () => true }, line: { fetch }, server: 'postgres://me@127.0.0.1:1/x' }
  await t.rejects(runDemo({ seed: 1, dossiers: 1, page: 1 }, stage), { code: 'ECONNREFUSED' })
})

t.test('the demo’s own reckoning walks past the days off', async (t) => {
  t.equal(workedAfter('2021-02-09', 1), '2021-02-17', 'Tết Tân Sửu')
  t.equal(afterWorkingHours('2021-09-01T16:30:00+07:00', 8), '2021-09-06T17:00:00+07:00')
  const { birth, single } = COMMUNE_PROCEDURES
  t.equal(dueOn(birth, '2021-09-01T15:00:00+07:00', false), '2021-09-01')
  t.equal(dueOn(birth, '2021-09-01T15:01:00+07:00', false), '2021-09-06')
  t.equal(dueOn(single, '2021-08-31T09:00:00+07:00', false), '2021-09-07')
  t.equal(dueOn(single, '2021-08-31T09:00:00+07:00', true), '2021-09-23')
  t.equal(dueOn(DISTRICT_PROCEDURES.building, '2021-08-19T09:00:00+07:00', false), '2021-09-06')
})

t.test('an empty whole has neither a ratio nor a target to meet', async (t) => {
  const nothing = countShare([], 'either', { from: '2021-01-01', to: '2021-09-30' })
  t.equal(ratioOf(nothing), null)
  t.equal(isMet(nothing), null)
  const answer = {
    ...nothing,
    definition: 'either',
    definitionText: '',
    period: { from: '2021-01-01', to: '2021-09-30' },
    target: { percent: 30, comparison: 'gt' },
    ratio: null,
    met: null,
    groups: [],
  } as const
  const printed = printAudit({ either: answer, inEnglish: answer, others: [], administrative: answer })
  t.match(printed.join('\n'), /either .* 0 \/ 0 +– +–/)
  t.equal(ratioOf({ ...nothing, numerator: 2, denominator: 3 }), '0.666667')
})

t.test('of many differences the first are printed, and all are counted', async (t) => {
  const checks = openChecks()
  for (let i = 0; i < 25; i++) checks.same(`figure ${i}`, i, -1)
  const printed = printOutcome(checks)
  t.match(printed, ['', '──', '✗ figure 0: expected -1, got 0'])
  t.strictSame(printed.slice(-2), ['✗ … 5 more', '0 checks passed, 25 failed'])
})

t.test('the seed and the number of dossiers may be chosen, and a wrong one is named', async (t) => {
  t.strictSame(readOptions([]), { seed: 2021, dossiers: 3000, page: 10 })
  t.strictSame(readOptions(['--seed', '7', '--dossiers', '150', '--page', '5']), { seed: 7, dossiers: 150, page: 5 })
  t.throws(() => readOptions(['--dossiers', '0']), { message: /--dossiers .* from 1 to 100000, not 0/ })
  t.throws(() => readOptions(['--seed', 'x']), { message: /--seed/ })
  t.throws(() => readOptions(['--quick']), { code: 'ERR_PARSE_ARGS_UNKNOWN_OPTION' })
})

t.test('without a server the demo brings a database along', async (t) => {
  const { status } = await withOwnService(undefined, ({ url }) => fetch(`${url}/readyz`))
  t.equal(status, 200)
})
