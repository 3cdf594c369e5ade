import type { Counters, Verdict } from '../store.ts'
import type { Database } from './database.ts'

type Name = 'received' | 'duplicates' | `verdict ${Verdict}` | `failed ${string}`

/** Counts what came in and what became of it, in the transaction that holds the events. */
export interface CounterTable {
  add(name: Name, count: number): void
  write(): void
  read(): Counters
  forget(): void
}

export function openCounters(database: Database): CounterTable {
  let changes = new Map<Name, number>()
  const upsert = database.prepare(
    'INSERT INTO counters (name, count) VALUES (?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count',
  )
  const select = database.prepare('SELECT name, count FROM counters ORDER BY name')

  return {
    add(name, count) {
      changes.set(name, (changes.get(name) ?? 0) + count)
    },
    write() {
      for (const [name, count] of changes) if (count !== 0) upsert.run(name, count)
      changes = new Map()
    },
    read() {
      const counters: Counters = { received: 0, counted: 0, notCounted: {}, duplicates: 0, failed: {} }
      for (const row of select.all()) {
        const [name, of = ''] = String(row.name).split(/ (.*)/s)
        const count = Number(row.count)
        if (name === 'received' || name === 'duplicates') counters[name] = count
        else if (name === 'failed') counters.failed[of] = count
        else if (name === 'verdict' && of === 'counted') counters.counted = count
        else if (name === 'verdict' && count !== 0) counters.notCounted[of as Verdict] = count
      }
      return counters
    },
    forget() {
      changes = new Map()
    },
  }
}
