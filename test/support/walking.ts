import type { App } from '../../src/http/app-type.ts'
import type { Client } from './desk.ts'
import { addressOf, fits, isReading, type Operation, type Parameter, type Resolve, type Schema } from './operations.ts'
import { parameterSample, sampleOf, type Words } from './samples.ts'
import { unzip } from './workbook.ts'
import { type Marker, maySee, PLACES } from './world.ts'

/** A request that was made from the document; `aims` are the agencies that it names. */
export type Wanted = {
  operation: Operation
  method: string
  url: string
  body: unknown
  headers: Record<string, string>
  aims: readonly string[]
}

/** What makes a request of an operation complete, beside its path. */
export type Base = { query: Readonly<Record<string, string>>; headers: Record<string, string>; body: unknown }

type Given = { path?: Readonly<Record<string, string>>; base: Base; aims?: readonly string[] }

export const wantedOf = (operation: Operation, { path = {}, base, aims = [] }: Given): Wanted => {
  const query = new URLSearchParams(base.query).toString()
  return {
    operation,
    method: operation.method,
    url: `${addressOf(operation, path)}${query === '' ? '' : `?${query}`}`,
    body: base.body,
    headers: base.headers,
    aims,
  }
}

const at = (schema: Schema, field: string): Schema => schema.properties?.[field] ?? {}

/** The paths of all fields of a body, those of objects within it included. */
const fieldsOf = (given: Schema, resolve: Resolve): (readonly [path: readonly string[], schema: Schema])[] => {
  const schema = resolve(given)
  const option = (schema.anyOf ?? schema.oneOf ?? []).map(resolve).find(({ properties }) => properties)
  if (option) return fieldsOf(option, resolve)
  return Object.keys(schema.properties ?? {}).flatMap((field) => [
    [[field], at(schema, field)] as const,
    ...fieldsOf(at(schema, field), resolve).map(([path, inner]) => [[field, ...path], inner] as const),
  ])
}

const withField = (body: unknown, [field = '', ...rest]: readonly string[], value: unknown): unknown => {
  const before = (body ?? {}) as Record<string, unknown>
  return { ...before, [field]: rest.length === 0 ? value : withField(before[field], rest, value) }
}

/** A text that an agency's code fits, also where `null` may stand in its place. */
const takesAgency = (given: Schema, resolve: Resolve): boolean => {
  const schema = resolve(given)
  return fits(schema, PLACES.own) || (schema.anyOf ?? []).some((option) => takesAgency(option, resolve))
}

export const agencyFieldsOf = ({ body }: Operation, resolve: Resolve): readonly (readonly string[])[] =>
  body === undefined
    ? []
    : fieldsOf(body, resolve).flatMap(([path, schema]) => (takesAgency(schema, resolve) ? [path] : []))

/** The plain request of an operation, and the same with one optional field or parameter more. */
const candidates = (operation: Operation, resolve: Resolve, words: Words): Base[] => {
  const { parameters, body } = operation
  const inQuery = parameters.filter((parameter) => parameter.in === 'query')
  const text = (parameter: (typeof inQuery)[number]) => parameterSample(parameter, resolve, words)
  const query = Object.fromEntries(inQuery.filter(({ required }) => required).map((one) => [one.name, text(one)]))
  const inHeader = parameters.filter((parameter) => parameter.in === 'header' && parameter.required)
  const headers = Object.fromEntries(inHeader.map((one) => [one.name, text(one)]))
  const plain: Base = { query, headers, body: body && sampleOf(body, resolve, words) }
  return [
    plain,
    ...inQuery.map((one) => ({ ...plain, query: { ...query, [one.name]: text(one) } })),
    ...(body ? fieldsOf(body, resolve) : []).map(([path, schema]) => ({
      ...plain,
      body: withField(plain.body, path, sampleOf(schema, resolve, words, path.at(-1))),
    })),
  ]
}

/** Where a path takes a code that is no thing's own, the first that fits; else what its example says. */
export const plainPath = ({ parameters }: Operation, resolve: Resolve, words: Words): Record<string, string> =>
  Object.fromEntries(
    parameters.filter((one) => one.in === 'path').map((one) => [one.name, parameterSample(one, resolve, words)]),
  )

/** The first request of an operation that is complete, found by trying; says so where none is. */
export const baseOf = async (operation: Operation, resolve: Resolve, words: Words, client: Client): Promise<Base> => {
  const path = plainPath(operation, resolve, words)
  const said: string[] = []
  for (const base of candidates(operation, resolve, words)) {
    const { method, url, body, headers } = wantedOf(operation, { path, base })
    const { status, text } = await client.ask(method, url, body, headers)
    if (status !== 400) return base
    said.push(text)
  }
  throw new Error(
    `no request for ${operation.method} ${operation.path} is complete: give its fields examples\n${said[0]}`,
  )
}

/** The values that a parameter may have, where it is no agency's code and no place in a list. */
const valuesOf = ({ name, schema, ...parameter }: Parameter, resolve: Resolve, words: Words): readonly string[] =>
  ['cursor', 'limit'].includes(name) || takesAgency(schema, resolve)
    ? []
    : (schema.enum?.map(String) ?? [parameterSample({ name, schema, ...parameter }, resolve, words)])

/** The query of an operation once for each value of each parameter, and what may be switched on also in the past. */
const queriesOf = ({ parameters }: Operation, base: Base, resolve: Resolve, words: Words): Record<string, string>[] => {
  const inQuery = parameters.filter((one) => one.in === 'query')
  const single = inQuery.flatMap((one) => valuesOf(one, resolve, words).map((value) => ({ [one.name]: value })))
  const past = inQuery.filter(({ schema }) => schema.format === 'date-time')
  const double = past.flatMap((one) =>
    inQuery
      .filter(({ schema }) => schema.enum?.includes('true'))
      .map(({ name }) => ({ [one.name]: parameterSample(one, resolve, words), [name]: 'true' })),
  )
  return [...single, ...double].map((more) => ({ ...base.query, ...more }))
}

/** The query of an operation once for each agency that it may name. */
const aimedQueriesOf = ({ parameters }: Operation, base: Base, resolve: Resolve) => {
  const names = parameters.filter((one) => one.in === 'query' && takesAgency(one.schema, resolve))
  const groups = parameters.some(({ name }) => name === 'group') ? [{ groupBy: 'agency' }] : []
  return Object.values(PLACES).flatMap((agency) => [
    ...names.map(({ name }) => ({ query: { ...base.query, [name]: agency }, aims: name === 'agency' ? [agency] : [] })),
    ...groups.map((group) => ({ query: { ...base.query, ...group, group: agency }, aims: [] })),
  ])
}

/** Every reading of an operation: plain, aimed at each agency and, in full, with each value of each parameter. */
export const readingsOf = (
  operation: Operation,
  path: Record<string, string>,
  base: Base,
  resolve: Resolve,
  words: Words,
  inFull: boolean,
): Wanted[] => {
  if (!isReading(operation)) return []
  const queries = inFull ? queriesOf(operation, base, resolve, words) : []
  const plain = [base.query, ...queries].map((query) => ({ query, aims: [] }))
  return [...plain, ...aimedQueriesOf(operation, base, resolve)].map(({ query, aims }) =>
    wantedOf(operation, { path, base: { ...base, query, body: undefined }, aims }),
  )
}

/** Every writing of an operation that names an agency: in its path, in its body, or in its query. */
export const writingsOf = (
  operation: Operation,
  path: Record<string, string>,
  base: Base,
  resolve: Resolve,
): Wanted[] => {
  const inPath = operation.parameters.find((one) => one.in === 'path' && takesAgency(one.schema, resolve))
  const paths = inPath
    ? Object.values(PLACES).map((agency) => ({ path: { ...path, [inPath.name]: agency }, aims: [agency] }))
    : [{ path, aims: [] }]
  const bodies = agencyFieldsOf(operation, resolve).flatMap((field) =>
    Object.values(PLACES).map((agency) => ({ ...base, body: withField(base.body, field, agency), aims: [agency] })),
  )
  const queries = aimedQueriesOf(operation, base, resolve).map(({ query, aims }) => ({ ...base, query, aims }))
  return paths.flatMap(({ path, aims }) =>
    [{ ...base, aims: [] }, ...bodies, ...queries].map(({ aims: more, ...base }) =>
      wantedOf(operation, { path, base, aims: [...aims, ...more] }),
    ),
  )
}

export type Heard = { status: number; headers: Record<string, unknown>; text: string }

const readable = (type: string, payload: Buffer): string =>
  type.includes('spreadsheetml') ? [...unzip(payload).values()].join('\n') : payload.toString()

/** Headers that each answer has of its own, or that tell how much a key may still ask. */
const PASSING = /^(?:date|x-request-id|traceparent|(?:x-)?ratelimit-.*)$/

/** Asks with a key, or without; a workbook is answered as the text of its parts. */
export const ask = async (app: App, key: string, { method, url, body, headers }: Wanted): Promise<Heard> => {
  const answer = await app.inject({
    method: method as 'GET',
    url,
    headers: { ...(key ? { authorization: `Bearer ${key}` } : {}), ...headers },
    ...(body === undefined ? {} : { payload: body as object }),
  })
  const told = Object.fromEntries(Object.entries(answer.headers).filter(([name]) => !PASSING.test(name)))
  return {
    status: answer.statusCode,
    headers: told,
    text: readable(String(told['content-type']), answer.rawPayload),
  }
}

/** What is written into a cursor can be read by whoever gets it. */
const cursorsIn = (text: string): string =>
  [...text.matchAll(/"nextCursor":"([\w-]+)"/g)]
    .map(([, cursor = '']) => Buffer.from(cursor, 'base64url').toString())
    .join('\n')

/** What stands alone in a text: a code may be another one's beginning. Every marker is one such word. */
const wordsIn = (text: string): ReadonlySet<string> => new Set(text.match(/\w(?:[\w.-]*\w)?/g))

const wordOf = ({ text }: Marker): string => text.replace(/[.-]+$/, '')

/** The markers that an answer holds, in its body or its headers, beside those that the request itself named. */
export const foundIn = ({ headers, text }: Heard, wanted: Wanted, markers: readonly Marker[]): readonly Marker[] => {
  const said = wordsIn(`${JSON.stringify(headers)}\n${text}\n${cursorsIn(text)}`)
  const asked = wordsIn(`${decodeURIComponent(wanted.url)} ${JSON.stringify([wanted.body, wanted.headers])}`)
  return markers.filter((marker) => said.has(wordOf(marker)) && !asked.has(wordOf(marker)))
}

export const leaksTo = (caller: string | null, heard: Heard, wanted: Wanted, markers: readonly Marker[]): string[] =>
  foundIn(heard, wanted, markers).flatMap((marker) => (maySee(marker, caller) ? [] : [marker.text]))
