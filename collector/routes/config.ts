import { type Context, Hono } from 'hono'
import { LIMITS } from '../../sdk/wire.ts'
import type { Collector } from '../app.ts'
import { RefusalError } from '../errors.ts'
import { termsBody } from '../money/terms.ts'
import { type Campaign, campaignBody, type Site, siteBody } from '../registry.ts'
import { previewTerms } from '../results/previewTerms.ts'
import { bodyOf } from './bodyOf.ts'

/** An id in a path: 1-128 characters, not a key that objects have by themselves. */
function idOf(c: Context): string {
  const id = c.req.param('id') ?? ''
  if (id.length > LIMITS.tagLength) throw new RefusalError('invalid_request', `id must be at most ${LIMITS.tagLength} characters`, 'id')
  if (['__proto__', 'constructor', 'prototype'].includes(id)) throw new RefusalError('forbidden_key', `id must not be "${id}"`, 'id')
  return id
}

/** A site, and in a sentence whose pages may send events for it. */
const siteAnswer = (site: Site) => ({
  ...site,
  accepts:
    site.origins.length === 0
      ? 'pages on localhost only, until "origins" lists the origins of the site'
      : `pages of ${site.origins.join(', ')}`,
})

const campaignAnswer = ({ terms, ...campaign }: Campaign) => ({
  ...campaign,
  terms: terms.map((version) => ({ ...version, from: new Date(version.from).toISOString() })),
})

/** Sites, campaigns and their terms: what is configured, in versions. */
export function configRoutes({ registry, store, now }: Collector): Hono {
  const routes = new Hono()
  routes.get('/v1/sites', (c) => c.json({ sites: registry.sites().map(siteAnswer) }))
  routes.put('/v1/sites/:id', async (c) => c.json(siteAnswer(await registry.putSite(idOf(c), await bodyOf(c, siteBody)))))
  routes.get('/v1/campaigns', (c) => c.json({ campaigns: registry.campaigns().map(campaignAnswer) }))
  routes.put('/v1/campaigns/:id', async (c) => c.json(campaignAnswer(await registry.putCampaign(idOf(c), await bodyOf(c, campaignBody)))))
  routes.get('/v1/campaigns/:id/terms', (c) => {
    const campaign = registry.campaign(idOf(c))
    if (!campaign) throw new RefusalError('not_found', `there is no campaign "${idOf(c)}"`)
    return c.json({ terms: campaignAnswer(campaign).terms })
  })
  routes.post('/v1/campaigns/:id/terms/preview', async (c) => {
    const campaign = registry.campaign(idOf(c))
    if (!campaign) throw new RefusalError('not_found', `there is no campaign "${idOf(c)}"`)
    return c.json(await previewTerms(campaign, await bodyOf(c, termsBody), { store, now: now() }))
  })
  routes.post('/v1/campaigns/:id/terms', async (c) => {
    const terms = await registry.addTerms(idOf(c), await bodyOf(c, termsBody))
    return c.json({ ...terms, from: new Date(terms.from).toISOString() }, 201)
  })
  return routes
}
