import { serveStatic } from '@hono/node-server/serve-static'
import { Hono } from 'hono'
import type { Collector } from '../app.ts'
import { DEMO_CAMPAIGNS } from '../demo.ts'
import { computeResults } from '../results/computeResults.ts'
import { parseResultsQuery } from '../results/query.ts'

const CSP = "default-src 'self'; img-src 'self' data:; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"

/** `/demo/`: the demo site, a customer of this collector, and the totals of its campaigns, which only they make public. */
export function demoRoutes({ store, registry, now, assets }: Collector): Hono {
  const routes = new Hono()
  routes.get('/demo', (c) => c.redirect('/demo/'))
  routes.get('/demo/totals', async (c) => {
    const campaigns = []
    for (const { id } of DEMO_CAMPAIGNS) {
      const campaign = registry.campaign(id)
      if (!campaign) continue
      const query = parseResultsQuery({ campaign: id }, { registry, now: now() })
      const { totals } = await computeResults(query, { store, registry, now: now() })
      campaigns.push({ ...totals, id, name: campaign.name, currency: campaign.currency })
    }
    c.header('Cache-Control', 'no-store')
    return c.json({ campaigns })
  })
  routes.use('/demo/*', async (c, next) => {
    await next()
    c.header('Content-Security-Policy', CSP)
    c.header('X-Content-Type-Options', 'nosniff')
    c.header('Cache-Control', 'no-cache')
  })
  routes.get('/demo/*', serveStatic({ root: assets.demoFolder, rewriteRequestPath: (path) => path.replace(/^\/demo/, '') }))
  return routes
}
