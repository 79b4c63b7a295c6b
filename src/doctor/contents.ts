import { eq, isNull, max } from 'drizzle-orm'
import { countUnsealedDays } from '../audit/sealing.ts'
import { verifyDay } from '../audit/verify.ts'
import type { Calendar } from '../calendars/calendar.ts'
import { NATIONAL_CALENDAR } from '../calendars/national.ts'
import { readNewestCalendars } from '../calendars/store.ts'
import type { Database } from '../db/database.ts'
import { dossiers, schedules, seals } from '../db/tables.ts'
import { countOpenTwice } from '../figures/checking.ts'
import { type DayNumber, dayNumber, dayOf, formatDate } from '../sla/date.ts'
import { type Finding, judged } from './finding.ts'

/** As far ahead as limits reach that agencies usually promise. */
const AHEAD_DAYS = 60

/** Whether deadlines can be counted in a calendar for as far ahead as they are promised. */
export const judgeCalendar = ({ id, rules }: Pick<Calendar, 'id' | 'rules'>, today: DayNumber): Finding => {
  const { to, confirmedTo } = rules.coverage
  const put = `PUT /v1/calendars/${id}/days`
  const [left, firm] = [dayNumber(to) - today, dayNumber(confirmedTo) - today]
  const what = 'calendar'
  if (left < AHEAD_DAYS) {
    const verdict = left < 0 ? 'wrong' : 'warning'
    return {
      verdict,
      what,
      says: `${id} ends on ${to}; what is due later is refused: put the days that follow (${put})`,
    }
  }
  if (firm < AHEAD_DAYS) {
    const says = `${id} is provisional after ${confirmedTo}, and so is what is due then: put what is announced (${put})`
    return { verdict: 'warning', what, says }
  }
  return { verdict: 'ok', what, says: `${id} is confirmed to ${confirmedTo}` }
}

/** The newest version of each calendar by which open dossiers were promised, and of the national one. */
export const checkCalendars = async (db: Database, now: Date): Promise<Finding[]> => {
  const used = await db
    .selectDistinct({ id: schedules.calendarId })
    .from(dossiers)
    .innerJoin(schedules, eq(schedules.id, dossiers.scheduleId))
    .where(isNull(dossiers.closedAt))
  const ids = new Set([NATIONAL_CALENDAR.id, ...used.map(({ id }) => id)])
  const today = dayOf(now.getTime())
  return (await readNewestCalendars(db))
    .filter(({ id }) => ids.has(id))
    .map((calendar) => judgeCalendar(calendar, today))
}

const LAG_WRONG_DAYS = 3

/** How far the seals have come, and whether the newest day of them still says what its events say. */
export const checkSeals = async (db: Database, now: Date): Promise<Finding[]> => {
  const what = 'seals'
  const lag = await countUnsealedDays(db, now)
  const progress: Finding =
    lag === 0
      ? { verdict: 'ok', what, says: 'every day that is over is sealed' }
      : {
          verdict: judged(lag, 1, LAG_WRONG_DAYS),
          what,
          says: `${lag} days are not sealed: start the service; if it runs, its log says why`,
        }
  const [newest] = await db.select({ day: max(seals.day) }).from(seals)
  const day = newest?.day
  if (!day) return [progress]
  const { misfit } = await verifyDay(db, null, dayNumber(day))
  const sound: Finding = misfit
    ? { verdict: 'wrong', what, says: `${misfit.what} on ${day}, agency ${misfit.agency}: keep a copy, npm run verify` }
    : { verdict: 'ok', what, says: `those of ${formatDate(dayNumber(day))} verify` }
  return [progress, sound]
}

/** One figure of all, counted both ways at one snapshot; `npm run verify` compares every one. */
export const checkTotals = async (db: Database): Promise<Finding[]> => {
  const rows = await countOpenTwice(db)
  return rows.map(({ told, counted }) =>
    told === counted
      ? { verdict: 'ok', what: 'totals', says: `${counted} open dossiers, counted both ways` }
      : {
          verdict: 'wrong',
          what: 'totals',
          says: `${told} open dossiers by the totals, ${counted} by count: npm run rebuild puts the totals right`,
        },
  )
}
