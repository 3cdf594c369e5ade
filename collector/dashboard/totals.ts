import type { ResultRow } from '../results/results.ts'
import { formatAmount, formatMoney, NOTHING, ratio } from './format.ts'
import type { Model } from './terms.ts'

/** Sums of one column each over some rows. Amounts are null for rows of no or of several currencies. */
export interface Sums {
  impressions: number
  viewable: number
  clicks: number
  signups: number
  purchases: number
  revenueMinor: bigint
  costMinor: bigint
  /** Purchase value in other currencies than the campaign's own, in minor units of each. */
  otherRevenue: [currency: string, minor: bigint][]
}

/** Rows that share a currency. Amounts may be added within a group, and never across. */
export interface CurrencyGroup<Row extends ResultRow = ResultRow> {
  currency: string | null
  rows: Row[]
  sums: Sums
}

/** Adds up rows of one currency (rows without any have no amounts). */
export function sumRows(rows: ResultRow[]): Sums {
  const count = (of: (row: ResultRow) => number) => rows.reduce((sum, row) => sum + of(row), 0)
  const amount = (of: (row: ResultRow) => number | null) => rows.reduce((sum, row) => sum + BigInt(of(row) ?? 0), 0n)
  const currencies = [...new Set(rows.flatMap((row) => Object.keys(row.otherRevenueMinor ?? {})))].sort()
  return {
    impressions: count((row) => row.impressions),
    viewable: count((row) => row.viewable),
    clicks: count((row) => row.clicks),
    signups: count((row) => row.signups),
    purchases: count((row) => row.purchases),
    revenueMinor: amount((row) => row.revenueMinor),
    costMinor: amount((row) => row.costMinor),
    otherRevenue: currencies.map((currency) => [currency, amount((row) => row.otherRevenueMinor?.[currency] ?? 0)]),
  }
}

/**
 * Rows by currency, currencies in alphabetical order, within each in the order of `compareRows`.
 *
 * Rows without a currency go with the others when there is only one, else into a last group of their own.
 */
export function groupByCurrency<Row extends ResultRow>(rows: Row[]): CurrencyGroup<Row>[] {
  const currencies = [...new Set(rows.flatMap(({ currency }) => currency ?? []))].sort()
  const keys: (string | null)[] = currencies.length <= 1 ? [currencies[0] ?? null] : [...currencies, null]
  return keys
    .map((key) => {
      const own = rows.filter(({ currency }) => keys.length === 1 || currency === key).sort(compareRows)
      return { currency: key, rows: own, sums: sumRows(own) }
    })
    .filter((group) => group.rows.length > 0)
}

/** Dearest first, then by clicks and impressions. */
export function compareRows(a: ResultRow, b: ResultRow): number {
  return (b.costMinor ?? 0) - (a.costMinor ?? 0) || b.clicks - a.clicks || b.impressions - a.impressions
}

/** The effective cost per result of `model` as text, rounded to the minor unit; an en dash when nothing was counted. */
export function formatCostPer(model: Model, row: ResultRow): string {
  const viewableCost = ratio((row.costMinor ?? 0) * 1_000, row.viewable)
  const minor = model === 'vcpm' ? viewableCost : row[model]
  return minor === null || row.currency === null ? NOTHING : formatAmount(Math.round(minor), row.currency)
}

/** `+ USD 49.00` for each currency. */
export function formatOthers(others: [currency: string, minor: bigint][]): string[] {
  return others.map(([currency, minor]) => `+ ${formatMoney(minor, currency)}`)
}

/** A row for what is set up but had no results. */
export function emptyRow(campaign: string, currency: string | null): ResultRow {
  const none = { ctr: null, signupRate: null, purchaseRate: null, cpm: null, cpc: null, cpl: null, cps: null, aov: null, roas: null }
  const zero = { impressions: 0, viewable: 0, clicks: 0, signups: 0, purchases: 0, revenueMinor: 0, costMinor: 0 }
  return { campaign, currency, ...zero, ...none }
}
