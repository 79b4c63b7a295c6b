import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import type { Document, Operation, Schema } from './operations.ts'

export type Answer = { status: number; type: string; text: string }

/** Says what is wrong with an answer by the document alone, or nothing. */
export type Judge = (operation: Operation | undefined, answer: Answer) => string | undefined

const LINES = 'application/x-ndjson'
const PROBLEM = 'application/problem+json'

const mediaType = (type: string): string => type.split(';')[0]?.trim() ?? ''

/** A schema of the document stands under its own address, and what it refers to with it. */
const compiler = ({ components }: Document) => {
  const ajv = new Ajv2020({ strict: false, allErrors: false })
  addFormats.default(ajv)
  ajv.addSchema({ $id: 'https://motcua.invalid/document', components })
  const compiled = new Map<Schema, ValidateFunction>()
  return (schema: Schema): ValidateFunction => {
    const known = compiled.get(schema)
    if (known) return known
    const text = JSON.stringify(schema).replaceAll('"#/components', '"https://motcua.invalid/document#/components')
    const validate = ajv.compile(JSON.parse(text))
    compiled.set(schema, validate)
    return validate
  }
}

/** An answer is right if the operation documents its status, its media type, its body's schema and its kind of problem. */
export const judgeBy = (document: Document): Judge => {
  const compile = compiler(document)
  const problem: Schema = { $ref: '#/components/schemas/Problem' }

  const fitsSchema = (schema: Schema, text: string): string | undefined => {
    const validate = compile(schema)
    return validate(JSON.parse(text)) ? undefined : `does not match its schema: ${JSON.stringify(validate.errors)}`
  }

  return (operation, { status, type, text }) => {
    if (status >= 500) return 'an error of ours'
    const media = mediaType(type)
    if (!operation) return media === PROBLEM && text !== '' ? fitsSchema(problem, text) : undefined
    // Where a part of the address is longer than any code, the router knows no such route.
    if (status === 404 && text.includes('"/problems/route_not_found"')) return fitsSchema(problem, text)
    const documented = operation.responses[String(status)]
    if (!documented) return `${status} is not documented`
    // A list without entries has no lines.
    if (text === '') return documented.content?.[media] && media !== LINES ? 'an empty answer' : undefined
    const content = documented.content?.[media]
    if (!content) return `${type} is not documented for ${status}`
    if (media === PROBLEM) {
      const code = String(JSON.parse(text).type).replace('/problems/', '')
      if (!documented.description.includes(`\`${code}\``)) return `${code} is not documented for ${status}`
    }
    return /[/+]json$/.test(media) && content.schema ? fitsSchema(content.schema, text) : undefined
  }
}
