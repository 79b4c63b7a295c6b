import { readFileSync } from 'node:fs'
import t from 'tap'
import { openDesk } from './support/desk.ts'
import { OPENAPI_FILE, openapiYaml } from './support/openapi.ts'

type Schema = {
  properties?: Record<string, Schema>
  items?: Schema
  anyOf?: Schema[]
  oneOf?: Schema[]
  description?: string
  $ref?: string
}

t.test('the committed document is what the routes say (npm run generate)', async (t) => {
  t.equal(readFileSync(OPENAPI_FILE, 'utf8'), await openapiYaml())
})

t.test('the document is served, and its pages need nothing from elsewhere', async (t) => {
  const { stranger } = await openDesk(t)
  const { status, body } = await stranger.ask('GET', '/openapi.json')
  t.equal(status, 200)
  t.match(body, { openapi: '3.1.0', info: { title: 'motcua' } })
  const page = await stranger.ask('GET', '/docs/')
  t.equal(page.status, 200)
  t.notMatch(page.text, /(?:src|href)="(?:https?:)?\/\//, 'no CDN')
})

/** The paths of all fields that say nothing of themselves, neither where they stand nor where they are named. */
const silent = (schema: Schema, path: string): string[] => [
  ...Object.entries(schema.properties ?? {}).flatMap(([name, field]) => [
    ...(field.description || field.$ref || field.anyOf?.some(({ $ref, description }) => $ref || description)
      ? []
      : [`${path}.${name}`]),
    ...silent(field, `${path}.${name}`),
  ]),
  ...(schema.items ? silent(schema.items, `${path}[]`) : []),
  ...[...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].flatMap((option) => silent(option, path)),
]

t.test('every field and parameter is described, every answer documented', async (t) => {
  const { app } = await openDesk(t)
  await app.ready()
  const document = app.swagger() as unknown as {
    components: { schemas: Record<string, Schema> }
    paths: Record<
      string,
      Record<string, { operationId?: string; parameters?: { name: string; description?: string }[]; responses: object }>
    >
  }
  t.strictSame(
    Object.entries(document.components.schemas).flatMap(([name, schema]) => silent(schema, name)),
    [],
  )
  for (const [name, schema] of Object.entries(document.components.schemas)) t.ok(schema.description, name)
  for (const [path, operations] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      t.ok(operation.operationId, `${method} ${path}`)
      t.ok(Object.keys(operation.responses).length > 1, `${method} ${path} documents its refusals`)
      for (const { name, description } of operation.parameters ?? []) t.ok(description, `${method} ${path} ?${name}`)
    }
  }
})
