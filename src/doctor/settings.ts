import type { Settings } from '../config.ts'
import type { Finding, Verdict } from './finding.ts'

/** Fewer different letters than a random secret of that length has. */
const FEWEST_LETTERS = 8

/** A secret that was copied from a document, or that one letter made long enough. */
const isGuessable = (secret: string | undefined): boolean =>
  secret !== undefined && (/choose|change|example|letters/i.test(secret) || new Set(secret).size < FEWEST_LETTERS)

/** What the settings allow and hardly anyone means. */
export const checkSettings = (settings: Settings): Finding[] => {
  const { bootstrapAdminKey, metricsToken, databaseUrl, numberKeys, seedSample, logLevel } = settings
  const complaints: readonly (readonly [isSo: boolean, Verdict, string])[] = [
    [isGuessable(bootstrapAdminKey), 'wrong', 'BOOTSTRAP_ADMIN_KEY can be guessed: take openssl rand -hex 32'],
    [isGuessable(metricsToken), 'wrong', 'METRICS_TOKEN can be guessed: take openssl rand -hex 32'],
    [
      metricsToken !== undefined && metricsToken === bootstrapAdminKey,
      'wrong',
      'METRICS_TOKEN is the admin key, which monitoring must not hold: give it one of its own',
    ],
    [
      databaseUrl !== undefined && numberKeys === undefined,
      'wrong',
      'PII_KEYS is missing, without which nothing starts on a server: npm run pii -- new-key prints one',
    ],
    [metricsToken === undefined, 'warning', 'nobody may read /metrics, so nothing calls: set METRICS_TOKEN'],
    [logLevel === 'silent' || logLevel === 'fatal', 'warning', `LOG_LEVEL=${logLevel} hides what fails: set info`],
    [
      databaseUrl !== undefined && seedSample,
      'warning',
      'SEED_SAMPLE puts sample limits into an empty database of a server: set it to false',
    ],
  ]
  const found = complaints.filter(([isSo]) => isSo).map(([, verdict, says]) => ({ verdict, what: 'settings', says }))
  return found.length > 0 ? found : [{ verdict: 'ok', what: 'settings', says: 'valid' }]
}
