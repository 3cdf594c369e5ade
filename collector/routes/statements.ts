import { Hono } from 'hono'
import { z } from 'zod'
import type { Collector } from '../app.ts'
import { RefusalError } from '../errors.ts'
import { closePeriod } from '../results/closePeriod.ts'
import { computeStatement } from '../results/computeStatement.ts'
import { statementCsv } from '../results/csv.ts'
import { lineEvents } from '../results/lineEvents.ts'
import { parseResultsQuery } from '../results/query.ts'
import { bodyOf } from './bodyOf.ts'

const closingBody = z.object({ campaign: z.string(), from: z.iso.date().exactOptional(), to: z.iso.date() })

/** `GET /v1/statements?campaign=&from=&to=`: what is owed, line by line, as JSON or with `format=csv`; `POST` closes a period. */
export function statementRoutes({ store, registry, now }: Collector): Hono {
  const routes = new Hono()
  routes.get('/v1/statements', async (c) => {
    const { campaign: id, from: first, to: last, format = 'json', ...others } = c.req.query()
    const [unknown] = Object.keys(others)
    if (unknown !== undefined)
      throw new RefusalError('invalid_filter', `${unknown.slice(0, 64)} is not a parameter of statements`, unknown.slice(0, 64))
    if (format !== 'json' && format !== 'csv') throw new RefusalError('invalid_filter', 'format must be json or csv', 'format')
    if (!id) throw new RefusalError('invalid_filter', 'campaign is missing; a statement is of one', 'campaign')
    const campaign = registry.campaign(id)
    if (!campaign) throw new RefusalError('not_found', `there is no campaign "${id}"; make it with PUT /v1/campaigns/ID`, 'campaign')
    const { from, to } = parseResultsQuery(
      { campaign: id, by: 'day', ...(first && { from: first }), ...(last && { to: last }) },
      { registry, now: now() },
    )
    const statement = await computeStatement({ campaign, from, to }, { store, closed: registry.closings(id) })
    c.header('Cache-Control', 'no-store')
    if (format === 'json') return c.json(statement)
    c.header('Content-Type', 'text/csv; charset=utf-8')
    c.header('Content-Disposition', `attachment; filename="tallymark-statement-${from}-${to}.csv"`)
    c.header('X-Content-Type-Options', 'nosniff')
    return c.body(statementCsv(statement))
  })
  routes.get('/v1/statements/events', async (c) => {
    const { campaign: id = '', after, ...line } = c.req.query()
    const campaign = registry.campaign(id)
    if (!campaign) throw new RefusalError('not_found', `there is no campaign "${id}"; a line is of one`, 'campaign')
    c.header('Cache-Control', 'no-store')
    return c.json(await lineEvents(campaign, { ...line, ...(after && { after }) }, store))
  })
  routes.post('/v1/statements', async (c) => {
    const { campaign: id, ...range } = await bodyOf(c, closingBody)
    const campaign = registry.campaign(id)
    if (!campaign) throw new RefusalError('not_found', `there is no campaign "${id}"; make it with PUT /v1/campaigns/ID`, 'campaign')
    return c.json(await closePeriod({ campaign, ...range }, { registry, store, now: now() }), 201)
  })
  return routes
}
