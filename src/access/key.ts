import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Scope } from './caller.ts'

/** An API key as it is kept: everything but its secrets. */
export type ApiKey = {
  id: string
  name: string
  scopes: readonly Scope[]
  agency: string | null
  createdAt: Date
  expiresAt: Date | null
  revokedAt: Date | null
}

/** A key that was not revoked, with one of its secrets: as a hash, and until when it works. */
export type OpeningKey = ApiKey & { hash: string; endsAt: Date | null }

const PREFIX = 'motcua_'

/** 256 random bits need no slow hash: nobody can guess one, and a fast hash keeps every request cheap. */
export const hashKey = (key: string): string => createHash('sha256').update(key).digest('hex')

/** Compares two hashes in the same time wherever they differ. */
export const isSameHash = (one: string, other: string): boolean =>
  timingSafeEqual(Buffer.from(one, 'hex'), Buffer.from(other, 'hex'))

export const newSalt = (): string => randomBytes(32).toString('base64url')

export const newKeyId = (): string => `key_${randomBytes(9).toString('base64url')}`

export const newKey = (): string => `${PREFIX}${newSalt()}`

/**
 * A new secret that its creator alone can derive again: a repeated request gets the first answer, and the
 * database still holds nothing from which a secret could be computed.
 * @param creatorKey the bearer key of the request, never stored
 */
export const deriveKey = (creatorKey: string, salt: string): string =>
  `${PREFIX}${createHmac('sha256', creatorKey).update(salt).digest('base64url')}`

const isOver = (end: Date | null, now: Date): boolean => end !== null && end <= now

/** Whether a key opens anything at an instant. */
export const isLive = ({ expiresAt, revokedAt }: Pick<ApiKey, 'expiresAt' | 'revokedAt'>, now: Date): boolean =>
  revokedAt === null && !isOver(expiresAt, now)

/** Whether that secret of it does. */
export const opens = (key: OpeningKey, now: Date): boolean => isLive(key, now) && !isOver(key.endsAt, now)
