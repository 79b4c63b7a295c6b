import { randomUUID } from 'node:crypto'
import { COMMUNES, withProvince } from './province.ts'
import type { Row } from './report.ts'
import { CONNECTIONS, measure, type Sides } from './rounds.ts'
import { KEY, startBare, startOurs, stop } from './servers.ts'

const TARGET = 0.6

type Load = { name: string; agencies: readonly string[]; repeatable: boolean }

const HUNDRED: Load = {
  name: 'intake, 100 agencies',
  agencies: COMMUNES.filter((_, i) => i % 3 === 0),
  repeatable: false,
}

const LOADS: readonly Load[] = [
  HUNDRED,
  { ...HUNDRED, name: 'intake, 100 agencies, Idempotency-Key', repeatable: true },
  { name: 'intake, all at one agency', agencies: COMMUNES.slice(0, 1), repeatable: false },
]

/** Texts of requests. Each connection begins elsewhere in the round of agencies, so that they do not march in step. */
const requestsOf = ({ agencies, repeatable }: Load): ((connection: number, n: number) => string) => {
  const texts = agencies.map((receivingAgency) => {
    const body = JSON.stringify({
      procedureCode: '1.004873',
      receivingAgency,
      intakeChannel: 'desk',
      returnChannel: 'desk',
      applicant: { name: 'Nguyễn Văn An', idNumber: '087123456789', phone: '0912345678' },
    })
    const head = [
      'POST /v1/dossiers HTTP/1.1',
      'host: localhost',
      'content-type: application/json',
      `content-length: ${Buffer.byteLength(body)}`,
      `authorization: Bearer ${KEY}`,
    ]
    return { head: head.join('\r\n'), body: `\r\n\r\n${body}` }
  })
  const run = randomUUID()
  return (connection, n) => {
    const first = Math.floor((connection * texts.length) / CONNECTIONS)
    const text = texts[(first + n) % texts.length]
    const key = repeatable ? `\r\nidempotency-key: ${run}-${connection}-${n}` : ''
    return `${text?.head}${key}${text?.body}`
  }
}

/** Intakes at a hundred agencies. */
export const intakeRequests = () => requestsOf(HUNDRED)

/** Intake by 32 connections. */
const loadOf = (load: Load): Sides => ({
  name: load.name,
  target: load.agencies.length > 1 ? TARGET : undefined,
  // Anew for each round: an Idempotency-Key is used once.
  requestOf: () => requestsOf(load),
})

/**
 * Intake over HTTP by 32 connections, ours and the floor by turns. Each server is a process of its own, this one
 * is the client of both, and both write to the same tables through pools of the same size.
 */
export const benchIntake = (serverAddress: string): Promise<Row[]> =>
  withProvince(serverAddress, async (url) => {
    const ours = await startOurs(url)
    const bare = await startBare(url)
    try {
      const rows: Row[] = []
      for (const load of LOADS) rows.push(await measure(ours, bare, loadOf(load)))
      return rows
    } finally {
      await stop(ours)
      await stop(bare)
    }
  })
