import type { Database } from './database.ts'

/** As many of these queries as run at once in one process; what is asked for meanwhile waits for the next. */
const MOST_RUNNING = 2

/** As many keys as one query reads. */
const MOST_KEYS = 64

type Asked<Row> = { key: string; resolve: (row: Row | undefined) => void; reject: (error: unknown) => void }

/**
 * Reads of single rows, of which those asked for in the same moment share one query: in a crowd that spares
 * most of the way to the database and back; alone, a read goes out at once. A row is never older than its asking.
 */
export const gathered = <Row>(
  read: (db: Database, keys: readonly string[]) => Promise<readonly Row[]>,
  keyOf: (row: Row) => string,
): ((db: Database, key: string) => Promise<Row | undefined>) => {
  const queues = new WeakMap<Database, { waiting: Asked<Row>[]; running: number }>()

  const queueOf = (db: Database) => {
    const known = queues.get(db) ?? { waiting: [], running: 0 }
    queues.set(db, known)
    return known
  }

  const answer = async (db: Database, asked: readonly Asked<Row>[]): Promise<void> => {
    try {
      const rows = await read(db, [...new Set(asked.map(({ key }) => key))])
      const byKey = new Map(rows.map((row) => [keyOf(row), row]))
      for (const { key, resolve } of asked) resolve(byKey.get(key))
    } catch (error) {
      for (const { reject } of asked) reject(error)
    }
  }

  const next = (db: Database): void => {
    const queue = queueOf(db)
    if (queue.running >= MOST_RUNNING || queue.waiting.length === 0) return
    queue.running += 1
    void answer(db, queue.waiting.splice(0, MOST_KEYS)).then(() => {
      queue.running -= 1
      next(db)
    })
  }

  return (db, key) =>
    new Promise((resolve, reject) => {
      queueOf(db).waiting.push({ key, resolve, reject })
      next(db)
    })
}
