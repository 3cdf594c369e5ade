import type { Counted } from '../money/bill.ts'
import type { Conversion } from './convertSpend.ts'
import type { View } from './query.ts'
import type { Vitals } from './vitals.ts'
import type { SpendFigures } from './withSpend.ts'

/** One line of `GET /v1/results`. Amounts are integers of minor units of `currency`; a zero denominator gives null. */
export interface ResultRow extends Partial<SpendFigures> {
  campaign?: string | null
  site?: string
  /** `YYYY-MM-DD` in the answer's time zone. */
  day?: string
  /** Other dimensions asked for, under their own name (`placement`, `segment.plan`, …); null for events without one. */
  [dimension: string]: unknown
  impressions: number
  viewable: number
  clicks: number
  signups: number
  purchases: number
  /** Purchase value in `currency`; null only in totals over several currencies. */
  revenueMinor: number | null
  /** Purchase value in other currencies; they are never added together. Absent when there is none. */
  otherRevenueMinor?: Record<string, number>
  /** What is owed under the campaigns' terms; null only in totals over several currencies. */
  costMinor: number | null
  /** What lies over the campaigns' budgets and is not owed. Absent when nothing does. */
  unbilledMinor?: number
  /** Of the campaign; null for results of campaigns without one and without purchases. */
  currency: string | null
  ctr: number | null
  signupRate: number | null
  purchaseRate: number | null
  cpm: number | null
  cpc: number | null
  cpl: number | null
  cps: number | null
  aov: number | null
  roas: number | null
  /** How fast its landing pages were. Absent when none was measured, and where rows are split by more than campaign, site and day. */
  vitals?: Vitals
}

export interface ResultsAnswer {
  query: {
    from: string
    to: string
    tz: string
    by: string[]
    model: 'last'
    view: View
    windows: Record<string, { clickDays: number; viewDays: number }>
    filters: Record<string, string>
    /** ISO 8601 instant. */
    asOf: string
  }
  rows: ResultRow[]
  /** Over all rows. With several currencies amounts stand under `currencies`, never added together. */
  totals: ResultRow & { currencies?: Record<string, { revenueMinor: number; costMinor: number }> }
  notCounted: Record<string, number>
  /** How spend was converted; absent unless it was asked for. */
  conversion?: Conversion
}

/** The figures of a row, in the order in which they are shown. */
export const FIGURES = [
  'impressions',
  'viewable',
  'clicks',
  'signups',
  'purchases',
  'revenueMinor',
  'costMinor',
  'currency',
  'ctr',
  'signupRate',
  'purchaseRate',
  'cpm',
  'cpc',
  'cpl',
  'cps',
  'aov',
  'roas',
] as const

/** What rows are made of. */
export interface Sums extends Counted {
  costMinor: bigint
  /** What lies over the budgets. */
  unbilledMinor: bigint
  /** Purchase value by currency, where it is not the campaign's. */
  otherRevenue: Map<string, bigint>
}

/** A ratio to six decimals, null over nothing. */
export const ratio = (part: number, whole: number) => (whole === 0 ? null : Math.round((part / whole) * 1e6) / 1e6)

/** Throws RangeError beyond what JSON numbers hold exactly. */
function toNumber(minor: bigint): number {
  const number = Number(minor)
  if (!Number.isSafeInteger(number)) throw new RangeError(`results: ${minor} is beyond what a JSON number holds exactly`)
  return number
}

/** A line of results from its sums. Costs per result are in minor units, cpm per 1,000 impressions. */
export function toRow(key: Record<string, string | null>, currency: string | null, sums: Sums): ResultRow {
  const { impressions, viewable, clicks, signups, purchases } = sums
  const revenueMinor = toNumber(sums.revenueMinor)
  const costMinor = toNumber(sums.costMinor)
  const other = [...sums.otherRevenue].map(([code, minor]) => [code, toNumber(minor)])
  return {
    ...key,
    impressions,
    viewable,
    clicks,
    signups,
    purchases,
    revenueMinor,
    ...(other.length > 0 && { otherRevenueMinor: Object.fromEntries(other) }),
    costMinor,
    ...(sums.unbilledMinor > 0n && { unbilledMinor: toNumber(sums.unbilledMinor) }),
    currency,
    ctr: ratio(clicks, impressions),
    signupRate: ratio(signups, clicks),
    purchaseRate: ratio(purchases, clicks),
    cpm: ratio(costMinor * 1_000, impressions),
    cpc: ratio(costMinor, clicks),
    cpl: ratio(costMinor, signups),
    cps: ratio(costMinor, purchases),
    aov: ratio(revenueMinor, purchases),
    roas: ratio(revenueMinor, costMinor),
  }
}
