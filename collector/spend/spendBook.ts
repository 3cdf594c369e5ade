import { bisect } from '../bisect.ts'
import { type Spend, spendKey, spendMinor } from './readSpend.ts'

/** `unchanged`: all of it was there already. `corrected`: it stands in the place of what was there. */
export type SpendOutcome = 'accepted' | 'unchanged' | 'corrected'

/** Which spend is asked for; days included. */
export interface SpendFilter {
  campaign?: string | undefined
  source?: string | undefined
  from?: string | undefined
  to?: string | undefined
}

/** What was spent: a fold of what was imported, in which the last word on a key holds. */
export interface SpendBook {
  /** What taking it in would do. */
  outcomeOf(spend: Spend): SpendOutcome
  /** By day, source, campaign and currency. */
  rows(filter: SpendFilter): Spend[]
}

const isSame = (a: Spend, b: Spend) =>
  spendMinor(a) === spendMinor(b) && a.clicks === b.clicks && a.impressions === b.impressions && a.conversions === b.conversions

const ORDER = ['day', 'source', 'campaign', 'currency'] as const

/** The order in which spend is listed. */
export function compareSpend(a: Spend, b: Spend): number {
  for (const key of ORDER) if (a[key] !== b[key]) return a[key] < b[key] ? -1 : 1
  return 0
}

/** An empty book, and the way to take versions of the configuration log in. */
export function openSpendBook(): { book: SpendBook; apply: (rows: Spend[]) => void } {
  const byKey = new Map<string, Spend>()
  // Sorted when first asked for: a page of a long list must not sort all of it again.
  let sorted: Spend[] | undefined
  return {
    apply(rows) {
      for (const row of rows) byKey.set(spendKey(row), row)
      sorted = undefined
    },
    book: {
      outcomeOf(spend) {
        const before = byKey.get(spendKey(spend))
        if (!before) return 'accepted'
        return isSame(before, spend) ? 'unchanged' : 'corrected'
      },
      rows({ campaign, source, from = '', to = '9999-12-31' }) {
        sorted ??= [...byKey.values()].sort(compareSpend)
        const [start, end] = [bisect(sorted, ({ day }) => day >= from), bisect(sorted, ({ day }) => day > to)]
        return sorted
          .slice(start, end)
          .filter((row) => (campaign === undefined || row.campaign === campaign) && (source === undefined || row.source === source))
      },
    },
  }
}
