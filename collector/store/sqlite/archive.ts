import { QUARTER_MS } from '../grain.ts'
import type { LedgerEvent } from '../store.ts'
import type { Cell } from './cells.ts'
import type { Database } from './database.ts'
import type { SeriesTable } from './series.ts'
import { uuidBytes, uuidText } from './uuid.ts'

/** What is left of events that the ledger no longer holds: their sums, and their ids, which count once for ever. */
export interface Archive {
  /** Takes over an event in its last state. `cuts`: ascending instants (ms) at which sums are kept apart. Within a write transaction. */
  add(event: LedgerEvent, cuts: readonly number[]): void
  /** Whether an event of this id was here. */
  has(id: string): boolean
  /** All sums, to be spread over totals. */
  cells(): Cell[]
  forget(): void
}

/** The start of the span whose sum an event belongs to: its quarter of an hour, cut where asked. */
function spanOf(at: number, cuts: readonly number[]): number {
  let start = Math.floor(at / QUARTER_MS) * QUARTER_MS
  for (const cut of cuts) if (cut > start && cut <= at) start = cut
  return start
}

export function openArchive(database: Database, series: SeriesTable): Archive {
  const upsert = database.prepare(
    `INSERT INTO archive (at, series, count, viewable, amount) VALUES (?, ?, 1, ?, ?)
     ON CONFLICT DO UPDATE SET count = count + 1, viewable = viewable + excluded.viewable, amount = amount + excluded.amount`,
  )
  const keepId = database.prepare('INSERT INTO archived_ids (id) VALUES (?)')
  const isKept = database.prepare('SELECT 1 FROM archived_ids WHERE id = ?')
  const lastId = database.prepare('SELECT max(id) AS id FROM archived_ids')
  const select = database.prepare('SELECT at, series, count, viewable, amount FROM archive')
  // Ids are made in the order of time, so what comes in now lies above all of them and need not be looked up.
  let last: string | undefined

  function lastKept(): string {
    const { id } = lastId.get() ?? {}
    return id ? uuidText(id as Uint8Array) : ''
  }

  return {
    add(event, cuts) {
      upsert.run(spanOf(event.occurredAt, cuts), series.of(event).id, event.viewable ? 1 : 0, event.valueMinor ?? 0)
      keepId.run(uuidBytes(event.id))
      last = undefined
    },
    has(id) {
      last ??= lastKept()
      return id <= last && isKept.get(uuidBytes(id)) !== undefined
    },
    cells: () =>
      select.all().map((row) => ({
        series: series.byId(Number(row.series)),
        quarter: Math.floor(Number(row.at) / QUARTER_MS),
        count: Number(row.count),
        viewable: Number(row.viewable),
        amount: Number(row.amount),
      })),
    forget() {
      last = undefined
    },
  }
}
