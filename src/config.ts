import { z } from 'zod'
import type { IssuerSettings } from './access/issuer.ts'
import type { DatabaseSettings } from './db/connect.ts'
import { type KeyRing, readKeyRing } from './people/keys.ts'

const flag = z.stringbool({ truthy: ['true', '1', 'on', 'yes'], falsy: ['false', '0', 'off', 'no'] })

/** As an `Authorization: Bearer` header can carry it. */
const secret = z.string().regex(/^[\w.~+/-]{24,200}$/, 'must have 24 to 200 letters, digits or . ~ + / _ -')

const serverUrl = z.string().regex(/^postgres(?:ql)?:\/\//, 'must begin with postgres://')

const poolMax = (standard: number) => z.coerce.number().int().min(1).max(500).default(standard)

const timeoutS = (standard: number) => z.coerce.number().int().min(1).max(3600).default(standard)

/** The keys, current one first; what is wrong with them is told without them. */
const keyRing = z.string().transform((text, context) => {
  try {
    return readKeyRing(text)
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message })
    return z.NEVER
  }
})

const rate = z.coerce.number().int().min(1).max(10_000_000)

/** Over plain HTTP anyone on the way could put in keys of their own. */
const issuer = z
  .string()
  .regex(/^(?:https:\/\/|http:\/\/(?:127\.0\.0\.1|localhost)(?::|\/|$))[^\s?#]*$/, 'must begin with https://')

const environment = z.object({
  HOST: z.string().default('127.0.0.1'),
  PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
  DATA_DIR: z.string().default('./data'),
  DATABASE_URL: serverUrl.optional(),
  DATABASE_POOL_MAX: poolMax(10),
  DATABASE_TIMEOUT_S: timeoutS(10),
  DATABASE_LISTS_POOL_MAX: poolMax(5),
  DATABASE_LISTS_TIMEOUT_S: timeoutS(20),
  DATABASE_REPORTS_POOL_MAX: poolMax(4),
  DATABASE_REPORTS_TIMEOUT_S: timeoutS(60),
  DATABASE_REPLICA_URL: serverUrl.optional(),
  DATABASE_REPLICA_MAX_BEHIND_S: z.coerce.number().int().min(2).max(3600).default(30),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  BOOTSTRAP_ADMIN_KEY: secret.optional(),
  METRICS_TOKEN: secret.optional(),
  PII_KEYS: keyRing.optional(),
  RATE_LIMIT_KEY: rate.default(10_000),
  RATE_LIMIT_ADDRESS: rate.default(1000),
  OIDC_ISSUER: issuer.optional(),
  OIDC_AUDIENCE: z.string().max(200).optional(),
  OIDC_AGENCY_CLAIM: z.string().max(100).default('motcua_agency'),
  SEED_SAMPLE: flag.optional(),
})

/** Settings that are of no use without another. */
const NEEDED = [
  ['DATABASE_REPLICA_URL', 'DATABASE_URL'],
  ['OIDC_ISSUER', 'OIDC_AUDIENCE'],
  ['OIDC_AUDIENCE', 'OIDC_ISSUER'],
] as const

const possible = environment.superRefine((given, context) => {
  for (const [name, needed] of NEEDED) {
    if (given[name] === undefined || given[needed] !== undefined) continue
    context.addIssue({ code: 'custom', path: [name], message: `it needs ${needed} beside it` })
  }
})

/** How this process is to run. Without `databaseUrl` the database is embedded, in `dataDir`. */
export type Settings = DatabaseSettings & {
  host: string
  port: number
  /** How far a replica may be behind for lists and reports to be read from it. */
  replicaMaxBehindS: number
  logLevel: z.infer<typeof environment>['LOG_LEVEL']
  bootstrapAdminKey: string | undefined
  /** Who has it may read `/metrics`; without it nobody may. */
  metricsToken: string | undefined
  /** By which applicants' numbers are encrypted, the current one first. */
  numberKeys: KeyRing | undefined
  /** How many requests a key, and an address without one, may send within ten seconds. */
  rateLimits: { perKey: number; perAddress: number }
  /** Whose tokens are believed beside keys. */
  oidc: IssuerSettings | undefined
  seedSample: boolean
}

const issuerIn = (given: z.output<typeof environment>): IssuerSettings | undefined => {
  const { OIDC_ISSUER: issuer, OIDC_AUDIENCE: audience, OIDC_AGENCY_CLAIM: agencyClaim } = given
  return issuer !== undefined && audience !== undefined ? { issuer, audience, agencyClaim } : undefined
}

/** A setting that cannot be used, in one sentence that names it. */
const complaint = (issues: readonly z.core.$ZodIssue[]): string =>
  issues.map(({ path, message }) => `The setting ${path.join('.')} is wrong: ${message}.`).join('\n')

/**
 * Reads the settings once. An empty value is as good as none, as compose files pass them.
 * Throws a sentence that names each wrong one.
 */
export const readSettings = (env: Readonly<Record<string, string | undefined>>): Settings => {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  const parsed = possible.safeParse(given)
  if (!parsed.success) throw new Error(complaint(parsed.error.issues))
  const { data } = parsed
  return {
    host: data.HOST,
    port: data.PORT,
    dataDir: data.DATA_DIR,
    databaseUrl: data.DATABASE_URL,
    replicaUrl: data.DATABASE_REPLICA_URL,
    replicaMaxBehindS: data.DATABASE_REPLICA_MAX_BEHIND_S,
    pools: {
      desk: { max: data.DATABASE_POOL_MAX, timeoutS: data.DATABASE_TIMEOUT_S },
      lists: { max: data.DATABASE_LISTS_POOL_MAX, timeoutS: data.DATABASE_LISTS_TIMEOUT_S },
      reports: { max: data.DATABASE_REPORTS_POOL_MAX, timeoutS: data.DATABASE_REPORTS_TIMEOUT_S },
    },
    logLevel: data.LOG_LEVEL,
    bootstrapAdminKey: data.BOOTSTRAP_ADMIN_KEY,
    metricsToken: data.METRICS_TOKEN,
    numberKeys: data.PII_KEYS,
    rateLimits: { perKey: data.RATE_LIMIT_KEY, perAddress: data.RATE_LIMIT_ADDRESS },
    oidc: issuerIn(data),
    seedSample: data.SEED_SAMPLE ?? data.DATABASE_URL === undefined,
  }
}
