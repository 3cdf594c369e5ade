import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { AdjustmentRequest, LedgerEvent, Store } from '../../collector/store/store.ts'
import { NOON, purchaseOf } from '../support/events.ts'
import { sqlitePlace } from '../support/sqlite.ts'

const DAY = 86_400_000
const ORDERS = ['A', 'B', 'C']

type Step =
  | { do: 'report'; order: number; by: 'browser' | 'server'; value: number; days: number; n: number }
  | { do: 'adjust'; order: number; id: number; action: AdjustmentRequest['action']; value: number | null }
  | { do: 'mature'; days: number }
  | { do: 'restart' | 'rebuild' }

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('report' as const),
    order: fc.nat(2),
    by: fc.constantFrom('browser' as const, 'server' as const),
    value: fc.integer({ min: 1, max: 500 }),
    days: fc.nat(3),
    n: fc.nat(8),
  }),
  fc.record({
    do: fc.constant('adjust' as const),
    order: fc.nat(2),
    id: fc.nat(6),
    action: fc.constantFrom(
      'refund' as const,
      'refund' as const,
      'cancel' as const,
      'restate' as const,
      'approve' as const,
      'reject' as const,
    ),
    value: fc.option(fc.integer({ min: 0, max: 300 })),
  }),
  fc.record({ do: fc.constant('mature' as const), days: fc.nat(4) }),
  fc.record({ do: fc.constantFrom('restart' as const, 'rebuild' as const) }),
)

/** What is known of an order, as one would write it on paper. */
interface Naive {
  browser?: number
  server?: number
  due: number
  isMature: boolean
  notes: { id: number; action: string; value: number | null }[]
}

function stateOf({ browser, server, due, isMature, notes }: Naive): { verdict: string; value: number } {
  let value = server ?? browser ?? 0
  for (const { action, value: amount } of notes) {
    if (action === 'restate') value = amount ?? 0
    if (action === 'cancel' || action === 'reject') return { verdict: 'reversed', value }
    if (action !== 'refund') continue
    if (amount === null || amount >= value) return { verdict: 'reversed', value }
    value -= amount
  }
  const isFree = due === 0 || isMature || notes.some(({ action }) => action === 'approve')
  return { verdict: isFree ? 'counted' : 'pending', value }
}

/** Takes a correction, or refuses it. */
function note(order: Naive | undefined, others: Naive[], { id, action, value }: Step & { do: 'adjust' }): string {
  if (!order || others.some(({ notes }) => notes.some((one) => one.id === id))) return 'refused'
  const given = action === 'refund' || action === 'restate' ? value : null
  const known = order.notes.find((one) => one.id === id)
  if (known) return known.action === action && known.value === given ? 'duplicate' : 'refused'
  const { verdict, value: left } = stateOf(order)
  if (verdict === 'reversed' || (action === 'restate' && given === null)) return 'refused'
  if (action === 'refund' && given !== null && (given === 0 || given > left)) return 'refused'
  order.notes.push({ id, action, value: given })
  return 'accepted'
}

async function compare(store: Store, orders: Map<number, Naive>): Promise<void> {
  expect(await store.verify()).toEqual([])
  const edges = [NOON - 30 * DAY, NOON + 30 * DAY]
  const query = { campaign: 'spring', edges }
  const counted = await store.totals({ ...query, dimensions: [] })
  const states = [...orders.values()].map(stateOf)
  const due = states.filter(({ verdict }) => verdict === 'counted')
  expect(counted.reduce((sum, { count }) => sum + count, 0)).toBe(due.length)
  expect(counted.reduce((sum, { valueMinor }) => sum + Number(valueMinor), 0)).toBe(due.reduce((sum, { value }) => sum + value, 0))
  const rest = await store.totals({ ...query, dimensions: ['verdict'] })
  const reasons = Object.fromEntries(rest.map(({ values, count }) => [values[0], count]))
  for (const reason of ['pending', 'reversed']) expect(reasons[reason] ?? 0).toBe(states.filter(({ verdict }) => verdict === reason).length)
}

it('says of each order what one would work out on paper, whatever comes in whatever order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 30 }), async (steps) => {
      const place = await sqlitePlace()
      let store = await place.open()
      const orders = new Map<number, Naive>()
      let clock = NOON
      try {
        for (const one of steps) {
          if (one.do === 'report') {
            const dueAt = clock + one.days * DAY
            const event: LedgerEvent = purchaseOf({
              n: one.order * 10 + one.n,
              orderId: ORDERS[one.order] ?? '',
              witness: one.by,
              valueMinor: one.value,
              receivedAt: clock,
              ...(one.days > 0 && { verdict: 'pending' }),
            })
            if (one.days > 0) event.evidence.dueAt = dueAt
            const known = orders.get(one.order)
            const due = one.days > 0 ? dueAt : 0
            if (!known) orders.set(one.order, { [one.by]: one.value, due, isMature: false, notes: [] })
            else known[one.by] ??= one.value // who was first of a kind stands
            await store.append([event])
          } else if (one.do === 'adjust') {
            const { order, id, action, value } = one
            const mine = orders.get(order)
            const others = [...orders].filter(([number]) => number !== order).map(([, other]) => other)
            const [result] = await store.adjust(
              [
                {
                  site: 'shop',
                  order: { orderId: ORDERS[order] ?? '' },
                  id: `r-${id}`,
                  action,
                  at: clock,
                  ...(value !== null && (action === 'refund' || action === 'restate') && { value: (value / 100).toFixed(2) }),
                },
              ],
              clock,
            )
            expect(result?.outcome).toBe(note(mine, others, one))
          } else if (one.do === 'mature') {
            clock += one.days * DAY
            await store.mature(clock, 100)
            for (const order of orders.values()) {
              if (order.due !== 0 && order.due <= clock && stateOf(order).verdict === 'pending') order.isMature = true
            }
          } else if (one.do === 'restart') {
            await store.close()
            store = await place.open()
          } else await store.rebuild()
        }
        await compare(store, orders)
        // What was exported is the same again where it is imported, also twice and in parts.
        const copy = await sqlitePlace()
        const other = await copy.open()
        const rows = await store.ledger({ afterSeq: 0, limit: 1_000 })
        await other.append(rows)
        await other.append(rows)
        await compare(other, orders)
        await other.close()
        await copy.destroy()
      } finally {
        await store.close()
        await place.destroy()
      }
    }),
    { numRuns: 60 },
  )
}, 120_000)
