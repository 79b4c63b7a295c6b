import type { Database } from './database.ts'
import { outageOf } from './failure.ts'

/** As many statements of one kind as run at once in one process; what is asked for meanwhile waits for the next. */
const USUALLY_RUNNING = 2

/** As many as share one statement. */
const MOST_TOGETHER = 64

type Asked<Item, Answer> = { item: Item; resolve: (answer: Answer) => void; reject: (error: unknown) => void }

/**
 * Work of which what is asked for in the same moment shares one statement: in a crowd that spares most of the way to
 * the database and back; alone, it goes out at once. Items come in the order of asking and are answered in that order.
 * Where the database is at fault, whatever waits fails with what it waited for.
 * @param mostRunning as many statements as run at once
 */
export const together = <Item, Answer>(
  run: (db: Database, items: readonly Item[]) => Promise<readonly Answer[]>,
  mostRunning = USUALLY_RUNNING,
): ((db: Database, item: Item) => Promise<Answer>) => {
  const queues = new WeakMap<Database, { waiting: Asked<Item, Answer>[]; running: number }>()

  const queueOf = (db: Database) => {
    const known = queues.get(db) ?? { waiting: [], running: 0 }
    queues.set(db, known)
    return known
  }

  const answer = async (db: Database, asked: readonly Asked<Item, Answer>[]): Promise<void> => {
    try {
      const answers = await run(
        db,
        asked.map(({ item }) => item),
      )
      for (const [i, { resolve }] of asked.entries()) resolve(answers[i] as Answer)
    } catch (error) {
      // What waits would wait as long for the same, one statement after the other: it was not begun, and may come again.
      const behind = outageOf(error) === undefined ? [] : queueOf(db).waiting.splice(0)
      for (const { reject } of [...asked, ...behind]) reject(error)
    }
  }

  const next = (db: Database): void => {
    const queue = queueOf(db)
    while (queue.running < mostRunning && queue.waiting.length > 0) {
      queue.running += 1
      void answer(db, queue.waiting.splice(0, MOST_TOGETHER)).then(() => {
        queue.running -= 1
        next(db)
      })
    }
  }

  return (db, item) =>
    new Promise((resolve, reject) => {
      const { waiting } = queueOf(db)
      waiting.push({ item, resolve, reject })
      // What was read from other connections in the same turn of the event loop comes along.
      if (waiting.length === 1) setImmediate(next, db)
    })
}

/** Reads of single rows that share queries. A row is never older than its asking. */
export const gathered = <Row>(
  read: (db: Database, keys: readonly string[]) => Promise<readonly Row[]>,
  keyOf: (row: Row) => string,
): ((db: Database, key: string) => Promise<Row | undefined>) =>
  together(async (db, keys: readonly string[]) => {
    const rows = await read(db, [...new Set(keys)])
    const byKey = new Map(rows.map((row) => [keyOf(row), row]))
    return keys.map((key) => byKey.get(key))
  })
