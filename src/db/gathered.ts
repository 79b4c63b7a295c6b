import type { Database } from './database.ts'

/** As many statements of one kind as run at once in one process; what is asked for meanwhile waits for the next. */
const MOST_RUNNING = 2

/** As many as share one statement. */
const MOST_TOGETHER = 64

type Asked<Item, Answer> = { item: Item; resolve: (answer: Answer) => void; reject: (error: unknown) => void }

/**
 * Work of which what is asked for in the same moment shares one statement: in a crowd that spares most of the way to
 * the database and back; alone, it goes out at once. Items come in the order of asking and are answered in that order.
 */
export const together = <Item, Answer>(
  run: (db: Database, items: readonly Item[]) => Promise<readonly Answer[]>,
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
      for (const { reject } of asked) reject(error)
    }
  }

  const next = (db: Database): void => {
    const queue = queueOf(db)
    if (queue.running >= MOST_RUNNING || queue.waiting.length === 0) return
    queue.running += 1
    void answer(db, queue.waiting.splice(0, MOST_TOGETHER)).then(() => {
      queue.running -= 1
      next(db)
    })
  }

  return (db, item) =>
    new Promise((resolve, reject) => {
      queueOf(db).waiting.push({ item, resolve, reject })
      next(db)
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
