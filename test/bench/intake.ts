import { randomUUID } from 'node:crypto'
import { answersPerSecond } from './client.ts'
import { COMMUNES, withProvince } from './province.ts'
import { median, type Row, say, whole } from './report.ts'
import { KEY, type Side, startBare, startOurs, stop } from './servers.ts'

const CONNECTIONS = 32
const ROUNDS = 5
const ROUND_SECONDS = 4
const WARM_UP_SECONDS = 4
const TARGET = 0.6

type Load = { name: string; agencies: readonly string[]; repeatable: boolean }

const LOADS: readonly Load[] = [
  { name: 'intake, 100 agencies', agencies: COMMUNES.filter((_, i) => i % 3 === 0), repeatable: false },
  { name: 'intake, 100 agencies, Idempotency-Key', agencies: COMMUNES.filter((_, i) => i % 3 === 0), repeatable: true },
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

const shoot = ({ address }: Side, load: Load, seconds: number): Promise<number> =>
  answersPerSecond(address, CONNECTIONS, seconds, requestsOf(load))

const measure = async (ours: Side, bare: Side, load: Load): Promise<Row> => {
  await shoot(ours, load, WARM_UP_SECONDS)
  await shoot(bare, load, WARM_UP_SECONDS)
  const rounds: { ours: number; bare: number }[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const oursFirst = round % 2 === 0
    const first = await shoot(oursFirst ? ours : bare, load, ROUND_SECONDS)
    const second = await shoot(oursFirst ? bare : ours, load, ROUND_SECONDS)
    const pair = oursFirst ? { ours: first, bare: second } : { ours: second, bare: first }
    rounds.push(pair)
    say(`  ${load.name}: ${whole(pair.ours)} against ${whole(pair.bare)}, ${(pair.ours / pair.bare).toFixed(2)}`)
  }
  const ratio = median(rounds.map((pair) => pair.ours / pair.bare))
  const spread = load.agencies.length > 1
  return {
    name: load.name,
    ours: `${whole(median(rounds.map((pair) => pair.ours)))}/s`,
    floor: `${whole(median(rounds.map((pair) => pair.bare)))}/s`,
    ratio: ratio.toFixed(2),
    ...(spread ? { target: `>= ${TARGET}`, met: ratio >= TARGET } : {}),
  }
}

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
      for (const load of LOADS) rows.push(await measure(ours, bare, load))
      return rows
    } finally {
      await stop(ours)
      await stop(bare)
    }
  })
