import { vi } from 'vitest'
import { sqliteStore } from '../../collector/store/sqlite/sqliteStore.ts'
import type { LedgerRow } from '../../collector/store/store.ts'

export interface LedgerReader {
  /** Events that pages at `path` sent, each in its present state, in the order of their first commit. */
  of(path: string): Promise<LedgerRow[]>
  /** Waits until `isReached` holds for the events of `path`; false when it still does not after `timeoutMs`. */
  until(path: string, isReached: (events: LedgerRow[]) => boolean, timeoutMs: number): Promise<boolean>
  close(): Promise<void>
}

/** Reads the ledger in a collector's SQLite file while the collector writes it. */
export function readLedger(path: string): LedgerReader {
  const store = sqliteStore({ path })
  const byPage = new Map<string, Map<string, LedgerRow>>()
  let afterSeq = 0
  let last: Promise<unknown> = Promise.resolve()

  async function readOn(): Promise<void> {
    const rows = await store.ledger({ afterSeq, limit: 1_000 })
    for (const row of rows) {
      const page = row.evidence.page ?? ''
      byPage.set(page, (byPage.get(page) ?? new Map()).set(row.id, row))
      afterSeq = row.seq
    }
    if (rows.length === 1_000) await readOn()
  }
  const of = async (page: string) => {
    const run = last.then(readOn) // one after another, so that no row is read twice
    last = run.catch(() => undefined)
    await run
    return [...(byPage.get(page)?.values() ?? [])]
  }
  return {
    of,
    until: (page, isReached, timeoutMs) =>
      vi
        .waitUntil(async () => isReached(await of(page)), { timeout: timeoutMs, interval: 25 })
        .then(
          () => true,
          () => false,
        ),
    close: () => store.close(),
  }
}
