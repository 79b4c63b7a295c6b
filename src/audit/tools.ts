import type { Database } from '../db/database.ts'
import { checkTotals, type FigureMisfit, repairTotals } from '../figures/checking.ts'
import { pageOfContents } from '../reports/snapshot-store.ts'
import { type DayNumber, dayOf, formatDate, parseDate } from '../sla/date.ts'
import { sha256 } from './chain.ts'
import { rebuildPage } from './rebuild.ts'
import { firstRecordedAt, readSealing } from './store.ts'
import { verifyDay } from './verify.ts'

type Print = (line: string) => void

/** A day as it was given on the command line. */
const givenDay = (text: string | undefined): DayNumber | undefined => {
  if (text === undefined) return undefined
  const day = parseDate(text)
  if (day === undefined) throw new Error(`${text} is not a day: write it as 2026-11-23.`)
  return day
}

/** As many differences as anyone reads one by one. */
const MOST_NAMED = 100

/** Prints totals that were not what they should be, and how many there were. */
const namedMisfits = async (pages: AsyncIterable<FigureMisfit[]>, outcome: string, print: Print): Promise<number> => {
  let wrong = 0
  for await (const misfits of pages) {
    for (const { agency, below, half, procedure, flow, expected, found } of misfits) {
      wrong += 1
      if (wrong > MOST_NAMED) continue
      print(`${below ? 'below ' : ''}${agency}, from ${half}, ${procedure}: ${flow} ${expected}, found ${found}`)
    }
  }
  print(wrong === 0 ? 'every total is what the dossiers say' : `${wrong} totals ${outcome}`)
  return wrong
}

/** Few: one can hold thousands of groups. */
const SNAPSHOTS = 100

/** Prints the frozen reports whose content is not what was hashed; answers whether there was none. */
const verifySnapshots = async (db: Database, print: Print): Promise<boolean> => {
  let [after, all, changed] = ['', 0, 0]
  for (;;) {
    const page = await pageOfContents(db, after, SNAPSHOTS)
    for (const { id, hash, content } of page) {
      if (sha256(content) === hash) continue
      changed += 1
      if (changed <= MOST_NAMED) print(`${id}: what was frozen has been changed`)
    }
    all += page.length
    after = page.at(-1)?.id ?? after
    if (page.length < SNAPSHOTS) break
  }
  print(changed === 0 ? `${all} frozen reports are as they were` : `${changed} of ${all} frozen reports were changed`)
  return changed === 0
}

type Days = { from?: string | undefined; to?: string | undefined }

/** Recomputes the whole trail, or the days given, up to the first thing that does not fit. */
const verifyTrail = async (db: Database, { from, to }: Days, now: Date, print: Print): Promise<boolean> => {
  const began = performance.now()
  const first = await firstRecordedAt(db)
  const { sealedUntil } = await readSealing(db)
  const start = givenDay(from) ?? dayOf((first ?? now).getTime())
  const end = givenDay(to) ?? dayOf(now.getTime())
  const total = { events: 0, seals: 0 }
  for (let day = start; day <= end; day++) {
    const { events, seals, misfit } = await verifyDay(db, null, day)
    total.events += events
    total.seals += seals
    if (!misfit) continue
    print(`${misfit.what} on ${misfit.day}, agency ${misfit.agency}`)
    if (misfit.dossier !== null) print(`  dossier ${misfit.dossier}, event ${misfit.event}`)
    print(`  expected ${misfit.expected ?? 'something'}, found ${misfit.found ?? 'nothing'}`)
    return false
  }
  const seconds = (performance.now() - began) / 1000
  print(
    `${total.events} events and ${total.seals} seals from ${formatDate(start)} to ${formatDate(end)} fit together: ${Math.round(total.events / seconds)} events a second`,
  )
  print(
    first && sealedUntil > first
      ? `sealed up to ${formatDate(dayOf(sealedUntil.getTime()) - 1)}`
      : 'no day is sealed yet',
  )
  return true
}

/**
 * Recomputes the trail and prints the first thing in it that does not fit; then, fitting or not, hashes every frozen
 * report, and compares every total of reports with the dossiers. Answers whether everything fitted.
 */
export const verify = async (db: Database, days: Days, now: Date, print: Print): Promise<boolean> => {
  const isWhole = await verifyTrail(db, days, now, print)
  const asFrozen = await verifySnapshots(db, print)
  const misfits = await namedMisfits(checkTotals(db), 'differ from the dossiers', print)
  return isWhole && asFrozen && misfits === 0
}

/**
 * Replays every dossier's events and compares or, without `check`, puts right; then the totals by the dossiers. Answers
 * whether nothing is wrong any more.
 */
export const rebuild = async (db: Database, check: boolean, print: Print): Promise<boolean> => {
  let after: number | null = 0
  let dossiers = 0
  let differing = 0
  let wrong = 0
  while (after !== null) {
    const page = await rebuildPage(db, after, !check)
    dossiers += page.dossiers
    for (const { code, columns, isRight } of page.differences) {
      differing += 1
      if (!isRight) wrong += 1
      if (differing <= MOST_NAMED) print(`${code}: ${columns.join(', ')}`)
    }
    after = page.lastId
  }
  const outcome = check
    ? `${differing} differ from their events`
    : `${differing - wrong} put right, ${wrong} could not be`
  print(`${dossiers} dossiers replayed, ${outcome}`)
  const misfits = check
    ? await namedMisfits(checkTotals(db), 'differ from the dossiers', print)
    : await namedMisfits(repairTotals(db), 'put right', print)
  return wrong === 0 && (misfits === 0 || !check)
}
