import { z } from 'zod'
import { PROBLEMS } from './problems.ts'

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

const statusTitle = (status: number): string =>
  [
    ...new Set(
      Object.values(PROBLEMS)
        .filter((type) => type.status === status)
        .map(({ title }) => title.en),
    ),
  ].join(' · ')

/** The documented refusals of a route, by status. */
export const refusals = <Status extends number>(...statuses: readonly Status[]) =>
  Object.fromEntries(
    statuses.map((status) => [
      status,
      { description: statusTitle(status), content: { 'application/problem+json': { schema: problemDetails } } },
    ]),
  ) as Record<
    Status,
    { description: string; content: { 'application/problem+json': { schema: typeof problemDetails } } }
  >
