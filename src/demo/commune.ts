import type { Ask } from './http.ts'

export type OverdueItem = {
  readonly code: string
  readonly procedureCode: string
  readonly dueOn: string
  readonly status: { readonly key: string }
  readonly waiting: { readonly for: string; readonly since: string } | null
  readonly lateBy: { readonly days: number; readonly workingDays: number; readonly workingHours: number }
}

type OverduePage = { readonly asOf: string; readonly items: readonly OverdueItem[]; readonly nextCursor: string | null }

/** What a commune's system has pulled. */
export type Pulled = {
  readonly asOf: string
  readonly pages: readonly (readonly OverdueItem[])[]
  readonly items: readonly OverdueItem[]
  /** The status of asking for the first page again with its ETag. */
  readonly askedAgain: number
  /** The summary's count. */
  readonly counted: number
}

/** The software of a commune: pulls the list of what is overdue there as it stood at a moment. */
export const pullOverdue = async (ask: Ask, asOf: string, pageSize: number): Promise<Pulled> => {
  const when = `asOf=${encodeURIComponent(asOf)}`
  const path = `/v1/overdue?${when}&limit=${pageSize}`
  const first = await ask<OverduePage>('GET', path)
  const pages = [first.body]
  for (let page = first.body; page.nextCursor !== null; pages.push(page)) {
    page = (await ask<OverduePage>('GET', `${path}&cursor=${page.nextCursor}`)).body
  }
  const again = await ask('GET', path, { headers: { 'if-none-match': String(first.etag) } })
  const summary = await ask<{ total: { overdue: number } }>('GET', `/v1/overdue/summary?${when}`)
  return {
    asOf: first.body.asOf,
    pages: pages.map(({ items }) => items),
    items: pages.flatMap(({ items }) => items),
    askedAgain: again.status,
    counted: summary.body.total.overdue,
  }
}
