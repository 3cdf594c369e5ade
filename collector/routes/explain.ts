import { Hono } from 'hono'
import type { Collector } from '../app.ts'
import { RefusalError } from '../errors.ts'
import { explainEvent } from '../explain/explainEvent.ts'

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

const refuse = (field: string, message: string): never => {
  throw new RefusalError('invalid_filter', `${field} ${message}`, field)
}

/** `GET /v1/events?site=&orderId=|leadId=`: ids of an order or a lead. `GET /v1/events/:id/explain`: an event as it stands, and why. */
export function explainRoutes({ store, registry }: Collector): Hono {
  const routes = new Hono()

  routes.get('/v1/events', async (c) => {
    const { site, orderId, leadId, ...others } = c.req.query()
    const [unknown] = Object.keys(others)
    if (unknown !== undefined) return refuse(unknown.slice(0, 64), 'is not a parameter; events are found by site and orderId or leadId')
    if (!site) return refuse('site', 'is missing; an order or a lead is one of a site')
    if (!registry.site(site)) return refuse('site', 'is not known; GET /v1/sites lists them')
    if (!orderId === !leadId) return refuse('orderId', 'or leadId, one of the two, must say which event is wanted')
    const found = await store.findConversions({ sites: [site], kind: orderId ? 'order' : 'lead', key: orderId || leadId || '' })
    c.header('Cache-Control', 'no-store')
    const events = found.map(({ id }) => ({ id, explain: `/v1/events/${id}/explain` }))
    return c.json({ events })
  })

  routes.get('/v1/events/:id/explain', async (c) => {
    const id = c.req.param('id')
    if (!UUID.test(id)) return refuse('id', 'must be the id of an event, a UUID; find it by order with GET /v1/events?site=&orderId=')
    c.header('Cache-Control', 'no-store')
    return c.json(await explainEvent(id, { store, registry }))
  })
  return routes
}
