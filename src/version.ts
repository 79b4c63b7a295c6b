import { readFileSync } from 'node:fs'

/** Of this program, as its package states it; `dist` lies as deep as `src`. */
export const VERSION: string = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version
