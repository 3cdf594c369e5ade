import type { Campaign } from '../registry.ts'
import type { Store } from '../store/store.ts'
import { addDays, dayOf, dayStart } from './days.ts'
import { owedDays } from './pricing.ts'

/**
 * What is owed on each day of a campaign's calendar (minor units), from its first result to the day of `at` (ms). Empty before its first result.
 *
 * The same amounts as those of its statement, without finding the instants at which budgets in money ran out: one query for totals, whatever the number of
 * days on which they did.
 */
export async function owedByDay(campaign: Campaign, { store, at }: { store: Store; at: number }): Promise<Map<string, bigint>> {
  const { timeZone } = campaign
  const until = dayStart(addDays(dayOf(at, timeZone), 1), timeZone)
  const owed = new Map<string, bigint>()
  for (const { day, due } of await owedDays(campaign, { store, until })) owed.set(day, (owed.get(day) ?? 0n) + due)
  return owed
}
