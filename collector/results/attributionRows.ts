import type { CreditModel } from '../attribution/credits.ts'

/** Signups and purchases in millionths, and value in minor units by currency. */
export interface CreditSums {
  signups: bigint
  purchases: bigint
  revenue: Map<string, bigint>
}

/** What one row is made of: by the model asked for, and by the last click. */
export interface AttributionGroup {
  key: Record<string, string | null>
  /** Of the campaign as it is set up; null for one that is not. */
  currency: string | null
  credited: CreditSums
  last: CreditSums
}

/** Credit that a row has. Conversions are exact to the millionth; amounts are integers of minor units of the row's currency. */
export interface Credited {
  signups: number
  purchases: number
  revenueMinor: number
  /** Value in other currencies; they are never added together. Absent when there is none. */
  otherRevenueMinor?: Record<string, number>
}

/** One line of `GET /v1/results?model=first|linear|decay|position`. */
export interface AttributionRow extends Credited {
  campaign?: string | null
  site?: string
  day?: string
  [dimension: string]: unknown
  currency: string | null
  /** What is owed follows the last click: see `cost` of the answer. */
  costMinor: null
  /** The same by the last click, which is billed. */
  last: Credited
}

export interface AttributionAnswer {
  query: {
    from: string
    to: string
    tz: string
    by: string[]
    model: CreditModel
    halfLifeDays?: number
    windows: Record<string, { clickDays: number; viewDays: number }>
    filters: Record<string, string>
    /** ISO 8601 instant. */
    asOf: string
  }
  rows: AttributionRow[]
  /** Over all rows; with several currencies `currency` is null and all amounts stand under `otherRevenueMinor`. */
  totals: AttributionRow
  /** Why there is no cost. */
  cost: typeof NO_COST
  /** Counted conversions of the range that have left the ledger with their touches (retention), and so are in no row. */
  notInLedger: number
}

/** Stands where other results have a cost. */
export const NO_COST = { costMinor: null, reason: 'what is owed follows the last click only; ask with model=last for it' } as const

const emptySums = (): CreditSums => ({ signups: 0n, purchases: 0n, revenue: new Map() })

/** Nothing yet, to add to. */
export const emptyGroup = (key: AttributionGroup['key'], currency: string | null): AttributionGroup => ({
  key,
  currency,
  credited: emptySums(),
  last: emptySums(),
})

function addSums(to: CreditSums, from: CreditSums): void {
  to.signups += from.signups
  to.purchases += from.purchases
  for (const [currency, minor] of from.revenue) to.revenue.set(currency, (to.revenue.get(currency) ?? 0n) + minor)
}

/** Throws RangeError beyond what JSON numbers hold exactly. */
function toNumber(whole: bigint): number {
  const number = Number(whole)
  if (!Number.isSafeInteger(number)) throw new RangeError(`attribution: ${whole} is beyond what a JSON number holds exactly`)
  return number
}

function credited({ signups, purchases, revenue }: CreditSums, currency: string | null): Credited {
  const others = [...revenue].filter(([code, minor]) => code !== currency && minor > 0n).sort(([a], [b]) => (a < b ? -1 : 1))
  return {
    signups: toNumber(signups) / 1e6,
    purchases: toNumber(purchases) / 1e6,
    revenueMinor: toNumber(revenue.get(currency ?? '') ?? 0n),
    ...(others.length > 0 && { otherRevenueMinor: Object.fromEntries(others.map(([code, minor]) => [code, toNumber(minor)])) }),
  }
}

const toRow = ({ key, currency, ...sums }: AttributionGroup): AttributionRow => ({
  ...key,
  ...credited(sums.credited, currency),
  currency,
  costMinor: null,
  last: credited(sums.last, currency),
})

/** Rows of campaigns that are not set up take the first currency by name of what was bought, else the only one that others have. */
function withCurrencies(groups: AttributionGroup[]): AttributionGroup[] {
  const own = new Set(groups.flatMap(({ currency }) => currency ?? []))
  const only = own.size === 1 ? [...own].join() : null
  const merged = new Map<string, AttributionGroup>()
  for (const group of groups) {
    const bought = [...group.credited.revenue.keys(), ...group.last.revenue.keys()].sort()
    const currency = group.currency ?? bought[0] ?? only
    const id = JSON.stringify([group.key, currency])
    const into = merged.get(id) ?? emptyGroup(group.key, currency)
    merged.set(id, into)
    addSums(into.credited, group.credited)
    addSums(into.last, group.last)
  }
  return [...merged.values()]
}

/** The lines of a report, sorted by the keys asked for, in their order; amounts of different currencies are never in one. */
export function toRows(groups: AttributionGroup[], by: string[]): AttributionRow[] {
  const rows = withCurrencies(groups).map(toRow)
  const text = (row: AttributionRow, name: string) => String(row[name] ?? '')
  return rows.sort((a, b) => {
    const name = [...by, 'currency'].find((each) => text(a, each) !== text(b, each))
    return name === undefined ? 0 : text(a, name) < text(b, name) ? -1 : 1
  })
}

/** All lines as one. */
export function totalOf(groups: AttributionGroup[]): AttributionRow {
  const currencies = new Set(withCurrencies(groups).flatMap(({ currency }) => currency ?? []))
  const all = emptyGroup({}, currencies.size === 1 ? [...currencies].join() : null)
  for (const group of groups) {
    addSums(all.credited, group.credited)
    addSums(all.last, group.last)
  }
  return toRow(all)
}
