import { hasBudget } from '../money/budget.ts'
import { termsAt } from '../money/terms.ts'
import type { Campaign } from '../registry.ts'
import type { Store } from '../store/store.ts'
import { budgetStandings } from './budgetStandings.ts'
import { addDays, dayOf, dayStart } from './days.ts'
import { owedByDay } from './owedByDay.ts'
import { pricing } from './pricing.ts'

export type CampaignState = 'active' | 'paused' | 'exhausted' | 'ended'

/**
 * Whether a result of this campaign would be paid for at `at` (ms), and if not, why.
 *
 * `ended`: the terms in force pay for nothing. `paused`: they are paused, or none are in force yet. `exhausted`: nothing is left of the total, of this
 * month's or of today's budget in money, or every model is over its budget in numbers of results.
 */
export async function campaignState(campaign: Campaign, { store, at }: { store: Store; at: number }): Promise<CampaignState> {
  const inForce = termsAt(campaign.terms, at)
  if (!inForce) return 'paused'
  if (inForce.pays.length === 0) return 'ended'
  if (inForce.status === 'paused') return 'paused'
  if (!hasBudget(inForce)) return 'active'
  const standings = budgetStandings(campaign, { owed: await owedByDay(campaign, { store, at }), at })
  if (standings.some(({ left }) => left === 0n)) return 'exhausted'
  if (!inForce.budget.results) return 'active'
  const until = dayStart(addDays(dayOf(at, campaign.timeZone), 1), campaign.timeZone)
  const { paid = {} } = (await pricing(campaign, { store, until })).boundAt(at)
  return inForce.pays.every(({ model }) => paid[model] === 0) ? 'exhausted' : 'active'
}
