import t from 'tap'
import { readSettings } from '../src/config.ts'

t.test('without any setting the service is embedded, local and filled with the sample', async (t) => {
  t.strictSame(readSettings({}), {
    host: '127.0.0.1',
    port: 3000,
    dataDir: './data',
    databaseUrl: undefined,
    replicaUrl: undefined,
    replicaMaxBehindS: 30,
    pools: {
      desk: { max: 10, timeoutS: 10 },
      lists: { max: 5, timeoutS: 20 },
      reports: { max: 4, timeoutS: 60 },
    },
    logLevel: 'info',
    bootstrapAdminKey: undefined,
    metricsToken: undefined,
    numberKeys: undefined,
    rateLimits: { perKey: 10_000, perAddress: 1000 },
    oidc: undefined,
    seedSample: true,
  })
})

t.test('an empty value is as good as none, as compose files pass them', async (t) => {
  t.match(readSettings({ PORT: '', DATABASE_URL: '', SEED_SAMPLE: '' }), { port: 3000, seedSample: true })
})

t.test('a database server starts without the sample unless it is asked for', async (t) => {
  const DATABASE_URL = 'postgres://motcua@127.0.0.1/motcua'
  t.match(readSettings({ DATABASE_URL }), { databaseUrl: DATABASE_URL, seedSample: false })
  t.match(readSettings({ DATABASE_URL, SEED_SAMPLE: 'on' }), { seedSample: true })
  t.match(readSettings({ SEED_SAMPLE: 'false' }), { seedSample: false })
})

for (const [name, value] of [
  ['PORT', '70000'],
  ['PORT', 'http'],
  ['DATABASE_URL', 'mysql://localhost/motcua'],
  ['DATABASE_POOL_MAX', '0'],
  ['DATABASE_TIMEOUT_S', '0'],
  ['DATABASE_LISTS_POOL_MAX', '501'],
  ['DATABASE_REPORTS_TIMEOUT_S', '3601'],
  ['DATABASE_REPLICA_URL', 'postgres://motcua@127.0.0.1/motcua'],
  ['DATABASE_REPLICA_MAX_BEHIND_S', '1'],
  ['LOG_LEVEL', 'loud'],
  ['RATE_LIMIT_KEY', '0'],
  ['BOOTSTRAP_ADMIN_KEY', 'short'],
  ['METRICS_TOKEN', 'twenty four letters long'],
  ['OIDC_ISSUER', 'https://issuer.example'],
  ['OIDC_AUDIENCE', 'urn:motcua'],
  ['SEED_SAMPLE', 'perhaps'],
] as const) {
  t.test(`${name}=${value} stops the start with a sentence that names it`, async (t) => {
    t.throws(() => readSettings({ [name]: value }), { message: new RegExp(`^The setting ${name} is wrong: .+\\.$`) })
  })
}

t.test('several wrong settings are named together', async (t) => {
  t.throws(() => readSettings({ PORT: '-1', LOG_LEVEL: 'x' }), { message: /PORT.+\n.+LOG_LEVEL/ })
})

t.test('an issuer of tokens is set with its audience', async (t) => {
  const settings = { OIDC_ISSUER: 'https://issuer.example/realm', OIDC_AUDIENCE: 'urn:motcua' }
  const oidc = { issuer: 'https://issuer.example/realm', audience: 'urn:motcua', agencyClaim: 'motcua_agency' }
  t.strictSame(readSettings(settings).oidc, oidc)
  const open = { ...settings, OIDC_ISSUER: 'http://issuer.example' }
  t.throws(() => readSettings(open), { message: 'The setting OIDC_ISSUER is wrong: must begin with https://.' })
  t.match(readSettings({ ...settings, OIDC_AGENCY_CLAIM: 'unit' }), { oidc: { agencyClaim: 'unit' } })
})
