import { RefusalError } from '../errors.ts'
import type { Registry } from '../registry.ts'
import { type Conversion, convertSpend } from './convertSpend.ts'
import type { ResultsQuery } from './query.ts'
import { type ResultRow, ratio, toRow } from './results.ts'
import { emptySums } from './sums.ts'

/** What was spent elsewhere for a row's results. Ratios are null over nothing, and where some of the spend is in another currency and so missing in them. */
export interface SpendFigures {
  /** In minor units of `spendCurrency`: the one asked for, else the row's, else the only one there is; null when there is none in it. */
  spendMinor: number | null
  spendCurrency: string | null
  /** What was spent in other currencies, which are never added together. Absent when there is none. */
  otherSpendMinor?: Record<string, number>
  /** Revenue over spend; null where they are in different currencies. */
  spendRoas: number | null
  /** Spend per click, per signup (lead) and per purchase (sale), in minor units. */
  spendCpc: number | null
  spendCpl: number | null
  spendCps: number | null
}

/** The figures of spend, in the order in which they are shown. */
export const SPEND_FIGURES = ['spendMinor', 'spendCurrency', 'otherSpendMinor', 'spendRoas', 'spendCpc', 'spendCpl', 'spendCps'] as const

type Amounts = Map<string, bigint>

/** Throws RefusalError for a sum that no honest spend and rate make. */
function exact(minor: bigint): number {
  const number = Number(minor)
  if (Number.isSafeInteger(number)) return number
  throw new RefusalError(
    'range_too_large',
    `${minor} minor units of spend are more than JSON holds exactly; correct the amounts or the rates`,
  )
}

function figuresOf(amounts: Amounts, { row, asked }: { row: ResultRow; asked: string | undefined }): SpendFigures {
  const [only] = amounts.size === 1 ? amounts.keys() : []
  const own = row.currency !== null && amounts.has(row.currency) ? row.currency : only
  const currency = asked ?? own ?? null
  const minor = currency === null ? undefined : amounts.get(currency)
  const others = [...amounts].filter(([code]) => code !== currency).sort(([a], [b]) => (a < b ? -1 : 1))
  const spent = minor === undefined ? null : exact(minor)
  const whole = others.length === 0 ? spent : null
  const { revenueMinor } = row
  const isSame = row.currency === null || row.currency === currency
  return {
    spendMinor: spent,
    spendCurrency: spent === null ? null : currency,
    ...(others.length > 0 && { otherSpendMinor: Object.fromEntries(others.map(([code, one]) => [code, exact(one)])) }),
    spendRoas: whole === null || revenueMinor === null || !isSame ? null : ratio(revenueMinor, whole),
    spendCpc: whole === null ? null : ratio(whole, row.clicks),
    spendCpl: whole === null ? null : ratio(whole, row.signups),
    spendCps: whole === null ? null : ratio(whole, row.purchases),
  }
}

export interface BesideSpend {
  /** Rows with what was spent beside them, and one without results for each key that has spend only. */
  withSpend(rows: ResultRow[]): ResultRow[]
  /** The one row over all. */
  totalWithSpend(row: ResultRow): ResultRow
  /** Absent unless a currency was asked for. */
  conversion?: Conversion
}

const KEYS = ['campaign', 'day', 'source']

/**
 * Lays beside the rows of a query what was spent for them. A platform tells it by campaign, day and source: split or filtered by anything else, rows stay as they are.
 *
 * Rows of one key in several currencies are those of different campaigns; spend stands beside those of its own campaign's currency.
 */
export function besideSpend({ by, from, to, campaign, site, filters, currency: asked }: ResultsQuery, registry: Registry): BesideSpend {
  const { source, ...others } = filters
  const isTold = by.every((name) => KEYS.includes(name)) && site === undefined && Object.keys(others).length === 0
  const spent = isTold ? registry.spend.rows({ campaign, source, from, to }) : []
  const { amounts, conversion } = convertSpend(spent, { to: asked, rates: registry.rates })

  function add(to: Amounts, { currency, minor }: { currency: string; minor: bigint }): Amounts {
    return to.set(currency, (to.get(currency) ?? 0n) + minor)
  }
  return {
    ...(conversion && { conversion }),
    withSpend(rows) {
      const keyOf = (row: object) => JSON.stringify(by.map((name) => (row as Record<string, unknown>)[name]))
      const places = Map.groupBy(rows, keyOf)
      const found = new Map<ResultRow, Amounts>()
      const added: ResultRow[] = []
      for (const { spend, ...one } of amounts) {
        const key = keyOf(spend)
        const own = registry.campaign(spend.campaign)?.currency
        const alike = places.get(key) ?? []
        let row = alike.find(({ currency }) => currency === (own ?? one.currency)) ?? (own === undefined ? alike[0] : undefined)
        if (!row) {
          const values = Object.fromEntries(by.map((name) => [name, spend[name as 'campaign']]))
          row = toRow(values, own ?? null, emptySums())
          places.set(key, [...alike, row])
          added.push(row)
        }
        found.set(row, add(found.get(row) ?? new Map(), one))
      }
      return [...rows, ...added].map((row) => {
        const sums = found.get(row)
        return sums ? { ...row, ...figuresOf(sums, { row, asked }) } : row
      })
    },
    totalWithSpend(row) {
      const sums = amounts.reduce(add, new Map() as Amounts)
      return sums.size === 0 ? row : { ...row, ...figuresOf(sums, { row, asked }) }
    },
  }
}
