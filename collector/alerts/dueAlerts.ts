import type { Campaign } from '../registry.ts'
import type { BudgetStanding } from '../results/budgetStandings.ts'
import { type Alert, alertId, THRESHOLDS } from './alert.ts'

/**
 * The alerts that standings give and that are not `known` by their id, lowest threshold first.
 *
 * A budget of nothing gives none: nothing will ever be owed of it. Compares integers: 80 % is reached at exactly 80 %.
 */
export function dueAlerts(
  { id: campaign, currency }: Pick<Campaign, 'id' | 'currency'>,
  standings: BudgetStanding[],
  { known, at }: { known: (id: string) => boolean; at: number },
): Alert[] {
  return standings.flatMap(({ budget, period, limit, owed }) =>
    THRESHOLDS.filter((threshold) => limit > 0n && owed * 100n >= limit * BigInt(threshold))
      .map((threshold) => ({ campaign, budget, period, threshold, limitMinor: Number(limit) }))
      .map((key) => ({ id: alertId(key), ...key, owedMinor: Number(owed), currency, at }))
      .filter(({ id }) => !known(id)),
  )
}
