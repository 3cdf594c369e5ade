import { Hono } from 'hono'
import type { Collector } from '../app.ts'

/** `/healthz`: the process answers. `/readyz`: it can take events, that is, the store can write. */
export function healthRoutes({ store }: Collector): Hono {
  const routes = new Hono()
  routes.get('/healthz', (c) => c.json({ status: 'ok' }))
  routes.get('/readyz', async (c) => {
    await store.ready() // a StoreError becomes 503
    return c.json({ status: 'ready' })
  })
  return routes
}
