import { Hono } from 'hono'
import type { Collector } from '../app.ts'
import { RefusalError } from '../errors.ts'
import { alertAnswer } from '../webhooks/messageOf.ts'

const DEFAULT_LIMIT = 100
const MAX_LIMIT = 1_000

/** `GET /v1/alerts?campaign=&limit=`: budgets that reached 50, 80 or 100 %, newest first. */
export function alertRoutes({ registry }: Collector): Hono {
  const routes = new Hono()
  routes.get('/v1/alerts', (c) => {
    const { campaign, limit = String(DEFAULT_LIMIT), ...others } = c.req.query()
    const unknown = Object.keys(others)[0]?.slice(0, 64)
    if (unknown !== undefined) throw new RefusalError('invalid_filter', `${unknown} is not a parameter of alerts`, unknown)
    if (!/^\d{1,4}$/.test(limit) || Number(limit) < 1 || Number(limit) > MAX_LIMIT)
      throw new RefusalError('invalid_filter', `limit must be a number from 1 to ${MAX_LIMIT}`, 'limit')
    const asked = registry.notices.alerts().filter((alert) => !campaign || alert.campaign === campaign)
    c.header('Cache-Control', 'no-store')
    return c.json({ alerts: asked.slice(-Number(limit)).reverse().map(alertAnswer) })
  })
  return routes
}
