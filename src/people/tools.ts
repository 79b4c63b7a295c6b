import type { Database } from '../db/database.ts'
import { DAY, formatInstant } from '../sla/date.ts'
import { countKeys, countOutdated, purgeSpan, rotateSpan, spansOfDossiers } from './batches.ts'
import type { KeyRing } from './keys.ts'

type Print = (line: string) => void

/** How many numbers are kept under each key, whether at hand or not. */
const numbersByKey = async (db: Database): Promise<ReadonlyMap<string, number>> => {
  const counts = new Map<string, number>()
  for await (const span of spansOfDossiers(db)) {
    for (const { key, numbers } of await countKeys(db, span)) counts.set(key, (counts.get(key) ?? 0) + numbers)
  }
  return counts
}

/**
 * Encrypts under the current key whatever is not, batch by batch: killed at any point, the next run goes on. Then
 * counts what stands under which key. Answers whether all of it stands under the current one.
 */
export const rotate = async (db: Database, keys: KeyRing, print: Print, batch?: number): Promise<boolean> => {
  const { current, byId } = keys
  const total = { encrypted: 0, inClear: 0 }
  for await (const span of spansOfDossiers(db, batch)) {
    const { encrypted, inClear, broken } = await rotateSpan(db, keys, span)
    for (const code of broken) print(`${code} has a number that is not what was encrypted: it is left as it is`)
    total.encrypted += encrypted
    total.inClear += inClear
  }
  print(`${total.encrypted} applicants encrypted under ${current.id}, ${total.inClear} of them stood in clear`)
  const counts = await numbersByKey(db)
  print(`${counts.get(current.id) ?? 0} numbers are kept under ${current.id}`)
  for (const id of byId.keys()) {
    if (id === current.id) continue
    const numbers = counts.get(id) ?? 0
    print(
      numbers === 0
        ? `nothing is kept under ${id} any more: take it out of PII_KEYS once every instance has ${current.id} first`
        : `${numbers} numbers came in under ${id} meanwhile: let every instance have ${current.id} first, and run this again`,
    )
  }
  const strange = [...counts].filter(([id]) => id !== '' && !byId.has(id))
  for (const [id, numbers] of strange) {
    print(`${numbers} numbers are kept under ${id}, which PII_KEYS does not hold: nothing can read them`)
  }
  return [...counts.keys()].every((id) => id === current.id)
}

const MOST_DAYS = 36_500

/** Days, or a span of ISO 8601 in years, months, weeks and days, back from now. */
export const longAgo = (text: string | undefined, now: Date): Date => {
  const [, years, months, weeks, days] =
    /^P(?=\d)(?:(\d{1,2})Y)?(?:(\d{1,3})M)?(?:(\d{1,4})W)?(?:(\d{1,5})D)?$/.exec(
      /^\d{1,5}$/.test(text ?? '') ? `P${text}D` : String(text),
    ) ?? []
  const [inMonths, inDays] = [Number(years ?? 0) * 12 + Number(months ?? 0), Number(weeks ?? 0) * 7 + Number(days ?? 0)]
  if (inMonths + inDays < 1 || inMonths * 31 + inDays > MOST_DAYS) {
    throw new Error('--older-than needs days, such as 1825, or a span such as P5Y; a day at least, a century at most.')
  }
  const then = new Date(now)
  then.setUTCMonth(then.getUTCMonth() - inMonths)
  // The 31st of a shorter month is its last day.
  if (then.getUTCDate() !== now.getUTCDate()) then.setUTCDate(0)
  return new Date(then.getTime() - inDays * DAY)
}

/** Deletes the applicants of dossiers closed before an instant, or only counts them; figures and trail know none. */
export const purge = async (db: Database, closedBefore: Date, dryRun: boolean, print: Print): Promise<void> => {
  let applicants = 0
  for await (const span of spansOfDossiers(db)) {
    applicants += await (dryRun ? countOutdated(db, span, closedBefore) : purgeSpan(db, span, closedBefore))
  }
  const closed = `of dossiers closed before ${formatInstant(closedBefore)}`
  print(dryRun ? `${applicants} applicants ${closed} would be deleted` : `${applicants} applicants ${closed} deleted`)
}
