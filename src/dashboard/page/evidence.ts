import type { Dossier, Page } from './answers.ts'
import { ask, askFile } from './api.ts'
import { byId, el, region } from './dom.ts'
import { explain } from './failures.ts'
import { count, date, instant } from './format.ts'
import { type Column, table } from './tables.ts'
import { say, word } from './texts.ts'

/** A list of dossiers: where it is and what it holds. */
export type Evidence = {
  readonly what: string
  readonly path: string
  /** Whether the address also answers with a file. */
  readonly csv: boolean
}

/** The list behind a figure: its name fills the report's template, where the report has one. */
export const evidenceOf = (template: string | undefined, figure: string, what: string): Evidence | undefined =>
  template === undefined
    ? undefined
    : { what, path: template.replace('{&figure}', `&figure=${encodeURIComponent(figure)}`), csv: true }

/** A number that opens the list behind it; without one, or where it is zero, just the number. */
export const figure = (value: number, evidence: Evidence | undefined, name: string): HTMLElement => {
  if (!evidence || value === 0) return el('span', { 'data-figure': name, 'data-value': String(value) }, count(value))
  const button = el(
    'button',
    {
      type: 'button',
      class: 'figure',
      'data-figure': name,
      'data-value': String(value),
      'aria-label': say('evidenceOf', { n: count(value), what: evidence.what }),
      'aria-haspopup': 'dialog',
    },
    count(value),
  )
  button.addEventListener('click', () => openEvidence(evidence))
  return button
}

const orDash = (text: string | null | undefined, format: (text: string) => string = String): string =>
  text ? format(text) : '—'

const standing = ({ punctuality, outcome, status, lateBy }: Dossier): string => {
  const judged = punctuality ?? outcome
  const name = judged ? word('punctuality_', judged) : word('status_', String(status ?? '—'))
  return lateBy ? `${name} · ${say('daysLate', { n: count(lateBy.days) })}` : name
}

const columns = (): readonly Column<Dossier>[] => [
  { head: say('dossier'), cell: ({ code }) => code },
  { head: say('procedure'), cell: ({ procedureCode }) => orDash(procedureCode) },
  { head: say('receivingAgency'), cell: ({ receivingAgency }) => orDash(receivingAgency) },
  { head: say('resolvingAgency'), cell: ({ resolvingAgency }) => orDash(resolvingAgency) },
  { head: say('channel'), cell: ({ intakeChannel }) => orDash(intakeChannel, (code) => word('', code)) },
  { head: say('receivedAt'), cell: ({ receivedAt }) => orDash(receivedAt, instant) },
  { head: say('dueOn'), cell: ({ dueOn }) => orDash(dueOn, date) },
  { head: say('finishedAt'), cell: ({ finishedAt }) => orDash(finishedAt, instant) },
  { head: say('standing'), cell: standing },
]

const PAGE_SIZE = 50

const at = (path: string, cursor: string | null): string => {
  const paged = `${path}${path.includes('?') ? '&' : '?'}limit=${PAGE_SIZE}`
  return cursor === null ? paged : `${paged}&cursor=${encodeURIComponent(cursor)}`
}

/** What the dialog shows; an answer that comes for a list no longer open is dropped. */
let shown: { evidence: Evidence; items: Dossier[]; cursor: string | null } | undefined

const showMore = async (): Promise<void> => {
  const list = shown
  if (!list) return
  const dialog = byId('evidence', HTMLDialogElement)
  dialog.setAttribute('aria-busy', 'true')
  region('evidence-more').hidden = true
  region('evidence-error').textContent = ''
  if (list.items.length === 0) region('evidence-lead').textContent = say('loading')
  const answer = await ask<Page<Dossier>>(at(list.evidence.path, list.cursor))
  if (shown !== list) return
  dialog.setAttribute('aria-busy', 'false')
  if (!answer.ok) {
    region('evidence-lead').textContent = ''
    region('evidence-error').textContent = explain(answer)
    return
  }
  list.items.push(...answer.body.items)
  list.cursor = answer.body.nextCursor
  const { length } = list.items
  const n = count(length)
  const lead = length === 0 ? say('evidenceNone') : say(list.cursor ? 'evidenceMore' : 'evidenceLead', { n })
  region('evidence-lead').textContent = lead
  region('evidence-more').hidden = list.cursor === null
  const caption = list.evidence.what
  region('evidence-rows').replaceChildren(...(length ? [table(columns(), list.items, { caption, cards: true })] : []))
}

export const openEvidence = (evidence: Evidence | undefined): void => {
  if (!evidence) return
  shown = { evidence, items: [], cursor: null }
  region('evidence-title').textContent = evidence.what
  region('evidence-rows').replaceChildren()
  region('evidence-csv').hidden = !evidence.csv
  byId('evidence', HTMLDialogElement).showModal()
  region('evidence-title').focus()
  void showMore()
}

const fileName = (what: string): string => `${what.replace(/[^\p{L}\p{N}]+/gu, '-').toLowerCase()}.csv`

const download = async ({ path, what }: Evidence): Promise<void> => {
  const answer = await askFile(`${path}&format=csv`, 'text/csv')
  if (!answer.ok) {
    region('evidence-error').textContent = explain(answer)
    return
  }
  const address = URL.createObjectURL(answer.body)
  el('a', { href: address, download: fileName(what) }).click()
  // The browser must have begun to read it.
  setTimeout(() => URL.revokeObjectURL(address), 60_000)
}

/** Closes an open list: at signing out, and when the language changes. */
export const closeEvidence = (): void => byId('evidence', HTMLDialogElement).close()

/** Makes the dialog's buttons work; once, at the start. */
export const prepareEvidence = (): void => {
  const dialog = byId('evidence', HTMLDialogElement)
  dialog.addEventListener('close', () => {
    shown = undefined
    region('evidence-rows').replaceChildren()
  })
  dialog.addEventListener('click', ({ target }) => {
    if (target === dialog) dialog.close()
  })
  region('evidence-close').addEventListener('click', () => dialog.close())
  region('evidence-more').addEventListener('click', () => void showMore())
  region('evidence-csv').addEventListener('click', () => {
    if (shown) void download(shown.evidence)
  })
}
