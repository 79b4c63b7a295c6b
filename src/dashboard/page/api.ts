import type { Page } from './answers.ts'
import { language } from './texts.ts'

const KEY = 'motcua.key'

/** The key lives as long as the tab, and leaves it only in the Authorization header. */
export const keptKey = (): string | null => sessionStorage.getItem(KEY)
export const keepKey = (key: string): void => sessionStorage.setItem(KEY, key)
export const forgetKey = (): void => sessionStorage.removeItem(KEY)

/** `status` 0: the server could not be reached. `code` and `detail` are the server's own words, where it has some. */
export type Failure = { readonly ok: false; readonly status: number; readonly code: string; readonly detail: string }
export type Answer<T> = { readonly ok: true; readonly body: T } | Failure

const failure = async (response: Response): Promise<Failure> => {
  const problem: { type?: string; detail?: string } | null = await response.json().catch(() => null)
  const code = problem?.type?.replace('/problems/', '') ?? ''
  return { ok: false, status: response.status, code, detail: problem?.detail ?? '' }
}

const KEY_LIKE = /^[\w.~+/-]{8,200}$/

const UNREACHED: Failure = { ok: false, status: 0, code: '', detail: '' }

/** Asks, and reads the answer's body: either may break off, where the way is bad or the view was left. */
const request = async <T>(
  path: string,
  accept: string,
  read: (response: Response) => Promise<T>,
  signal?: AbortSignal,
): Promise<Answer<T>> => {
  const url = new URL(path, location.origin)
  // An address comes out of an answer; the key goes to nobody but the server that the page came from.
  if (url.origin !== location.origin) return UNREACHED
  const key = keptKey() ?? ''
  // What no key looks like is not worth sending, and some of it no header could carry.
  if (!KEY_LIKE.test(key)) return { ...UNREACHED, status: 401 }
  const headers = { authorization: `Bearer ${key}`, accept, 'accept-language': language() }
  try {
    const response = await fetch(url, { headers, ...(signal ? { signal } : {}) })
    return response.ok ? { ok: true, body: await read(response) } : await failure(response)
  } catch {
    return UNREACHED
  }
}

export const ask = <T>(path: string, signal?: AbortSignal): Promise<Answer<T>> =>
  request<T>(path, 'application/json', (response) => response.json(), signal)

/** A download: the header must go with it, which a plain link cannot send. */
export const askFile = (path: string, type: string): Promise<Answer<Blob>> =>
  request(path, type, (response) => response.blob())

export const withQuery = (path: string, query: Readonly<Record<string, string>>): string => {
  const given = Object.entries(query).filter(([, value]) => value !== '')
  return given.length ? `${path}?${new URLSearchParams(given)}` : path
}

/** As many pages of a short list as anyone could pick from. */
const MOST_PAGES = 30

/** Every entry of a short list, such as the agencies. */
export const askAll = async <Item>(
  path: string,
  query: Readonly<Record<string, string>>,
): Promise<Answer<readonly Item[]>> => {
  const items: Item[] = []
  let cursor = ''
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const answer = await ask<Page<Item>>(withQuery(path, { ...query, limit: '200', cursor }))
    if (!answer.ok) return answer
    items.push(...answer.body.items)
    if (answer.body.nextCursor === null) break
    cursor = answer.body.nextCursor
  }
  return { ok: true, body: items }
}
