import { vi } from 'vitest'
import { sqliteStore } from '../../collector/store/sqlite/sqliteStore.ts'
import type { LedgerRow } from '../../collector/store/store.ts'

export interface LedgerReader {
  /** Every event in the ledger now, in its present state, in the order of its first commit. */
  events(): Promise<LedgerRow[]>
  /** Waits until `isReached` holds for the events; false when it still does not after `timeoutMs`. */
  until(isReached: (events: LedgerRow[]) => boolean, timeoutMs: number): Promise<boolean>
  close(): Promise<void>
}

/** Reads the ledger in a collector's SQLite file while the collector writes it. */
export function readLedger(path: string): LedgerReader {
  const store = sqliteStore({ path })
  const events = new Map<string, LedgerRow>()
  let afterSeq = 0
  let last: Promise<unknown> = Promise.resolve()

  /** One after another, so that no row is read twice. */
  const read = () => {
    const run = last.then(async () => {
      for (;;) {
        const rows = await store.ledger({ afterSeq, limit: 1_000 })
        for (const row of rows) {
          events.set(row.id, row)
          afterSeq = row.seq
        }
        if (rows.length < 1_000) return [...events.values()]
      }
    })
    last = run.catch(() => undefined)
    return run
  }
  return {
    events: read,
    until: (isReached, timeoutMs) =>
      vi
        .waitUntil(async () => isReached(await read()), { timeout: timeoutMs, interval: 25 })
        .then(
          () => true,
          () => false,
        ),
    close: () => store.close(),
  }
}
