import { currencyExponent } from '../../sdk/wire.ts'
import { scaled, type Terms } from './terms.ts'

/** What a campaign's budgets have left, day by day from its first result on. */
export interface Budget {
  /** How much more may be owed on a day under these terms, in minor units; null for any amount. Days are asked for in their order. */
  left(terms: Terms | undefined, day: string): bigint | null
  /** Something is owed on that day. */
  take(amount: bigint, day: string): void
}

/** Whether the terms have any budget. */
export const hasBudget = ({ budget }: Terms): boolean => budget.total !== null || budget.monthly !== null || budget.daily !== null

/**
 * Keeps count of what is owed by day, by month and in all.
 *
 * What was owed under earlier terms counts towards the budgets of later ones. Amounts that were agreed with more decimals than the currency has are cut: a
 * budget is never exceeded.
 */
export function openBudget(currency: string): Budget {
  const exponent = currencyExponent(currency) ?? 2
  const owed = { total: 0n, monthly: 0n, daily: 0n }
  let today = ''

  function turnTo(day: string): void {
    if (day.slice(0, 7) !== today.slice(0, 7)) owed.monthly = 0n
    if (day !== today) owed.daily = 0n
    today = day
  }
  return {
    left(terms, day) {
      turnTo(day)
      let least: bigint | null = null
      for (const span of ['total', 'monthly', 'daily'] as const) {
        const agreed = terms?.budget[span] ?? null
        if (agreed === null) continue
        const left = scaled(agreed, 12) / 10n ** BigInt(12 - exponent) - owed[span]
        if (least === null || left < least) least = left < 0n ? 0n : left
      }
      return least
    },
    take(amount, day) {
      turnTo(day)
      for (const span of ['total', 'monthly', 'daily'] as const) owed[span] += amount
    },
  }
}
