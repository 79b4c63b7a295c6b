import type { Agency, OverdueSummary, PunctualityReport, RatioReport } from './answers.ts'
import { type Answer, ask, askAll, type Failure, forgetKey, keepKey, keptKey, withQuery } from './api.ts'
import { showChannels } from './channels.ts'
import { redraw } from './charts.ts'
import { byId, region } from './dom.ts'
import { closeEvidence, prepareEvidence } from './evidence.ts'
import { explain } from './failures.ts'
import { inWords, onFilter, showFilters } from './filters.ts'
import { date, instant, todayInVietnam } from './format.ts'
import { showOverdue } from './overdue.ts'
import { showPunctuality } from './punctuality.ts'
import { showRatio } from './ratio.ts'
import { fill, setBusy } from './section.ts'
import { readView, type View, writeView } from './state.ts'
import { say, sayAll, speak } from './texts.ts'

let view: View = readView(location.hash)
let agencies: readonly Agency[] = []
let loading = new AbortController()

const status = (text: string): void => {
  region('status').textContent = text
}

const showDoor = (message: string): void => {
  loading.abort()
  closeEvidence()
  region('overview').hidden = true
  region('door').hidden = false
  for (const id of ['print', 'sign-out']) region(id).hidden = true
  region('key-error').textContent = message
  byId('key', HTMLInputElement).focus()
}

const showOverview = (): void => {
  region('door').hidden = true
  region('overview').hidden = false
  for (const id of ['print', 'sign-out']) region(id).hidden = false
}

const signOut = (message = ''): void => {
  forgetKey()
  agencies = []
  showDoor(message)
}

const endOfDay = (day: string): string => `${day}T23:59:59+07:00`

/** What is overdue: now, or as it stood when the period ended, if it has. */
const askOverdue = (
  period: RatioReport['period'] | undefined,
  signal: AbortSignal,
): Promise<Answer<OverdueSummary>> => {
  const ended = period !== undefined && period.to < todayInVietnam()
  if (!signal.aborted) region('moment').hidden = !ended
  const asOf = ended && view.overdue === 'end' ? endOfDay(period.to) : ''
  return ask(withQuery('/v1/overdue/summary', { agency: view.agency, asOf }), signal)
}

const SECTIONS = ['ratio', 'channels', 'punctuality', 'overdue'] as const

/** Asks for all that the view shows and fills each section as its answer comes. */
const load = async (): Promise<void> => {
  loading.abort()
  loading = new AbortController()
  const { signal } = loading
  const { agency, period, year, definition } = view
  const query = { agency, period, year, groupBy: 'month' }
  const retry = (): void => void load()
  // Whatever is looked at stands in the address.
  history.replaceState(null, '', writeView(view))
  showFilters(view, agencies)
  setBusy(SECTIONS, true)
  status(say('loading'))

  const ratio = ask<RatioReport>(withQuery('/v1/reports/channel-ratio', { ...query, definition }), signal)
  const punctuality = ask<PunctualityReport>(withQuery('/v1/reports/punctuality', query), signal)
  const take = <T>(answer: Answer<T>, show: (answer: Answer<T>) => void): void => {
    // An answer of a view that was left is nobody's.
    if (signal.aborted) return
    if (!answer.ok && answer.status === 401) signOut(explain(answer))
    else show(answer)
  }
  const first = ratio.then((answer) =>
    take(answer, () => {
      fill('ratio', answer, showRatio, retry)
      fill('channels', answer, showChannels, retry)
      if (!answer.ok) return
      const { from, to } = answer.body.period
      const words = inWords(view, agencies, { from: date(from), to: date(to) })
      region('shown').textContent = `${words} · ${say('countedAt', { asOf: instant(answer.body.asOf) })}`
    }),
  )
  const second = punctuality.then((answer) => take(answer, () => fill('punctuality', answer, showPunctuality, retry)))
  const third = ratio
    .then((answer) => askOverdue(answer.ok ? answer.body.period : undefined, signal))
    .then((answer) =>
      take(answer, () => fill('overdue', answer, (body, parts) => showOverdue(agency, body, parts), retry)),
    )
  await Promise.all([first, second, third])
  if (!signal.aborted) status(say('loaded'))
}

/** The agencies that the key sees. A report without an agency says whose it is; the list itself holds them all. */
const askAgencies = async (): Promise<Answer<readonly Agency[]>> => {
  const today = todayInVietnam()
  const own = await ask<{ agency: string | null }>(withQuery('/v1/reports/channel-ratio', { from: today, to: today }))
  if (!own.ok && own.status !== 403) return own
  return askAll('/v1/agencies', { under: own.ok ? (own.body.agency ?? '') : '' })
}

const enter = async (): Promise<Failure | undefined> => {
  const answer = await askAgencies()
  if (!answer.ok) return answer
  agencies = answer.body
  showOverview()
  void load()
  return undefined
}

const signIn = async (): Promise<void> => {
  const input = byId('key', HTMLInputElement)
  const button = byId('enter', HTMLButtonElement)
  keepKey(input.value.trim())
  button.disabled = true
  button.textContent = say('signingIn')
  region('key-error').textContent = ''
  const failure = await enter()
  button.disabled = false
  button.textContent = say('signIn')
  if (failure) {
    signOut(explain(failure))
    return
  }
  input.value = ''
  region('main').focus()
}

/** Goes to another view; its address can be shared, and the browser's way back leads to the one before. */
const look = (wanted: View): void => {
  location.hash = writeView(wanted)
}

const arrive = (): void => {
  view = readView(location.hash)
  speak(view.lang)
  sayAll()
  if (keptKey() !== null && !region('overview').hidden) void load()
}

const start = async (): Promise<void> => {
  prepareEvidence()
  onFilter(() => view, look)
  arrive()
  addEventListener('hashchange', () => {
    closeEvidence()
    arrive()
  })
  region('skip').addEventListener('click', (event) => {
    // The hash is the view's.
    event.preventDefault()
    region('main').focus()
  })
  region('language').addEventListener('click', () => look({ ...view, lang: view.lang === 'vi' ? 'en' : 'vi' }))
  region('print').addEventListener('click', () => print())
  region('sign-out').addEventListener('click', () => signOut())
  byId('sign-in', HTMLFormElement).addEventListener('submit', (event) => {
    event.preventDefault()
    void signIn()
  })
  for (const media of ['(prefers-color-scheme: dark)', 'print']) matchMedia(media).addEventListener('change', redraw)
  const failure = keptKey() === null ? undefined : await enter()
  if (keptKey() === null) showDoor('')
  else if (failure) signOut(explain(failure))
}

await start()
