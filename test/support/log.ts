import pino from 'pino'
import { logOptions } from '../../src/http/log.ts'

/** A logger that keeps its lines. */
export const listen = () => {
  const lines: string[] = []
  const logger = pino(logOptions('trace'), { write: (line: string) => void lines.push(line) })
  return { lines, logger, records: () => lines.map((line) => JSON.parse(line)) }
}
