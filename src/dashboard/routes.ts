import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import files from '@fastify/static'
import { z } from 'zod'
import type { App } from '../http/app-type.ts'

/** Where the build leaves the page, seen from the sources as well as from what is built of them. */
const PAGE = fileURLToPath(new URL('../../dist/dashboard/page', import.meta.url))

const CHARTS = dirname(createRequire(import.meta.url).resolve('chart.js'))

/** All that the build leaves there; whatever else is asked for is not found. */
const FILE = /^[a-z]+\.(?:css|html|js|svg)$/

/** The page runs its own scripts and talks to its own server; nothing else, and nobody may frame it. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const route = { config: { access: 'public', sight: 'everyone' }, schema: { hide: true } } as const

/** Served as built, with an ETag: a browser asks again and is answered 304 until the next version. */
export const dashboardRoutes = async (app: App): Promise<void> => {
  await app.register(async (page: App) => {
    await page.register(files, { root: PAGE, serve: false, cacheControl: false, dotfiles: 'deny' })
    page.addHook('onRequest', (_request, reply, done) => {
      reply.headers({
        'cache-control': 'no-cache',
        'content-security-policy': CONTENT_SECURITY_POLICY,
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
      })
      done()
    })
    page.get('/dashboard', route, (_request, reply) => reply.sendFile('index.html'))
    page.get('/dashboard/', route, (_request, reply) => reply.sendFile('index.html'))
    page.get('/dashboard/chart.js', route, (_request, reply) => reply.sendFile('chart.umd.min.js', CHARTS))
    page.get(
      '/dashboard/:file',
      { ...route, schema: { hide: true, params: z.object({ file: z.string() }) } },
      ({ params }, reply) => (FILE.test(params.file) ? reply.sendFile(params.file) : reply.callNotFound()),
    )
  })
}
