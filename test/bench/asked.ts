import { COMMUNES } from './province.ts'
import { KEY } from './servers.ts'

/** What a crowd asks for. */
export const KINDS = ['intake', 'move', 'overdue', 'ratio'] as const
export type Kind = (typeof KINDS)[number]

/** Of twenty requests ten are intakes, six are moves, and two each lists and ratios: in this order, over and over. */
const ROUND: readonly Kind[] = Array.from({ length: 20 }, (_, i) => {
  if (i % 2 === 0) return 'intake'
  if (i % 10 === 3) return 'overdue'
  return i % 10 === 9 ? 'ratio' : 'move'
})

export type Asked = { readonly kind: Kind; readonly text: string | Buffer; readonly moved?: Movable }

/** A dossier and what is next in its life. */
type Movable = { readonly code: string; readonly move: 'start' | 'finish' }

/** As many dossiers as are remembered to be moved: those taken in last are as good as any. */
const MOST_MOVABLE = 10_000

const HEAD = `HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${KEY}\r\n`

const get = (path: string): Buffer => Buffer.from(`GET ${path} ${HEAD}\r\n`)

const post = (path: string, body: string): string =>
  `POST ${path} ${HEAD}content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`

const INTAKES = COMMUNES.map((receivingAgency) =>
  Buffer.from(
    post(
      '/v1/dossiers',
      JSON.stringify({
        procedureCode: '1.004873',
        receivingAgency,
        intakeChannel: 'desk',
        returnChannel: 'desk',
        applicant: { name: 'Nguyễn Văn An', idNumber: '087123456789', phone: '0912345678' },
      }),
    ),
  ),
)

const OVERDUE = COMMUNES.map((agency) => get(`/v1/overdue?agency=${agency}&limit=50`))

const LAST_YEAR = new Date().getFullYear() - 1
const RATIOS = COMMUNES.map((agency) => get(`/v1/reports/channel-ratio?agency=${agency}&period=${LAST_YEAR}-9M`))

/** What to ask next, and what to learn from the answers: what was taken in is moved on later. */
export const askingInTurn = () => {
  const movable: Movable[] = []
  let n = 0
  const remember = (next: Movable): void => {
    if (movable.length < MOST_MOVABLE) movable.push(next)
  }
  const textOf = (texts: readonly Buffer[]): Buffer => texts[(n * 7) % texts.length] ?? Buffer.alloc(0)

  const next = (): Asked => {
    const kind = ROUND[n++ % ROUND.length] ?? 'intake'
    if (kind === 'overdue') return { kind, text: textOf(OVERDUE) }
    if (kind === 'ratio') return { kind, text: textOf(RATIOS) }
    const moved = kind === 'move' ? movable.shift() : undefined
    if (!moved) return { kind: 'intake', text: textOf(INTAKES) }
    return { kind, moved, text: post(`/v1/dossiers/${moved.code}/${moved.move}`, '{}') }
  }

  /** @param code of the dossier that an accepted intake made */
  const learn = ({ moved }: Asked, isAccepted: boolean, code: string | undefined): void => {
    if (code !== undefined) remember({ code, move: 'start' })
    if (moved && !isAccepted) remember(moved)
    if (moved?.move === 'start' && isAccepted) remember({ ...moved, move: 'finish' })
  }

  return { next, learn }
}
