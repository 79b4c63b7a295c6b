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

/** Brings a database up to date and puts a whole province into its catalogue. */
export const fillCatalogue = async (url: string): Promise<void> => {
  const { db, migrate, close } = connectPostgres(url, { name: 'bench', max: 2, timeoutS: 300 }, () => {})
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

/** Does something on the server itself. */
export const onServer = async <T>(serverAddress: string, work: (admin: pg.Client) => Promise<T>): Promise<T> => {
  const admin = new pg.Client(serverAddress)
  await admin.connect()
  try {
    return await work(admin)
  } finally {
    await admin.end()
  }
}

/** A database of the measurement's own, with a whole province in its catalogue; it is dropped afterwards. */
export const withProvince = async <T>(serverAddress: string, work: (url: string) => Promise<T>): Promise<T> => {
  const database = `motcua_bench_${randomUUID().replaceAll('-', '')}`
  return onServer(serverAddress, async (admin) => {
    await admin.query(`create database ${database}`)
    try {
      const url = serverUrl(serverAddress, database)
      await fillCatalogue(url)
      return await work(url)
    } finally {
      await admin.query(`drop database ${database} with (force)`)
    }
  })
}
