import { SCOPES } from '../../src/access/caller.ts'
import { sealNextDay } from '../../src/audit/sealing.ts'
import { move, take } from './asking.ts'
import type { Client, Desk } from './desk.ts'

const UNBOUND = { max: 1_000_000, timeWindow: 1000 }

/** For whoever tries all that can be tried: the limits of look-ups and searches have tests of their own. */
export const NO_LIMITS = {
  trackLimits: { perAddress: UNBOUND, perAddressAndCode: UNBOUND, perCode: UNBOUND },
  searchesAMinute: UNBOUND.max,
}

/** Where things stand: an agency, the one above it, one beside it, one that shares a dossier, and another province. */
export const PLACES = {
  own: 'H20.19.05',
  above: 'H20.19',
  beside: 'H20.19.06',
  partner: 'H20.19.04',
  foreign: 'W77.01.01',
} as const
export type Place = keyof typeof PLACES

/** Whose keys ask; `null` sees everything. */
export const CALLERS = { own: 'H20.19.05', above: 'H20.19', beside: 'H20.19.06', foreign: 'W77', whole: null } as const
export type CallerName = keyof typeof CALLERS

/** A text that only who sees one of those agencies may find in an answer; with none, only who sees everything. */
export type Marker = { text: string; agencies: readonly string[] }

/** Something with an id of its own that an agency has. */
export type Thing = { id: string; agencies: readonly string[] }

export type World = { markers: Marker[]; things: Thing[] }

/** Which agency lies in which is told by their codes here, not by the application. */
export const isWithin = (agency: string, caller: string | null): boolean =>
  caller === null || agency === caller || agency.startsWith(`${caller}.`)

export const maySee = ({ agencies }: { agencies: readonly string[] }, caller: string | null): boolean =>
  caller === null || agencies.some((agency) => isWithin(agency, caller))

const idIn = (location: unknown): string => String(location).replace(/^.*\//, '')

const created = async (client: Client, path: string, body: unknown): Promise<string> => {
  const { status, headers, text } = await client.ask('POST', path, body)
  if (status > 202) throw new Error(text)
  return headers.location === undefined ? String(JSON.parse(text).id) : idIn(headers.location)
}

type Told = { name: string; source: string; officer: string }

/** Dossiers in every state that lists and reports tell apart, each with words of its own. */
const fillDossiers = async (client: Client, agency: string, label: string, { markers, things }: World) => {
  const agencies = [agency]
  const mark = (text: string): string => {
    markers.push({ text, agencies })
    return text
  }
  const told = (what: string): Told => ({
    name: mark(`ten-${label}-${what}`),
    source: mark(`nguon-${label}-${what}`),
    officer: mark(`cb-${label}-${what}`),
  })
  const taken = async (what: string, overrides: Record<string, unknown> = {}) => {
    const { name, source, officer } = told(what)
    const { code } = await take(client, {
      receivingAgency: agency,
      applicant: { name, idNumber: mark(`so-${label}-${what}`), phone: '0912345678' },
      source: { system: 'walk', reference: source },
      officer,
      ...overrides,
    })
    things.push({ id: code, agencies })
    return mark(code)
  }
  await taken('open')
  const late = await taken('late')
  await move(client, late, 'finish', '2021-09-14T09:00:00+07:00', { note: mark(`ghi-${label}`) })
  const returned = await taken('returned', {
    intakeChannel: 'post',
    post: { handoverNumber: mark(`bbgn-${label}`) },
    returnChannel: 'post',
  })
  await move(client, returned, 'finish', '2021-09-02T09:00:00+07:00')
  await move(client, returned, 'return', '2021-09-08T09:00:00+07:00', {
    post: { trackingNumber: mark(`van-${label}`) },
  })
  await taken('online', {
    intakeChannel: 'online',
    receivedAt: undefined,
    submittedAt: '2021-09-15T08:00:00+07:00',
    procedureCode: '1.004194',
  })
  const waiting = await taken('waiting', { procedureCode: '1.004194' })
  await move(client, waiting, 'request-supplement', '2021-09-15T09:00:00+07:00', {
    missing: mark(`thieu-${label}`),
    ground: 'Nghị định 61/2018/NĐ-CP Đ.17',
  })
  return { late, mark }
}

/** All that an agency may have: dossiers, a key, a frozen report, a recalculation, and something that was refused. */
export const fill = async (desk: Desk, place: Place, label: string, world: World): Promise<void> => {
  const agency = PLACES[place]
  const agencies = [agency]
  const client = await desk.client(SCOPES, agency)
  const { late, mark } = await fillDossiers(client, agency, label, world)
  const own = (id: string): void => {
    world.things.push({ id, agencies })
    mark(id)
  }
  own(await created(client, '/v1/keys', { name: mark(`khoa-${label}`), scopes: ['overdue:read'], agency }))
  const parameters = { agency, period: '2021-9M' }
  own(await created(client, '/v1/reports/snapshots', { report: 'channel-ratio', parameters }))
  own(await created(client, '/v1/calendars/vn/recalculate', undefined))
  await client.ask('POST', `/v1/dossiers/${late}/start`, {}, { 'x-officer': mark(`thu-${label}`) })
}

/** A province beside the sample's own. */
const addForeign = async ({ ask }: Client): Promise<void> => {
  const agencies = [
    ['W77', 'province', null],
    ['W77.01', 'district', 'W77'],
    ['W77.01.01', 'commune', 'W77.01'],
  ] as const
  for (const [code, level, parent] of agencies) {
    await ask('PUT', `/v1/agencies/${code}`, { name: `Nơi khác ${code}`, level, parent })
  }
}

/** What two agencies have to do with, and what one gave to another: each sees the dossier, not what is not theirs. */
const fillShared = async (client: Client, { markers, things }: World): Promise<void> => {
  const { own, partner } = PLACES
  const shared = await take(client, {
    receivingAgency: partner,
    resolvingAgency: own,
    applicant: { name: 'ten-chung' },
  })
  const both = { agencies: [own, partner] }
  things.push({ id: shared.code, ...both })
  markers.push({ text: shared.code, ...both }, { text: 'ten-chung', ...both })
  const given = await take(client, { receivingAgency: own, applicant: { name: 'ten-da-chuyen' } })
  const order = { receivingAgency: partner, resolvingAgency: partner, reason: 'Nhầm xã' }
  await move(client, given.code, 'correct', '2021-09-13T09:00:00+07:00', order)
  // Who received it knows the code; whose it is now alone sees who applied.
  things.push({ id: given.code, agencies: [partner] })
  markers.push({ text: 'ten-da-chuyen', agencies: [partner] })
}

/** What no agency has: the whole system's own key and report. */
const fillWhole = async (client: Client, { markers, things }: World): Promise<void> => {
  const nobody = { agencies: [] }
  const key = await created(client, '/v1/keys', { name: 'khoa-toan-he-thong', scopes: ['overdue:read'] })
  const parameters = { period: '2021-9M' }
  const frozen = await created(client, '/v1/reports/snapshots', { report: 'channel-ratio', parameters })
  const job = await created(client, '/v1/calendars/vn/recalculate', undefined)
  for (const id of [key, frozen, job]) things.push({ id, ...nobody })
  for (const text of [key, frozen, 'khoa-toan-he-thong']) markers.push({ text, ...nobody })
}

/** Each place has all that it may have, recorded in September 2021 and sealed; then it is October. */
export const buildWorld = async (desk: Desk): Promise<World> => {
  const world: World = { markers: [], things: [] }
  const whole = await desk.client()
  await addForeign(whole)
  desk.at('2021-09-16T09:00:00+07:00')
  for (const place of Object.keys(PLACES) as Place[]) await fill(desk, place, place, world)
  await fillShared(whole, world)
  await fillWhole(whole, world)
  for (const agency of Object.values(PLACES)) {
    await whole.ask('PUT', '/v1/targets', { agency, year: 2021, percent: 37, comparison: 'gte' })
  }
  const now = '2021-10-01T08:00:00+07:00'
  while (await sealNextDay(desk.db, new Date(now))) {
    // One day after another, until yesterday.
  }
  desk.at(now)
  return world
}
