import { readdirSync } from 'node:fs'
import t, { type Test } from 'tap'
import { appointmentOf, startedAt, wentOn } from '../src/demo/appointment.ts'
import { openChecks } from '../src/demo/checks.ts'
import { afterWorkingHours, officeMinutes, type Pause, workedAfter } from '../src/demo/days.ts'
import { runDemo } from '../src/demo/demo.ts'
import { asker } from '../src/demo/http.ts'
import { type Entry, openLedger } from '../src/demo/ledger.ts'
import { readOptions } from '../src/demo/options.ts'
import { withOwnService } from '../src/demo/own-service.ts'
import { printAudit, printOutcome } from '../src/demo/print.ts'
import { COMMUNE_PROCEDURES, DISTRICT_PROCEDURES, type PostedProcedure } from '../src/demo/procedures.ts'
import { writeScenario } from '../src/demo/scenario.ts'
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

const OPTIONS = { seed: 7, dossiers: 150, page: 2 }

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
  t.match(printed.join('\n'), /full papers came +[1-9]/, 'papers were supplemented')
  t.match(printed.join('\n'), /payments that came +[1-9]/, 'payments were waited for')
  t.match(
    printed.join('\n'),
    /extensions +1\n.+ → .+\n +xong · finished .+: (đúng hẹn đầu|trễ so với hẹn đầu, có xin lỗi)/,
  )
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
  t.equal(officeMinutes('2021-09-01T16:30:00+07:00', '2021-09-07T08:00:00+07:00'), 30 + 450 + 30)
  t.equal(officeMinutes('2021-09-01T11:00:00+07:00', '2021-09-01T14:00:00+07:00'), 60)
  const { birth, single } = COMMUNE_PROCEDURES
  const dueOn = (procedure: PostedProcedure, from: string, withVerification = false): string =>
    appointmentOf(procedure, startedAt(from), withVerification).dueOn
  t.equal(dueOn(birth, '2021-09-01T15:00:00+07:00'), '2021-09-01')
  t.equal(dueOn(birth, '2021-09-01T15:01:00+07:00'), '2021-09-06')
  t.equal(dueOn(single, '2021-08-31T09:00:00+07:00'), '2021-09-07')
  t.equal(dueOn(single, '2021-08-31T09:00:00+07:00', true), '2021-09-23')
  t.equal(dueOn(DISTRICT_PROCEDURES.building, '2021-08-19T09:00:00+07:00'), '2021-09-06')
})

t.test('the demo’s own reckoning lets a clock stand still', async (t) => {
  const { birth, residence, single } = COMMUNE_PROCEDURES
  const { building } = DISTRICT_PROCEDURES
  const cases: readonly [text: string, procedure: PostedProcedure, from: string, pause: Pause, dueAt: string][] = [
    ['the day on which it stopped counts', single, '08-31T09:00', ['09-01T10:00', '09-06T15:00'], '09-08T17:00'],
    ['nothing is moved within a day', single, '08-31T09:00', ['09-06T08:00', '09-06T15:00'], '09-07T17:00'],
    ['nothing was left', single, '08-31T09:00', ['09-07T10:00', '09-10T09:00'], '09-10T17:00'],
    ['nothing was left, on a Saturday', single, '08-31T09:00', ['09-07T10:00', '09-11T09:00'], '09-13T17:00'],
    ['days off count, or stand still', building, '08-19T09:00', ['08-23T08:00', '08-27T22:00'], '09-07T17:00'],
    ['too late for that day', birth, '09-06T09:00', ['09-06T10:00', '09-06T15:01'], '09-07T17:00'],
    ['it was due before', birth, '09-06T09:00', ['09-07T10:00', '09-08T10:00'], '09-06T17:00'],
    ['hours go on to the minute', residence, '08-31T08:00', ['08-31T10:15', '09-01T08:00'], '09-06T10:15'],
  ]
  const moment = (text: string): string => `2021-${text}:00+07:00`
  for (const [text, procedure, from, [stops, resumes], dueAt] of cases) {
    const clock = wentOn(startedAt(moment(from)), procedure, 'payment', [moment(stops), moment(resumes)])
    t.equal(appointmentOf(procedure, clock, false).dueAt, moment(dueAt), text)
  }
  const pause: Pause = [moment('09-01T10:00'), moment('09-06T15:00')]
  t.strictSame(wentOn(startedAt(moment('08-31T09:00')), single, 'supplement', pause), startedAt(pause[1]))
  t.strictSame(wentOn(startedAt(moment('08-31T09:00')), building, 'supplement', pause).pauses, [pause])
})

t.test('in the demo’s own books what was overdue before it waited stays so', async (t) => {
  const ledger = openLedger()
  const books = new Map<string, Entry>()
  const kept: boolean[] = []
  for (const act of [...writeScenario(2, 1500).values()].flat()) {
    const { reference } = act.dossier
    const before = books.get(reference)
    const after = ledger.write(act, reference)
    books.set(reference, after)
    if (before?.promised && act.step.at >= before.promised.overdueFrom && (before.waiting ?? after.waiting)) {
      kept.push(after.promised?.dueAt === before.promised.dueAt)
    }
  }
  t.ok(kept.length > 0)
  t.notOk(kept.includes(false))
})

t.test('one dossier is put off, where there is one that can be', async (t) => {
  const putOff = (seed: number, dossiers: number): number =>
    [...writeScenario(seed, dossiers).values()].flat().filter(({ step }) => step.verb === 'extend').length
  const plays = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((dossiers) => putOff(3, dossiers))
  t.strictSame([...new Set(plays)], [0, 1])
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

t.test('hours with nothing left when the clock stopped end where it goes on', async (t) => {
  const [received, due] = ['2021-09-06T08:00:00+07:00', '2021-09-06T10:00:00+07:00']
  const until = (resumes: string) => afterWorkingHours(received, 2, [[due, resumes]])
  t.equal(until('2021-09-07T09:15:00+07:00'), '2021-09-07T09:15:00+07:00')
  t.equal(until('2021-09-07T12:00:00+07:00'), '2021-09-07T13:30:00+07:00', 'after lunch')
  t.equal(until('2021-09-10T18:00:00+07:00'), '2021-09-13T07:30:00+07:00', 'over a weekend')
  t.equal(until('2021-09-11T09:00:00+07:00'), '2021-09-13T07:30:00+07:00', 'from a Saturday')
})
