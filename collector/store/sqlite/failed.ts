import type { FailedEvent } from '../store.ts'
import type { Database } from './database.ts'
import { transaction } from './transaction.ts'

/** What is kept for one site and code: enough to see what is wrong, too little to fill a disk with. */
const MAX_ROWS = 1_000
const MAX_BYTES = 1_048_576

export interface FailedEvents {
  /** Keeps a failed event and lets go of the oldest of its kind. Within a write transaction. */
  add(event: FailedEvent): void
  read(page: { afterSeq: number; limit: number }): (FailedEvent & { seq: number })[]
  drop(seqs: number[]): void
  /** Lets go of those that came before an instant. */
  dropBefore(at: number): void
  /** The transaction was rolled back, or somebody else wrote. */
  forget(): void
}

export function openFailed(database: Database): FailedEvents {
  const kept = new Map<string, { rows: number; bytes: number }>()
  const measure = database.prepare(
    'SELECT count(*) AS rows, coalesce(sum(length(body)), 0) AS bytes FROM failed WHERE site = ? AND code = ?',
  )
  const insert = database.prepare('INSERT INTO failed (at, site, code, field, body) VALUES (?, ?, ?, ?, ?)')
  const dropOldest = database.prepare(
    'DELETE FROM failed WHERE seq = (SELECT min(seq) FROM failed WHERE site = ? AND code = ?) RETURNING length(body) AS bytes',
  )
  const remove = database.prepare('DELETE FROM failed WHERE seq = ?')
  const removeBefore = database.prepare('DELETE FROM failed WHERE at < ?')
  const select = database.prepare('SELECT seq, at, site, code, field, body FROM failed WHERE seq > ? ORDER BY seq LIMIT ?')

  return {
    add({ site, code, field, receivedAt, body }) {
      const key = JSON.stringify([site, code])
      let held = kept.get(key)
      if (!held) {
        const row = measure.get(site, code)
        held = { rows: Number(row?.rows), bytes: Number(row?.bytes) }
        kept.set(key, held)
      }
      insert.run(receivedAt, site, code, field, body)
      held.rows += 1
      held.bytes += body.length
      while (held.rows > MAX_ROWS || held.bytes > MAX_BYTES) {
        held.bytes -= Number(dropOldest.get(site, code)?.bytes)
        held.rows -= 1
      }
    },
    read: ({ afterSeq, limit }) =>
      select.all(afterSeq, limit).map((row) => ({
        seq: Number(row.seq),
        receivedAt: Number(row.at),
        site: String(row.site),
        code: String(row.code),
        field: String(row.field),
        body: String(row.body),
      })),
    drop(seqs) {
      transaction(database, () => {
        for (const seq of seqs) remove.run(seq)
      })
      kept.clear()
    },
    dropBefore(at) {
      removeBefore.run(at)
      kept.clear()
    },
    forget: () => kept.clear(),
  }
}
