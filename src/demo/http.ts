/** What a client needs to know of the service: where it is, and its own key. */
export type Access = { readonly url: string; readonly key: string }

/** How requests leave this process; once `signal` is given, no more do. */
export type Line = { readonly fetch: typeof fetch; readonly signal?: AbortSignal | undefined }

export type Answer<T> = { readonly status: number; readonly etag: string | null; readonly body: T }

type Asked = {
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

type Method = 'GET' | 'POST' | 'PUT'

export type Ask = <T>(method: Method, path: string, asked?: Asked) => Promise<Answer<T>>

/** Asks with a key. Throws where the service refuses: nothing that the demo sends is wrong. */
export const asker =
  ({ url, key }: Access, { fetch, signal }: Line): Ask =>
  async <T>(method: Method, path: string, { body, headers }: Asked = {}): Promise<Answer<T>> => {
    signal?.throwIfAborted()
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (response.status >= 400) throw new Error(`${method} ${path} was answered ${response.status}: ${text}`)
    return {
      status: response.status,
      etag: response.headers.get('etag'),
      body: (text === '' ? undefined : JSON.parse(text)) as T,
    }
  }
