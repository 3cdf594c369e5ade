import { dimensionValue } from '../store/dimensions.ts'
import { presentState, reportedState } from '../store/present.ts'
import type { LedgerEvent, Store, TotalsQuery, TotalsRow } from '../store/store.ts'

/** The state of an event when only the corrections were known that had happened by an instant (ms). */
function stateAt(event: LedgerEvent, at: number): LedgerEvent {
  const { evidence, ...rest } = reportedState(event)
  const { adjustments = [], ...other } = evidence
  const known = adjustments.filter((one) => one.at <= at || one.action === 'mature' || one.action === 'judge')
  return presentState({ ...rest, evidence: { ...other, ...(known.length > 0 && { adjustments: known }) } })
}

/** What one event adds to totals, or takes from them; null when it is not among what was asked for. */
function rowOf(event: LedgerEvent, { edges, dimensions }: TotalsQuery, sign: 1 | -1): TotalsRow | null {
  const interval = edges.findLastIndex((edge) => edge <= event.occurredAt)
  const values = dimensions.map((name) => dimensionValue(event, name))
  const isOutside = interval < 0 || interval >= edges.length - 1
  // As the store has it: a single dimension has no row for events without it.
  if (event.verdict !== 'counted' || isOutside || (dimensions.length === 1 && values[0] === null)) return null
  const { site, type, currency, valueMinor } = event
  return {
    interval,
    site,
    type,
    values,
    currency: valueMinor === undefined ? null : (currency ?? null),
    count: sign,
    viewable: 0,
    valueMinor: BigInt(sign * (valueMinor ?? 0)),
  }
}

/** The store as it would answer for a campaign without the corrections of these events that happened after an instant (ms). */
export function asOf(store: Store, { campaign, adjusted, at }: { campaign: string; adjusted: LedgerEvent[]; at: number }): Store {
  const undone = adjusted.map((event) => ({ event, known: stateAt(event, at) }))
  return {
    ...store,
    async totals(query) {
      const rows = await store.totals(query)
      if (query.campaign !== campaign || query.dimensions.includes('verdict')) return rows
      const changes = undone.flatMap(({ event, known }) => [rowOf(known, query, 1), rowOf(event, query, -1)].filter((row) => row !== null))
      const sums = new Map<string, TotalsRow>()
      for (const row of [...rows, ...changes]) {
        const key = JSON.stringify([row.interval, row.site, row.type, row.values, row.currency])
        const sum = sums.get(key)
        if (!sum) {
          sums.set(key, { ...row })
          continue
        }
        sum.count += row.count
        sum.viewable += row.viewable
        sum.valueMinor += row.valueMinor
      }
      return [...sums.values()].filter(({ count }) => count !== 0)
    },
  }
}
