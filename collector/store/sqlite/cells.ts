import { QUARTER_MS } from '../grain.ts'
import type { LedgerEvent } from '../store.ts'
import type { Series } from './series.ts'

/** Events of one series in one quarter of an hour, summed up. */
export interface Cell {
  series: Series
  /** Quarters of an hour since the epoch. */
  quarter: number
  count: number
  viewable: number
  amount: number
}

/** Sums up events, so that a group costs what its variety costs. */
export interface Cells {
  /** `sign` is 1 for a state that now holds, -1 for one that no longer does. */
  add(event: LedgerEvent, series: Series, sign: 1 | -1): void
  /** All that was added since the last call, in no order, without those that came to nothing. */
  take(): Cell[]
}

export function gatherCells(): Cells {
  let bySeries = new Map<Series, Map<number, Cell>>()
  function cellOf(series: Series, quarter: number): Cell {
    let cells = bySeries.get(series)
    if (!cells) {
      cells = new Map()
      bySeries.set(series, cells)
    }
    let cell = cells.get(quarter)
    if (!cell) {
      cell = { series, quarter, count: 0, viewable: 0, amount: 0 }
      cells.set(quarter, cell)
    }
    return cell
  }

  return {
    add(event, series, sign) {
      const cell = cellOf(series, Math.floor(event.occurredAt / QUARTER_MS))
      cell.count += sign
      if (event.viewable) cell.viewable += sign
      if (event.valueMinor !== undefined) cell.amount += sign * event.valueMinor
    },
    take() {
      const all = [...bySeries.values()].flatMap((cells) => [...cells.values()])
      bySeries = new Map()
      return all.filter(({ count, viewable, amount }) => count !== 0 || viewable !== 0 || amount !== 0)
    },
  }
}
