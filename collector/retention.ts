import type { Registry } from './registry.ts'
import { pricing } from './results/pricing.ts'
import type { Store } from './store/store.ts'

const DAY_MS = 86_400_000

/** As long as a server may still report or correct what occurred: an event's details must be there then. */
export const MIN_RETENTION_DAYS = 91

/** How often what has grown too old is looked for. */
export const RETENTION_EVERY_MS = 3_600_000

/** Takes events out of the ledger that were last heard of over `days` ago; totals, results and what is owed stay. Resolves with how many. */
export async function applyRetention({
  store,
  registry,
  days,
  now,
}: {
  store: Store
  registry: Registry
  days: number
  now: number
}): Promise<number> {
  const before = now - days * DAY_MS
  const cuts: number[] = []
  // Sums are kept apart where what is owed changes.
  for (const campaign of registry.campaigns()) cuts.push(...(await pricing(campaign, { store, until: before })).cuts)
  return store.prune({ before, cuts })
}
