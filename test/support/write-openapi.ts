import { writeFile } from 'node:fs/promises'
import { OPENAPI_FILE, openapiYaml } from './openapi.ts'

await writeFile(OPENAPI_FILE, await openapiYaml())
