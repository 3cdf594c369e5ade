import type { Database } from './database.ts'
import { type encodeRow, insertRowsSql } from './rows.ts'

/** Rows in one statement, the most first. What a statement costs by itself is a third of what it costs to insert a row. */
const WIDTHS = [64, 32, 16, 8, 4, 2, 1]

const isSame = (a: Uint8Array, b: Uint8Array) => a.every((byte, i) => byte === b[i])

/**
 * Puts rows of events into the ledger, in their order. Says of each whether it is in: not when its id was there before.
 *
 * Within a write transaction.
 */
export function openInsertRows(database: Database): (rows: ReturnType<typeof encodeRow>[]) => boolean[] {
  const inserts = WIDTHS.map((width) => ({ width, insert: database.prepare(insertRowsSql(width)) }))
  const idsBetween = database.prepare('SELECT id FROM ledger WHERE seq BETWEEN ? AND ? ORDER BY seq')

  return (rows) => {
    const isIn: boolean[] = []
    for (const { width, insert } of inserts) {
      while (rows.length - isIn.length >= width) {
        const some = rows.slice(isIn.length, isIn.length + width)
        const { changes, lastInsertRowid: last } = insert.run(...some.flat())
        // Numbers are given out one by one, so those that are in are the last ones; read back only where some are not.
        const ids = changes === width ? undefined : idsBetween.all(Number(last) - Number(changes) + 1, last)
        let at = 0
        for (const [id] of some) {
          const next = ids?.[at]?.id as Uint8Array | undefined
          const isNew = !ids || (changes !== 0 && next !== undefined && isSame(id, next))
          if (isNew) at += 1
          isIn.push(isNew)
        }
      }
    }
    return isIn
  }
}
