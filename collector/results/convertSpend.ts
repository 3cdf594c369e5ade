import { convertMinor, type Rate, type RateTable } from '../money/rates.ts'
import { type Spend, spendMinor } from '../spend/readSpend.ts'

/** How spend was converted. */
export interface Conversion {
  to: string
  /** Every rate that was used, by currency and day. */
  rates: Rate[]
  /** Currencies that stayed as they were on days for which no rate was given by then. */
  missing: { from: string; firstDay: string; lastDay: string }[]
}

/** What was spent, in minor units of the currency that it ended up in. */
export interface SpendAmount {
  spend: Spend
  currency: string
  minor: bigint
}

const byPlace = ([a]: [string, unknown], [b]: [string, unknown]) => (a < b ? -1 : 1)

/**
 * Converts each spend by itself, so that the parts of any split add up to the same whole, and keeps account of how. Without `to` all stay as they are.
 *
 * Spend comes in the order of its days.
 */
export function convertSpend(
  spent: Spend[],
  { to, rates }: { to: string | undefined; rates: RateTable },
): { amounts: SpendAmount[]; conversion?: Conversion } {
  const used = new Map<string, Rate>()
  const missing = new Map<string, Conversion['missing'][number]>()
  const amounts = spent.map((spend): SpendAmount => {
    const { currency, day } = spend
    const given = { spend, currency, minor: spendMinor(spend) }
    if (to === undefined || currency === to) return given
    const rate = rates.rateOn(day, { from: currency, to })
    if (rate) {
      used.set(`${currency} ${rate.day}`, rate)
      return { spend, currency: to, minor: convertMinor(given.minor, rate) }
    }
    missing.set(currency, { from: currency, firstDay: missing.get(currency)?.firstDay ?? day, lastDay: day })
    return given
  })
  if (to === undefined) return { amounts }
  const inOrder = <Value>(entries: Map<string, Value>) => [...entries].sort(byPlace).map(([, value]) => value)
  return { amounts, conversion: { to, rates: inOrder(used), missing: inOrder(missing) } }
}
