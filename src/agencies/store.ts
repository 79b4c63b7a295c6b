import { eq } from 'drizzle-orm'
import type { Database } from '../db/database.ts'
import { agencies } from '../db/tables.ts'
import type { Agency } from './agency.ts'

export const readAgencies = (db: Database): Promise<Agency[]> => db.select().from(agencies).orderBy(agencies.code)

export const findAgency = async (db: Database, code: string): Promise<Agency | undefined> =>
  (await db.select().from(agencies).where(eq(agencies.code, code)))[0]

export const childrenOf = (db: Database, code: string): Promise<Agency[]> =>
  db.select().from(agencies).where(eq(agencies.parent, code))

export const saveAgency = async (db: Database, agency: Agency): Promise<void> => {
  await db.insert(agencies).values(agency).onConflictDoUpdate({ target: agencies.code, set: agency })
}
