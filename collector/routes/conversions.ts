import { Hono } from 'hono'
import { LIMITS, parseBatch, type Rejection, SERVER_BODY_BYTES } from '../../sdk/wire.ts'
import type { Collector } from '../app.ts'
import { authenticateServer } from '../authenticateServer.ts'
import { errorAnswer, isErrorCode } from '../errors.ts'
import { assertJsonType, parseJson } from '../ingest/readJson.ts'
import { refused } from '../ingest/receive.ts'
import { receiveConversions } from '../ingest/receiveConversions.ts'

type Bag = Record<string, unknown>
const isBag = (value: unknown): value is Bag => typeof value === 'object' && value !== null && !Array.isArray(value)

/** A server's event needs no id and no time of its own: its order or lead is known again when it is sent again, and it occurred just now. */
function completed(event: unknown, { id, at }: { id: string; at: number }): unknown {
  if (!isBag(event)) return event
  const isNamed = event.orderId !== undefined || event.leadId !== undefined
  return { occurredAt: at, ...(isNamed && { id }), ...event }
}

/** Says what an event without any id lacks, in the words of whoever sends it. */
function named(rejection: Rejection): Rejection {
  if (rejection.field !== 'id' || !rejection.message.endsWith('is missing')) return rejection
  const message = 'orderId, leadId or id is missing: without any, the event would count again when it is sent again'
  return { ...rejection, field: 'orderId', message }
}

/** `POST /v1/conversions`: what a server of the site reports, with its secret key or signed with it. */
export function conversionRoutes(collector: Collector): Hono {
  const { now, newId, ingest } = collector
  const routes = new Hono()
  routes.post('/v1/conversions', async (c) => {
    const at = now()
    const { key, bytes } = await authenticateServer(c, collector, { maxBytes: SERVER_BODY_BYTES, now: at })
    assertJsonType(Object.fromEntries(c.req.raw.headers))
    const body = parseJson(bytes)
    const events = isBag(body) && Array.isArray(body.events) ? body.events : undefined
    const given = events?.map((event) => completed(event, { id: newId(at), at }))
    const envelope = { ...(isBag(body) && body), site: key.site, events: given }
    const validateOnly = isBag(body) && body.validateOnly === true
    try {
      const batch = parseBatch(envelope, { bodyBytes: SERVER_BODY_BYTES, maxEvents: LIMITS.eventsFromServer })
      const receipt = await receiveConversions({ ...batch, rejected: batch.rejected.map(named) }, { now: at, ingest, validateOnly })
      const [first] = receipt.rejected
      if (receipt.events.length > 0 || !first) return c.json(receipt, validateOnly ? 200 : 202)
      const {
        status,
        headers,
        body: text,
      } = errorAnswer(isErrorCode(first.code) ? first.code : 'invalid_event', { ...first, extra: receipt })
      return new Response(text, { status, headers })
    } catch (error) {
      throw refused(error)
    }
  })
  return routes
}
