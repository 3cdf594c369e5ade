import { dimensionsOf } from '../dimensions.ts'
import { GRAINS_MS, OTHER, QUARTER_MS } from '../grain.ts'
import type { LedgerEvent } from '../store.ts'
import type { Database } from './database.ts'
import type { Numbers } from './rows.ts'
import type { Texts } from './texts.ts'

/** Distinct values of one dimension of one campaign in totals; the rest goes to `(other)` and stays whole in the ledger. */
const MAX_VALUES = 1_000

/** Dimensions whose values are remembered; a flood of made-up campaigns must not fill the memory. */
const MAX_REMEMBERED = 10_000

/** What events have in common that share their totals: everything but their time within the quarter and their value. */
interface Cell {
  event: LedgerEvent
  numbers: Numbers
  quarter: number
  count: number
  viewable: number
  amount: number
}

/** Where a sum stands in the totals, as numbers. */
export type TallyKey = [
  campaign: number,
  dimension: number,
  grain: number,
  slot: number,
  value: number,
  site: number,
  type: number,
  currency: number,
]
export type TallySums = [count: number, viewable: number, amount: number]

/** Gathers what a group of events changes in the totals, and writes it in the transaction that holds the events. */
export interface Tally {
  /** `sign` is 1 for a state that now holds, -1 for one that no longer does. */
  add(event: LedgerEvent, numbers: Numbers, sign: 1 | -1): void
  write(): void
  /** Drops what was gathered and learned: the transaction was rolled back. */
  forget(): void
}

/** Where sums are read from and written to: the table of totals, another one that is being rebuilt, or memory. */
export interface TallyTarget {
  /** Values that a dimension of a campaign has already. */
  values(campaign: number, dimension: number): Iterable<number>
  add(key: TallyKey, sums: TallySums): void
}

/** The table of totals, or one of the same columns. */
export function tallyTable(database: Database, table: 'totals' | 'totals_anew'): TallyTarget {
  const known = database.prepare(`SELECT DISTINCT value FROM ${table} WHERE campaign = ? AND dimension = ?`)
  const upsert = database.prepare(
    `INSERT INTO ${table} (campaign, dimension, grain, slot, value, site, type, currency, count, viewable, amount)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET count = count + excluded.count, viewable = viewable + excluded.viewable, amount = amount + excluded.amount`,
  )
  return {
    values: (campaign, dimension) => known.all(campaign, dimension).map((row) => Number(row.value)),
    add: (key, sums) => upsert.run(...key, ...sums),
  }
}

export function openTally(target: TallyTarget, texts: Pick<Texts, 'idOf'>): Tally {
  // Events alike share a cell, so that a group costs what its variety costs.
  let cells = new Map<string, Cell>()
  let values = new Map<string, Set<number>>()

  /** The value under which totals hold this one: itself, or `(other)` once the dimension is full. */
  function bounded(campaign: number, dimension: number, value: string): number {
    const key = `${campaign} ${dimension}`
    let seen = values.get(key)
    if (!seen) {
      if (values.size >= MAX_REMEMBERED) values.clear()
      seen = new Set(target.values(campaign, dimension))
      values.set(key, seen)
    }
    const id = texts.idOf(value)
    if (seen.has(id)) return id
    if (seen.size >= MAX_VALUES) return texts.idOf(OTHER)
    seen.add(id)
    return id
  }

  function keysOf({ event, numbers, quarter }: Cell): TallyKey[] {
    const { campaign, site, type } = numbers
    const currency = event.valueMinor === undefined ? 0 : numbers.currency
    const parts = dimensionsOf(event).map(([name, value]): [number, number] => {
      const dimension = texts.idOf(name)
      return [dimension, bounded(campaign, dimension, value)]
    })
    if (event.verdict === 'counted') parts.push([0, 0])
    return GRAINS_MS.flatMap((ms, grain) => {
      const slot = Math.floor((quarter * QUARTER_MS) / ms)
      return parts.map(([dimension, value]): TallyKey => [campaign, dimension, grain, slot, value, site, type, currency])
    })
  }

  return {
    add(event, numbers, sign) {
      const quarter = Math.floor(event.occurredAt / QUARTER_MS)
      const { site, campaign, type, verdict, witness, currency, tags } = numbers
      const hasValue = event.valueMinor === undefined ? 0 : 1
      const key = `${quarter} ${tags} ${site} ${campaign} ${type} ${verdict} ${witness} ${currency} ${hasValue}`
      let cell = cells.get(key)
      if (!cell) {
        cell = { event, numbers, quarter, count: 0, viewable: 0, amount: 0 }
        cells.set(key, cell)
      }
      cell.count += sign
      if (event.viewable) cell.viewable += sign
      if (hasValue) cell.amount += sign * (event.valueMinor ?? 0)
    },
    write() {
      const rows = new Map<string, [TallyKey, TallySums]>()
      for (const cell of cells.values()) {
        if (cell.count === 0 && cell.viewable === 0 && cell.amount === 0) continue
        for (const key of keysOf(cell)) {
          const name = key.join(' ')
          const [, sums] = rows.get(name) ?? [key, [0, 0, 0] as TallySums]
          rows.set(name, [key, [sums[0] + cell.count, sums[1] + cell.viewable, sums[2] + cell.amount]])
        }
      }
      for (const [key, sums] of rows.values()) target.add(key, sums)
      cells = new Map()
    },
    forget() {
      cells = new Map()
      values = new Map()
    },
  }
}
