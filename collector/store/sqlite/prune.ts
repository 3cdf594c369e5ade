import type { Archive } from './archive.ts'
import type { Corrections } from './corrections.ts'
import type { Database } from './database.ts'
import { decodeRow, type Names, ROW_COLUMNS } from './rows.ts'
import { transaction } from './transaction.ts'

/** Rows in one transaction: the writer waits for no more than this, some tens of milliseconds. */
const CHUNK = 2_000

/** Leaves the lock to whoever else writes. */
const PAUSE_MS = 25

/**
 * Takes events out of the ledger whose last row was received before an instant, and leaves their sums and ids in the archive.
 *
 * The last row of all stays, so that positions in the ledger go on from it. Does nothing while totals are being made anew, which read the ledger. Resolves
 * with the number of events taken out.
 */
export async function pruneLedger(
  database: Database,
  {
    series,
    texts,
    archive,
    corrections,
    before,
    cuts,
  }: Names & { archive: Archive; corrections: Corrections; before: number; cuts: readonly number[] },
): Promise<number> {
  const names = { series, texts }
  const firstRows = database.prepare(
    `SELECT ${ROW_COLUMNS} FROM ledger
     WHERE replaces IS NULL AND seq > ? AND seq < (SELECT max(seq) FROM ledger) ORDER BY seq LIMIT ${CHUNK}`,
  )
  const headRow = database.prepare(`SELECT ${ROW_COLUMNS} FROM ledger WHERE seq = (SELECT seq FROM heads WHERE id = ?)`)
  const removeRow = database.prepare('DELETE FROM ledger WHERE seq = ? RETURNING replaces')
  const removeHead = database.prepare('DELETE FROM heads WHERE id = ?')
  const isRebuilding = database.prepare("SELECT 1 FROM counters WHERE name = 'rebuilt'")
  const lastSeq = database.prepare('SELECT max(seq) AS seq FROM ledger')
  let from = 0
  let taken = 0

  /** Removes all rows of an event, from the last back to the first. */
  function remove(id: Uint8Array, last: unknown): void {
    for (let seq = last; seq !== null && seq !== undefined; ) seq = removeRow.get(seq as number)?.replaces
    removeHead.run(id)
  }

  /** False when there is no more to do. */
  function takeChunk(): boolean {
    if (isRebuilding.get()) return false
    const rows = firstRows.all(from)
    const end = lastSeq.get()?.seq
    for (const first of rows) {
      if (Number(first.occurred_at) + Number(first.lag) >= before) return false
      const id = first.id as Uint8Array
      const last = headRow.get(id) ?? first
      from = Number(first.seq)
      if (last.seq === end || Number(last.occurred_at) + Number(last.lag) >= before) continue // still in use
      const event = decodeRow(last, names)
      archive.add(event, cuts)
      corrections.drop(event)
      remove(id, last.seq)
      taken += 1
    }
    return rows.length === CHUNK
  }

  try {
    while (transaction(database, takeChunk)) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  } catch (error) {
    for (const part of [series, texts, archive]) part.forget() // what a transaction made that was rolled back
    throw error
  }
  return taken
}
