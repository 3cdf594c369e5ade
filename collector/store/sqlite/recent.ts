import type { Cell } from './cells.ts'
import type { Database } from './database.ts'
import type { SeriesTable } from './series.ts'
import { spreadCells, tallyTable } from './tally.ts'

/** Sums that may wait to be spread; what a query has to add up on top of the totals. */
const MAX_ROWS = 2_000
const MAX_WAIT_MS = 1_000

/**
 * Sums by series and quarter of an hour that are not yet part of the totals.
 *
 * Totals hold an event in some thirty places. A commit writes one row a series here instead, and once a second all of them are spread: totals
 * and these together are what the ledger says, at every commit.
 */
export interface Recent {
  /** Adds a group's sums, and spreads all once enough have come. `now` in ms. Within a write transaction. */
  add(cells: Cell[], now: number): void
  /** All of them, or a campaign's. */
  read(campaign?: number): Cell[]
  /** Drops all: they are in totals that were made anew. Within a write transaction. */
  clear(): void
  forget(): void
}

export function openRecent(database: Database, series: SeriesTable): Recent {
  const upsert = database.prepare(
    `INSERT INTO recent (quarter, series, count, viewable, amount) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET count = count + excluded.count, viewable = viewable + excluded.viewable, amount = amount + excluded.amount`,
  )
  const columns = 'quarter, series, count, viewable, amount'
  const all = database.prepare(`SELECT ${columns} FROM recent`)
  const ofCampaign = database.prepare(`SELECT ${columns} FROM recent JOIN series ON series.id = recent.series WHERE series.campaign = ?`)
  const empty = database.prepare('DELETE FROM recent')
  const totals = tallyTable(database, 'totals')
  let written = 0
  let spreadAt = Number.NEGATIVE_INFINITY

  const read = (campaign?: number) =>
    (campaign === undefined ? all.all() : ofCampaign.all(campaign)).map(
      (row): Cell => ({
        series: series.byId(Number(row.series)),
        quarter: Number(row.quarter),
        count: Number(row.count),
        viewable: Number(row.viewable),
        amount: Number(row.amount),
      }),
    )
  const clear = () => void empty.run()

  return {
    read,
    clear,
    add(cells, now) {
      for (const { series: one, quarter, count, viewable, amount } of cells) upsert.run(quarter, one.id, count, viewable, amount)
      written += cells.length
      if (written < MAX_ROWS && Math.abs(now - spreadAt) < MAX_WAIT_MS) return
      spreadCells(read(), series, totals)
      clear()
      written = 0
      spreadAt = now
    },
    forget() {
      written = MAX_ROWS // how many there are is not known: spread them with the next group
    },
  }
}
