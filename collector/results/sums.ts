import { NOTHING } from '../money/bill.ts'
import type { TotalsRow } from '../store/store.ts'
import type { Sums } from './results.ts'

/** Nothing yet, to add to. */
export function emptySums(): Sums {
  return { ...NOTHING, costMinor: 0n, unbilledMinor: 0n, otherRevenue: new Map() }
}

/** Adds a row of totals; value in another currency than the campaign's is kept apart. */
export function addTotals(sums: Sums, { type, count, viewable, currency, valueMinor }: TotalsRow, ownCurrency: string | null): void {
  if (type === 'impression') {
    sums.impressions += count
    sums.viewable += viewable
  } else if (type === 'click') sums.clicks += count
  else if (type === 'signup') sums.signups += count
  else {
    sums.purchases += count
    if (currency === ownCurrency) sums.revenueMinor += valueMinor
    else if (currency !== null) sums.otherRevenue.set(currency, (sums.otherRevenue.get(currency) ?? 0n) + valueMinor)
  }
}

/** Adds `from` to `to`, or takes it away. */
export function addSums(to: Sums, from: Sums, sign: 1 | -1 = 1): void {
  const by = BigInt(sign)
  for (const key of ['impressions', 'viewable', 'clicks', 'signups', 'purchases'] as const) to[key] += sign * from[key]
  for (const key of ['revenueMinor', 'costMinor', 'unbilledMinor'] as const) to[key] += by * from[key]
  for (const [currency, minor] of from.otherRevenue) to.otherRevenue.set(currency, (to.otherRevenue.get(currency) ?? 0n) + by * minor)
}
