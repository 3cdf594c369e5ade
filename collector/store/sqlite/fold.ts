import type { LedgerRow } from '../store.ts'
import type { Database } from './database.ts'
import { decodeRow, numbersOf, ROW_COLUMNS } from './rows.ts'
import type { Tally } from './tally.ts'
import type { Texts } from './texts.ts'

/** Plays ledger rows into a tally as the writer did when they came: a row that replaces another takes that one's part back first. */
export function openFold(database: Database, { texts, tally }: { texts: Texts; tally: Tally }): (row: LedgerRow) => void {
  const bySeq = database.prepare(`SELECT ${ROW_COLUMNS} FROM ledger WHERE seq = ?`)
  return (row) => {
    if (row.replaces !== undefined) {
      const stored = bySeq.get(row.replaces)
      if (!stored) throw new Error(`sqlite store: ledger row ${row.seq} replaces ${row.replaces}, which is not there`)
      const before = decodeRow(stored, texts)
      tally.add(before, numbersOf(before, texts), -1)
    }
    tally.add(row, numbersOf(row, texts), 1)
  }
}
