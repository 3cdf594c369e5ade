import { Hono } from 'hono'
import type { Collector } from '../app.ts'
import { RefusalError } from '../errors.ts'
import { type CampaignState, campaignState } from '../results/campaignState.ts'

/** How long an answer is kept for everybody who asks: a flood makes no more work than one request. */
const KEEP_MS = 30_000

const MAX_AGE_SECONDS = 60

/** Any page may read it. */
const CORS = { 'Access-Control-Allow-Origin': '*' }

const tags = (header: string | undefined) => (header ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''))

/** `GET /v1/campaigns/:id/state`: whether a campaign still pays, for pages; public, and tells no amount. */
export function stateRoutes({ store, registry, now, limitSource, sourceOf }: Collector): Hono {
  const routes = new Hono()
  const kept = new Map<string, { until: number; versions: number; state: Promise<CampaignState> }>()

  function stateOf(id: string, at: number): Promise<CampaignState> {
    const campaign = registry.campaign(id)
    if (!campaign) throw new RefusalError('not_found', `there is no campaign "${id.slice(0, 128)}"`, 'id', CORS)
    const before = kept.get(id)
    // New terms are seen at once.
    if (before && at < before.until && before.versions === campaign.terms.length) return before.state
    const state = campaignState(campaign, { store, at })
    const entry = { until: at + KEEP_MS, versions: campaign.terms.length, state }
    kept.set(id, entry)
    state.catch(() => kept.get(id) === entry && kept.delete(id)) // whoever asked hears of it
    return state
  }

  routes.get('/v1/campaigns/:id/state', async (c) => {
    limitSource(sourceOf(c), now())
    const campaign = c.req.param('id')
    const state = await stateOf(campaign, now())
    const etag = `"${state}"`
    const headers = { ...CORS, ETag: etag, 'Cache-Control': `public, max-age=${MAX_AGE_SECONDS}`, 'X-Content-Type-Options': 'nosniff' }
    if (tags(c.req.header('if-none-match')).some((tag) => tag === etag || tag === '*')) return c.body(null, 304, headers)
    return c.json({ campaign, state }, 200, headers)
  })
  return routes
}
