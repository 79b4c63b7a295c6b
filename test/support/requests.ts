import fc from 'fast-check'
import { hostileHeaders, hostilePayload, hostileText, hostileUrl, hostileValue } from './hostile.ts'
import { addressOf, fits, type Operation, type Parameter, type Resolve, type Schema } from './operations.ts'
import type { Words } from './samples.ts'

/** What goes over the wire; `operation` is missing where the address or the method is nobody's. */
export type Sent = {
  operation: Operation | undefined
  method: string
  url: string
  headers: Record<string, string>
  payload: string | Buffer | undefined
}

/** What requests may name; it grows while they are made. */
export type Known = () => Words

const DAYS = ['2021-01-01', '2021-08-31', '2021-09-07', '2021-09-30', '2021-12-31'] as const
const INSTANTS = ['2021-08-31T09:00:00+07:00', '2021-09-15T16:30:00+07:00', '2021-09-30T23:59:59Z'] as const

const day = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom<string>(...DAYS) },
  {
    weight: 1,
    arbitrary: fc
      .date({ min: new Date('2018-12-01'), max: new Date('2027-12-31'), noInvalidDate: true })
      .map((date) => date.toISOString().slice(0, 10)),
  },
)

const instant = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom<string>(...INSTANTS) },
  {
    weight: 1,
    arbitrary: fc
      .date({ min: new Date('2018-12-01'), max: new Date('2027-12-31'), noInvalidDate: true })
      .map((date) => date.toISOString()),
  },
)

const BESIDE_LIMIT = 40

const textOf = (schema: Schema, known: Known): fc.Arbitrary<string> => {
  if (schema.format === 'date') return day
  if (schema.format === 'date-time') return instant
  const { pattern, examples = [], minLength = 0, maxLength = BESIDE_LIMIT } = schema
  const plain = pattern
    ? fc.stringMatching(new RegExp(pattern, 'u'))
    : fc.string({ minLength, maxLength: Math.min(maxLength, BESIDE_LIMIT) })
  const usual = examples.length > 0 ? fc.constantFrom(...examples.map(String)) : plain
  if (!pattern) return fc.oneof({ weight: 3, arbitrary: usual }, { weight: 1, arbitrary: plain })
  const there = fc.tuple(fc.nat(), plain).map(([n, otherwise]) => {
    const fitting = known().filter((word) => fits(schema, word))
    return fitting[n % fitting.length] ?? otherwise
  })
  return fc.oneof({ weight: 8, arbitrary: there }, { weight: 1, arbitrary: usual }, { weight: 1, arbitrary: plain })
}

/** All required fields and a few of the others. */
const objectOf = (schema: Schema, resolve: Resolve, known: Known): fc.Arbitrary<Record<string, unknown>> => {
  const { properties = {}, required = [] } = schema
  const fields = Object.entries(properties).map(([name, of]) => [name, allowedBy(of, resolve, known)] as const)
  const needed = Object.fromEntries(fields.filter(([name]) => required.includes(name)))
  const others = fields.filter(([name]) => !required.includes(name))
  const some = fc
    .subarray([...others.keys()], { maxLength: Math.min(others.length, 2) })
    .chain((chosen) => fc.record(Object.fromEntries(chosen.flatMap((i) => (others[i] ? [others[i]] : [])))))
  return fc
    .tuple(fc.record(needed), fc.oneof({ weight: 1, arbitrary: fc.constant({}) }, { weight: 3, arbitrary: some }))
    .map(([all, more]) => ({ ...all, ...more }))
}

/** A value that a schema allows, as far as a schema says so; often of what is there. */
export const allowedBy = (given: Schema, resolve: Resolve, known: Known): fc.Arbitrary<unknown> => {
  const schema = resolve(given)
  const options = schema.anyOf ?? schema.oneOf
  const type = [schema.type].flat()[0]
  if (schema.const !== undefined) return fc.constant(schema.const)
  if (schema.enum) return fc.constantFrom(...schema.enum)
  if (options) return fc.oneof(...options.map((option) => allowedBy(option, resolve, known)))
  switch (type) {
    case 'string':
      return textOf(schema, known)
    case 'integer':
      return fc.integer({ min: schema.minimum ?? 0, max: Math.min(schema.maximum ?? 100, 2 ** 31) })
    case 'number':
      return fc.double({ min: schema.minimum ?? 0, max: schema.maximum ?? 100, noNaN: true })
    case 'boolean':
      return fc.boolean()
    case 'array':
      return schema.prefixItems
        ? fc.tuple(...schema.prefixItems.map((item) => allowedBy(item, resolve, known)))
        : fc.array(allowedBy(schema.items ?? {}, resolve, known), { minLength: schema.minItems ?? 0, maxLength: 4 })
    case 'object':
      return objectOf(schema, resolve, known)
    default:
      return fc.constant(null)
  }
}

type Part = Record<string, string>

const partOf = (place: Parameter['in'], operation: Operation, resolve: Resolve, known: Known): fc.Arbitrary<Part> => {
  const parameters = operation.parameters.filter((one) => one.in === place)
  const schemaOf = ({ schema, example }: Parameter): Schema =>
    example === undefined ? schema : { ...schema, examples: [example] }
  return objectOf(
    {
      properties: Object.fromEntries(parameters.map((one) => [one.name, schemaOf(one)])),
      required: parameters.filter(({ required, in: of }) => required || of === 'path').map(({ name }) => name),
    },
    resolve,
    known,
  ).map((part) => Object.fromEntries(Object.entries(part).map(([name, value]) => [name, String(value)])))
}

type Parts = { path: Part; query: Part; headers: Part; body: unknown }

const partsOf = (operation: Operation, resolve: Resolve, known: Known): fc.Arbitrary<Parts> =>
  fc.record({
    path: partOf('path', operation, resolve, known),
    query: partOf('query', operation, resolve, known),
    headers: partOf('header', operation, resolve, known),
    body: operation.body ? allowedBy(operation.body, resolve, known) : fc.constant(undefined),
  })

const JSON_TYPE = { 'content-type': 'application/json' }

const sentOf = (operation: Operation, { path, query, headers, body }: Parts): Sent => {
  const search = new URLSearchParams(query).toString()
  return {
    operation,
    method: operation.method,
    url: `${addressOf(operation, path)}${search === '' ? '' : `?${search}`}`,
    headers: { ...headers, ...(body === undefined ? {} : JSON_TYPE) },
    payload: body === undefined ? undefined : JSON.stringify(body),
  }
}

/** A request as the document describes it. */
export const validRequest = (operation: Operation, resolve: Resolve, known: Known): fc.Arbitrary<Sent> =>
  partsOf(operation, resolve, known).map((parts) => sentOf(operation, parts))

/** A field of the same, put wrong, left out, or one too many. */
const spoiled = <T extends Record<string, unknown>>(
  part: T,
  values: fc.Arbitrary<unknown>,
): fc.Arbitrary<Record<string, unknown>> => {
  const names = Object.keys(part)
  const added = fc.record({ name: fc.constantFrom('x', '__proto__', 'limit', 'agency', 'cursor'), value: values })
  const more = added.map(({ name, value }) => ({ ...part, [name]: value }))
  if (names.length === 0) return more
  const changed = fc.record({ name: fc.constantFrom(...names), value: values })
  return fc.oneof(
    { weight: 5, arbitrary: changed.map(({ name, value }) => ({ ...part, [name]: value })) },
    { weight: 2, arbitrary: fc.constantFrom(...names).map((name) => ({ ...part, [name]: undefined })) },
    { weight: 1, arbitrary: more },
  )
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const plain = (text: string): string => text.replaceAll(/[\ud800-\udfff]/g, '\ufffd')

const texts = (part: Record<string, unknown>): Part =>
  Object.fromEntries(
    Object.entries(part).flatMap(([name, value]) => (value === undefined ? [] : [[name, plain(String(value))]])),
  )

/** What HTTP allows in a header at all. */
const inHeader = (part: Part): Part =>
  Object.fromEntries(
    Object.entries(part).map(([name, value]) => [name, value.replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '?')]),
  )

/** The same with one thing wrong. */
const nearlyValid = (operation: Operation, resolve: Resolve, known: Known): fc.Arbitrary<Sent> =>
  partsOf(operation, resolve, known).chain((parts) => {
    const withPart = (change: (part: Part) => Partial<Parts>, part: Part) =>
      spoiled(part, hostileText).map((wrong) => sentOf(operation, { ...parts, ...change(texts(wrong)) }))
    const { body } = parts
    return fc.oneof(
      withPart((query) => ({ query }), parts.query),
      withPart((headers) => ({ headers: inHeader(headers) }), parts.headers),
      ...(Object.keys(parts.path).length > 0
        ? [withPart((path) => ({ path: { ...parts.path, ...path } }), parts.path)]
        : []),
      ...(isObject(body)
        ? [spoiled(body, hostileValue).map((wrong) => sentOf(operation, { ...parts, body: wrong }))]
        : []),
      ...(isObject(body)
        ? [spoiled(body, hostileValue).map((wrong) => sentOf(operation, { ...parts, body: wrong }))]
        : []),
    )
  })

const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD', 'TRACE', 'PROPFIND'] as const

const hostile = (operation: Operation, resolve: Resolve, known: Known): fc.Arbitrary<Sent> =>
  validRequest(operation, resolve, known).chain((sent) =>
    fc.oneof(
      hostilePayload.map((payload) => ({ ...sent, payload, headers: { ...sent.headers, ...JSON_TYPE } })),
      hostileHeaders.map((headers) => ({ ...sent, headers: { ...sent.headers, ...headers } })),
      fc.constantFrom(...METHODS).map((method) => ({ ...sent, operation: undefined, method })),
      hostileUrl.map((url) => ({ ...sent, operation: undefined, url })),
    ),
  )

/** Requests to all operations alike: as described, nearly so, and not at all. */
export const requests = (operations: readonly Operation[], resolve: Resolve, known: Known): fc.Arbitrary<Sent> =>
  fc.oneof(
    ...operations.map((operation) =>
      fc.oneof(
        { weight: 4, arbitrary: validRequest(operation, resolve, known) },
        { weight: 3, arbitrary: nearlyValid(operation, resolve, known) },
        { weight: 3, arbitrary: hostile(operation, resolve, known) },
      ),
    ),
  )
