import { askRatio, type RatioAnswer } from './auditor.ts'
import { type Checks, openChecks } from './checks.ts'
import { type Pulled, pullOverdue } from './commune.ts'
import { checkAnswers, checkCodes, checkOverdue, checkRatio, checkReadBack, checkStanding } from './compare.ts'
import { at, CLOSING, daysAfter } from './days.ts'
import { type DossierAnswer, playDesk, readBack, readDueDates } from './front-desk.ts'
import { type Access, type Ask, asker, type Line } from './http.ts'
import { type Ledger, openLedger } from './ledger.ts'
import type { DemoOptions } from './options.ts'
import { withOwnService } from './own-service.ts'
import {
  type AuditView,
  type CommuneView,
  introduction,
  printAudit,
  printCommunes,
  printDesk,
  printOutcome,
} from './print.ts'
import { printWaits } from './print-waits.ts'
import { PUT_BY_THE_DEMO } from './procedures.ts'
import { openProgress, type Screen } from './progress.ts'
import { type Scenario, writeScenario } from './scenario.ts'
import { COMMUNES, DISTRICT, NINE_MONTHS } from './story.ts'

/** What the demo needs from outside. */
export type Stage = {
  /** The result, the same for the same seed. */
  readonly print: (line: string) => void
  /** Progress and timings. */
  readonly screen: Screen
  readonly line: Line
  /** A PostgreSQL server for the demo's database; embedded without it. */
  readonly server: string | undefined
}

const MONTH_ENDS = Array.from({ length: 9 }, (_, i) => daysAfter(`2021-${String(i + 2).padStart(2, '0')}-01`, -1))

const OTHER_DEFINITIONS = ['intake', 'return', 'both', 'legs'] as const

/** The nine months of the administrative year, 15/12–14/9. */
const ADMINISTRATIVE = { from: '2020-12-15', to: '2021-09-14' } as const

/** Of how many dossiers whose date was moved the service is asked to explain every date. */
const EXPLAINED = 50

type Commune = { readonly code: string; readonly name: string; readonly ask: Ask }

type Clients = { readonly desk: Ask; readonly communes: readonly Commune[]; readonly auditor: Ask }

/** The limits by which the district works and that the sample catalogue does not have so. */
const putProcedures = async (ask: Ask): Promise<void> => {
  for (const { procedure, field } of PUT_BY_THE_DEMO) {
    const { code, name, term, afterSupplement } = procedure
    const version = { effectiveFrom: '2018-06-21', sample: true, limit: { ...term, afterSupplement } }
    await ask('PUT', `/v1/procedures/${code}`, { body: { name, field, postAllowed: true, versions: [version] } })
  }
}

/** Gives each client a key of its own, which is all that it ever gets. */
const handOutKeys = async (admin: Access, askAdmin: Ask, line: Line): Promise<Clients> => {
  const client = async (name: string, scopes: readonly string[], agency: string): Promise<Ask> => {
    const { body } = await askAdmin<{ key: string }>('POST', '/v1/keys', { body: { name, scopes, agency } })
    return asker({ url: admin.url, key: body.key }, line)
  }
  const communes: Commune[] = []
  for (const { code, name } of COMMUNES) {
    communes.push({ code, name, ask: await client(`Phần mềm ${name}`, ['overdue:read'], code) })
  }
  return {
    // It records in 2026 what happened in 2021, and so later than officers may.
    desk: await client('Phần mềm một cửa', ['dossiers:write', 'dossiers:read', 'dossiers:correct'], DISTRICT.code),
    communes,
    auditor: await client('Thanh tra', ['reports:read'], DISTRICT.code),
  }
}

/** Each desk sends its own, one thing after the other; the desks of the district work side by side. */
const play = async (ask: Ask, scenario: Scenario, ledger: Ledger, checks: Checks, screen: Screen): Promise<void> => {
  const total = [...scenario.values()].reduce((sum, { length }) => sum + length, 0)
  const step = openProgress(screen, 'Đang tiếp nhận và giải quyết · playing', total)
  const began = performance.now()
  await Promise.all(
    [...scenario.values()].map((acts) =>
      playDesk(ask, acts, (act, code, answers) => {
        checkAnswers(checks, act, answers, ledger.write(act, code))
        step()
      }),
    ),
  )
  const seconds = (performance.now() - began) / 1000
  screen.write(`${total} bước trong · steps in ${seconds.toFixed(1)} s: ${Math.round(total / seconds)}/s\n`)
}

const readDesk = async (ask: Ask, ledger: Ledger, checks: Checks): Promise<readonly DossierAnswer[]> => {
  const kept = await readBack(ask)
  checkReadBack(checks, kept, ledger.entries())
  checkCodes(checks, ledger.entries())
  for (const punctuality of ['waiting', 'overdue', 'late']) {
    checkStanding(checks, punctuality, await readBack(ask, punctuality), ledger.entries())
  }
  const moved = ledger.entries().filter(({ dueDates }) => dueDates.length > 1)
  const extended = moved.filter(({ extension }) => extension !== null)
  for (const { code, dueDates } of [...extended, ...moved].slice(0, EXPLAINED)) {
    checks.same(`${code}: the dates it was promised`, await readDueDates(ask, code), dueDates)
  }
  return kept
}

const readCommunes = async (
  clients: readonly Commune[],
  ledger: Ledger,
  checks: Checks,
  pageSize: number,
): Promise<readonly CommuneView[]> => {
  const pull = async (ask: Ask, agency: string, day: string): Promise<Pulled> => {
    const pulled = await pullOverdue(ask, at(day, CLOSING), pageSize)
    checkOverdue(checks, agency, day, pulled, ledger.entriesAt(at(day, CLOSING)), pageSize)
    return pulled
  }
  const views: CommuneView[] = []
  for (const { code, ask, name } of clients) {
    const monthEnds: Pulled[] = []
    for (const day of MONTH_ENDS) monthEnds.push(await pull(ask, code, day))
    views.push({ code, name, monthEnds, atEnd: await pull(ask, code, NINE_MONTHS.to) })
  }
  return views
}

const readAudit = async (ask: Ask, ledger: Ledger, checks: Checks): Promise<AuditView> => {
  const either = await askRatio(ask, 'either', NINE_MONTHS)
  const inEnglish = await askRatio(ask, 'either', { period: '2021-9M', year: 'calendar' }, 'en')
  const others: RatioAnswer[] = []
  for (const definition of OTHER_DEFINITIONS) others.push(await askRatio(ask, definition, NINE_MONTHS))
  const administrative = await askRatio(ask, 'either', { period: '2021-9M', year: 'administrative' })
  for (const answer of [either, inEnglish, ...others]) checkRatio(checks, answer, NINE_MONTHS, ledger.entries())
  checkRatio(checks, administrative, ADMINISTRATIVE, ledger.entries())
  return { either, inEnglish, others, administrative }
}

/**
 * Plays nine months of a district over HTTP and prints what its three clients see; everything that the service
 * answers is compared with the demo's own ledger. Answers with how many comparisons failed.
 */
export const runDemo = (options: DemoOptions, { print, screen, line, server }: Stage): Promise<number> => {
  screen.write('Khởi động dịch vụ với cơ sở dữ liệu riêng · starting the service on a database of its own …\n')
  return withOwnService(server, async (admin) => {
    const askAdmin = asker(admin, line)
    await putProcedures(askAdmin)
    const clients = await handOutKeys(admin, askAdmin, line)
    const checks = openChecks()
    const ledger = openLedger()
    const scenario = writeScenario(options.seed, options.dossiers)
    await play(clients.desk, scenario, ledger, checks, screen)
    const kept = await readDesk(clients.desk, ledger, checks)
    const communes = await readCommunes(clients.communes, ledger, checks, options.page)
    const audit = await readAudit(clients.auditor, ledger, checks)
    const pages = [
      introduction(options),
      printDesk(kept),
      printWaits(scenario, kept),
      printCommunes(communes),
      printAudit(audit),
    ]
    for (const text of [...pages.flat(), ...printOutcome(checks)]) print(text)
    return checks.failures.length
  })
}
