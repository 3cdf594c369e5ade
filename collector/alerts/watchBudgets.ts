import { hasBudget } from '../money/budget.ts'
import { termsAt } from '../money/terms.ts'
import type { Campaign, Registry } from '../registry.ts'
import { budgetStandings } from '../results/budgetStandings.ts'
import { addDays, dayOf, dayStart } from '../results/days.ts'
import { owedByDay } from '../results/owedByDay.ts'
import type { Store } from '../store/store.ts'
import type { Alert } from './alert.ts'
import { dueAlerts } from './dueAlerts.ts'

/** How often budgets are looked at. */
export const WATCH_EVERY_MS = 30_000

/** What is owed may grow without a new event, as where a validation period passes. */
const LOOK_ANYWAY_MS = 600_000

/**
 * Gives the function that looks at all budgets, keeps the alerts that are due in the configuration log and resolves with them.
 *
 * A campaign is worked out only where its totals, its terms or its day are others than before; that costs one short query each, and ingest nothing.
 * Yesterday is looked at once more with today, since its last results may have come after the last look.
 */
export function watchBudgets({ store, registry, now }: { store: Store; registry: Registry; now: () => number }): () => Promise<Alert[]> {
  const seen = new Map<string, string>()

  async function look(campaign: Campaign, at: number): Promise<Alert[]> {
    const { id, terms, timeZone } = campaign
    const today = dayOf(at, timeZone)
    const instants = [dayStart(today, timeZone) - 1, at]
    const agreed = instants.flatMap((instant) => termsAt(terms, instant) ?? [])
    if (!agreed.some(hasBudget)) return []
    const sums = await store.totals({ campaign: id, edges: [0, dayStart(addDays(today, 1), timeZone)], dimensions: [] })
    const rows = sums.map((row) => [row.site, row.type, row.currency, row.count, row.viewable, String(row.valueMinor)].join(' ')).sort()
    const state = JSON.stringify([today, terms.length, Math.floor(at / LOOK_ANYWAY_MS), rows])
    if (seen.get(id) === state) return []
    const owed = await owedByDay(campaign, { store, at })
    const known = (alert: string) => registry.notices.alert(alert) !== undefined
    const made: Alert[] = []
    for (const instant of instants) {
      for (const alert of dueAlerts(campaign, budgetStandings(campaign, { owed, at: instant }), { known, at })) {
        await registry.putNotice({ kind: 'alert', id: alert.id, value: alert })
        made.push(alert)
      }
    }
    seen.set(id, state)
    return made
  }

  return async () => {
    const made: Alert[] = []
    for (const campaign of registry.campaigns()) made.push(...(await look(campaign, now())))
    return made
  }
}
