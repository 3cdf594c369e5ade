import fc from 'fast-check'
import { expect, it } from 'vitest'
import { openRegistry } from '../../collector/registry.ts'
import { computeResults } from '../../collector/results/computeResults.ts'
import { dayOf } from '../../collector/results/days.ts'
import { parseResultsQuery } from '../../collector/results/query.ts'
import type { AdjustmentRequest, LedgerEvent } from '../../collector/store/store.ts'
import { idNumber, NOON } from '../support/events.ts'
import { sqlitePlace } from '../support/sqlite.ts'

const DAY = 86_400_000
const FIRST = Date.UTC(2026, 10, 2)

const event = fc.record({
  type: fc.constantFrom('click' as const, 'purchase' as const, 'purchase' as const),
  occurredAt: fc.integer({ min: FIRST, max: FIRST + 6 * DAY }),
  value: fc.integer({ min: 1, max: 50_000 }),
  placement: fc.constantFrom('top', 'side', undefined),
})
const adjustment = fc.record({
  order: fc.nat(30),
  action: fc.constantFrom('refund' as const, 'cancel' as const, 'restate' as const),
  value: fc.integer({ min: 1, max: 30_000 }),
  later: fc.integer({ min: 0, max: 5 * DAY }),
})
const money = fc
  .option(fc.integer({ min: 100, max: 60_000 }), { nil: null })
  .map((minor) => (minor === null ? null : (minor / 100).toFixed(2)))

it('tells the same sums on the day of the result and on the day of the correction', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(event, { minLength: 1, maxLength: 30 }),
      fc.array(adjustment, { maxLength: 10 }),
      fc.record({ daily: money, total: money }),
      fc.constantFrom('UTC', 'America/Los_Angeles'),
      async (list, adjustments, budget, timeZone) => {
        const place = await sqlitePlace()
        const store = await place.open()
        try {
          const registry = await openRegistry({ store, now: () => NOON })
          await registry.putCampaign('spring', {
            currency: 'NOK',
            timeZone,
            invalidTraffic: { doubleClickSeconds: null, repeatClickHours: null, clickLimits: null },
          })
          await registry.addTerms('spring', {
            from: new Date(FIRST - DAY).toISOString(),
            pays: [
              { model: 'cpc', rate: '0.333' },
              { model: 'cps', share: '0.125', tiers: [{ from: 6, share: '0.2' }] },
            ],
            budget: { ...budget, monthly: null },
            windows: { clickDays: 30, viewDays: 1 },
            validationDays: 0,
            evidence: 'browser',
            status: 'active',
          })
          await store.append(
            list.map(
              ({ type, occurredAt, value, placement }, n): LedgerEvent => ({
                id: idNumber(n),
                type,
                site: 'shop',
                campaign: 'spring',
                occurredAt,
                receivedAt: occurredAt,
                verdict: 'counted',
                witness: 'browser',
                tags: placement === undefined ? {} : { placement },
                viewable: false,
                ...(type === 'purchase' && { valueMinor: value, currency: 'NOK' }),
                evidence: type === 'purchase' ? { orderId: `A-${n}` } : {},
              }),
            ),
          )
          // By the time at which they happened, as they come in the real world; the revenue of each day on paper.
          const revenue = new Map<string, number>()
          const sales = new Map<string, number>()
          const book = (day: string, value: number, count: number) => {
            revenue.set(day, (revenue.get(day) ?? 0) + value)
            sales.set(day, (sales.get(day) ?? 0) + count)
          }
          for (const { type, occurredAt, value } of list) if (type === 'purchase') book(dayOf(occurredAt, timeZone), value, 1)
          const timed = adjustments
            .map((one, n) => ({ ...one, n, at: (list[one.order]?.occurredAt ?? NOON) + one.later }))
            .sort((a, b) => a.at - b.at)
          for (const { order, action, value, at, n } of timed) {
            const before = (await store.event(idNumber(order))) ?? undefined
            const request: AdjustmentRequest = { site: 'shop', order: { orderId: `A-${order}` }, id: `r-${n}`, action, at }
            if (action !== 'cancel') request.value = (value / 100).toFixed(2)
            const [result] = await store.adjust([request], NOON)
            if (result?.outcome !== 'accepted' || !before) continue
            const worth = ({ verdict, valueMinor = 0 }: LedgerEvent) => (verdict === 'counted' ? valueMinor : 0)
            const isGone = result.event.verdict === 'reversed'
            book(dayOf(at, timeZone), worth(result.event) - worth(before), isGone ? -1 : 0)
          }
          const ask = (parameters: Record<string, string>) =>
            computeResults(parseResultsQuery({ from: '2026-10-25', to: '2026-11-30', ...parameters }, { registry, now: NOON }), {
              store,
              registry,
              now: NOON,
            })
          const byDay = await ask({ by: 'day', view: 'cash' })
          const nonZero = (map: Map<string, number>) => Object.fromEntries([...map].filter(([, sum]) => sum !== 0))
          const column = (name: 'revenueMinor' | 'purchases') => new Map(byDay.rows.map((row) => [row.day ?? '', row[name] ?? 0]))
          expect(nonZero(column('revenueMinor'))).toEqual(nonZero(revenue))
          expect(nonZero(column('purchases'))).toEqual(nonZero(sales))
          for (const by of ['campaign', 'placement', 'site', 'day,placement']) {
            const [cash, result] = [await ask({ by, view: 'cash' }), await ask({ by })]
            const sums = ({ totals }: typeof cash) => [
              totals.clicks,
              totals.purchases,
              totals.revenueMinor,
              totals.costMinor,
              totals.unbilledMinor,
            ]
            expect(sums(cash)).toEqual(sums(result))
          }
          // What a range of days says is what its days say.
          const [part, days] = [await ask({ by: 'campaign', view: 'cash', from: '2026-11-04', to: '2026-11-06' }), byDay.rows]
          const within = days.filter(({ day = '' }) => day !== null && day >= '2026-11-04' && day <= '2026-11-06')
          expect(part.totals.costMinor ?? 0).toBe(within.reduce((sum, { costMinor }) => sum + (costMinor ?? 0), 0))
          expect(part.totals.revenueMinor ?? 0).toBe(within.reduce((sum, { revenueMinor }) => sum + (revenueMinor ?? 0), 0))
        } finally {
          await store.close()
          await place.destroy()
        }
      },
    ),
    { numRuns: 40 },
  )
}, 120_000)
