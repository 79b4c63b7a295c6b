import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { saveAgency } from '../../src/agencies/store.ts'
import { connectPostgres } from '../../src/db/postgres.ts'
import { referenceSource } from '../../src/reference.ts'
import { seed } from '../../src/seed.ts'
import { serverUrl } from '../support/database.ts'

const DISTRICTS = Array.from({ length: 10 }, (_, i) => `H20.${31 + i}`)

/** Three hundred communes in ten districts, all in one province. */
export const COMMUNES = DISTRICTS.flatMap((district) =>
  Array.from({ length: 30 }, (_, i) => `${district}.${String(i + 1).padStart(2, '0')}`),
)

export const PROVINCE = 'H20'

export const districtOf = (commune: string): string => commune.slice(0, commune.lastIndexOf('.'))

const fillCatalogue = async (url: string): Promise<void> => {
  const { db, migrate, close } = connectPostgres(url, 2, () => {})
  try {
    await migrate()
    const reference = referenceSource(db)
    await seed(reference, true)
    await reference.change(async (tx) => {
      const usual = { calendar: null, hours: null, lateRecordingDays: null }
      for (const code of DISTRICTS) {
        await saveAgency(tx, { code, name: `Huyện ${code}`, level: 'district', parent: PROVINCE, ...usual })
      }
      for (const code of COMMUNES) {
        await saveAgency(tx, { code, name: `Xã ${code}`, level: 'commune', parent: districtOf(code), ...usual })
      }
    })
  } finally {
    await close()
  }
}

/** A database of the measurement's own, with a whole province in its catalogue; it is dropped afterwards. */
export const withProvince = async <T>(serverAddress: string, work: (url: string) => Promise<T>): Promise<T> => {
  const database = `motcua_bench_${randomUUID().replaceAll('-', '')}`
  const admin = new pg.Client(serverAddress)
  await admin.connect()
  await admin.query(`create database ${database}`)
  try {
    const url = serverUrl(serverAddress, database)
    await fillCatalogue(url)
    return await work(url)
  } finally {
    await admin.query(`drop database ${database} with (force)`)
    await admin.end()
  }
}
