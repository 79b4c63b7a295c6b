import { DrizzleQueryError } from 'drizzle-orm/errors'

/** What the database said of a statement that it gave up, which drizzle wraps; nothing where the fault lay elsewhere. */
export const failureOf = (error: unknown): { code?: unknown; constraint?: unknown } => (error as Error).cause ?? {}

/** What went wrong, for whoever runs a command: without the statement, whose values may be somebody's data. */
export const reasonOf = (error: unknown): string => {
  const { code, message } = (error instanceof DrizzleQueryError ? error.cause : error) as NodeJS.ErrnoException
  // Of a server with several addresses there is a code and no message; most messages have their code in them.
  return [code, message].filter((part) => part && (part === message || !message?.includes(part))).join(' ')
}

/** Why the database did not do what it was asked, where the same might go through a while later. */
export type Outage = 'database_unavailable' | 'took_too_long' | 'storage_full'

/** A pool's words where no connection came free. */
const POOL_TIMEOUT = 'timeout exceeded when trying to connect'

/** Cancelled by `statement_timeout` or an operator, by `lock_timeout`, or by a limit on transactions. */
const TOO_LONG: readonly string[] = ['57014', '55P03', '25P03', '25P04']

const FULL: readonly string[] = ['53100', 'ENOSPC']

/**
 * SQLSTATEs of connections that broke, of resources that ran out, of a server that stops, starts, lost its disk, or
 * only reads (a standby in the primary's place), and what the operating system says of a server that is not there.
 */
const UNAVAILABLE =
  /^(?:08...|53...|57P..|58...|25006|ECONN(?:REFUSED|RESET|ABORTED)|EPIPE|ETIMEDOUT|E(?:HOST|NET)UNREACH|ENOTFOUND|EAI_AGAIN)$/

/** What the drivers say in words alone: of connections that ended, and of a silent server. */
const WORDED_UNAVAILABLE =
  /^(?:Connection terminated|Client (?:has encountered|was closed)|timeout expired|Query read timeout|Cannot use a pool|PGlite is clos)/

/** Whether the database is to blame for an error, and how; `undefined` where the statement is, or something else. */
export const outageOf = (error: unknown): Outage | undefined => {
  // Not every statement's: a transaction that found no connection comes as the driver threw it.
  const failure = error instanceof DrizzleQueryError ? error.cause : error
  if (!(failure instanceof Error)) return undefined
  const code = 'code' in failure ? String(failure.code) : ''
  if (TOO_LONG.includes(code) || failure.message === POOL_TIMEOUT) return 'took_too_long'
  if (FULL.includes(code)) return 'storage_full'
  // A server's socket that is not there: of no other file.
  const isNoSocket = code === 'ENOENT' && 'syscall' in failure && failure.syscall === 'connect'
  return isNoSocket || UNAVAILABLE.test(code) || WORDED_UNAVAILABLE.test(failure.message)
    ? 'database_unavailable'
    : undefined
}
