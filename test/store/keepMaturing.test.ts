import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it, vi } from 'vitest'
import type { createCollector as create } from '../../collector/index.ts'
import { keepMaturing } from '../../collector/keepMaturing.ts'
import { NOON, purchaseOf } from '../support/events.ts'
import { sqlitePlace } from '../support/sqlite.ts'

const pending = (count: number) =>
  Array.from({ length: count }, (_, n) => purchaseOf({ n, verdict: 'pending', evidence: { orderId: `A-${n}`, dueAt: NOON + 1 } }))

it('lets go of all that are due, at once and again, and of nothing once the collector closes', async () => {
  const place = await sqlitePlace()
  const store = await place.open()
  const closing = new AbortController()
  const runs: (() => void)[] = []
  let now = NOON
  await store.append(pending(1_100))
  keepMaturing({ store, now: () => now, every: (_, run) => runs.push(run), closing: closing.signal })
  expect((await store.counters()).notCounted.pending).toBe(1_100)
  now += 1
  for (const run of runs) run()
  await vi.waitFor(async () => expect((await store.counters()).counted).toBe(1_100), { timeout: 10_000 })
  await store.append([purchaseOf({ n: 5_000, verdict: 'pending', evidence: { orderId: 'B', dueAt: NOON + 1 } })])
  closing.abort()
  for (const run of runs) run()
  await store.ready()
  expect((await store.counters()).notCounted.pending).toBe(1)
  await store.close()
  await place.destroy()
})

it('is done by a collector that is mounted in another app, too', async () => {
  const place = await sqlitePlace()
  const store = await place.open()
  const closing = new AbortController()
  await store.append(pending(3))
  // As it is shipped: from its source it does not find what it serves.
  const built = pathToFileURL(resolve(import.meta.dirname, '../../dist/collector/index.js')).href
  const { createCollector } = (await import(built)) as { createCollector: typeof create }
  await createCollector({ store, adminToken: 'a-long-admin-token', now: () => NOON + 1, closing: closing.signal })
  await vi.waitFor(async () => expect((await store.counters()).counted).toBe(3), { timeout: 10_000 })
  closing.abort()
  await store.close()
  await place.destroy()
})
