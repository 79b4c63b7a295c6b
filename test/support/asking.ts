import { type Client, intake } from './desk.ts'

/** Takes in a dossier and answers with what was said of it. */
export const take = async ({ ask }: Client, overrides: Record<string, unknown> = {}) => {
  const taken = await ask('POST', '/v1/dossiers', intake(overrides))
  if (taken.status !== 201) throw new Error(taken.text)
  return taken.body
}

/** Moves a dossier on, at an instant. */
export const move = async (
  { ask }: Client,
  code: string,
  name: string,
  effectiveAt: string,
  order: Record<string, unknown> = {},
) => {
  const moved = await ask('POST', `/v1/dossiers/${code}/${name}`, { effectiveAt, ...order })
  if (moved.status !== 200) throw new Error(moved.text)
  return moved.body
}

/** A query string of what is given. */
export const query = (given: Record<string, string | undefined>): string =>
  Object.entries(given)
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`]))
    .join('&')

/** All pages of a list, in order. */
export const pagesOf = async ({ ask }: Client, path: string, filters: Record<string, string | undefined> = {}) => {
  const pages = []
  let cursor: string | undefined
  do {
    const page = await ask('GET', `${path}?${query({ ...filters, cursor })}`)
    if (page.status !== 200) throw new Error(page.text)
    pages.push(page.body)
    cursor = page.body.nextCursor ?? undefined
  } while (cursor !== undefined)
  return pages
}

/** A cursor of the same filters that points somewhere else. */
export const forged = (cursor: string, position: unknown): string => {
  const [filters] = JSON.parse(Buffer.from(cursor, 'base64url').toString())
  return Buffer.from(JSON.stringify([filters, position])).toString('base64url')
}
