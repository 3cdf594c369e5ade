import { Hono } from 'hono'
import type { Collector } from '../app.ts'
import { RefusalError } from '../errors.ts'
import { type BudgetStanding, budgetStandings } from '../results/budgetStandings.ts'
import { owedByDay } from '../results/owedByDay.ts'

/** Said with every answer: a projection without its method is a guess. */
const METHOD = 'mean of up to 14 full days; 95 % prediction interval of the sum of days to come by Student’s t'

const standingAnswer = ({ budget, period, limit, owed, left, used, pace, expected, expectedShare, projected }: BudgetStanding) => ({
  budget,
  period: period === '' ? null : period,
  limitMinor: Number(limit),
  owedMinor: Number(owed),
  leftMinor: Number(left),
  used,
  pace,
  expectedMinor: expected === null ? null : Number(expected),
  expectedShare,
  exhaustion: projected,
})

/** `GET /v1/campaigns/:id/budget`: how each budget stands that is agreed now, and when it will be used up. */
export function budgetRoutes({ store, registry, now }: Collector): Hono {
  const routes = new Hono()
  routes.get('/v1/campaigns/:id/budget', async (c) => {
    const campaign = registry.campaign(c.req.param('id'))
    if (!campaign)
      throw new RefusalError('not_found', `there is no campaign "${c.req.param('id')}"; make it with PUT /v1/campaigns/ID`, 'id')
    const at = now()
    const budgets = budgetStandings(campaign, { owed: await owedByDay(campaign, { store, at }), at })
    const { id, currency, timeZone } = campaign
    c.header('Cache-Control', 'no-store')
    return c.json({
      campaign: id,
      currency,
      timeZone,
      asOf: new Date(at).toISOString(),
      budgets: budgets.map(standingAnswer),
      method: METHOD,
    })
  })
  return routes
}
