import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { requireScope } from '../access/caller.ts'
import type { Deps } from '../deps.ts'
import { boundPast } from '../figures/past.ts'
import { refusals } from '../http/answers.ts'
import type { App } from '../http/app-type.ts'
import { callerOf } from '../http/caller.ts'
import { officerHeader } from '../http/once.ts'
import { cursorInstant, cutPage, readCursor, writeCursor } from '../http/page.ts'
import { asBuilt } from '../http/wire.ts'
import { readerOf } from '../people/reader.ts'
import { tellApplicants } from '../people/reading.ts'
import { readKept } from '../people/store.ts'
import type { Desk } from './answers.ts'
import { type EvidenceQuery, evidenceOf } from './evidence-asked.ts'
import type { ReportName } from './evidence-link.ts'
import {
  channelEvidenceQuery,
  form06aEvidenceQuery,
  form07aEvidenceQuery,
  evidencePage as page,
  punctualityEvidenceQuery,
} from './evidence-schemas.ts'
import { type EvidenceList, evidencePage, evidenceText } from './evidence-store.ts'
import { FILE_FORMATS, FILE_TYPES, type FileFormat, headOf, LINE_END, type Tell, withApplicants } from './export.ts'
import { fromReports, openReports, REASONS } from './routes.ts'

/** All pages are counted at the instant of the first one. */
const CURSOR = z.object({ asOf: cursorInstant, after: z.int().min(0) })

const ACCEPTED: Readonly<Record<string, FileFormat>> = { 'text/csv': 'csv', 'application/x-ndjson': 'ndjson' }

const LISTS = [
  {
    report: 'channel-ratio',
    operationId: 'evidenceOfChannelRatio',
    summary: 'Hồ sơ sau một con số của tỷ lệ bưu chính · the dossiers behind a number of the postal ratio',
    querystring: channelEvidenceQuery,
  },
  {
    report: 'punctuality',
    operationId: 'evidenceOfPunctuality',
    summary: 'Hồ sơ sau một con số đúng hạn · the dossiers behind a number of how dates were kept',
    querystring: punctualityEvidenceQuery,
  },
  {
    report: 'ii-06a',
    operationId: 'evidenceOfFormII06a',
    summary: 'Hồ sơ sau một con số của biểu II.06a · the dossiers behind a number of form II.06a',
    querystring: form06aEvidenceQuery,
  },
  {
    report: '07a',
    operationId: 'evidenceOfForm07a',
    summary: 'Hồ sơ sau một con số của biểu 07a · the dossiers behind a number of form 07a',
    querystring: form07aEvidenceQuery,
  },
] as const satisfies readonly { report: ReportName; operationId: string; summary: string; querystring: z.ZodType }[]

type Asked = EvidenceQuery & { limit: number; cursor?: string | undefined; format?: string | undefined }

const fileFormat = (request: FastifyRequest, format: string | undefined): FileFormat | undefined =>
  format === undefined
    ? ACCEPTED[String(request.type(['application/json', ...Object.keys(ACCEPTED)]))]
    : FILE_FORMATS.find((one) => one === format)

export const evidenceRoutes = (app: App, deps: Deps): void => {
  const teller = (request: FastifyRequest) => (kept: readonly string[]) =>
    tellApplicants(deps, readerOf(request), kept.map(readKept))

  async function* written({ db }: Desk, list: EvidenceList, format: FileFormat, tell: Tell): AsyncGenerator<string> {
    const head = headOf(format, list.withApplicant)
    if (head !== '') yield head
    const portions = evidenceText(db, list, format)
    if (!list.withApplicant) {
      yield* portions
      return
    }
    const end = LINE_END[format]
    for await (const portion of portions) {
      const lines = await withApplicants(format, portion.split(end).slice(0, -1), tell)
      yield lines.map((line) => `${line}${end}`).join('')
    }
  }

  const answer = async (request: FastifyRequest, reply: FastifyReply, report: ReportName, query: Asked) => {
    const { limit, cursor, format, ...filters } = query
    const from = readCursor(cursor, filters, CURSOR)
    const first = from && new Date(from.asOf)
    const notBefore = first ?? filters.asOf
    if (filters.applicant) requireScope(callerOf(request), 'dossiers:read')
    // The rows of a form are its fields.
    const isForm = report === 'ii-06a' || report === '07a'
    const listOf = async (desk: Desk): Promise<EvidenceList> => {
      const list = evidenceOf(desk, report, isForm ? { ...filters, groupBy: 'field' } : filters)
      if (list.past) await boundPast(desk.db, list.past)
      return list
    }
    const file = fileFormat(request, format)
    if (file) {
      const desk = await openReports(deps, request, notBefore)
      const list = await listOf(desk)
      return reply
        .type(FILE_TYPES[file])
        .header('content-disposition', `attachment; filename="${report}-${filters.figure}.${file}"`)
        .send(Readable.from(written(desk, list, file, teller(request))) as never)
    }
    const { lines, ...page } = await fromReports(deps, request, notBefore, async (desk) => {
      const now = first ?? desk.now
      const rows = await evidencePage(desk.db, await listOf({ ...desk, now }), from?.after ?? 0, limit + 1)
      const { items, nextCursor } = cutPage(rows, limit, ({ id }) => writeCursor(filters, { asOf: now, after: id }))
      return { asOf: filters.asOf ?? now, lines: items.map(({ line }) => line), nextCursor }
    })
    const told = filters.applicant ? await withApplicants('ndjson', lines, teller(request)) : lines
    return asBuilt(reply).send({ ...page, items: told.map((line) => JSON.parse(line)) } as never)
  }

  const schema = {
    tags: ['reports'],
    headers: officerHeader,
    description:
      'Mỗi con số là tổng `count` của danh sách này. Không có dữ liệu cá nhân, trừ khi yêu cầu · the number is the sum of `count`. No personal data, unless asked for. `format=csv`, `format=ndjson`: the whole list.',
  }
  const text = z.string().meta({ description: 'Cả danh sách, mỗi dòng một hồ sơ · the whole list, a dossier a line' })
  const answers = {
    description: 'Danh sách hồ sơ · the dossiers',
    content: {
      'application/json': { schema: page },
      'text/csv': { schema: text },
      'application/x-ndjson': { schema: text },
    },
  }
  const reasons = [...REASONS, 'invalid_cursor'] as const
  const config = { access: 'reports:read', sight: 'agencies' } as const

  for (const { report, operationId, summary, querystring } of LISTS) {
    const refused = report === 'channel-ratio' ? refusals(...reasons, 'no_certification_field') : refusals(...reasons)
    app.get(
      `/v1/reports/${report}/evidence`,
      { config, schema: { ...schema, operationId, summary, querystring, response: { 200: answers, ...refused } } },
      async (request, reply) => answer(request, reply, report, request.query),
    )
  }
}
