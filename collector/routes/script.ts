import { type Context, Hono } from 'hono'
import type { Collector } from '../app.ts'
import type { Asset } from '../assets.ts'

/** An hour without asking, then a question by ETag; for a day a stale copy may serve while it asks. */
const CACHE = 'public, max-age=3600, stale-while-revalidate=86400'

function encodingFor(accept: string): 'br' | 'gzip' | 'identity' {
  if (/\bbr\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/.test(accept)) return 'br'
  return /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/.test(accept) ? 'gzip' : 'identity'
}

/** Its path names the bytes: nobody ever needs to ask again. */
const IMMUTABLE = 'public, max-age=31536000, immutable'

function serve(c: Context, { type, bodies, hash }: Asset, cache = CACHE): Response {
  const encoding = encodingFor(c.req.header('accept-encoding') ?? '')
  // A strong validator names one sequence of bytes, so each encoding has its own.
  const etag = `"${hash}-${encoding}"`
  c.header('ETag', etag)
  c.header('Cache-Control', cache)
  c.header('Vary', 'Accept-Encoding')
  c.header('Access-Control-Allow-Origin', '*')
  c.header('Cross-Origin-Resource-Policy', 'cross-origin')
  c.header('X-Content-Type-Options', 'nosniff')
  const known = (c.req.header('if-none-match') ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  if (known.includes(etag) || known.includes('*')) return c.body(null, 304)
  c.header('Content-Type', type)
  if (encoding !== 'identity') c.header('Content-Encoding', encoding)
  return c.body(bodies[encoding])
}

/**
 * `GET /tallymark.js`, `/vitals.js`, `/shims.js` and their source maps; each also under a path that holds its hash and never changes.
 *
 * `GET /scripts.json` tells these paths and what to write in `integrity`.
 */
export function scriptRoutes({ assets }: Collector): Hono {
  const routes = new Hono()
  const entries = Object.entries(assets.scripts)
  for (const [name, script] of entries) {
    for (const [path, cache] of [
      [`/${name}.js`, CACHE],
      [script.path, IMMUTABLE],
    ] as const)
      routes.get(path, (c) => {
        c.header('SourceMap', `/${name}.js.map`)
        return serve(c, script, cache)
      })
    routes.get(`/${name}.js.map`, (c) => serve(c, script.map))
  }
  routes.get('/scripts.json', (c) => {
    c.header('Access-Control-Allow-Origin', '*')
    c.header('Cache-Control', CACHE)
    return c.json(Object.fromEntries(entries.map(([name, { path, integrity }]) => [name, { path, integrity }])))
  })
  return routes
}
