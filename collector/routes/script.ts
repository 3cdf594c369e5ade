import { type Context, Hono } from 'hono'
import type { Collector } from '../app.ts'
import type { Asset } from '../assets.ts'

/** An hour without asking, then a question by ETag; for a day a stale copy may serve while it asks. */
const CACHE = 'public, max-age=3600, stale-while-revalidate=86400'

function encodingFor(accept: string): 'br' | 'gzip' | 'identity' {
  if (/\bbr\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/.test(accept)) return 'br'
  return /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/.test(accept) ? 'gzip' : 'identity'
}

function serve(c: Context, { type, bodies, hash }: Asset): Response {
  const encoding = encodingFor(c.req.header('accept-encoding') ?? '')
  // A strong validator names one sequence of bytes, so each encoding has its own.
  const etag = `"${hash}-${encoding}"`
  c.header('ETag', etag)
  c.header('Cache-Control', CACHE)
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

/** `GET /tallymark.js` and its source map. */
export function scriptRoutes({ assets }: Collector): Hono {
  const routes = new Hono()
  routes.get('/tallymark.js', (c) => serve(c, assets.script))
  routes.get('/tallymark.js.map', (c) => serve(c, assets.scriptMap))
  return routes
}
