import pg from 'pg'
import { COMMUNES } from './province.ts'
import { KEY, type Side } from './servers.ts'

/** Asks ours and expects it to do what was asked. */
export const ask = async <T>({ address }: Side, method: string, path: string, body?: object): Promise<T> => {
  const answer = await fetch(`${address}${path}`, {
    method,
    headers: { authorization: `Bearer ${KEY}`, ...(body ? { 'content-type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  if (!answer.ok) throw new Error(await answer.text())
  return (await answer.json()) as T
}

/** Takes in one dossier, so that what is copied is as real as what an intake leaves. */
export const takeIn = async (ours: Side): Promise<string> => {
  const { code } = await ask<{ code: string }>(ours, 'POST', '/v1/dossiers', {
    procedureCode: '1.004873',
    receivingAgency: COMMUNES[0],
    intakeChannel: 'desk',
    returnChannel: 'desk',
    applicant: { name: 'Nguyễn Văn An', idNumber: '087123456789', phone: '0912345678' },
  })
  return code
}

/** The code of a copy. */
export const codeOf = (place: number): string => {
  const agency = COMMUNES[place % COMMUNES.length]
  return `${agency}-200101-${String(place).padStart(7, '0')}`
}

/** Copies of a dossier with its event, spread over all communes; their hashes are their model's. */
export const multiply = async (url: string, code: string, count: number): Promise<void> => {
  const client = new pg.Client(url)
  await client.connect()
  try {
    await client.query(
      `insert into dossiers overriding system value
       select copy.* from dossiers d, generate_series(1, $2::int) n,
         lateral jsonb_populate_record(d, jsonb_build_object(
           'id', 1000000 + n,
           'code', ($3::text[])[1 + n % $4::int] || '-200101-' || lpad(n::text, 7, '0'),
           'receiving_agency', ($3::text[])[1 + n % $4::int],
           'resolving_agency', ($3::text[])[1 + n % $4::int])) copy
       where d.code = $1`,
      [code, count, COMMUNES, COMMUNES.length],
    )
    await client.query(
      `insert into events
       select copy.* from dossiers d join events e on e.dossier_id = d.id, generate_series(1, $2::int) n,
         lateral jsonb_populate_record(e, jsonb_build_object('dossier_id', 1000000 + n)) copy
       where d.code = $1`,
      [code, count],
    )
    await client.query('vacuum analyze')
  } finally {
    await client.end()
  }
}
