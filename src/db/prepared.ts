import type { Database } from './database.ts'

/**
 * Statements built once for each database and kept there. Named statements spare PostgreSQL parsing and
 * planning and this process building the text, again at every request.
 */
export const prepared = <Statements>(build: (db: Database) => Statements): ((db: Database) => Statements) => {
  const built = new WeakMap<Database, Statements>()
  return (db) => {
    const known = built.get(db)
    if (known !== undefined) return known
    const statements = build(db)
    built.set(db, statements)
    return statements
  }
}
