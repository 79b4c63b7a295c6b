import type { Failure } from './api.ts'
import { el } from './dom.ts'
import { say } from './texts.ts'

/** Why there is nothing to show: in the page's words, and in the server's own where it has some. */
export const explain = ({ status, code, detail }: Failure): string => {
  if (status === 401) return say('failed401')
  if (status === 403) return `${say('failed403')} ${detail}`.trim()
  if (code === 'route_not_found') return say('failed404')
  if (status === 0) return say('failed0')
  return detail || say('failedOther', { status: String(status) })
}

/** A failure in the place of what could not be shown; trying again may help where the server was busy or away. */
export const notice = (failure: Failure, retry: () => void): HTMLElement => {
  const box = el('div', { class: 'notice', role: 'alert' }, el('p', {}, explain(failure)))
  if (failure.status === 0 || failure.status === 429 || failure.status >= 500) {
    const button = el('button', { type: 'button', class: 'quiet' }, say('retry'))
    button.addEventListener('click', retry)
    box.append(button)
  }
  return box
}
