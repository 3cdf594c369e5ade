import { BUDGETS, limitMinor } from '../money/pace.ts'
import { termsAt } from '../money/terms.ts'
import type { Campaign } from '../registry.ts'
import { dayOf } from '../results/days.ts'
import { type Alert, alertId, THRESHOLDS } from './alert.ts'

/** The highest alert of each budget that is agreed now, for the month and the day of `now` (ms): what still matters. */
export function currentAlerts(campaigns: Campaign[], { alert, now }: { alert: (id: string) => Alert | undefined; now: number }): Alert[] {
  return campaigns.flatMap(({ id, terms, currency, timeZone }) => {
    const budgets = termsAt(terms, now)?.budget
    const today = dayOf(now, timeZone)
    const periods = { total: '', monthly: today.slice(0, 7), daily: today }
    return BUDGETS.flatMap((budget) => {
      const agreed = budgets?.[budget] ?? null
      if (agreed === null) return []
      const key = { campaign: id, budget, period: periods[budget], limitMinor: Number(limitMinor(agreed, currency)) }
      const given = THRESHOLDS.toReversed().map((threshold) => alert(alertId({ ...key, threshold })))
      return given.find((one) => one !== undefined) ?? []
    })
  })
}
