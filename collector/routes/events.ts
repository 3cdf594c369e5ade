import { Hono } from 'hono'
import { LIMITS } from '../../sdk/wire.ts'
import type { Collector } from '../app.ts'
import { admitEvents, answerEvents } from '../ingest/answerEvents.ts'
import { isLocal } from '../ingest/checkOrigin.ts'
import { readBytes } from '../ingest/readJson.ts'

/** `POST /v1/events`: a batch from a page. */
export function eventsRoutes(collector: Collector): Hono {
  const routes = new Hono()

  routes.post('/v1/events', async (c) => {
    const request = { headers: c.req.header(), source: collector.sourceOf(c) }
    const body = () => readBytes(c.req.raw, LIMITS.bodyBytes).catch((error: Error) => error)
    const answer = admitEvents(request, collector) ?? (await answerEvents({ ...request, body: await body() }, collector))
    return new Response(answer.body, answer)
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
