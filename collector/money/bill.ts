import { MODELS, type Model, rateMicros, shareMicros, type Terms } from './terms.ts'

/** Results that a bill is worked out from. `revenueMinor` only in the campaign's own currency: a share of another is not owed. */
export interface Counted {
  impressions: number
  viewable: number
  clicks: number
  signups: number
  purchases: number
  revenueMinor: bigint
}

export const NOTHING: Counted = { impressions: 0, viewable: 0, clicks: 0, signups: 0, purchases: 0, revenueMinor: 0n }

/** Exact amounts are kept in parts of a minor unit: a millionth of one (rates) by 1,000 (CPM pays per thousand). */
const PARTS = 1_000_000_000n

/** Nearest integer to `exact / PARTS`, halves to the even one. Source: IEEE 754 roundTiesToEven, on integers. */
export function roundHalfEven(exact: bigint): bigint {
  const whole = exact / PARTS
  const twice = (exact % PARTS) * 2n
  return twice > PARTS || (twice === PARTS && whole % 2n === 1n) ? whole + 1n : whole
}

const PAID_BY: Record<Model, { count: (counted: Counted) => number; parts: bigint }> = {
  cpm: { count: ({ impressions }) => impressions, parts: 1n },
  vcpm: { count: ({ viewable }) => viewable, parts: 1n },
  cpc: { count: ({ clicks }) => clicks, parts: 1_000n },
  cpl: { count: ({ signups }) => signups, parts: 1_000n },
  cps: { count: ({ purchases }) => purchases, parts: 1_000n },
}

/** What `counted` results cost under one model, exact, in parts of a minor unit. */
function exactAmount(model: Model, { terms, currency, counted }: { terms: Terms; currency: string; counted: Counted }): bigint {
  const { count, parts } = PAID_BY[model]
  let exact = 0n
  for (const pay of terms.pays) {
    if (pay.model !== model) continue
    if (pay.rate !== undefined) exact += BigInt(count(counted)) * rateMicros(pay.rate, currency) * parts
    if (pay.share !== undefined) exact += counted.revenueMinor * shareMicros(pay.share) * parts
  }
  return exact
}

export interface Bill {
  /**
   * Amounts owed for the cells of the next span of time, in minor units, one per cell.
   *
   * `terms` hold for all of the span (undefined or paused: nothing is owed). `whole` is everything the campaign counted in it;
   * cells are parts of it in a fixed order, all of them or some.
   */
  owed(terms: Terms | undefined, cells: Counted[], whole: Counted): bigint[]
  /** The same by model, in the order of MODELS, without those that the terms do not pay. */
  byModel(terms: Terms | undefined, whole: Counted): { model: Model; results: number; amountMinor: bigint }[]
  /** A bill that stands where this one does, and goes on by itself. */
  fork(): Bill
}

/**
 * The bill of one campaign, span by span from its first result on.
 *
 * Rounds on the running total of each model: an amount is the difference of two rounded running totals, so that days,
 * segments and lines add up to the unit whatever they are split by.
 */
export function openBill(currency: string, soFar: Iterable<[Model, bigint]> = []): Bill {
  const running = new Map(soFar)
  return {
    owed(terms, cells, whole) {
      const amounts = cells.map(() => 0n)
      if (!terms || terms.status === 'paused') return amounts
      for (const model of MODELS) {
        const start = running.get(model) ?? 0n
        let exact = start
        cells.forEach((counted, i) => {
          const next = exact + exactAmount(model, { terms, currency, counted })
          amounts[i] = (amounts[i] ?? 0n) + roundHalfEven(next) - roundHalfEven(exact)
          exact = next
        })
        running.set(model, start + exactAmount(model, { terms, currency, counted: whole }))
      }
      return amounts
    },
    byModel(terms, whole) {
      if (!terms || terms.status === 'paused') return []
      return MODELS.filter((model) => terms.pays.some((pay) => pay.model === model)).map((model) => {
        const before = running.get(model) ?? 0n
        const after = before + exactAmount(model, { terms, currency, counted: whole })
        running.set(model, after)
        return { model, results: PAID_BY[model].count(whole), amountMinor: roundHalfEven(after) - roundHalfEven(before) }
      })
    },
    fork: () => openBill(currency, running),
  }
}
