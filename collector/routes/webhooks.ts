import { randomBytes } from 'node:crypto'
import { Hono } from 'hono'
import { z } from 'zod'
import type { Collector } from '../app.ts'
import { RefusalError } from '../errors.ts'
import { SECRET_BYTES, SECRET_PREFIX, signMessage } from '../webhooks/signMessage.ts'
import { type Delivery, WEBHOOK_EVENTS, type Webhook } from '../webhooks/webhook.ts'
import { WebhookTargetError } from '../webhooks/webhookTransport.ts'
import { bodyOf } from './bodyOf.ts'

/** The body of `POST /v1/webhooks`. */
const webhookBody = z.object({
  url: z.string().min(1).max(2_048),
  events: z.array(z.enum(WEBHOOK_EVENTS)).min(1).max(WEBHOOK_EVENTS.length).default(['budget']),
})

const MAX_WEBHOOKS = 20
const MAX_LISTED = 1_000

const iso = (at: number) => new Date(at).toISOString()
const newSecret = () => `${SECRET_PREFIX}${randomBytes(SECRET_BYTES).toString('base64')}`
const webhookAnswer = ({ secrets, deleted, madeAt, ...webhook }: Webhook) => ({ ...webhook, madeAt: iso(madeAt), secrets: secrets.length })
const deliveryAnswer = ({ nextAt, lastAt, webhook, ...delivery }: Delivery) => ({
  ...delivery,
  ...(delivery.status === 'pending' && nextAt > 0 && { nextAt: iso(nextAt) }),
  ...(lastAt !== undefined && { lastAt: iso(lastAt) }),
})

/** Webhooks: made (the secret is shown then and never again), listed, deleted, tried out, given a new secret; and what became of what they were sent. */
export function webhookRoutes({ registry, webhooks: transport, now, newId }: Collector): Hono {
  const routes = new Hono()
  const { notices } = registry
  const put = (webhook: Webhook) => registry.putNotice({ kind: 'webhook', id: webhook.id, value: webhook })

  function known(id: string): Webhook {
    const webhook = notices.webhook(id)
    if (!webhook) throw new RefusalError('not_found', `there is no webhook "${id.slice(0, 128)}"; GET /v1/webhooks lists them`, 'id')
    return webhook
  }

  routes.get('/v1/webhooks', (c) => c.json({ webhooks: notices.webhooks().map(webhookAnswer) }))
  routes.post('/v1/webhooks', async (c) => {
    const { url, events } = await bodyOf(c, webhookBody)
    if (notices.webhooks().length >= MAX_WEBHOOKS)
      throw new RefusalError('conflict', `there are ${MAX_WEBHOOKS} webhooks; delete one first`)
    try {
      await transport.check(url)
    } catch (error) {
      if (!(error instanceof WebhookTargetError)) throw error
      throw new RefusalError('invalid_request', `url ${error.message}`, 'url')
    }
    const at = now()
    const webhook: Webhook = { id: newId(at), url, events, secrets: [newSecret()], madeAt: at, deleted: false }
    await put(webhook)
    c.header('Cache-Control', 'no-store')
    return c.json({ ...webhookAnswer(webhook), secret: webhook.secrets[0] }, 201)
  })
  routes.delete('/v1/webhooks/:id', async (c) => {
    const webhook = known(c.req.param('id'))
    await put({ ...webhook, secrets: [], deleted: true })
    return c.json({ id: webhook.id, deleted: true })
  })
  routes.post('/v1/webhooks/:id/rotate', async (c) => {
    const webhook = known(c.req.param('id'))
    const secrets = [newSecret(), ...webhook.secrets].slice(0, 2)
    await put({ ...webhook, secrets })
    c.header('Cache-Control', 'no-store')
    return c.json({ ...webhookAnswer({ ...webhook, secrets }), secret: secrets[0] })
  })
  routes.post('/v1/webhooks/:id/test', async (c) => {
    const { url, secrets } = known(c.req.param('id'))
    const at = now()
    const id = `msg_${newId(at)}`
    const body = JSON.stringify({ type: 'webhook.test', timestamp: iso(at), data: {} })
    try {
      const status = await transport.post(url, { headers: signMessage({ id, at, body, secrets }), body })
      return c.json({ id, delivered: status >= 200 && status < 300, status })
    } catch (error) {
      return c.json({ id, delivered: false, error: (error as Error).message })
    }
  })
  routes.get('/v1/webhooks/:id/deliveries', (c) => {
    const all = notices.deliveries(known(c.req.param('id')).id)
    const { status } = c.req.query()
    if (status && !['pending', 'delivered', 'dead'].includes(status))
      throw new RefusalError('invalid_filter', 'status must be pending, delivered or dead', 'status')
    const asked = all.filter((delivery) => !status || delivery.status === status)
    return c.json({ deliveries: asked.slice(-MAX_LISTED).reverse().map(deliveryAnswer) })
  })
  routes.post('/v1/webhooks/:id/deliveries/:delivery/redeliver', async (c) => {
    const webhook = known(c.req.param('id'))
    const delivery = notices.delivery(c.req.param('delivery'))
    if (delivery?.webhook !== webhook.id) throw new RefusalError('not_found', 'this webhook has no such delivery', 'delivery')
    const again: Delivery = { ...delivery, status: 'pending', attempts: 0, nextAt: now() }
    await registry.putNotice({ kind: 'delivery', id: delivery.id, value: again })
    return c.json(deliveryAnswer(again), 202)
  })
  return routes
}
