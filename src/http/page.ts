import { createHash } from 'node:crypto'
import stringify from 'safe-stable-stringify'
import { z } from 'zod'
import { Refusal } from '../refusal.ts'
import { count } from './wire.ts'

export const LARGEST_PAGE = 200
export const USUAL_PAGE = 50

/** The two parameters of every list. */
export const pageQuery = {
  limit: count(1, LARGEST_PAGE)
    .default(USUAL_PAGE)
    .meta({ description: 'Số mục mỗi trang · entries a page, at most 200', examples: ['50'] }),
  cursor: z
    .string()
    .max(500)
    .optional()
    .meta({ description: 'nextCursor của trang trước · the nextCursor of the page before' }),
}

export const nextCursor = z.string().nullable().meta({
  description:
    'Gửi lại làm cursor để xem trang sau; null ở trang cuối · send it as cursor for the next page; null on the last',
})

/** An instant within a cursor: PostgreSQL has no year 0. */
export const cursorInstant = z.iso.datetime().refine((text) => text >= '1970')

/** A cursor belongs to the filters that it was made under. */
const fingerprint = (filters: object): string =>
  createHash('sha256').update(stringify(filters)).digest('base64url').slice(0, 12)

export const writeCursor = (filters: object, position: unknown): string =>
  Buffer.from(JSON.stringify([fingerprint(filters), position])).toString('base64url')

/** The position in a cursor, or `undefined` without one. Refuses `invalid_cursor` where it is not of these filters. */
export const readCursor = <T>(cursor: string | undefined, filters: object, position: z.ZodType<T>): T | undefined => {
  if (cursor === undefined) return undefined
  try {
    const parsed = z.tuple([z.literal(fingerprint(filters)), position])
    return parsed.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()))[1]
  } catch {
    throw new Refusal('invalid_cursor')
  }
}

/** Cuts what was read with one entry more than asked for into a page and, where that one came, its cursor. */
export const cutPage = <T>(rows: readonly T[], limit: number, cursorAfter: (last: T) => string) => {
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  return { items, nextCursor: rows.length > limit && last !== undefined ? cursorAfter(last) : null }
}
