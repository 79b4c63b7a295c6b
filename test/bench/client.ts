import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

const HEAD_END = Buffer.from('\r\n\r\n')
const DONE = 'HTTP/1.1 20'

/** The length of the whole answer at the start of what has arrived, once its head has. */
export const answerLength = (arrived: Buffer): number | undefined => {
  const headEnd = arrived.indexOf(HEAD_END)
  if (headEnd < 0) return undefined
  const length = /\r\ncontent-length: (\d+)/i.exec(arrived.toString('latin1', 0, headEnd))?.[1]
  if (length === undefined) throw new Error('an answer came without its length')
  return headEnd + HEAD_END.length + Number(length)
}

export const opened = async (address: string): Promise<Socket> => {
  const { hostname, port } = new URL(address)
  const socket = connect(Number(port), hostname).setNoDelay(true)
  await once(socket, 'connect')
  return socket
}

/** Asks on one connection, the next as soon as the last is answered, until it is time; how many were answered. */
const converse = (socket: Socket, next: () => string, until: number): Promise<number> =>
  new Promise((resolve, reject) => {
    let answered = 0
    let arrived: Buffer = Buffer.alloc(0)
    socket.on('error', reject)
    socket.on('close', () => reject(new Error('the server hung up')))
    socket.on('data', (chunk: Buffer) => {
      arrived = arrived.length === 0 ? chunk : Buffer.concat([arrived, chunk])
      const length = answerLength(arrived)
      if (length === undefined || arrived.length < length) return
      if (arrived.toString('latin1', 0, DONE.length) !== DONE) reject(new Error(arrived.toString()))
      arrived = arrived.subarray(length)
      answered += 1
      if (performance.now() < until) socket.write(next())
      else resolve(answered)
    })
    socket.write(next())
  })

/**
 * Answers a second over some connections. The client shares two cores with what it measures, and what it spends
 * itself hides differences: so it writes finished texts and looks at no more of an answer than its status.
 */
export const answersPerSecond = async (
  address: string,
  connections: number,
  seconds: number,
  requestOf: (connection: number, n: number) => string,
): Promise<number> => {
  const sockets = await Promise.all(Array.from({ length: connections }, () => opened(address)))
  const began = performance.now()
  const until = began + seconds * 1000
  const counts = await Promise.all(
    sockets.map((socket, connection) => {
      let n = 0
      return converse(socket, () => requestOf(connection, n++), until)
    }),
  )
  const passed = performance.now() - began
  for (const socket of sockets) socket.removeAllListeners('close').destroy()
  return (counts.reduce((sum, count) => sum + count, 0) / passed) * 1000
}
