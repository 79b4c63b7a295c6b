import type { Database } from '../db/database.ts'
import { procedures } from '../db/tables.ts'
import type { Procedure } from './procedure.ts'

export const readProcedures = (db: Database): Promise<Procedure[]> =>
  db.select().from(procedures).orderBy(procedures.code)

export const saveProcedure = async (db: Database, procedure: Procedure): Promise<void> => {
  await db.insert(procedures).values(procedure).onConflictDoUpdate({ target: procedures.code, set: procedure })
}
