import { DatabaseSync } from 'node:sqlite'
import { expect } from 'vitest'
import { sqliteStore } from '../../collector/store/sqlite/sqliteStore.ts'
import type { LedgerRow, Store } from '../../collector/store/store.ts'
import { type MadeEvent, ORDER_MINOR } from './events.ts'

async function wholeLedger(store: Store): Promise<LedgerRow[]> {
  const rows: LedgerRow[] = []
  for (;;) {
    const page = await store.ledger({ afterSeq: rows.at(-1)?.seq ?? 0, limit: 20_000 })
    if (page.length === 0) return rows
    rows.push(...page)
  }
}

function integrity(path: string): unknown {
  const database = new DatabaseSync(path, { readOnly: true })
  try {
    return database.prepare('PRAGMA integrity_check').get()?.integrity_check
  } finally {
    database.close()
  }
}

/** What counts once: an order by its order id, anything else by its event id. */
const keyOf = ({ id, orderId }: { id: string; orderId?: string | undefined }) => orderId ?? id

/**
 * Holds the file of a stopped collector against what was sent and what was acknowledged.
 *
 * `isComplete` (default) says that everything sent was acknowledged in the end.
 */
export async function expectExact(
  path: string,
  { sent, acknowledged, isComplete = true }: { sent: MadeEvent[]; acknowledged: string[]; isComplete?: boolean },
): Promise<{ unique: number }> {
  expect(integrity(path)).toBe('ok')
  const store = sqliteStore({ path })
  try {
    const first = (await wholeLedger(store)).filter(({ replaces }) => replaces === undefined)
    const inLedger = first.map(({ id, evidence }) => keyOf({ id, orderId: evidence.orderId }))
    const counted = new Set(inLedger)
    expect(inLedger.length - counted.size, 'counted twice').toBe(0)

    const byId = new Map(sent.map((event) => [event.id, event]))
    const lost = acknowledged.filter((id) => !counted.has(keyOf(byId.get(id) ?? { id })))
    expect(lost, 'acknowledged and not in the ledger').toEqual([])
    const unique = new Set(sent.map(keyOf))
    expect(
      inLedger.filter((key) => !unique.has(key)),
      'in the ledger and never sent',
    ).toEqual([])
    if (isComplete) expect([new Set(acknowledged).size, counted.size]).toEqual([sent.length, unique.size])

    const orders = [...counted].filter((key) => key.startsWith('A-')).length
    const totals = await store.totals({ campaign: 'spring', edges: [0, Date.now() + 86_400_000], dimensions: [] })
    const sum = (value: (row: (typeof totals)[number]) => number) => totals.reduce((all, row) => all + value(row), 0)
    expect({ counted: sum(({ count }) => count), valueMinor: sum(({ valueMinor }) => Number(valueMinor)) }).toEqual({
      counted: counted.size,
      valueMinor: orders * ORDER_MINOR,
    })
    expect(await store.verify()).toEqual([])
    return { unique: counted.size }
  } finally {
    await store.close()
  }
}
