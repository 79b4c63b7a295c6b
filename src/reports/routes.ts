import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Deps } from '../deps.ts'
import { refusals } from '../http/answers.ts'
import type { App } from '../http/app-type.ts'
import { callerOf } from '../http/caller.ts'
import { languageOf } from '../http/language.ts'
import { asBuilt } from '../http/wire.ts'
import type { Bilingual } from '../language.ts'
import {
  channelReport,
  countForm,
  type Desk,
  FORM_OF,
  type FormPath,
  formReport,
  punctualityReport,
} from './answers.ts'
import { periodOf } from './asked.ts'
import { channelRatio, channelRatioQuery, form, formQuery, punctuality, punctualityQuery } from './schemas.ts'
import { formWorkbook, XLSX_TYPE } from './workbook.ts'

/** What a request's answer is made from, beside a database and the instant up to which that reaches. */
const askingOf = async ({ reference }: Deps, request: FastifyRequest): Promise<Omit<Desk, 'db' | 'now'>> => ({
  reference: await reference.current(),
  caller: callerOf(request),
  language: languageOf(request),
})

/** What a request is answered from that must not be behind. */
export const primaryDeskOf = async (deps: Deps, request: FastifyRequest): Promise<Desk> => ({
  ...(await askingOf(deps, request)),
  db: deps.reports.primary,
  now: deps.now(),
})

/** Answers a request for a report, or for a page of its evidence, from one state that is not before an instant. */
export const fromReports = async <T>(
  deps: Deps,
  request: FastifyRequest,
  notBefore: Date | undefined,
  answer: (desk: Desk) => Promise<T>,
): Promise<T> => {
  const asking = await askingOf(deps, request)
  return deps.reports.read((db, now) => answer({ ...asking, db, now }), notBefore)
}

/** What a file of evidence is written from. */
export const openReports = async (deps: Deps, request: FastifyRequest, notBefore: Date | undefined): Promise<Desk> => {
  const { db, asOf } = await deps.reports.open(notBefore)
  return { ...(await askingOf(deps, request)), db, now: asOf }
}

const FORM_SUMMARIES: Readonly<Record<FormPath, string>> = {
  'ii-06a': 'Biểu II.06a/VPCP · after the official form II.06a',
  '07a': 'Biểu 07a/BTP · after the official form 07a',
}

/** Whose form it is where a key that sees all asks for no agency. */
const EVERY_AGENCY: Bilingual = { vi: 'Tất cả các cơ quan', en: 'All agencies' }

/** Why a report, or a list of its evidence, may be refused. */
export const REASONS = [
  'agency_not_found',
  'outside_your_agency',
  'too_many_groups',
  'too_much_happened_since',
] as const
const REFUSALS = refusals(...REASONS)

const WORKBOOK = z.string().meta({ description: 'Bảng tính Office Open XML · an Office Open XML workbook' })

const formRoute = (app: App, deps: Deps, path: FormPath): void => {
  const sendWorkbook = async (request: FastifyRequest, reply: FastifyReply, query: z.output<typeof formQuery>) => {
    const { asked, form, reference } = await fromReports(deps, request, query.asOf, async (desk) => ({
      ...(await countForm(desk, path, query)),
      reference: desk.reference,
    }))
    const [caller, language] = [callerOf(request), languageOf(request)]
    const agency = query.agency ?? caller.agency
    const { from, to } = periodOf(query)
    const name = reference.agencies.get(agency ?? '')?.name ?? EVERY_AGENCY[language]
    const clocks = { by: query.by, asOfBy: query.asOf ? query.asOfBy : null }
    const made = { madeBy: caller.keyId, madeAt: deps.now(), language }
    const workbook = await formWorkbook(form, { agency: name, from, to, asOf: asked.asOf, ...clocks, ...made })
    return reply
      .type(XLSX_TYPE)
      .header('content-disposition', `attachment; filename="${path}-${agency ?? 'all'}-${from}-${to}.xlsx"`)
      .send(workbook as never)
  }
  app.get(
    `/v1/reports/${path}`,
    {
      config: { access: 'reports:read', sight: 'agencies' },
      schema: {
        operationId: path === '07a' ? 'reportForm07a' : 'reportFormII06a',
        tags: ['reports'],
        summary: FORM_SUMMARIES[path],
        description: `Tên và thứ tự cột chưa đối chiếu với văn bản gốc, xem notes. JSON, hoặc bảng tính để in · headings not compared with the source, see notes. JSON or, with \`format=xlsx\` or \`Accept: ${XLSX_TYPE}\`, a workbook to print.`,
        querystring: formQuery,
        response: {
          200: {
            description: 'Biểu mẫu, hoặc bảng tính của biểu mẫu · the form, or its workbook',
            content: { 'application/json': { schema: form }, [XLSX_TYPE]: { schema: WORKBOOK } },
          },
          ...REFUSALS,
        },
      },
    },
    async (request, reply) => {
      const { format, ...query } = request.query
      const wanted = format ?? (request.type(['application/json', XLSX_TYPE]) === XLSX_TYPE ? 'xlsx' : 'json')
      if (wanted === 'xlsx') return sendWorkbook(request, reply, query)
      const answer = await fromReports(deps, request, query.asOf, (desk) => formReport(desk, path, query))
      return asBuilt(reply).send(answer)
    },
  )
}

export const reportRoutes = (app: App, deps: Deps): void => {
  app.get(
    '/v1/reports/channel-ratio',
    {
      config: { access: 'reports:read', sight: 'agencies' },
      schema: {
        operationId: 'reportChannelRatio',
        tags: ['reports'],
        summary: 'Tỷ lệ bưu chính công ích · the postal ratio',
        description:
          'Theo cơ quan tiếp nhận. Không có công thức pháp lý; mỗi câu trả lời nêu rõ cách tính · by the agency that received. No legal formula exists, so each answer states its definition, period, as-of and target.',
        querystring: channelRatioQuery,
        response: { 200: channelRatio, ...refusals(...REASONS, 'no_certification_field') },
      },
    },
    async (request, reply) => {
      const { query } = request
      return asBuilt(reply).send(await fromReports(deps, request, query.asOf, (desk) => channelReport(desk, query)))
    },
  )

  app.get(
    '/v1/reports/punctuality',
    {
      config: { access: 'reports:read', sight: 'agencies' },
      schema: {
        operationId: 'reportPunctuality',
        tags: ['reports'],
        summary: 'Tình hình giải quyết đúng hạn · how dates were kept',
        description:
          'Theo cơ quan giải quyết · by the agency that resolves. carriedOver + received = resolved + withdrawn + stopped + pending.',
        querystring: punctualityQuery,
        response: { 200: punctuality, ...REFUSALS },
      },
    },
    async (request, reply) => {
      const { query } = request
      return asBuilt(reply).send(await fromReports(deps, request, query.asOf, (desk) => punctualityReport(desk, query)))
    },
  )

  for (const path of Object.keys(FORM_OF) as FormPath[]) formRoute(app, deps, path)
}
