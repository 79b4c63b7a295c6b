import { parseArgs } from 'node:util'
import { Refusal } from '../refusal.ts'
import { createKey, endKey, type KeyDeps, rotateKey, type SecretAsker } from './commands.ts'
import { isLive } from './key.ts'
import { keyBody, keyPath, rotationBody } from './schemas.ts'
import { pageOfKeys, type StoredKey } from './store.ts'

type Print = (line: string) => void

/** Whoever reaches the database needs no key; what they do is told from what keys do by this name. */
const COMMAND: SecretAsker = { keyId: 'command', idempotencyKey: null, requestHash: null, bearer: '' }

const USAGE = `npm run keys -- create --name NAME --scope SCOPE [--scope SCOPE …] [--agency CODE] [--expires INSTANT]
npm run keys -- list
npm run keys -- rotate ID [--overlap-hours 0–168]
npm run keys -- revoke ID`

/** Few: they are printed one by one. */
const PAGE = 100

const told = ({ id, name, scopes, agency, expiresAt, lastUsedAt }: StoredKey): string =>
  [
    id,
    name,
    scopes.join(' '),
    agency ?? 'whole system',
    expiresAt ? `expires ${expiresAt.toISOString()}` : 'never expires',
    lastUsedAt ? `last used ${lastUsedAt.toISOString()}` : 'not used yet',
  ].join(' · ')

const list = async ({ db, now }: KeyDeps, print: Print): Promise<void> => {
  let after: string | undefined = ''
  while (after !== undefined) {
    const page = await pageOfKeys(db, null, after, PAGE)
    for (const key of page) print(isLive(key, now()) ? told(key) : `${told(key)} · ended`)
    after = page.length < PAGE ? undefined : page.at(-1)?.id
  }
}

type Schema<T> = { safeParse: (given: unknown) => { success: true; data: T } | { success: false; error: Issues } }
type Issues = { issues: readonly { path: readonly PropertyKey[] }[] }

/** What was given, by the same rules as the API's own. */
const accepted = <T>(schema: Schema<T>, given: unknown): T => {
  const parsed = schema.safeParse(given)
  if (parsed.success) return parsed.data
  throw new Error(`Not usable: ${parsed.error.issues.map(({ path }) => path.join('.')).join(', ')}.\n${USAGE}`)
}

const create = async (deps: KeyDeps, given: unknown, print: Print): Promise<void> => {
  const { agency = null, expiresAt = null, ...order } = accepted(keyBody, given)
  if (agency !== null && !(await deps.reference.current()).agencies.has(agency)) {
    throw new Error(`There is no agency ${agency}.`)
  }
  const { stored, key } = await createKey(deps, COMMAND, { ...order, agency, expiresAt })
  print(told(stored))
  print(key)
}

const rotate = async (deps: KeyDeps, id: string, hours: string, print: Print): Promise<void> => {
  const { overlapHours } = accepted(rotationBody, { overlapHours: Number(hours) })
  const { stored, key } = await rotateKey(deps, COMMAND, id, overlapHours)
  print(told(stored))
  print(key)
}

const run = async (deps: KeyDeps, args: readonly string[], print: Print): Promise<void> => {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      name: { type: 'string' },
      scope: { type: 'string', multiple: true },
      agency: { type: 'string' },
      expires: { type: 'string' },
      'overlap-hours': { type: 'string', default: '24' },
    },
    allowPositionals: true,
  })
  const [command, id] = positionals
  const { name, scope: scopes, agency, expires: expiresAt } = values
  if (command === 'create') return create(deps, { name, scopes, agency, expiresAt }, print)
  if (command === 'list') return list(deps, print)
  if (command === 'rotate') return rotate(deps, accepted(keyPath, { id }).id, values['overlap-hours'], print)
  if (command !== 'revoke') throw new Error(USAGE)
  print(`${told(await endKey(deps, COMMAND.keyId, accepted(keyPath, { id }).id))} · ended`)
}

/** Creates, lists, rotates or revokes keys and prints a new secret once. Throws a sentence that says what is wrong. */
export const keysCommand = async (deps: KeyDeps, args: readonly string[], print: Print): Promise<void> => {
  try {
    await run(deps, args, print)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const [first] = error.errors
    throw new Error(first ? `${first.pointer}: ${first.detail.en}` : `${error.code} ${JSON.stringify(error.facts)}`)
  }
}
