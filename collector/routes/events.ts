import { type Context, Hono } from 'hono'
import { LIMITS, parseBatch } from '../../sdk/wire.ts'
import type { Collector } from '../app.ts'
import { errorAnswer, isErrorCode, RefusalError } from '../errors.ts'
import { isLocal } from '../ingest/checkOrigin.ts'
import { keepRefused } from '../ingest/failedEvent.ts'
import { readJson } from '../ingest/readJson.ts'
import { receive, refused } from '../ingest/receive.ts'
import { isPrefetch } from '../ingest/verdict.ts'

/** A page of any origin may read the answer, a refusal too: it says what to correct, and the route knows no cookie. */
function allowOrigin(c: Context): string | undefined {
  const origin = c.req.header('origin')
  c.header('Vary', 'Origin')
  if (origin !== undefined) c.header('Access-Control-Allow-Origin', origin)
  return origin
}

/** `POST /v1/events`: a batch from a page. */
export function eventsRoutes({ store, registry, now, ingest, sourceOf }: Collector): Hono {
  const routes = new Hono()

  routes.post('/v1/events', async (c) => {
    const origin = allowOrigin(c)
    const sender = {
      origin,
      userAgent: c.req.header('user-agent') ?? '',
      source: sourceOf(c),
      isPrefetch: isPrefetch((name) => c.req.header(name)),
    }
    let body: unknown
    try {
      const { json, bytes } = await readJson(c.req.raw, LIMITS.bodyBytes)
      body = json
      const batch = parseBatch(json, { bodyBytes: bytes, maxEvents: LIMITS.eventsFromBrowser })
      const given = (json as { events: unknown[] }).events
      const receipt = await receive(batch, { given, sender, now: now(), ingest })
      const [first] = receipt.rejected
      if (!first || receipt.accepted + receipt.duplicates > 0) return c.json(receipt, 202)
      // Nothing in it could be taken, so the status says so, too.
      return errorAnswer(c, isErrorCode(first.code) ? first.code : 'invalid_event', { ...first, extra: receipt })
    } catch (thrown) {
      const error = refused(thrown)
      if (error instanceof RefusalError) await keepRefused(body, error, { store, registry, now: now() })
      throw error
    }
  })

  // Only senders of application/json ask first; the script sends text/plain.
  routes.options('/v1/events', (c) => {
    const origin = c.req.header('origin') ?? ''
    c.header('Vary', 'Origin')
    if (isLocal(origin) || registry.sites().some(({ origins }) => origins.includes(origin))) {
      c.header('Access-Control-Allow-Origin', origin)
      c.header('Access-Control-Allow-Methods', 'POST')
      c.header('Access-Control-Allow-Headers', 'Content-Type')
      c.header('Access-Control-Max-Age', '86400')
    }
    return c.body(null, 204)
  })

  return routes
}
