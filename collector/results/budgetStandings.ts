import { PROJECTION_DAYS } from '../money/exhaustion.ts'
import { BUDGETS, type BudgetName, limitMinor, type Pace, pace } from '../money/pace.ts'
import { type Terms, termsAt } from '../money/terms.ts'
import type { Campaign } from '../registry.ts'
import { addDays, dayOf, dayStart } from './days.ts'

/** How one budget of a campaign stands. */
export interface BudgetStanding extends Pace {
  budget: BudgetName
  /** The month `2026-11` or the day `2026-11-24` of the campaign's calendar; '' for the total. */
  period: string
  pace: 'even' | 'asap'
  /** Days on which nothing will be left, with the bounds of the 95 % interval; null where that is not before the period ends, or not within ten years. */
  projected: { day: string | null; earliest: string | null; latest: string | null } | null
}

const DAY_MS = 86_400_000
const MAX_DAYS = 3_660

/** The instant (ms) from which the terms pay for nothing any more, undefined when none is agreed. */
export function endOf(terms: Terms[], at: number): number | undefined {
  const starts = terms.map(({ from }) => from).filter((from) => from > at)
  return starts.sort((a, b) => a - b).find((start) => termsAt(terms, start)?.pays.length === 0)
}

/** The period of a budget that an instant falls in; `to` is undefined where it has no end. */
function periodOf(budget: BudgetName, { terms, timeZone }: Campaign, at: number): { period: string; from: number; to: number | undefined } {
  const day = dayOf(at, timeZone)
  const begins = Math.min(...terms.map(({ from }) => from))
  const ends = endOf(terms, at)
  if (budget === 'total') return { period: '', from: begins, to: ends }
  const month = `${day.slice(0, 7)}-01`
  const [period, first, next] =
    budget === 'daily' ? [day, day, addDays(day, 1)] : [day.slice(0, 7), month, `${addDays(month, 31).slice(0, 7)}-01`]
  const [from, to] = [dayStart(first, timeZone), dayStart(next, timeZone)]
  return { period, from: Math.max(from, begins), to: Math.min(to, ends ?? to) }
}

function projectedDays(
  { exhaustion }: Pace,
  { at, to, timeZone }: { at: number; to: number | undefined; timeZone: string },
): BudgetStanding['projected'] {
  if (!exhaustion) return null
  const dayIn = (days: number | null) => {
    if (days === null || days > MAX_DAYS || (to !== undefined && at + days * DAY_MS >= to)) return null
    return dayOf(Math.floor(at + days * DAY_MS), timeZone)
  }
  return { day: dayIn(exhaustion.days), earliest: dayIn(exhaustion.earliest), latest: dayIn(exhaustion.latest) }
}

/**
 * How the budgets stand that are agreed at `at` (ms): total, monthly, daily, those that are set. A pure function of terms and of what is owed by day.
 *
 * Days before the campaign's first result do not count as days on which nothing was owed. The day's own exhaustion is not projected.
 */
export function budgetStandings(campaign: Campaign, { owed, at }: { owed: Map<string, bigint>; at: number }): BudgetStanding[] {
  const { terms, timeZone, currency } = campaign
  const inForce = termsAt(terms, at)
  const today = dayOf(at, timeZone)
  const days = [...owed.keys()].filter((day) => day < today).sort()
  const daily = days.slice(-PROJECTION_DAYS).map((day) => owed.get(day) ?? 0n)
  return BUDGETS.flatMap((budget) => {
    const agreed = inForce?.budget[budget] ?? null
    if (!inForce || agreed === null) return []
    const { period, from, to } = periodOf(budget, campaign, at)
    let sum = 0n
    for (const [day, amount] of owed) if (day <= today && day.startsWith(period)) sum += amount
    const agreedPace = inForce.budget.pace ?? 'even'
    const even = agreedPace === 'even' && to !== undefined ? { from, to } : null
    const standing = pace({ limit: limitMinor(agreed, currency), owed: sum, even, at, daily: budget === 'daily' ? [] : daily })
    return { ...standing, budget, period, pace: agreedPace, projected: projectedDays(standing, { at, to, timeZone }) }
  })
}
