import { serverUrl } from '../support/database.ts'
import { fill } from './fill.ts'
import { fillCatalogue, onServer, withProvince } from './province.ts'
import { say, whole } from './report.ts'

/** What a kept database says of itself once it is whole: `size` dossiers, filled at `filledAt`. */
type Filled = { size: number; filledAt: string }

const filledAnew = async (url: string, size: number): Promise<void> => {
  say(`filling in ${whole(size)} dossiers`)
  await fill(url, size, new Date())
}

const describedBy = (comment: string | null | undefined): Filled | undefined =>
  comment?.startsWith('{') ? (JSON.parse(comment) as Filled) : undefined

/** A kept database as it was filled before, or filled now; its comment is written last, when nothing is missing. */
const keptFilled = (serverAddress: string, database: string, size: number): Promise<string> =>
  onServer(serverAddress, async (admin) => {
    const url = serverUrl(serverAddress, database)
    const { rows } = await admin.query<{ comment: string | null }>(
      `select shobj_description(oid, 'pg_database') as comment from pg_database where datname = $1`,
      [database],
    )
    const [known] = rows
    if (known) {
      const filled = describedBy(known.comment)
      if (filled?.size !== size) {
        throw new Error(
          `${database} does not hold ${whole(size)} dossiers (${known.comment}): drop it, or name another.`,
        )
      }
      say(`reusing ${database}, filled with ${whole(size)} dossiers at ${filled.filledAt}`)
      return url
    }
    await admin.query(`create database ${database}`)
    await fillCatalogue(url)
    await filledAnew(url, size)
    const filled: Filled = { size, filledAt: new Date().toISOString() }
    await admin.query(`comment on database ${database} is '${JSON.stringify(filled)}'`)
    say(`keeping ${database}`)
    return url
  })

/** Works on a filled province: in a database that is kept by its name, else in one that is dropped afterwards. */
export const withFilled = async <T>(
  serverAddress: string,
  size: number,
  database: string | undefined,
  work: (url: string) => Promise<T>,
): Promise<T> => {
  if (database !== undefined) return work(await keptFilled(serverAddress, database, size))
  return withProvince(serverAddress, async (url) => {
    await filledAnew(url, size)
    return work(url)
  })
}
