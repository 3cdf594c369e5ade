import type { LedgerRow } from '../store.ts'
import type { Cells } from './cells.ts'
import type { Database } from './database.ts'
import { decodeRow, type Names, ROW_COLUMNS } from './rows.ts'

/** Sums up ledger rows as the writer did when they came: a row that replaces another takes that one's part back first. */
export function openFold(database: Database, { cells, ...names }: Names & { cells: Cells }): (row: LedgerRow) => void {
  const bySeq = database.prepare(`SELECT ${ROW_COLUMNS} FROM ledger WHERE seq = ?`)
  return (row) => {
    if (row.replaces !== undefined) {
      const stored = bySeq.get(row.replaces)
      if (!stored) throw new Error(`sqlite store: ledger row ${row.seq} replaces ${row.replaces}, which is not there`)
      const before = decodeRow(stored, names)
      cells.add(before, names.series.of(before), -1)
    }
    cells.add(row, names.series.of(row), 1)
  }
}
