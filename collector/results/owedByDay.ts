import type { Campaign } from '../registry.ts'
import type { Store } from '../store/store.ts'
import { computeStatement } from './computeStatement.ts'
import { addDays, dayOf } from './days.ts'

/** What is owed on each day of a campaign's calendar (minor units), from its first result to the day of `at` (ms). Empty before its first result. */
export async function owedByDay(campaign: Campaign, { store, at }: { store: Store; at: number }): Promise<Map<string, bigint>> {
  const owed = new Map<string, bigint>()
  const first = await store.firstAt(campaign.id)
  const to = dayOf(at, campaign.timeZone)
  const from = first === undefined ? undefined : dayOf(first, campaign.timeZone)
  if (from === undefined || from > to) return owed
  for (let day = from; day <= to; day = addDays(day, 1)) owed.set(day, 0n)
  const { lines } = await computeStatement({ campaign, from, to }, { store })
  for (const { day, amountMinor } of lines) owed.set(day, (owed.get(day) ?? 0n) + BigInt(amountMinor))
  return owed
}
