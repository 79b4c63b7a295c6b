import { createHash, createHmac, randomBytes } from 'node:crypto'
import type { Scope } from './caller.ts'

/** An API key as it is kept: everything but the key itself. */
export type ApiKey = {
  id: string
  name: string
  hash: string
  scopes: readonly Scope[]
  agency: string | null
  createdAt: Date
  revokedAt: Date | null
}

const PREFIX = 'motcua_'

/** 256 random bits need no slow hash: nobody can guess one, and a fast hash keeps every request cheap. */
export const hashKey = (key: string): string => createHash('sha256').update(key).digest('hex')

export const newSalt = (): string => randomBytes(32).toString('base64url')

export const newKeyId = (): string => `key_${randomBytes(9).toString('base64url')}`

export const newKey = (): string => `${PREFIX}${newSalt()}`

/**
 * A new key that its creator alone can derive again: a repeated request gets the first answer, and the
 * database still holds nothing from which a key could be computed.
 * @param creatorKey the bearer key of the request, never stored
 */
export const deriveKey = (creatorKey: string, salt: string): string =>
  `${PREFIX}${createHmac('sha256', creatorKey).update(salt).digest('base64url')}`
