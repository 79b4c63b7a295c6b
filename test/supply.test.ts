import { readFileSync } from 'node:fs'
import t from 'tap'

type Locked = {
  version: string
  integrity?: string
  resolved?: string
} & Partial<Record<'hasInstallScript' | 'link' | 'dev' | 'devOptional' | 'optional', boolean>>

const read = (name: string): string => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8')

const lock = JSON.parse(read('package-lock.json')) as { lockfileVersion: number; packages: Record<string, Locked> }
const manifest = JSON.parse(read('package.json')) as Record<'dependencies' | 'devDependencies', Record<string, string>>

/** The root itself stands under the empty path. */
const packages = Object.entries(lock.packages).filter(([path]) => path !== '')

/** What asks to run a script when it is installed, and does its work without: esbuild's binary is a package of its own. */
const WORKS_WITHOUT_ITS_SCRIPT: readonly string[] = ['esbuild', 'fsevents']

t.test('every package that is installed is the one that was locked', async (t) => {
  t.ok(packages.length > 100)
  t.strictSame(
    packages.filter(([, { integrity }]) => !/^sha(?:256|384|512)-/.test(integrity ?? '')).map(([path]) => path),
    [],
    'each has its hash',
  )
  t.strictSame(
    packages.filter(([, { resolved, link }]) => resolved !== undefined || link).map(([path]) => path),
    [],
    'none names the place that it comes from: the hash decides, and any mirror will do',
  )
})

t.test('the README counts them', async (t) => {
  const run = packages.filter(([, { dev, devOptional, optional }]) => !dev && !devOptional && !optional)
  t.match(read('README.md'), `${run.length} packages run and ${packages.length} are locked`)
})

t.test('nothing needs to run a script when it is installed (npm ci --ignore-scripts)', async (t) => {
  const asking = packages.filter(([, { hasInstallScript }]) => hasInstallScript)
  for (const [path] of asking) t.ok(WORKS_WITHOUT_ITS_SCRIPT.includes(path.replace(/^.*node_modules\//, '')), path)
})

t.test('every dependency has its reason in the README, and the README names no other', async (t) => {
  const [, table = ''] = /^\| package .*\n\|[ -|]*\n((?:\|.*\n)+)/m.exec(read('README.md')) ?? []
  const named = table
    .split('\n')
    .flatMap((row) => (row.split('|')[1] ?? '').replace('_development:_', '').split(','))
    .map((name) => name.trim())
    .filter((name) => name !== '')
  const wanted = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies })
  // Types say nothing that their packages do not.
  const withReason = wanted.filter((name) => !name.startsWith('@types/'))
  t.strictSame(named.toSorted(), withReason.toSorted())
})
