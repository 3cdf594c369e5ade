import type { Registry } from './registry.ts'
import type { Store } from './store/store.ts'

const DAY_MS = 86_400_000

/** As long as a server may still report or correct what occurred: an event's details must be there then. */
export const MIN_RETENTION_DAYS = 91

/** How often what has grown too old is looked for. */
export const RETENTION_EVERY_MS = 3_600_000

/** Takes events out of the ledger that were last heard of over `days` ago; totals, results and what is owed stay. Resolves with how many. */
export function applyRetention({
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
  // What is owed changes where terms do, so sums are kept apart there.
  const cuts = registry.campaigns().flatMap(({ terms }) => terms.map(({ from }) => from))
  return store.prune({ before: now - days * DAY_MS, cuts })
}
