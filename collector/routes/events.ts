import { Hono } from 'hono'
import type { Collector } from '../app.ts'
import { answerEvents } from '../ingest/answerEvents.ts'
import { isLocal } from '../ingest/checkOrigin.ts'
import { readBytes } from '../ingest/readJson.ts'

/** `POST /v1/events`: a batch from a page. */
export function eventsRoutes(collector: Collector): Hono {
  const routes = new Hono()

  routes.post('/v1/events', async (c) => {
    const { status, headers, body } = await answerEvents(
      { header: (name) => c.req.header(name), source: collector.sourceOf(c), body: (maxBytes) => readBytes(c.req.raw, maxBytes) },
      collector,
    )
    return new Response(body, { status, headers })
  })

  // Only senders of application/json ask first; the script sends text/plain.
  routes.options('/v1/events', (c) => {
    const origin = c.req.header('origin') ?? ''
    c.header('Vary', 'Origin')
    if (isLocal(origin) || collector.registry.sites().some(({ origins }) => origins.includes(origin))) {
      c.header('Access-Control-Allow-Origin', origin)
      c.header('Access-Control-Allow-Methods', 'POST')
      c.header('Access-Control-Allow-Headers', 'Content-Type')
      c.header('Access-Control-Max-Age', '86400')
    }
    return c.body(null, 204)
  })

  return routes
}
