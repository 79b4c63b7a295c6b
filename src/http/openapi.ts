import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from 'fastify-type-provider-zod'
import type { z } from 'zod'

type Json = { [name: string]: unknown }

/** Instants are dates in the program and texts on the wire. */
const zodToJsonConfig = {
  unrepresentable: 'any' as const,
  override: ({ zodSchema, jsonSchema }: { zodSchema: z.core.$ZodTypes; jsonSchema: Json }) => {
    if (zodSchema._zod.def.type === 'date') Object.assign(jsonSchema, { type: 'string', format: 'date-time' })
    // zod states its own pattern beside each format, half a page long, and the bounds of JavaScript's integers.
    if (jsonSchema.format !== undefined) delete jsonSchema.pattern
    if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
    if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum
  },
}

const transform = createJsonSchemaTransform({ zodToJsonConfig })
const transformObject = createJsonSchemaTransformObject({ zodToJsonConfig })

const INFO = {
  title: 'motcua',
  version: '0.1.0',
  summary: 'Theo dõi hồ sơ thủ tục hành chính tại bộ phận Một cửa',
  description:
    'Tiếp nhận hồ sơ từ ba kênh (trực tiếp, bưu chính công ích, trực tuyến), tính thời hạn theo lịch làm việc Việt Nam, cảnh báo quá hạn và tính tỷ lệ bưu chính.\n\nTakes in dossiers from three channels, computes their deadlines on the Vietnamese working calendar, flags late and overdue ones, and computes the postal ratio. Errors are RFC 9457 problems, in Vietnamese or, with `Accept-Language: en`, in English.',
  license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
}

const TAGS = [
  { name: 'dossiers', description: 'Hồ sơ · dossiers and their moves' },
  { name: 'deadlines', description: 'Thời hạn · deadlines and why they are so' },
  { name: 'overdue', description: 'Quá hạn · what is late or soon will be' },
  { name: 'reports', description: 'Báo cáo · ratios and targets' },
  { name: 'agencies', description: 'Cơ quan · agencies' },
  { name: 'procedures', description: 'Thủ tục · procedures and their limits' },
  { name: 'calendars', description: 'Lịch làm việc · working calendars' },
  { name: 'keys', description: 'Khóa API · API keys' },
  { name: 'operations', description: 'Vận hành · for whoever runs the service' },
]

const references = (value: unknown): string[] => {
  if (Array.isArray(value)) return value.flatMap(references)
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) =>
    key === '$ref' ? [String(inner).replace('#/components/schemas/', '')] : references(inner),
  )
}

/** The schemas that the paths reach; the provider writes each named one twice, once for requests, once for answers. */
const reachable = (paths: unknown, schemas: Json): Json => {
  const kept = new Set<string>()
  const queue = references(paths)
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (kept.has(name)) continue
    kept.add(name)
    queue.push(...references(schemas[name]))
  }
  return Object.fromEntries(Object.entries(schemas).filter(([name]) => kept.has(name)))
}

/** Registers the OpenAPI document, made from the routes' own schemas, and the pages that show it offline. */
export const describeApi = async (app: FastifyInstance): Promise<void> => {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: INFO,
      servers: [{ url: '/', description: 'Máy chủ này · this server' }],
      tags: TAGS,
      security: [{ key: [] }],
      components: {
        securitySchemes: {
          key: { type: 'http', scheme: 'bearer', description: 'Khóa API · an API key with its scopes and its agency' },
        },
      },
    },
    transform,
    transformObject: (input) => {
      const document = transformObject(input) as { paths?: unknown; components?: { schemas?: Json } }
      const schemas = reachable(document.paths, document.components?.schemas ?? {})
      return { ...document, components: { ...document.components, schemas } } as ReturnType<typeof transformObject>
    },
  })
  await app.register(swaggerUi, { routePrefix: '/docs', uiConfig: { docExpansion: 'list', tryItOutEnabled: true } })
}

/** The document itself, at a fixed address. */
export const openapiRoute = (app: FastifyInstance): void => {
  app.get('/openapi.json', { config: { access: 'public' }, schema: { hide: true } }, () => app.swagger())
}
