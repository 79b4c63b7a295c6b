import { setTimeout } from 'node:timers/promises'
import { rebuildPage } from '../../src/audit/rebuild.ts'
import { verifyDay } from '../../src/audit/verify.ts'
import type { Database } from '../../src/db/database.ts'
import { connectPostgres } from '../../src/db/postgres.ts'
import { dayOf } from '../../src/sla/date.ts'
import { answersPerSecond } from './client.ts'
import { ask, multiply, takeIn } from './copies.ts'
import { intakeRequests } from './intake.ts'
import { withProvince } from './province.ts'
import type { Row } from './report.ts'
import { say, whole } from './report.ts'
import { type Side, startOurs, stop } from './servers.ts'

const OPEN_DOSSIERS = 200_000
const MOST_SECONDS = 60
const LOAD_SECONDS = 20
const CONNECTIONS = 32

const today = (): number => dayOf(Date.now())

const seconds = async (work: () => Promise<void>): Promise<number> => {
  const began = performance.now()
  await work()
  return (performance.now() - began) / 1000
}

/** Every event that HTTP has left, recomputed; then every row, folded anew. */
const checkAll = async (db: Database): Promise<Row[]> => {
  let events = 0
  const verifying = await seconds(async () => {
    const verified = await verifyDay(db, null, today())
    if (verified.misfit) throw new Error(JSON.stringify(verified.misfit))
    events = verified.events
  })
  let dossiers = 0
  const rebuilding = await seconds(async () => {
    for (let after: number | null = 0; after !== null; ) {
      const page = await rebuildPage(db, after, false)
      if (page.differences.length > 0) throw new Error(JSON.stringify(page.differences))
      dossiers += page.dossiers
      after = page.lastId
    }
  })
  return [
    { name: `verify ${whole(events)} events`, ours: `${whole(events / verifying)} events/s` },
    { name: `rebuild ${whole(dossiers)} dossiers`, ours: `${whole(dossiers / rebuilding)} dossiers/s` },
  ]
}

type Progress = { id: string; state: string; examined: number; moved: number }

/** A day off put into the term of every open dossier, and all of them moved, as an operator would. */
const recalculateAll = async (url: string, ours: Side): Promise<Row> => {
  await multiply(url, await takeIn(ours), OPEN_DOSSIERS)
  const { dueOn } = await ask<{ dueOn: string }>(ours, 'POST', '/v1/deadlines', {
    procedureCode: '1.004873',
    receivedAt: new Date().toISOString(),
  })
  const day = { date: dueOn, kind: 'off', name: 'Đóng cửa', legalBasis: 'bench' }
  await ask(ours, 'PUT', '/v1/calendars/vn/days', { publishedAt: new Date().toISOString(), days: [day] })
  let progress: Progress | undefined
  const took = await seconds(async () => {
    progress = await ask<Progress>(ours, 'POST', '/v1/calendars/vn/recalculate')
    while (progress.state !== 'done') {
      await setTimeout(200)
      progress = await ask<Progress>(ours, 'GET', `/v1/calendars/vn/recalculations/${progress.id}`)
    }
  })
  say(`  ${JSON.stringify(progress)}`)
  return {
    name: `recalculate ${whole(Number(progress?.moved))} open dossiers`,
    ours: `${took.toFixed(1)} s`,
    target: `< ${MOST_SECONDS} s`,
    met: took < MOST_SECONDS && Number(progress?.moved) >= OPEN_DOSSIERS,
  }
}

/** How fast the trail is verified, rows are rebuilt and a calendar's change is carried to open dossiers. */
export const benchTrail = (serverAddress: string): Promise<Row[]> =>
  withProvince(serverAddress, async (url) => {
    const ours = await startOurs(url)
    const { db, close } = connectPostgres(url, { name: 'bench', max: 2, timeoutS: 300 }, () => {})
    try {
      await answersPerSecond(ours.address, CONNECTIONS, LOAD_SECONDS, intakeRequests())
      const checked = await checkAll(db)
      return [...checked, await recalculateAll(url, ours)]
    } finally {
      await close()
      await stop(ours)
    }
  })
