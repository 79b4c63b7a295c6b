import type { FastifyRequest } from 'fastify'
import { z } from 'zod'

/** The header by which a client says what it holds already. */
export const notModifiedHeaders = z.object({
  'if-none-match': z
    .string()
    .max(2000)
    .optional()
    .meta({ description: 'ETag của lần trước · the ETag of the answer before' }),
})

export const NOT_MODIFIED = { 304: z.null().describe('Không thay đổi · unchanged since that ETag') }

/** Whether the client holds the answer of this ETag. */
export const isHeld = ({ headers }: FastifyRequest, etag: string): boolean => {
  const held = String(headers['if-none-match'] ?? '').split(/\s*,\s*/)
  return held.includes(etag) || held.includes('*')
}
