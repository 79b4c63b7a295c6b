import { sql } from 'drizzle-orm'
import t from 'tap'
import { SCOPES } from '../src/access/caller.ts'
import { take } from './support/asking.ts'
import { type Client, openDesk } from './support/desk.ts'
import { documentOf, fits, isReading, type Operation, operationsOf, resolver } from './support/operations.ts'
import { hearing } from './support/statements.ts'
import {
  ask,
  type Base,
  baseOf,
  foundIn,
  type Heard,
  leaksTo,
  plainPath,
  readingsOf,
  type Wanted,
  wantedOf,
  writingsOf,
} from './support/walking.ts'
import {
  buildWorld,
  CALLERS,
  type CallerName,
  fill,
  type Marker,
  maySee,
  NO_LIMITS,
  PLACES,
  type Place,
  type Thing,
} from './support/world.ts'

/**
 * Every operation of the document, asked by keys of every scope and of agencies that stand in every relation to each
 * other. What may be seen is told by the world's own words, not by the application.
 */
const desk = await openDesk(t, { ...NO_LIMITS })
const operations = operationsOf(await documentOf(desk.app))
const resolve = resolver(await documentOf(desk.app))

/** What requests name where they need something that is there and that all agencies share. */
const WORDS = [PLACES.own, '2.000720', 'vn']

/** Tried elsewhere, so that nothing is changed here. */
const bases = await (async () => {
  const elsewhere = await openDesk(t)
  const client = await elsewhere.client()
  const words = [...WORDS, (await take(client)).code]
  const found = new Map<string, Base>()
  for (const operation of operations) found.set(operation.id, await baseOf(operation, resolve, words, client))
  return found
})()

const baseFor = ({ id }: Operation): Base => bases.get(id) ?? { query: {}, headers: {}, body: undefined }

const world = await buildWorld(desk)

const callers = Object.keys(CALLERS) as CallerName[]
const clients = new Map<CallerName, Client>()
for (const caller of callers) clients.set(caller, await desk.client(SCOPES, CALLERS[caller]))

const askAs = (caller: CallerName, wanted: Wanted): Promise<Heard> =>
  ask(desk.app, clients.get(caller)?.key ?? '', wanted)

const sees = (caller: CallerName, agency: string): boolean => maySee({ agencies: [agency] }, CALLERS[caller])

/** The codes of agencies are no secret, but which of them an answer tells of is: those that nothing ties to a caller. */
const agencyMarkers: readonly Marker[] = [
  ...Object.values(PLACES).filter((agency) => agency !== PLACES.partner),
  'W77',
  'W77.01',
].map((agency) => ({ text: agency, agencies: [agency] }))

const nameOf = ({ method, url, body }: Wanted): string =>
  `${method} ${url}${body === undefined ? '' : ` ${JSON.stringify(body)}`}`

/** Where an agency is told who looked into its dossiers; the walk itself does so all the time. */
const READS = 'listPiiReads'

const leaks = (caller: CallerName, heard: Heard, wanted: Wanted): string[] => {
  const { sight, id } = wanted.operation
  const markers = sight === 'everyone' || id === READS ? world.markers : [...world.markers, ...agencyMarkers]
  return leaksTo(CALLERS[caller], heard, wanted, markers).map((text) => `${text} in ${nameOf(wanted)} as ${caller}`)
}

/** The things that an operation's path may name, and by which of its parameters. */
const thingsOf = ({ parameters }: Operation): { parameter: string; things: readonly Thing[] } | undefined => {
  for (const { name, schema, in: place } of parameters) {
    const things = place === 'path' ? world.things.filter(({ id }) => fits(resolve(schema), id)) : []
    if (things.length > 0) return { parameter: name, things }
  }
  return undefined
}

const pathsOf = (operation: Operation): Record<string, string>[] => {
  const path = plainPath(operation, resolve, WORDS)
  const named = thingsOf(operation)
  return named ? named.things.map(({ id }) => ({ ...path, [named.parameter]: id })) : [path]
}

/** Two callers try every value of every parameter; the others what may name an agency or a thing. */
const IN_FULL: readonly CallerName[] = ['own', 'foreign']

const readingsBy = (caller: CallerName): Wanted[] =>
  operations.flatMap((operation) =>
    pathsOf(operation).flatMap((path) =>
      readingsOf(operation, path, baseFor(operation), resolve, WORDS, IN_FULL.includes(caller)),
    ),
  )

/** What each caller was told of what was there at first. */
const told = new Map<CallerName, ReadonlyMap<Wanted, Heard>>()

const tellAll = async (caller: CallerName): Promise<ReadonlyMap<Wanted, Heard>> => {
  const heard = new Map<Wanted, Heard>()
  for (const wanted of readingsBy(caller)) heard.set(wanted, await askAs(caller, wanted))
  return heard
}

t.test('what a caller may not see is in no answer, and what it may see is in some', async (t) => {
  for (const caller of callers) {
    const seen = new Set<string>()
    const wrong: string[] = []
    const all = await tellAll(caller)
    told.set(caller, all)
    for (const [wanted, heard] of all) {
      wrong.push(...leaks(caller, heard, wanted))
      for (const { text } of foundIn(heard, { ...wanted, url: '' }, world.markers)) seen.add(text)
      const isBeyond = wanted.aims.some((agency) => !sees(caller, agency))
      const isRefused = heard.status === 403 && heard.text.includes('/problems/outside_your_agency')
      if (heard.status >= 500 || isBeyond !== isRefused) wrong.push(`${heard.status} to ${nameOf(wanted)} as ${caller}`)
    }
    t.strictSame(wrong, [])
    const missed = world.markers.filter((marker) => maySee(marker, CALLERS[caller]) && !seen.has(marker.text))
    t.strictSame(missed, [], `${caller} sees all that is its own`)
  }
})

t.test('whatever is done outside what a caller sees, none of its answers changes', async (t) => {
  const compare = async (caller: CallerName, before: ReadonlyMap<Wanted, Heard> | undefined) => {
    for (const [wanted, heard] of before ?? []) {
      if (wanted.operation.id === READS) continue
      const now = await askAs(caller, wanted)
      if (JSON.stringify(now) !== JSON.stringify(heard)) t.strictSame(now, heard, `${nameOf(wanted)} as ${caller}`)
    }
    t.ok(before, caller)
  }
  const happen = async (place: Place) => fill(desk, place, `${place}-again`, { markers: [], things: [] })
  await happen('foreign')
  await compare('above', told.get('above'))
  const foreign = await tellAll('foreign')
  for (const place of ['above', 'beside', 'partner'] as const) await happen(place)
  await compare('own', told.get('own'))
  await compare('foreign', foreign)
})

t.test('an ETag tells a key that nothing has changed only if it was given the same bytes', async (t) => {
  const wrong: string[] = []
  for (const operation of operations.filter(isReading)) {
    for (const path of pathsOf(operation)) {
      const wanted = wantedOf(operation, { path, base: baseFor(operation) })
      const answers = new Map<CallerName, Heard>()
      for (const caller of callers) answers.set(caller, await askAs(caller, wanted))
      for (const { headers, text } of answers.values()) {
        if (headers.etag === undefined) continue
        for (const caller of callers.filter((one) => answers.get(one)?.text !== text)) {
          const { status } = await askAs(caller, { ...wanted, headers: { 'if-none-match': String(headers.etag) } })
          if (status === 304) wrong.push(`${nameOf(wanted)} as ${caller}`)
        }
      }
    }
  }
  t.strictSame(wrong, [])
})

t.test('a cursor that one key was given shows another key nothing that is not its own', async (t) => {
  const lists = operations.filter((one) => isReading(one) && one.parameters.some(({ name }) => name === 'cursor'))
  let tried = 0
  for (const operation of lists) {
    const base = baseFor(operation)
    const paged = (more: Record<string, string>) =>
      wantedOf(operation, { base: { ...base, query: { ...base.query, ...more } } })
    const { nextCursor } = JSON.parse((await askAs('whole', paged({ limit: '1' }))).text)
    if (nextCursor === null) continue
    for (const caller of callers) {
      const wanted = paged({ limit: '200', cursor: nextCursor })
      const heard = await askAs(caller, wanted)
      t.equal(heard.status, 200, `${nameOf(wanted)} as ${caller}`)
      t.strictSame(leaks(caller, heard, wanted), [])
      const own = (await askAs(caller, paged({ limit: '200' }))).text
      const beyond = JSON.parse(heard.text).items.filter((item: unknown) => !own.includes(JSON.stringify(item)))
      // Of that list the walk has made more than a page holds.
      if (operation.id !== READS) t.strictSame(beyond, [], `${nameOf(wanted)} as ${caller}`)
      tried += 1
    }
  }
  t.ok(tried > lists.length, 'most lists have a second page')
})

t.test('what is the same for everyone is the same bytes for every key', async (t) => {
  for (const operation of operations.filter(({ sight }) => sight === 'everyone')) {
    for (const path of pathsOf(operation)) {
      const wanted = wantedOf(operation, { path, base: baseFor(operation) })
      const first = await askAs('whole', wanted)
      for (const caller of callers) t.strictSame(await askAs(caller, wanted), first, `${nameOf(wanted)} as ${caller}`)
    }
  }
})

/** Like one of them, and none of them. */
const absent = (id: string): string => `${id.slice(0, -4)}9876`

/** An answer's words with the id that was asked for taken out, and its length with it. */
const wordsOf = ({ headers: { 'content-length': _, ...headers }, text }: Heard, id: string): string =>
  JSON.stringify([headers, text]).replaceAll(id, '…')

t.test('what belongs to others looks as if it were not there: the same words, by the same statements', async (t) => {
  for (const operation of operations.filter(({ sight }) => sight === 'dossier' || sight === 'owned')) {
    const found = thingsOf(operation)
    if (!found) throw new Error(`nothing in test/support/world.ts fits the path of ${operation.path}: add one there`)
    for (const caller of callers) {
      const askFor = (id: string) => {
        const path = { ...plainPath(operation, resolve, WORDS), [found.parameter]: id }
        return hearing(() => askAs(caller, wantedOf(operation, { path, base: baseFor(operation) })))
      }
      for (const { id } of found.things.filter((thing) => !maySee(thing, CALLERS[caller]))) {
        const [theirs, none] = [await askFor(id), await askFor(absent(id))]
        const name = `${operation.id} ${id} as ${caller}`
        t.equal(theirs.answer.status, 404, name)
        t.equal(wordsOf(theirs.answer, id), wordsOf(none.answer, absent(id)), name)
        t.strictSame(theirs.statements, none.statements, name)
        t.ok(none.statements.length > 0, name)
      }
    }
  }
})

/** A dossier may be handed to whoever resolves it; both see it from then on. */
const HANDS_ON = 'receiveDossier'

/** What a request that was refused leaves as it was. */
const KEPT = [
  'agencies',
  'calendars',
  'dossiers',
  'events',
  'procedures',
  'recalculations',
  'report_snapshots',
  'targets',
]

const fingerprint = () => {
  const tables = KEPT.map(
    (table) =>
      sql`select ${table}::text as name, md5(string_agg(t::text, ' ' order by t::text)) as hash from ${sql.identifier(table)} t`,
  )
  const live = sql`select 'api_keys', count(*)::text from api_keys where revoked_at is null`
  const all = sql`(${sql.join([...tables, live], sql` union all `)}) as kept`
  return desk.db.select({ name: sql`name`, hash: sql`hash` }).from(all)
}

t.test('nobody changes what is not theirs, and a refusal changes nothing', async (t) => {
  const before = await fingerprint()
  let tried = 0
  for (const operation of operations.filter((one) => !isReading(one) && ['agencies', 'shared'].includes(one.sight))) {
    const path = plainPath(operation, resolve, WORDS)
    for (const wanted of writingsOf(operation, path, baseFor(operation), resolve)) {
      const isForAll = operation.sight === 'shared' && wanted.aims.length === 0
      const handsOn = operation.id === HANDS_ON && nameOf(wanted).includes('resolvingAgency')
      for (const caller of callers) {
        const isBeyond = wanted.aims.some((agency) => !sees(caller, agency))
        if (handsOn || caller === 'whole' || !(isBeyond || isForAll)) continue
        const heard = await askAs(caller, wanted)
        const refused = { status: 403, text: /\/problems\/(?:outside_your_agency|whole_system_only)/ }
        t.match(heard, refused, `${nameOf(wanted)} as ${caller}`)
        t.strictSame(leaks(caller, heard, wanted), [])
        tried += 1
      }
    }
  }
  t.ok(tried > 50, `${tried} were tried`)
  t.strictSame(await fingerprint(), before)
})

t.test('who sees everything gets through by the same requests', async (t) => {
  for (const operation of operations.filter((one) => !isReading(one))) {
    for (const path of pathsOf(operation)) {
      const wanted = wantedOf(operation, { path, base: baseFor(operation) })
      const { status, text } = await askAs('whole', wanted)
      t.ok(status < 300 || status === 409 || status === 422, `${nameOf(wanted)}: ${text}`)
    }
  }
})

t.test('every route is closed to all but its own scope, whichever agency the key is of', async (t) => {
  const plain = (operation: Operation) => wantedOf(operation, { base: { query: {}, headers: {}, body: undefined } })
  for (const operation of operations) {
    const { status, headers } = await ask(desk.app, '', plain(operation))
    if (operation.access === 'public') t.not(status, 401, operation.id)
    else t.match({ status, headers }, { status: 401, headers: { 'www-authenticate': 'Bearer' } }, operation.id)
  }
  for (const scope of SCOPES) {
    for (const caller of callers) {
      const { key } = await desk.client([scope], CALLERS[caller])
      for (const operation of operations.filter(({ access }) => access !== 'public')) {
        const { access, id } = operation
        const { status, text } = await ask(desk.app, key, plain(operation))
        const name = `${id} with ${scope} of ${caller}`
        const isForKeys = access === 'any_key' || SCOPES.some((one) => one === access)
        if (!isForKeys) t.equal(status, 401, `${name}: it has a token of its own`)
        else if (access === 'any_key' || access === scope)
          t.notMatch(text, /"\/problems\/(?:scope_missing|unauth)/, name)
        else t.match({ status, ...JSON.parse(text) }, { type: '/problems/scope_missing', scope: access }, name)
        if (!isReading(operation)) continue
        const head = await ask(desk.app, key, { ...plain(operation), method: 'HEAD' })
        t.equal(head.status, status, `HEAD ${name}`)
      }
    }
  }
})
