import { openBill } from '../money/bill.ts'
import { openBudget } from '../money/budget.ts'
import { termsAt } from '../money/terms.ts'
import type { Campaign } from '../registry.ts'
import type { Store, TotalsRow } from '../store/store.ts'
import { addDays, dayOf, dayStart } from './days.ts'
import { addTotals, emptySums } from './sums.ts'

/**
 * What is owed on each day of a campaign's calendar (minor units), from its first result to the day of `at` (ms). Empty before its first result.
 *
 * The same amounts as those of its statement, without finding the instants at which budgets ran out: one query for totals, whatever the number of days on
 * which they did.
 */
export async function owedByDay(
  { id, terms, currency, timeZone }: Campaign,
  { store, at }: { store: Store; at: number },
): Promise<Map<string, bigint>> {
  const owed = new Map<string, bigint>()
  const first = await store.firstAt(id)
  const end = dayStart(addDays(dayOf(at, timeZone), 1), timeZone)
  if (first === undefined || first >= end) return owed
  const starts = new Map<number, string>()
  for (
    let day = dayOf(first, timeZone), from = dayStart(day, timeZone);
    from < end;
    day = addDays(day, 1), from = dayStart(day, timeZone)
  ) {
    starts.set(from, day)
  }
  const [start = first] = starts.keys()
  const begins = terms.map(({ from }) => from).filter((from) => from > start && from < end)
  const cuts = [...new Set([...starts.keys(), ...begins, end])].sort((a, b) => a - b)

  const rows = Map.groupBy<number, TotalsRow>(await store.totals({ campaign: id, edges: cuts, dimensions: [] }), ({ interval }) => interval)
  const bill = openBill(currency)
  const budget = openBudget(currency)
  let day = ''
  for (const [interval, from] of cuts.slice(0, -1).entries()) {
    const inForce = termsAt(terms, from)
    day = starts.get(from) ?? day
    const sums = emptySums()
    for (const row of rows.get(interval) ?? []) addTotals(sums, row, currency)
    const cost = bill.owed(inForce, [sums], sums)[0] ?? 0n
    const left = budget.left(inForce, day)
    const due = left !== null && left < cost ? left : cost
    budget.take(due, day)
    owed.set(day, (owed.get(day) ?? 0n) + due)
  }
  return owed
}
