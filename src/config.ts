import { z } from 'zod'

const flag = z.stringbool({ truthy: ['true', '1', 'on', 'yes'], falsy: ['false', '0', 'off', 'no'] })

/** As an `Authorization: Bearer` header can carry it. */
const secret = z.string().regex(/^[\w.~+/-]{24,200}$/, 'must have 24 to 200 letters, digits or . ~ + / _ -')

const environment = z.object({
  HOST: z.string().default('127.0.0.1'),
  PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
  DATA_DIR: z.string().default('./data'),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(?:ql)?:\/\//, 'must begin with postgres://')
    .optional(),
  DATABASE_POOL_MAX: z.coerce.number().int().min(1).max(500).default(10),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  BOOTSTRAP_ADMIN_KEY: secret.optional(),
  METRICS_TOKEN: secret.optional(),
  SEED_SAMPLE: flag.optional(),
})

/** How this process is to run. Without `databaseUrl` the database is embedded, in `dataDir`. */
export type Settings = {
  host: string
  port: number
  dataDir: string
  databaseUrl: string | undefined
  databasePoolMax: number
  logLevel: z.infer<typeof environment>['LOG_LEVEL']
  bootstrapAdminKey: string | undefined
  /** Who has it may read `/metrics`; without it nobody may. */
  metricsToken: string | undefined
  seedSample: boolean
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
  const parsed = environment.safeParse(given)
  if (!parsed.success) throw new Error(complaint(parsed.error.issues))
  const { data } = parsed
  return {
    host: data.HOST,
    port: data.PORT,
    dataDir: data.DATA_DIR,
    databaseUrl: data.DATABASE_URL,
    databasePoolMax: data.DATABASE_POOL_MAX,
    logLevel: data.LOG_LEVEL,
    bootstrapAdminKey: data.BOOTSTRAP_ADMIN_KEY,
    metricsToken: data.METRICS_TOKEN,
    seedSample: data.SEED_SAMPLE ?? data.DATABASE_URL === undefined,
  }
}
