import { fits, type Parameter, type Resolve, type Schema } from './operations.ts'

/** What stands in the database for requests to name, by the patterns that it fits: codes and ids. */
export type Words = readonly string[]

const DAYS: Readonly<Record<string, string>> = { from: '2021-01-01', to: '2021-12-31' }
const INSTANT = '2021-09-10T10:00:00+07:00'

const isType = ({ type }: Schema, name: string): boolean => type === name || (type?.includes(name) ?? false)

/** A plain value for a schema: what it names itself, its example, or the least that it takes. */
export const sampleOf = (given: Schema, resolve: Resolve, words: Words, name = ''): unknown => {
  const schema = resolve(given)
  const [option] = schema.anyOf ?? schema.oneOf ?? []
  if (schema.const !== undefined) return schema.const
  if (schema.enum) return schema.examples?.[0] ?? schema.enum[0]
  if (schema.format === 'date') return DAYS[name] ?? schema.examples?.[0] ?? DAYS.from
  if (schema.format === 'date-time') return INSTANT
  const word = words.find((text) => fits(schema, text))
  if (word !== undefined) return word
  if (schema.examples?.[0] !== undefined) return schema.examples[0]
  if (option) return sampleOf(option, resolve, words, name)
  if (isType(schema, 'object')) {
    const fields = Object.entries(schema.properties ?? {}).filter(([field]) => schema.required?.includes(field))
    return Object.fromEntries(fields.map(([field, of]) => [field, sampleOf(of, resolve, words, field)]))
  }
  if (isType(schema, 'array')) {
    if (schema.prefixItems) return schema.prefixItems.map((item) => sampleOf(item, resolve, words))
    return Array.from({ length: schema.minItems ?? 0 }, () => sampleOf(schema.items ?? {}, resolve, words))
  }
  if (isType(schema, 'integer')) return schema.minimum ?? 1
  if (isType(schema, 'boolean')) return true
  return 'x'
}

/** A value for a parameter, as text. */
export const parameterSample = ({ name, schema, example }: Parameter, resolve: Resolve, words: Words): string =>
  String(sampleOf(example === undefined ? schema : { ...schema, examples: [example] }, resolve, words, name))
