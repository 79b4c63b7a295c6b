import type { App } from '../../src/http/app-type.ts'
import type { Access, Sight } from '../../src/http/caller.ts'

/** As much of JSON Schema as the document uses. */
export type Schema = {
  $ref?: string
  type?: string | string[]
  const?: unknown
  enum?: unknown[]
  anyOf?: Schema[]
  oneOf?: Schema[]
  allOf?: Schema[]
  properties?: Record<string, Schema>
  required?: string[]
  additionalProperties?: boolean | Schema
  items?: Schema
  prefixItems?: Schema[]
  minItems?: number
  maxItems?: number
  pattern?: string
  format?: string
  minLength?: number
  maxLength?: number
  minimum?: number
  maximum?: number
  default?: unknown
  examples?: unknown[]
}

export type Parameter = {
  name: string
  in: 'path' | 'query' | 'header'
  required?: boolean
  schema: Schema
  example?: unknown
}

/** What is sent or answered, by its media type; a schema that says nothing allows anything. */
export type Content = Record<string, { schema?: Schema }>

/** One operation of the document, with all that tests need to know of it. */
export type Operation = {
  id: string
  method: string
  path: string
  access: Access
  sight: Sight
  parameters: readonly Parameter[]
  body: Schema | undefined
  responses: Readonly<Record<string, { description: string; content?: Content }>>
}

type Described = {
  operationId: string
  'x-access': Access
  'x-sight': Sight
  parameters?: Parameter[]
  requestBody?: { content: Content }
  responses: Operation['responses']
}

export type Document = {
  paths: Record<string, Record<string, Described>>
  components: { schemas: Record<string, Schema> }
}

/** The document as the application itself tells it. */
export const documentOf = async (app: App): Promise<Document> => {
  await app.ready()
  return app.swagger() as unknown as Document
}

export const operationsOf = ({ paths }: Document): readonly Operation[] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]) => ({
      id: described.operationId,
      method: method.toUpperCase(),
      path,
      access: described['x-access'],
      sight: described['x-sight'],
      parameters: described.parameters ?? [],
      body: described.requestBody?.content['application/json']?.schema,
      responses: described.responses,
    })),
  )

/** A schema with what it refers to in place of the reference. */
export const resolver =
  ({ components }: Document) =>
  (schema: Schema): Schema =>
    schema.$ref === undefined ? schema : (components.schemas[schema.$ref.replace(/^.*\//, '')] ?? {})

export type Resolve = ReturnType<typeof resolver>

/** Whether a text may stand where a schema with a pattern asks for one. */
export const fits = ({ pattern, maxLength = 1000 }: Schema, text: string): boolean =>
  pattern !== undefined && text.length <= maxLength && new RegExp(pattern, 'u').test(text)

export const isReading = ({ method }: Operation): boolean => method === 'GET'

/** The address of an operation with its path filled in. */
export const addressOf = ({ path }: Operation, inPath: Readonly<Record<string, string>>): string =>
  path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(inPath[name] ?? 'nothing'))
