import { fileURLToPath } from 'node:url'
import { PGlite } from '@electric-sql/pglite'
import { buildApp } from '../../src/app.ts'
import { connectEmbedded } from '../../src/db/embedded.ts'
import { depsOn } from './desk.ts'

export const OPENAPI_FILE = fileURLToPath(new URL('../../openapi/openapi.yaml', import.meta.url))

/** The document that the routes make of themselves; it asks no database, so an empty one will do. */
export const openapiYaml = async (): Promise<string> => {
  const { db, close } = connectEmbedded(new PGlite())
  const app = await buildApp(depsOn(db))
  await app.ready()
  const yaml = app.swagger({ yaml: true })
  await app.close()
  await close()
  return yaml
}
