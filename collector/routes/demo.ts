import { serveStatic } from '@hono/node-server/serve-static'
import { Hono } from 'hono'
import type { Collector } from '../app.ts'
import { DEMO_CAMPAIGNS, DEMO_SITES } from '../demo.ts'
import { computeResults } from '../results/computeResults.ts'
import { parseResultsQuery } from '../results/query.ts'

const CSP = "default-src 'self'; img-src 'self' data:; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"

/** Events that the panel hears of at once, and of how long ago (ms) it is told when it asks for the first time. */
const MAX_EVENTS = 100
const FIRST_MS = 5_000

/** What the ledger has of the demo sites after a position, of late without one. */
async function demoEvents(after: number | undefined, { store, now }: Pick<Collector, 'store' | 'now'>) {
  const end = await store.ledgerEnd()
  const rows = await store.ledger({ afterSeq: Math.max(after ?? 0, end - MAX_EVENTS), limit: MAX_EVENTS })
  const events = rows
    .filter(({ site, receivedAt, replaces }) => {
      const isFresh = after !== undefined || receivedAt > now() - FIRST_MS
      return DEMO_SITES.some(({ id }) => id === site) && isFresh && replaces === undefined
    })
    .map(({ id, type, campaign, verdict, tags: { placement, segment }, evidence: { orderId, leadId }, valueMinor, currency }) => {
      return { id, type, campaign, verdict, placement, segment, orderId, leadId, valueMinor, currency }
    })
  return { events, end: rows.at(-1)?.seq ?? end }
}

/** `/demo/`: the demo site, a customer of this collector, and the totals of its campaigns and its events, which only it makes public. */
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
    const after = Number.parseInt(c.req.query('after') ?? '', 10)
    c.header('Cache-Control', 'no-store')
    return c.json({ campaigns, ...(await demoEvents(Number.isNaN(after) ? undefined : after, { store, now })) })
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
