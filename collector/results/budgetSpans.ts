import { type Bill, openBill } from '../money/bill.ts'
import { hasBudget, openBudget } from '../money/budget.ts'
import { type Terms, termsAt } from '../money/terms.ts'
import { GRAINS_MS } from '../store/grain.ts'
import type { Store } from '../store/store.ts'
import { addDays, dayOf, dayStart } from './days.ts'
import { addTotals, emptySums } from './sums.ts'

/** A half-open span of time (ms) in which a budget bounds what is owed. */
export interface BudgetSpan {
  from: number
  to: number
  /** At most this much of it is owed, minor units. */
  limit: bigint
}

interface Campaign {
  id: string
  currency: string
  timeZone: string
  terms: Terms[]
}

/** What a campaign costs between instants when no budget holds, from a bill that stands at the first of them. */
async function costs(edges: number[], { campaign, bill, store }: { campaign: Campaign; bill: Bill; store: Store }): Promise<bigint[]> {
  const rows = await store.totals({ campaign: campaign.id, edges, dimensions: [] })
  return edges.slice(0, -1).map((from, interval) => {
    const sums = emptySums()
    for (const row of rows) if (row.interval === interval) addTotals(sums, row, campaign.currency)
    return bill.owed(termsAt(campaign.terms, from), [sums], sums)[0] ?? 0n
  })
}

/**
 * The millisecond of a span in which `left` is used up, and how much was left when it began.
 *
 * Asks for the totals of ever shorter parts: those of whole slots cost nothing, and all of the last slot is read about twice.
 */
async function crossing(
  span: { from: number; to: number; left: bigint },
  { campaign, bill, store }: { campaign: Campaign; bill: Bill; store: Store },
): Promise<{ at: number; left: bigint }> {
  let { from, to, left } = span
  let standing = bill
  const step = async (mid: number) => {
    const ahead = standing.fork()
    const [cost = 0n] = await costs([from, mid], { campaign, bill: ahead, store })
    if (cost > left) to = mid
    else {
      standing = ahead
      left -= cost
      from = mid
    }
  }
  // To a whole slot first, which totals hold, then within it.
  for (const ms of [...GRAINS_MS, 1]) {
    for (;;) {
      const mid = Math.round((from + to) / 2 / ms) * ms
      if (mid <= from || mid >= to) break
      await step(mid)
    }
  }
  return { at: from, left }
}

/**
 * Where the budgets of a campaign bound what is owed, in the order of time, up to `until` (ms). Results are billed in the order in which they occurred.
 *
 * Days and months are the campaign's own. A span of one millisecond with something left is the one in which a budget ran out; one with nothing left follows it,
 * until the next day, month or terms. Empty without budgets.
 */
export async function budgetSpans(campaign: Campaign, { store, until }: { store: Store; until: number }): Promise<BudgetSpan[]> {
  const { terms, currency, timeZone } = campaign
  if (!terms.some(hasBudget)) return []
  const first = await store.firstAt(campaign.id)
  if (first === undefined || first >= until) return []
  const days: number[] = []
  for (let day = dayOf(first, timeZone); dayStart(day, timeZone) < until; day = addDays(day, 1)) days.push(dayStart(day, timeZone))
  const start = days[0] ?? first
  const edges = [...new Set([...days, ...terms.map(({ from }) => from).filter((at) => at > start && at < until), until])].sort(
    (a, b) => a - b,
  )

  const bill = openBill(currency)
  const budget = openBudget(currency)
  const found: BudgetSpan[] = []
  const whole = await store.totals({ campaign: campaign.id, edges, dimensions: [] })
  for (let interval = 0; interval + 1 < edges.length; interval++) {
    const [from = 0, to = 0] = edges.slice(interval, interval + 2)
    const inForce = termsAt(terms, from)
    const day = dayOf(from, timeZone)
    const standing = bill.fork()
    const sums = emptySums()
    for (const row of whole) if (row.interval === interval) addTotals(sums, row, currency)
    const cost = bill.owed(inForce, [sums], sums)[0] ?? 0n
    const left = budget.left(inForce, day)
    budget.take(left !== null && left < cost ? left : cost, day)
    if (left === null || cost <= left) continue
    const { at, left: rest } = left === 0n ? { at: from, left } : await crossing({ from, to, left }, { campaign, bill: standing, store })
    if (rest > 0n) found.push({ from: at, to: at + 1, limit: rest })
    const empty = rest > 0n ? at + 1 : at
    if (empty < to) found.push({ from: empty, to, limit: 0n })
  }
  return found
}
