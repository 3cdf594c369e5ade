import { type Bill, type Bound, type Counted, openBill, paysFor, resultsOf } from '../money/bill.ts'
import { hasBudget, openBudget, openResultBudget } from '../money/budget.ts'
import { MODELS, type Model, type Terms, termsAt } from '../money/terms.ts'
import { GRAINS_MS } from '../store/grain.ts'
import type { Store } from '../store/store.ts'
import { addDays, dayOf, dayStart } from './days.ts'
import { addTotals, emptySums } from './sums.ts'

/** Where the price of a campaign's results changes, and how budgets bound what is owed from there on. */
export interface Pricing {
  /** Ascending instants (ms): where terms begin, where a tier begins, where a budget runs out. */
  cuts: number[]
  /** The bound for a span that begins at an instant (ms) and ends at the next cut or before. */
  boundAt(at: number): Bound
}

interface Campaign {
  id: string
  currency: string
  timeZone: string
  terms: Terms[]
}

/** A half-open span of time (ms). */
interface Span {
  from: number
  to: number
}
type Limit = Span & { limit: bigint }
type Cap = Span & { model: Model; paid: number }

/** What a campaign counted between instants. */
type Count = (edges: number[]) => Promise<Counted[]>

function countOf({ id, currency }: Campaign, store: Store): Count {
  return async (edges) => {
    const sums = edges.slice(0, -1).map(emptySums)
    for (const row of await store.totals({ campaign: id, edges, dimensions: [] })) {
      const sum = sums[row.interval]
      if (sum) addTotals(sum, row, currency)
    }
    return sums
  }
}

/**
 * Goes forward in a span as far as `step` allows, and says to which millisecond.
 *
 * Asks for ever shorter parts: those of whole slots cost nothing, and all of the last slot is read about twice.
 */
async function advance({ from, to }: Span, step: (from: number, to: number) => Promise<boolean>): Promise<number> {
  // To a whole slot first, which totals hold, then within it.
  for (const ms of [...GRAINS_MS, 1]) {
    for (;;) {
      const mid = Math.round((from + to) / 2 / ms) * ms
      if (mid <= from || mid >= to) break
      if (await step(from, mid)) from = mid
      else to = mid
    }
  }
  return from
}

/** The millisecond in which result number `n` + 1 of a span occurred, and how many came before it. */
async function reaches(
  span: Span,
  { n, model, count }: { n: number; model: Model; count: Count },
): Promise<{ at: number; before: number }> {
  let before = 0
  const at = await advance(span, async (from, to) => {
    const [counted] = await count([from, to])
    const results = counted ? resultsOf(model, counted) : 0
    if (before + results > n) return false
    before += results
    return true
  })
  return { at, before }
}

/** Where tiers begin, and where budgets in numbers of results run out. Neither depends on prices. */
async function countBounds(
  { campaign: { terms, timeZone }, edges }: { campaign: Campaign; edges: number[] },
  count: Count,
): Promise<{ caps: Cap[]; tiers: number[] }> {
  const caps: Cap[] = []
  const tiers: number[] = []
  const whole = await count(edges)
  for (const model of MODELS) {
    if (!terms.some((version) => version.pays.some((pay) => pay.model === model))) continue
    const budget = openResultBudget(model)
    let seen = 0
    for (const [interval, counted] of whole.entries()) {
      const span = { from: edges[interval] ?? 0, to: edges[interval + 1] ?? 0 }
      const inForce = termsAt(terms, span.from)
      if (!inForce || !paysFor(inForce, model)) continue
      const results = resultsOf(model, counted)
      const starts = inForce.pays.flatMap((pay) => (pay.model === model ? (pay.tiers ?? []) : [])).map(({ from }) => from - 1 - seen)
      for (const n of new Set(starts)) {
        if (n < 0 || n >= results) continue
        if (n === 0) tiers.push(span.from)
        else {
          const { at } = await reaches(span, { n, model, count })
          tiers.push(at, at + 1)
        }
      }
      const day = dayOf(span.from, timeZone)
      const left = budget.left(inForce, day)
      budget.take(left === null ? results : Math.min(left, results), day)
      seen += results
      if (left === null || left >= results) continue
      const { at, before } = left === 0 ? { at: span.from, before: 0 } : await reaches(span, { n: left, model, count })
      if (left > before) caps.push({ model, from: at, to: at + 1, paid: left - before })
      const empty = left > before ? at + 1 : at
      if (empty < span.to) caps.push({ model, from: empty, to: span.to, paid: 0 })
    }
  }
  return { caps, tiers }
}

/** The millisecond of a span in which `left` is used up, and how much was left when it began. */
async function crossing(
  span: Span & { left: bigint },
  { terms, bill, bound, count }: { terms: Terms | undefined; bill: Bill; bound: Bound; count: Count },
): Promise<{ at: number; left: bigint }> {
  let { left } = span
  let standing = bill
  const at = await advance(span, async (from, to) => {
    const ahead = standing.fork()
    const cost = costOf(ahead, { terms, counted: (await count([from, to]))[0] ?? emptySums(), bound })
    if (cost >= left) return false
    standing = ahead
    left -= cost
    return true
  })
  return { at, left }
}

const costOf = (bill: Bill, { terms, counted, bound }: { terms: Terms | undefined; counted: Counted; bound: Bound }): bigint =>
  bill.price(terms, [counted], counted, bound)[0]?.dueMinor ?? 0n

/** A span of time under one version of terms, on one day where there are budgets, and what is owed for it. */
export interface OwedSpan extends Span {
  day: string
  terms: Terms | undefined
  bound: Bound
  /** What it costs as far as budgets in numbers go, what budgets in money have left (null: any amount), and the lesser of both. Minor units. */
  cost: bigint
  left: bigint | null
  due: bigint
  /** The bill as it stands when the span begins. */
  standing: Bill
}

/** What is owed span by span. Results are billed in the order in which they occurred. */
function owedSpans({ terms, currency, timeZone }: Campaign, { edges, paidAt, counted }: Ground): OwedSpan[] {
  const bill = openBill(currency)
  const budget = openBudget(currency)
  return counted.map((sums, interval) => {
    const [from = 0, to = 0] = edges.slice(interval, interval + 2)
    const inForce = termsAt(terms, from)
    const day = dayOf(from, timeZone)
    const bound = paidAt(from)
    const standing = bill.fork()
    const cost = costOf(bill, { terms: inForce, counted: sums, bound })
    const left = budget.left(inForce, day)
    const due = left !== null && left < cost ? left : cost
    budget.take(due, day)
    return { from, to, day, terms: inForce, bound, cost, left, due, standing }
  })
}

/** Where budgets in money run out. */
async function moneyLimits(spans: OwedSpan[], count: Count): Promise<Limit[]> {
  const found: Limit[] = []
  for (const { from, to, terms, bound, cost, left, standing } of spans) {
    if (left === null || cost < left) continue
    const { at, left: rest } =
      left === 0n ? { at: from, left } : await crossing({ from, to, left }, { terms, bill: standing, bound, count })
    if (rest > 0n) found.push({ from: at, to: at + 1, limit: rest })
    const empty = rest > 0n ? at + 1 : at
    if (empty < to) found.push({ from: empty, to, limit: 0n })
  }
  return found
}

/** What prices are found on: what was counted between the instants at which anything but money changes. */
interface Ground {
  edges: number[]
  /** One for each interval between `edges`. */
  counted: Counted[]
  tiers: number[]
  caps: Cap[]
  paidAt(at: number): Bound
  count: Count
}

/** Undefined while the campaign has counted nothing. */
async function groundOf(
  campaign: Campaign,
  { store, until, byDay }: { store: Store; until: number; byDay: boolean },
): Promise<Ground | undefined> {
  const { id, terms, timeZone } = campaign
  const first = await store.firstAt(id)
  if (first === undefined || first >= until) return undefined
  const firstDay = dayOf(first, timeZone)
  const start = dayStart(firstDay, timeZone)
  const days: number[] = []
  if (byDay) for (let day = firstDay; dayStart(day, timeZone) < until; day = addDays(day, 1)) days.push(dayStart(day, timeZone))
  const instants = [...days, ...terms.map(({ from }) => from)]
  const edgesWith = (...more: number[]) => sorted([start, until, ...[...instants, ...more].filter((at) => at > start && at < until)])
  const count = countOf(campaign, store)
  const { caps, tiers } = await countBounds({ campaign, edges: edgesWith() }, count)
  const paidAt = (at: number): Bound => {
    const held = caps.filter(holdsAt(at))
    return held.length === 0 ? {} : { paid: Object.fromEntries(held.map(({ model, paid }) => [model, paid])) }
  }
  const edges = edgesWith(...tiers, ...cutsOf(caps))
  return { edges, counted: await count(edges), tiers, caps, paidAt, count }
}

const sorted = (instants: number[]) => [...new Set(instants)].sort((a, b) => a - b)
const holdsAt = (at: number) => (span: Span) => span.from <= at && at < span.to
const cutsOf = (spans: Span[]) => spans.flatMap(({ from, to }) => [from, to])

/** What is owed for a campaign day by day of its calendar, up to `until` (ms), without finding where in a day budgets ran out. */
export async function owedDays(campaign: Campaign, { store, until }: { store: Store; until: number }): Promise<OwedSpan[]> {
  const ground = await groundOf(campaign, { store, until, byDay: true })
  return ground ? owedSpans(campaign, ground) : []
}

/**
 * How a campaign's results are priced, in the order of time, up to `until` (ms).
 *
 * Days and months are the campaign's own. In the one millisecond in which a budget runs out something is left of it, from then on nothing, until the next
 * day, month or terms. Without tiers and budgets only terms cut, and nothing is read.
 */
export async function pricing(campaign: Campaign, { store, until }: { store: Store; until: number }): Promise<Pricing> {
  const { terms } = campaign
  const starts = terms.map(({ from }) => from)
  const isBudgeted = terms.some(hasBudget)
  const isTiered = terms.some(({ pays }) => pays.some(({ tiers }) => tiers))
  const ground = isBudgeted || isTiered ? await groundOf(campaign, { store, until, byDay: isBudgeted }) : undefined
  if (!ground) return { cuts: sorted(starts), boundAt: () => ({}) }
  const { tiers, caps, paidAt, count } = ground
  const limits = isBudgeted ? await moneyLimits(owedSpans(campaign, ground), count) : []
  return {
    cuts: sorted([...starts, ...tiers, ...cutsOf(caps), ...cutsOf(limits)]),
    boundAt(at) {
      const limit = limits.find(holdsAt(at))?.limit
      return { ...paidAt(at), ...(limit !== undefined && { limit }) }
    },
  }
}
