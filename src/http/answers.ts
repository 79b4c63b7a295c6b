import { z } from 'zod'
import type { RefusalCode } from '../refusal.ts'
import { PROBLEMS } from './problem-types.ts'

const fieldError = z.object({
  pointer: z
    .string()
    .meta({ description: 'Con trỏ JSON (RFC 6901) tới mục sai · where the error is', examples: ['/applicant/name'] }),
  detail: z.string().meta({ description: 'Cách sửa · what to do', examples: ['Quá ngắn'] }),
})

export const problemDetails = z
  .looseObject({
    type: z
      .string()
      .meta({ description: 'Loại vấn đề · the kind of problem', examples: ['/problems/dossier_not_found'] }),
    title: z.string().meta({ description: 'Tên loại vấn đề · its name', examples: ['Không tìm thấy hồ sơ'] }),
    status: z.int().meta({ description: 'Mã trạng thái HTTP · the HTTP status', examples: [404] }),
    detail: z.string().meta({
      description: 'Trường hợp này · this case',
      examples: ['Không có hồ sơ H20.19.05-210907-0009 trong phạm vi của khóa API này.'],
    }),
    errors: z.array(fieldError).optional().meta({ description: 'Từng mục sai · each field that stands in the way' }),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem details; other members are the facts of the case.' })

/** What any route that needs a key may answer before it comes to its own work. */
const ANYWHERE = [
  'invalid_input',
  'unauthenticated',
  'scope_missing',
  'token_without_agency',
  'too_many_requests',
  'overloaded',
  'issuer_unavailable',
  'database_unavailable',
  'took_too_long',
  'storage_full',
] as const

/** And one that takes a body. */
export const BODY_REFUSALS = ['body_too_large', 'unsupported_media_type'] as const

const content = { 'application/problem+json': { schema: problemDetails } }
type ProblemAnswers = Record<number, { description: string; content: typeof content }>

/** The documented refusals of a public route, by their statuses. */
export const publicRefusals = (...codes: readonly RefusalCode[]): ProblemAnswers => {
  const byStatus = new Map<number, string[]>()
  for (const code of codes) {
    const { status, title } = PROBLEMS[code]
    byStatus.set(status, [...(byStatus.get(status) ?? []), `\`${code}\`: ${title.vi} · ${title.en}`])
  }
  return Object.fromEntries(
    [...byStatus].map(([status, lines]) => [status, { description: lines.join('; '), content }]),
  )
}

/** The documented refusals of a route: those that any route may give, and its own. */
export const refusals = (...own: readonly RefusalCode[]): ProblemAnswers => publicRefusals(...ANYWHERE, ...own)
