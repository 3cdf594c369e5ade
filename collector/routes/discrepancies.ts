import { Hono } from 'hono'
import type { Collector } from '../app.ts'
import { RefusalError } from '../errors.ts'
import { computeDiscrepancies } from '../results/computeDiscrepancies.ts'
import { discrepanciesCsv } from '../results/csv.ts'
import { parseResultsQuery } from '../results/query.ts'
import { queryOf } from './queryOf.ts'
import { sendCsv } from './sendCsv.ts'

/** `GET /v1/discrepancies`: the clicks of platforms against ours, with the reasons of what we do not count; JSON or with `format=csv`. */
export function discrepancyRoutes({ store, registry, now }: Collector): Hono {
  const routes = new Hono()
  routes.get('/v1/discrepancies', async (c) => {
    const { format = 'json', ...given } = queryOf(c, ['from', 'to', 'campaign', 'source', 'tz', 'format'])
    if (format !== 'json' && format !== 'csv') throw new RefusalError('invalid_filter', 'format must be json or csv', 'format')
    const { from, to, campaign, filters } = parseResultsQuery({ ...given, by: 'day' }, { registry, now: now() })
    const query = { from, to, tz: given.tz ?? null, campaign, source: filters.source }
    const answer = await computeDiscrepancies(query, { store, registry, now: now() })
    c.header('Cache-Control', 'no-store')
    return format === 'json' ? c.json(answer) : sendCsv(c, { name: `discrepancies-${from}-${to}`, text: discrepanciesCsv(answer) })
  })
  return routes
}
