import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from 'fastify-type-provider-zod'
import type { z } from 'zod'
import { VERSION } from '../version.ts'
import { SIGHTS } from './caller.ts'

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

const described = createJsonSchemaTransform({ zodToJsonConfig })

/** Each operation says in the document, too, who may call it and by what rule it shows things. */
const transform: typeof described = (input) => {
  const { schema, url } = described(input)
  const { access, sight } = { ...input.route.config }
  return { schema: { ...schema, 'x-access': access, 'x-sight': sight } as typeof schema, url }
}

const transformObject = createJsonSchemaTransformObject({ zodToJsonConfig })

const INFO = {
  title: 'motcua',
  version: VERSION,
  summary: 'Theo dõi hồ sơ thủ tục hành chính tại bộ phận Một cửa',
  description:
    'Tiếp nhận hồ sơ từ ba kênh (trực tiếp, bưu chính công ích, trực tuyến), tính thời hạn theo lịch làm việc Việt Nam, cảnh báo quá hạn và tính tỷ lệ bưu chính.\n\nTakes in dossiers from three channels, computes their deadlines on the Vietnamese working calendar, flags late and overdue ones, and computes the postal ratio. Errors are RFC 9457 problems, in Vietnamese or, with `Accept-Language: en`, in English.',
  license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
}

/** The pages run their own scripts and talk to their own server; they write styles into themselves. */
const PAGES_POLICY = {
  'default-src': "'none'",
  'script-src': "'self'",
  'style-src': "'self' 'unsafe-inline'",
  'img-src': "'self' data:",
  'connect-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'none'",
  'frame-ancestors': "'none'",
}

const TAGS = [
  { name: 'dossiers', description: 'Hồ sơ · dossiers and their moves' },
  { name: 'deadlines', description: 'Thời hạn · deadlines and why they are so' },
  { name: 'overdue', description: 'Quá hạn · what is late or soon will be' },
  { name: 'reports', description: 'Báo cáo · ratios and targets' },
  { name: 'audit', description: 'Kiểm tra · the trail, its seals, and what an auditor looks for' },
  { name: 'agencies', description: 'Cơ quan · agencies' },
  { name: 'procedures', description: 'Thủ tục · procedures and their limits' },
  { name: 'calendars', description: 'Lịch làm việc · working calendars' },
  { name: 'keys', description: 'Khóa API · API keys' },
  { name: 'operations', description: 'Vận hành · for whoever runs the service' },
]

/** What the operations' `x-sight` means, in the document itself. */
const RULES_OF_SIGHT = { 'x-sights': SIGHTS }

const REFERENCE = /#\/components\/schemas\/(\w+)/g

const references = (value: unknown): string[] =>
  [...JSON.stringify(value).matchAll(REFERENCE)].map(([, name]) => String(name))

/** The names of the schemas that the paths reach. */
const reachable = (paths: unknown, schemas: Json): Set<string> => {
  const kept = new Set<string>()
  const queue = references(paths)
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (kept.has(name)) continue
    kept.add(name)
    queue.push(...references(schemas[name]))
  }
  return kept
}

const withoutSuffix = (name: string): string => name.replace(/Input$/, '')

/** A schema's text with every reference to a request's copy turned into one to the schema itself. */
const plainly = (schema: unknown): string =>
  JSON.stringify(schema).replaceAll(REFERENCE, (_, name: string) => `#/components/schemas/${withoutSuffix(name)}`)

/** What the provider makes of the routes. */
type Described = { paths: unknown; components: { schemas: Json } }

/**
 * The provider writes each named schema twice, `X` for answers and `XInput` for requests, whether or not
 * anything uses them. What no path reaches goes, and where both copies say the same, one stays.
 */
const tidy = (document: Described): Described => {
  const { schemas } = document.components
  const kept = reachable(document.paths, schemas)
  const isCopy = (name: string): boolean => {
    const base = withoutSuffix(name)
    return base !== name && base in schemas && (!kept.has(base) || plainly(schemas[base]) === plainly(schemas[name]))
  }
  const finalName = (name: string): string => (isCopy(name) ? withoutSuffix(name) : name)
  const finalSchemas = Object.fromEntries([...kept].toSorted().map((name) => [finalName(name), schemas[name]]))
  const text = JSON.stringify({ ...document, components: { ...document.components, schemas: finalSchemas } })
  const named = text.replaceAll('"Default Response"', '"Thành công · success"')
  return JSON.parse(named.replaceAll(REFERENCE, (_, name: string) => `#/components/schemas/${finalName(name)}`))
}

/** Registers the OpenAPI document, made from the routes' own schemas, and the pages that show it offline. */
export const describeApi = async (app: FastifyInstance): Promise<void> => {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: INFO,
      servers: [{ url: '/', description: 'Máy chủ này · this server' }],
      tags: TAGS,
      security: [{ key: [] }, { token: [] }],
      ...RULES_OF_SIGHT,
      components: {
        securitySchemes: {
          key: { type: 'http', scheme: 'bearer', description: 'Khóa API · an API key with its scopes and its agency' },
          token: {
            type: 'http',
            scheme: 'bearer',
            bearerFormat: 'JWT',
            description:
              'Token OAuth2 (client credentials) của OIDC_ISSUER: scope và claim cơ quan quyết định quyền · an OAuth2 token of OIDC_ISSUER, where one is set; its scope and its agency claim say what it may do',
          },
          metricsToken: { type: 'http', scheme: 'bearer', description: 'METRICS_TOKEN của cài đặt · of the settings' },
        },
      },
    },
    transform,
    transformObject: (input) => tidy(transformObject(input) as Described) as ReturnType<typeof transformObject>,
  })
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    uiConfig: { docExpansion: 'list', tryItOutEnabled: true },
    staticCSP: PAGES_POLICY,
  })
}

/** The document itself, at a fixed address. */
export const openapiRoute = (app: FastifyInstance): void => {
  app.get('/openapi.json', { config: { access: 'public', sight: 'everyone' }, schema: { hide: true } }, () =>
    app.swagger(),
  )
}
