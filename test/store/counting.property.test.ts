import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LedgerEvent, Store, TotalsRow } from '../../collector/store/store.ts'
import { idNumber, NOON } from '../support/events.ts'
import { sqlitePlace } from '../support/sqlite.ts'

const QUARTER = 900_000
const word = fc.constantFrom('a', 'b', 'c')
const maybe = fc.option(word, { nil: undefined })

/** An event without its id; ids are given by position, order ids by id, so that the same id always means the same event. */
const content = fc.record({
  type: fc.constantFrom('impression' as const, 'click' as const, 'signup' as const, 'purchase' as const),
  site: fc.constantFrom('shop', 'news'),
  campaign: fc.constantFrom('', 'spring', 'autumn'),
  occurredAt: fc.integer({ min: NOON - 3 * QUARTER, max: NOON + 3 * QUARTER }),
  verdict: fc.constantFrom('counted' as const, 'counted' as const, 'test' as const),
  placement: maybe,
  plan: maybe,
  value: fc.option(fc.integer({ min: 0, max: 1e9 }), { nil: undefined }),
  viewable: fc.boolean(),
})

const defined = <T extends object>(object: T) => Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined))

const events = fc.array(content, { minLength: 1, maxLength: 40 }).map((list) =>
  list.map(({ placement, plan, value, viewable, ...event }, n): LedgerEvent => {
    const isSale = event.type === 'purchase'
    return {
      ...event,
      id: idNumber(n),
      receivedAt: NOON + 4 * QUARTER,
      witness: 'browser',
      viewable: event.type === 'impression' && viewable,
      tags: defined({ placement, segment: plan === undefined ? undefined : { plan } }),
      evidence: isSale ? { orderId: `order-${n}` } : {},
      ...(isSale && value !== undefined && { valueMinor: value, currency: 'NOK' }),
    }
  }),
)

/** Each event once or more, in any order, cut into batches anywhere. */
const deliveries = events.chain((list) =>
  fc.record({
    list: fc.constant(list),
    again: fc.array(fc.nat(list.length - 1), { maxLength: 60 }),
    order: fc.infiniteStream(fc.nat()),
    cuts: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 30 }),
  }),
)

function batches({
  list,
  again,
  order,
  cuts,
}: {
  list: LedgerEvent[]
  again: number[]
  order: Iterable<number>
  cuts: number[]
}): LedgerEvent[][] {
  const keys = order[Symbol.iterator]()
  const sent = [...list, ...again.flatMap((i) => list[i] ?? [])].map((event) => ({ event, key: Number(keys.next().value) }))
  const shuffled = sent.sort((a, b) => a.key - b.key).map(({ event }) => event)
  const result: LedgerEvent[][] = []
  for (let i = 0, at = 0; at < shuffled.length; i++) {
    const size = cuts[i % cuts.length] ?? 1
    result.push(shuffled.slice(at, at + size))
    at += size
  }
  return result
}

type Sum = [count: number, viewable: number, value: bigint]
const add = (sums: Map<string, Sum>, key: unknown[], [count, viewable, value]: Sum) => {
  const name = JSON.stringify(key)
  const before = sums.get(name) ?? [0, 0, 0n]
  sums.set(name, [before[0] + count, before[1] + viewable, before[2] + value])
}

/** Counts unique events one by one. */
function naive(list: LedgerEvent[], edges: number[], tag: (event: LedgerEvent) => string | null | undefined): Map<string, Sum> {
  const sums = new Map<string, Sum>()
  for (const event of list) {
    const interval = edges.findIndex((edge, i) => event.occurredAt >= edge && event.occurredAt < (edges[i + 1] ?? edge))
    const value = tag(event)
    if (interval < 0 || event.verdict !== 'counted' || value === null) continue
    const currency = event.valueMinor === undefined ? null : event.currency
    add(
      sums,
      [event.campaign, interval, event.site, event.type, value ?? null, currency],
      [1, event.viewable ? 1 : 0, BigInt(event.valueMinor ?? 0)],
    )
  }
  return sums
}

async function told(store: Store, edges: number[], dimensions: ('placement' | 'segment.plan')[]): Promise<Map<string, Sum>> {
  const sums = new Map<string, Sum>()
  for (const campaign of await store.campaigns()) {
    const rows: TotalsRow[] = await store.totals({ campaign, edges, dimensions })
    for (const { interval, site, type, values, currency, count, viewable, valueMinor } of rows) {
      add(sums, [campaign, interval, site, type, values[0] ?? null, currency], [count, viewable, valueMinor])
    }
  }
  return sums
}

describe('counting', () => {
  it('gives the totals of unique events for any interleaving, repetition and batching', async () => {
    const edges = [NOON - 4 * QUARTER, NOON - QUARTER - 17, NOON, NOON + 5, NOON + 9 * QUARTER]
    await fc.assert(
      fc.asyncProperty(deliveries, async (delivery) => {
        const place = await sqlitePlace()
        const store = await place.open()
        try {
          const outcomes = (await Promise.all(batches(delivery).map((batch) => store.append(batch)))).flat()
          expect(outcomes.filter((outcome) => outcome === 'accepted')).toHaveLength(delivery.list.length)
          const { list } = delivery
          expect(await told(store, edges, [])).toEqual(naive(list, edges, () => undefined))
          expect(await told(store, edges, ['placement'])).toEqual(naive(list, edges, ({ tags }) => tags.placement ?? null))
          expect(await told(store, edges, ['segment.plan'])).toEqual(naive(list, edges, ({ tags }) => tags.segment?.plan ?? null))
          expect(await store.verify()).toEqual([])
        } finally {
          await store.close()
          await place.destroy()
        }
      }),
      { numRuns: 150 },
    )
  })
})
