import type { Progress } from '../store.ts'
import type { Archive } from './archive.ts'
import { gatherCells } from './cells.ts'
import type { Database } from './database.ts'
import { openFold } from './fold.ts'
import type { Recent } from './recent.ts'
import { decodeRow, type Names, ROW_COLUMNS } from './rows.ts'
import { spreadCells, tallyTable } from './tally.ts'
import { transaction } from './transaction.ts'

/** Rows in one transaction: the writer waits for no more than this, some tens of milliseconds. */
const CHUNK = 5_000

/** Leaves the lock to a collector in another process, which would else be late for it again and again and answer 503. */
const PAUSE_MS = 25

/**
 * Makes totals anew beside the old ones, chunk by chunk, and puts them in their place in the transaction that takes the last rows.
 *
 * Where it got to is kept with each chunk, so that a run that was killed goes on where it stopped.
 */
export async function rebuildTotals(
  database: Database,
  { series, texts, archive, recent, progress = () => {} }: Names & { archive: Archive; recent: Recent; progress?: Progress | undefined },
): Promise<void> {
  transaction(database, () => {
    const columns = String(database.prepare("SELECT sql FROM sqlite_schema WHERE name = 'totals'").get()?.sql)
    database.exec(columns.replace(/^CREATE TABLE "?totals"?/, 'CREATE TABLE IF NOT EXISTS totals_anew'))
    database.exec("INSERT INTO counters (name, count) VALUES ('rebuilt', 0) ON CONFLICT DO NOTHING")
  })
  const anew = tallyTable(database, 'totals_anew')
  const cells = gatherCells()
  const fold = openFold(database, { series, texts, cells })
  const rowsAfter = database.prepare(`SELECT ${ROW_COLUMNS} FROM ledger WHERE seq > ? ORDER BY seq LIMIT ${CHUNK}`)
  const where = database.prepare("SELECT count FROM counters WHERE name = 'rebuilt'")
  const setWhere = database.prepare("UPDATE counters SET count = ? WHERE name = 'rebuilt'")
  const lastSeq = database.prepare('SELECT coalesce(max(seq), 0) AS seq FROM ledger')

  /** True when the last row was taken and the new totals stand in the place of the old. */
  function takeChunk(): boolean {
    const from = Number(where.get()?.count)
    if (from === 0) spreadCells(archive.cells(), series, anew)
    const rows = rowsAfter.all(from)
    for (const row of rows) fold(decodeRow(row, { series, texts }))
    spreadCells(cells.take(), series, anew)
    const done = Number(rows.at(-1)?.seq ?? from)
    const total = Number(lastSeq.get()?.seq)
    setWhere.run(done)
    progress(done, total)
    if (done < total) return false
    recent.clear() // the new totals hold these, too
    database.exec("DROP TABLE totals; ALTER TABLE totals_anew RENAME TO totals; DELETE FROM counters WHERE name = 'rebuilt'")
    return true
  }
  const forget = () => {
    cells.take()
    series.forget()
    texts.forget()
  }
  try {
    while (!transaction(database, takeChunk)) {
      forget() // nothing is kept from one transaction to the next that another process could make untrue
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    }
  } finally {
    forget()
  }
}
