import { randomBytes } from 'node:crypto'
import { EVENT_TYPES } from '../../../sdk/wire.ts'
import type { LedgerEvent } from '../store.ts'
import type { Database } from './database.ts'
import { decodeRow, type Names, ROW_COLUMNS } from './rows.ts'
import { transaction } from './transaction.ts'

/** Rows looked at for clicks of late, so that a start stays quick on a ledger of any size. */
const RECENT_ROWS = 200_000
const CLICK = EVENT_TYPES.indexOf('click')

/** What limits on the clicks of one visitor need. */
export interface Visitors {
  salt(day: number): Uint8Array
  clicksSince(at: number): LedgerEvent[]
}

export function openVisitors(database: Database, names: Names): Visitors {
  const insert = database.prepare('INSERT INTO salts (day, salt) VALUES (?, ?) ON CONFLICT DO NOTHING')
  const select = database.prepare('SELECT salt FROM salts WHERE day = ?')
  const forget = database.prepare('DELETE FROM salts WHERE day < ?')
  const recent = database.prepare(
    `SELECT ${ROW_COLUMNS} FROM ledger
     WHERE seq > (SELECT coalesce(max(seq), 0) - ${RECENT_ROWS} FROM ledger) AND (SELECT type FROM series WHERE series.id = ledger.series) = ${CLICK} AND occurred_at + lag >= ? AND replaces IS NULL
     ORDER BY seq`,
  )
  return {
    salt: (day) =>
      transaction(database, () => {
        insert.run(day, randomBytes(32))
        forget.run(day - 1)
        return select.get(day)?.salt as Uint8Array
      }),
    clicksSince: (at) => recent.all(at).map((row) => decodeRow(row, names)),
  }
}
