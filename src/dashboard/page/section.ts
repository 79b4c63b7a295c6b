import type { Answer, Failure } from './api.ts'
import { region } from './dom.ts'
import { notice } from './failures.ts'

/** The places of a section that its figures fill. */
export type Parts = Readonly<Record<'headline' | 'chart' | 'table', HTMLElement>>

const partOf = (section: HTMLElement, name: string): HTMLElement => {
  const part = section.querySelector<HTMLElement>(`[data-part="${name}"]`)
  if (!part) throw new TypeError(`#${section.id} has no ${name}`)
  return part
}

export const partsOf = (id: string): Parts => {
  const section = region(id)
  return { headline: partOf(section, 'headline'), chart: partOf(section, 'chart'), table: partOf(section, 'table') }
}

/** While figures are on their way, those shown are of another view: they stay, dimmed, so that nothing jumps. */
export const setBusy = (ids: readonly string[], busy: boolean): void => {
  for (const id of ids) region(id).setAttribute('aria-busy', String(busy))
}

/** Fills a section with what came, or says why nothing did. */
export const fill = <T>(
  id: string,
  answer: Answer<T>,
  show: (body: T, parts: Parts) => void,
  retry: () => void,
): void => {
  const parts = partsOf(id)
  setBusy([id], false)
  if (!answer.ok) {
    fail(parts, answer, retry)
    return
  }
  const wasOpen = parts.table.querySelector('details')?.open ?? false
  show(answer.body, parts)
  // Whoever had the table open still wants it, of another period as well.
  parts.table.querySelector('details')?.toggleAttribute('open', wasOpen)
}

const fail = (parts: Parts, failure: Failure, retry: () => void): void => {
  parts.headline.replaceChildren(notice(failure, retry))
  parts.chart.replaceChildren()
  parts.table.replaceChildren()
}
