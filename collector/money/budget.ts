import { currencyExponent } from '../../sdk/wire.ts'
import { type Model, scaled, type Terms } from './terms.ts'

/** What a campaign's budgets have left, day by day from its first result on. */
export interface Budget {
  /** How much more may be owed on a day under these terms, in minor units; null for any amount. Days are asked for in their order. */
  left(terms: Terms | undefined, day: string): bigint | null
  /** Something is owed on that day. */
  take(amount: bigint, day: string): void
}

const SPANS = ['total', 'monthly', 'daily'] as const

/** Whether the terms have any budget. */
export const hasBudget = ({ budget }: Terms): boolean => SPANS.some((span) => budget[span] !== null) || (budget.results ?? []).length > 0

/** What of each span was used, in amounts or numbers, and begins anew with the day and the month. */
function openSpans<Unit extends bigint | number>(zero: Unit) {
  const used: Record<(typeof SPANS)[number], Unit> = { total: zero, monthly: zero, daily: zero }
  let today = ''
  return (day: string) => {
    if (day.slice(0, 7) !== today.slice(0, 7)) used.monthly = zero
    if (day !== today) used.daily = zero
    today = day
    return used
  }
}

/** What the budgets of a campaign in numbers of results have left for one model. */
export interface ResultBudget {
  /** How many more results may be paid on a day under these terms; null for any number. Days are asked for in their order. */
  left(terms: Terms | undefined, day: string): number | null
  take(results: number, day: string): void
}

export function openResultBudget(model: Model): ResultBudget {
  const usedOn = openSpans(0)
  return {
    left(terms, day) {
      const used = usedOn(day)
      const agreed = terms?.budget.results?.find((one) => one.model === model)
      const left = SPANS.flatMap((span) => (agreed && agreed[span] !== null ? Math.max(0, agreed[span] - used[span]) : []))
      return left.length === 0 ? null : Math.min(...left)
    },
    take(results, day) {
      const used = usedOn(day)
      for (const span of SPANS) used[span] += results
    },
  }
}

/**
 * Keeps count of what is owed by day, by month and in all.
 *
 * What was owed under earlier terms counts towards the budgets of later ones. Amounts that were agreed with more decimals than the currency has are cut: a
 * budget is never exceeded.
 */
export function openBudget(currency: string): Budget {
  const exponent = currencyExponent(currency) ?? 2
  const usedOn = openSpans(0n)

  return {
    left(terms, day) {
      const owed = usedOn(day)
      let least: bigint | null = null
      for (const span of SPANS) {
        const agreed = terms?.budget[span] ?? null
        if (agreed === null) continue
        const left = scaled(agreed, 12) / 10n ** BigInt(12 - exponent) - owed[span]
        if (least === null || left < least) least = left < 0n ? 0n : left
      }
      return least
    },
    take(amount, day) {
      const owed = usedOn(day)
      for (const span of SPANS) owed[span] += amount
    },
  }
}
