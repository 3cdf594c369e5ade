import { afterEach, beforeEach, expect, it } from 'vitest'
import { type TestCollector, testCollector } from '../support/collector.ts'
import { ledgerEventOf, NOON, purchaseOf } from '../support/events.ts'

const DAY = 86_400_000
let collector: TestCollector
beforeEach(async () => {
  collector = await testCollector()
  await collector.admin('PUT', '/v1/campaigns/spring', { currency: 'NOK', timeZone: 'Europe/Oslo' })
  await collector.admin('POST', '/v1/campaigns/spring/terms', { from: '2026-01-01T00:00:00Z', pays: [{ model: 'cpc', rate: '2.00' }] })
  const clicks = Array.from({ length: 20 }, (_, n) => ledgerEventOf({ n, occurredAt: NOON - DAY - n * DAY }))
  const sales = [
    purchaseOf({ n: 100, orderId: 'A', occurredAt: NOON - 2 * DAY }),
    purchaseOf({ n: 101, orderId: 'B', occurredAt: NOON - 40 * DAY }),
  ]
  await collector.store.append([...clicks, ...sales, ledgerEventOf({ n: 200, occurredAt: NOON })])
})
afterEach(() => collector.destroy())

const preview = (body: object) => collector.admin('POST', '/v1/campaigns/spring/terms/preview', body)

it('tells what terms would have meant for the last 30 full days, and changes nothing', async () => {
  const answer = await preview({
    pays: [
      { model: 'cpc', rate: '1.50' },
      { model: 'cps', share: '0.10' },
    ],
    budget: { total: null, monthly: null, daily: null, results: [{ model: 'cpc', total: 15 }] },
  })
  expect(answer.status).toBe(200)
  expect(await answer.json()).toEqual({
    currency: 'NOK',
    from: '2026-10-25',
    to: '2026-11-23',
    asAgreed: { owedMinor: 4_000, unbilledMinor: 0, models: [{ model: 'cpc', results: 20, unbilled: 0, amountMinor: 4_000 }] },
    asProposed: {
      owedMinor: 2_250 + 4_990,
      unbilledMinor: 750,
      models: [
        { model: 'cpc', results: 20, unbilled: 5, amountMinor: 2_250 },
        { model: 'cps', results: 1, unbilled: 0, amountMinor: 4_990 },
      ],
    },
    differenceMinor: 3_240,
  })
  expect(collector.registry.campaign('spring')?.terms).toHaveLength(1)
})

it('names the field that is wrong', async () => {
  for (const [body, field] of [
    [{}, 'pays'],
    [{ pays: [{ model: 'cpc', rate: '2.123456789' }] }, 'pays[0].rate'],
    [{ pays: [{ model: 'cps', share: '0.1', tiers: [{ from: 5, rate: '1' }] }] }, 'pays[0].tiers'],
    [
      {
        pays: [
          {
            model: 'cps',
            share: '0.1',
            tiers: [
              { from: 5, share: '0.2' },
              { from: 3, share: '0.3' },
            ],
          },
        ],
      },
      'pays[0].tiers',
    ],
    [{ pays: [{ model: 'cpc', rate: '1', tiers: [{ from: 5, rate: '1.123456789' }] }] }, 'pays[0].tiers[0].rate'],
    [{ pays: [], budget: { results: [{ model: 'cpc', daily: -1 }] } }, 'budget.results[0].daily'],
  ] as const) {
    const answer = await preview(body)
    expect([answer.status, (await answer.json()).error.field], JSON.stringify(body)).toEqual([422, field])
  }
  expect((await collector.admin('POST', '/v1/campaigns/none/terms/preview', { pays: [] })).status).toBe(404)
})
