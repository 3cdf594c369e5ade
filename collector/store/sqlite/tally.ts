import { GRAINS_MS, QUARTER_MS } from '../grain.ts'
import type { Cell } from './cells.ts'
import type { Database } from './database.ts'
import type { SeriesTable } from './series.ts'

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

/** Where sums go: the table of totals, another one that is being rebuilt, or memory. */
export type TallyTarget = (key: TallyKey, sums: TallySums) => void

/** The table of totals, or one of the same columns. */
export function tallyTable(database: Database, table: 'totals' | 'totals_anew'): TallyTarget {
  const upsert = database.prepare(
    `INSERT INTO ${table} (campaign, dimension, grain, slot, value, site, type, currency, count, viewable, amount)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET count = count + excluded.count, viewable = viewable + excluded.viewable, amount = amount + excluded.amount`,
  )
  return (key, sums) => upsert.run(...key, ...sums)
}

/** Totals in memory, under the numbers of their key joined by spaces. */
export function tallyMap(): { target: TallyTarget; sums: Map<string, TallySums> } {
  const sums = new Map<string, TallySums>()
  return {
    sums,
    target(key, [count, viewable, amount]) {
      const name = key.join(' ')
      const before = sums.get(name) ?? [0, 0, 0]
      sums.set(name, [before[0] + count, before[1] + viewable, before[2] + amount])
    },
  }
}

/** Spreads sums of series over the dimensions and the grains of time, each place in the totals once. */
export function spreadCells(cells: Cell[], series: SeriesTable, target: TallyTarget): void {
  const rows = new Map<string, [TallyKey, TallySums]>()
  for (const { series: one, quarter, count, viewable, amount } of cells) {
    const { site, campaign, type, currency } = one.numbers
    for (const [dimension, value] of series.partsOf(one)) {
      GRAINS_MS.forEach((ms, grain) => {
        const slot = Math.floor((quarter * QUARTER_MS) / ms)
        const key: TallyKey = [campaign, dimension, grain, slot, value, site, type, currency]
        const name = key.join(' ')
        const [, sums] = rows.get(name) ?? [key, [0, 0, 0]]
        rows.set(name, [key, [sums[0] + count, sums[1] + viewable, sums[2] + amount]])
      })
    }
  }
  for (const [key, sums] of rows.values()) target(key, sums)
}
