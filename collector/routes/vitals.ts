import { Hono } from 'hono'
import type { Collector } from '../app.ts'
import { addDays, dayStart } from '../results/days.ts'
import { NONE, parseResultsQuery } from '../results/query.ts'
import { type Vitals, vitalsOf } from '../results/vitals.ts'

/** `GET /v1/vitals`: how fast each landing page was, per campaign, the most viewed first. Takes from, to, tz, campaign and site as `/v1/results` does. */
export function vitalsRoutes({ store, registry, now }: Collector): Hono {
  const routes = new Hono()
  routes.get('/v1/vitals', async (c) => {
    const { by: _, ...parameters } = c.req.query()
    const { from, to, tz, campaign, site } = parseResultsQuery({ ...parameters, by: 'campaign' }, { registry, now: now() })
    const edges = [dayStart(from, tz), dayStart(addDays(to, 1), tz)]
    const rows: { campaign: string | null; page: string | null; vitals: Vitals }[] = []
    for (const id of await store.campaigns()) {
      if (campaign !== undefined && campaign !== (id || NONE)) continue
      const measured = (await store.vitals({ campaign: id, edges })).filter((row) => site === undefined || row.site === site)
      for (const page of new Set(measured.map((row) => row.page))) {
        const vitals = vitalsOf(measured.filter((row) => row.page === page))
        if (vitals) rows.push({ campaign: id || null, page: page || null, vitals })
      }
    }
    const views = ({ vitals }: (typeof rows)[number]) => Math.max(...Object.values(vitals).map(({ count }) => count))
    c.header('Cache-Control', 'no-store')
    return c.json({ query: { from, to, tz }, rows: rows.sort((a, b) => views(b) - views(a) || ((a.page ?? '') < (b.page ?? '') ? -1 : 1)) })
  })
  return routes
}
