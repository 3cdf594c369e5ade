import { MODELS, type Model, type Pay, rateMicros, shareMicros, type Terms } from './terms.ts'

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

/** How budgets bound what is owed for a span of time. What is not named is not bounded. */
export interface Bound {
  /** At most this much is owed, minor units. */
  limit?: bigint
  /** At most so many results of a model are paid. */
  paid?: Partial<Record<Model, number>>
}

/** What results cost: the part that is owed, and the part that lies over the budgets. Minor units. */
export interface Price {
  dueMinor: bigint
  unbilledMinor: bigint
}

export interface ModelPrice extends Price {
  model: Model
  results: number
  /** Results that lie over a budget: nothing was left when their turn came. */
  unbilled: number
}

/** Exact amounts are kept in parts of a minor unit: a millionth of one (rates) by 1,000 (CPM pays per thousand). */
const PARTS = 1_000_000_000n

/** Nearest integer to `exact / PARTS`, halves to the even one. Source: IEEE 754 roundTiesToEven, on integers. */
export function roundHalfEven(exact: bigint): bigint {
  const whole = exact / PARTS
  const twice = (exact % PARTS) * 2n
  return twice > PARTS || (twice === PARTS && whole % 2n === 1n) ? whole + 1n : whole
}

const PAID_BY: Record<Model, { field: Exclude<keyof Counted, 'revenueMinor'>; parts: bigint }> = {
  cpm: { field: 'impressions', parts: 1n },
  vcpm: { field: 'viewable', parts: 1n },
  cpc: { field: 'clicks', parts: 1_000n },
  cpl: { field: 'signups', parts: 1_000n },
  cps: { field: 'purchases', parts: 1_000n },
}

/** How many results of a model there are. */
export const resultsOf = (model: Model, counted: Counted): number => counted[PAID_BY[model].field]

/** A part of `amount`, as `n` of `all`: whole units, and all of it in the end. */
const proRata = (amount: bigint, n: number, all: number) => (all === 0 ? 0n : (amount * BigInt(n)) / BigInt(all))

/** Whether and for what the terms pay just now. */
export const paysFor = (terms: Terms | undefined, model: Model): boolean =>
  terms !== undefined && terms.status !== 'paused' && terms.pays.some((pay) => pay.model === model)

/**
 * What results cost under one way of paying, exact, in parts of a minor unit; `seen` came before them.
 *
 * Tiers go by the number of results. Where some of the same moment lie in one tier and some in the next, their value is divided by their number.
 */
function exactPay(pay: Pay, { currency, counted, seen }: { currency: string; counted: Counted; seen: number }): bigint {
  const { parts } = PAID_BY[pay.model]
  const count = resultsOf(pay.model, counted)
  const steps = [{ ...pay, from: 1 }, ...(pay.tiers ?? [])]
  let exact = 0n
  for (const [i, { from, rate, share }] of steps.entries()) {
    const end = (steps[i + 1]?.from ?? Number.POSITIVE_INFINITY) - 1 // the tier's last result
    const [first, last] = [Math.max(from - 1, seen) - seen, Math.min(end - seen, count)]
    if (last <= first) continue
    if (rate !== undefined) exact += BigInt(last - first) * rateMicros(rate, currency) * parts
    const value = proRata(counted.revenueMinor, last, count) - proRata(counted.revenueMinor, first, count)
    if (share !== undefined) exact += value * shareMicros(share) * parts
  }
  return exact
}

interface Running {
  exact: bigint
  count: number
}

export interface Bill {
  /**
   * Prices of the cells of the next span of time, one per cell.
   *
   * `terms` hold for all of the span (undefined or paused: nothing is owed). `whole` is everything the campaign counted in it;
   * cells are parts of it in a fixed order, all of them or some. What `bound` allows goes to the first cells.
   */
  price(terms: Terms | undefined, cells: Counted[], whole: Counted, bound?: Bound): Price[]
  /** The same for the whole by model, in the order of MODELS, without those that the terms do not pay. */
  byModel(terms: Terms | undefined, whole: Counted, bound?: Bound): ModelPrice[]
  /** A bill that stands where this one does, and goes on by itself. */
  fork(): Bill
}

/** The least number of results that cost an amount or more, found by halving; `most` do. */
function leastReaching(amount: bigint, { most, costOf }: { most: number; costOf: (n: number) => bigint }): number {
  let [less, enough] = [-1, most]
  while (enough - less > 1) {
    const mid = Math.floor((less + enough) / 2)
    if (costOf(mid) >= amount) enough = mid
    else less = mid
  }
  return enough
}

const smaller = (a: bigint, b: bigint | undefined) => (b === undefined || a < b ? a : b)

/**
 * The bill of one campaign, span by span from its first result on.
 *
 * Rounds on the running total of each model: an amount is the difference of two rounded running totals, so that days,
 * segments and lines add up to the unit whatever they are split by.
 */
export function openBill(currency: string, soFar: Iterable<[Model, Running]> = []): Bill {
  const running = new Map(soFar)

  /** Prices parts of a span under one model, and moves on by all of it. `paid`: how many of the results budgets allow. */
  function priceModel(
    model: Model,
    { terms, cells, whole, paid }: { terms: Terms; cells: Counted[]; whole: Counted; paid?: number | undefined },
  ) {
    const start = running.get(model) ?? { exact: 0n, count: 0 }
    const { field } = PAID_BY[model]
    const after = ({ exact, count }: Running, counted: Counted): Running => ({
      exact: terms.pays
        .filter((pay) => pay.model === model)
        .reduce((sum, pay) => sum + exactPay(pay, { currency, counted, seen: count }), exact),
      count: count + counted[field],
    })
    const firstOf = (counted: Counted, n: number) => ({
      ...counted,
      [field]: n,
      revenueMinor: proRata(counted.revenueMinor, n, counted[field]),
    })
    let at = start
    let left = paid
    const prices = cells.map((counted) => {
      const [from, next] = [at, after(at, counted)]
      const costOf = (n: number) => roundHalfEven(after(from, firstOf(counted, n)).exact) - roundHalfEven(from.exact)
      const results = counted[field]
      const within = left === undefined ? results : Math.min(left, results)
      if (left !== undefined) left -= within
      at = next
      return { cost: roundHalfEven(next.exact) - roundHalfEven(from.exact), payable: costOf(within), within, results, costOf }
    })
    running.set(model, after(start, whole))
    return prices
  }

  return {
    price(terms, cells, whole, { limit, paid } = {}) {
      const costs = cells.map(() => ({ cost: 0n, payable: 0n }))
      for (const model of MODELS) {
        if (!terms || !paysFor(terms, model)) continue
        for (const [i, { cost, payable }] of priceModel(model, { terms, cells, whole, paid: paid?.[model] }).entries()) {
          const sum = costs[i]
          if (!sum) continue
          sum.cost += cost
          sum.payable += payable
        }
      }
      let left = limit
      return costs.map(({ cost, payable }) => {
        const dueMinor = smaller(payable, left)
        if (left !== undefined) left -= dueMinor
        return { dueMinor, unbilledMinor: cost - dueMinor }
      })
    },
    byModel(terms, whole, { limit, paid } = {}) {
      let left = limit
      return MODELS.flatMap((model) => {
        if (!terms || !paysFor(terms, model)) return []
        const [price] = priceModel(model, { terms, cells: [whole], whole, paid: paid?.[model] })
        if (!price) return []
        const { cost, payable, within, results, costOf } = price
        const owed = left !== undefined && payable >= left ? leastReaching(left, { most: within, costOf }) : within
        const dueMinor = smaller(payable, left)
        if (left !== undefined) left -= dueMinor
        return { model, results, unbilled: results - owed, dueMinor, unbilledMinor: cost - dueMinor }
      })
    },
    fork: () => openBill(currency, running),
  }
}
