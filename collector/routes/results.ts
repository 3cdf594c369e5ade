import { Hono } from 'hono'
import type { Collector } from '../app.ts'
import { RefusalError } from '../errors.ts'
import { attributionCsv } from '../results/attributionCsv.ts'
import { computeAttribution } from '../results/computeAttribution.ts'
import { computeResults } from '../results/computeResults.ts'
import { parseCredit } from '../results/creditQuery.ts'
import { resultsCsv } from '../results/csv.ts'
import { parseResultsQuery } from '../results/query.ts'

/** JSON unless CSV is asked for by `format=csv` or preferred in `Accept`. */
function wantsCsv(format: string | undefined, accept: string | undefined): boolean {
  if (format && format !== 'csv' && format !== 'json') throw new RefusalError('invalid_filter', 'format must be json or csv', 'format')
  return format ? format === 'csv' : /^\s*text\/csv\b/i.test(accept ?? '')
}

/** An answer, and how it is written as CSV. */
async function withText<Answer extends object>(
  working: Promise<Answer>,
  write: (answer: Answer) => string,
): Promise<[object, () => string]> {
  const answer = await working
  return [answer, () => write(answer)]
}

/** `GET /v1/results`: exact totals and what is owed for them, or with another `model` a report by touches; as JSON or CSV. */
export function resultsRoutes({ store, registry, now }: Collector): Hono {
  const routes = new Hono()
  routes.get('/v1/results', async (c) => {
    const parameters = c.req.query()
    const isCsv = wantsCsv(parameters.format, c.req.header('accept'))
    const query = parseResultsQuery(parameters, { registry, now: now() })
    const dependencies = { store, registry, now: now() }
    const credit = parseCredit(parameters, query)
    const [answer, text] = credit
      ? await withText(computeAttribution(query, { ...dependencies, credit }), attributionCsv)
      : await withText(computeResults(query, dependencies), resultsCsv)
    c.header('Cache-Control', 'no-store')
    if (!isCsv) return c.json(answer)
    c.header('Content-Type', 'text/csv; charset=utf-8')
    c.header('Content-Disposition', `attachment; filename="tallymark-results-${query.from}-${query.to}.csv"`)
    c.header('X-Content-Type-Options', 'nosniff')
    return c.body(text())
  })
  return routes
}
