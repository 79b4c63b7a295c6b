import { readFile, writeFile } from 'node:fs/promises'
import { README_FILE, withDiagram } from './diagram.ts'
import { OPENAPI_FILE, openapiYaml } from './openapi.ts'

await writeFile(OPENAPI_FILE, await openapiYaml())
await writeFile(README_FILE, withDiagram(await readFile(README_FILE, 'utf8')))
