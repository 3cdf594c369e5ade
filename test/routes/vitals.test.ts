import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Rating, VITALS, type VitalName } from '../../sdk/wire.ts'
import { type TestCollector, testCollector } from '../support/collector.ts'
import { idNumber, NOON, wireEventOf } from '../support/events.ts'

let collector: TestCollector
beforeEach(async () => {
  collector = await testCollector()
})
afterEach(() => collector.destroy())

const vital = (n: number, change = {}) => ({
  id: idNumber(1_000 + n),
  name: 'LCP',
  value: 1_000,
  occurredAt: NOON,
  campaign: 'spring',
  page: '/landing',
  ...change,
})
const send = async (vitals: object[], headers = {}) => {
  const response = await collector.post({ site: 'shop', sentAt: NOON, events: [], vitals }, headers)
  expect([response.status, await response.json()]).toEqual([202, { accepted: 0, duplicates: 0, rejected: [] }])
}
/** A campaign stands in results once it has an event. */
const land = (campaign = 'spring', n = 1) => collector.post({ site: 'shop', sentAt: NOON, events: [wireEventOf({ n, campaign })] })
const vitals = async (query = 'by=campaign') => (await collector.results(query)).rows.map((row: { vitals?: unknown }) => row.vitals)

describe('web vitals', () => {
  it('stand beside conversions and cost of their campaign, as p75 and shares', async () => {
    await land()
    await send([1_000, 2_000, 3_000, 5_000].map((value, n) => vital(n, { value })))
    await send([vital(9, { name: 'CLS', value: 0.05 })])
    const { rows } = await collector.results('by=campaign')
    expect(rows).toMatchObject([
      {
        campaign: 'spring',
        clicks: 1,
        vitals: {
          LCP: { count: 4, good: 0.5, needsImprovement: 0.25, poor: 0.25 },
          CLS: { count: 1, good: 1, needsImprovement: 0, poor: 0 },
        },
      },
    ])
    expect(rows[0].vitals.LCP.p75).toBeGreaterThanOrEqual(2_970)
    expect(rows[0].vitals.LCP.p75).toBeLessThanOrEqual(3_030)
    expect(rows[0].vitals.CLS.p75).toBeCloseTo(0.05, 3)
  })

  it('are told by day and site, and per landing page', async () => {
    await land()
    await collector.admin('PUT', '/v1/campaigns/spring', { currency: 'NOK', timeZone: 'Asia/Kathmandu' })
    // Midnight in Kathmandu is 18:15 UTC.
    const midnight = Date.UTC(2026, 10, 23, 18, 15)
    await collector.post({ site: 'shop', sentAt: NOON, events: [wireEventOf({ n: 2, occurredAt: midnight - 1 })] })
    await send([vital(1, { occurredAt: midnight - 1, value: 4_500 }), vital(2, { occurredAt: midnight, page: '/other' })])
    expect((await vitals('by=day&from=2026-11-23&to=2026-11-24')).map((day: { LCP: { poor: number } }) => day.LCP.poor)).toEqual([1, 0])
    expect(await vitals('by=campaign&site=blog')).toEqual([])
    expect((await vitals('by=placement'))[0]).toBeUndefined()
    const { rows } = await (await collector.admin('GET', '/v1/vitals?from=2026-11-23&to=2026-11-24')).json()
    expect(rows).toMatchObject([
      { campaign: 'spring', page: '/landing', vitals: { LCP: { count: 1, poor: 1 } } },
      { campaign: 'spring', page: '/other', vitals: { LCP: { count: 1, good: 1 } } },
    ])
  })

  it('count a measurement once, with its last value', async () => {
    await land()
    await send([vital(1, { name: 'CLS', value: 0.01 })])
    await send([vital(1, { name: 'CLS', value: 0.3 }), vital(1, { name: 'CLS', value: 0.3 })])
    expect(await vitals()).toMatchObject([{ CLS: { count: 1, poor: 1, good: 0 } }])
  })

  it('are not kept of visitors who do not count, nor when they make no sense', async () => {
    await land()
    await send([vital(1)], { 'user-agent': 'Googlebot/2.1 (+http://www.google.com/bot.html)' })
    await send([vital(2)], { 'sec-purpose': 'prefetch' })
    await send([
      vital(3, { automation: true }),
      vital(4, { test: true }),
      vital(5, { value: -1 }),
      vital(6, { name: 'FID' }),
      vital(7, { occurredAt: NOON - 8 * 86_400_000 }),
    ])
    expect(await vitals()).toEqual([undefined])
    expect(await collector.store.counters()).toMatchObject({ received: 1 })
  })

  it('come with events, and are no events', async () => {
    const response = await collector.post({ site: 'shop', sentAt: NOON, events: [wireEventOf()], vitals: [vital(1)] })
    expect(await response.json()).toEqual({ accepted: 1, duplicates: 0, rejected: [] })
    expect(await vitals()).toMatchObject([{ LCP: { count: 1 } }])
    expect(await collector.store.verify()).toEqual([])
  })

  it('gather landing pages over a bound', async () => {
    await land()
    for (let n = 0; n < 1_020; n += 20) await send(Array.from({ length: 20 }, (_, i) => vital(n + i, { page: `/p${n + i}` })))
    const { rows } = await (await collector.admin('GET', '/v1/vitals')).json()
    expect(rows).toHaveLength(1_001)
    expect(rows[0]).toMatchObject({ page: '(other)', vitals: { LCP: { count: 20 } } })
  })

  it('have the p75 and the shares of a list that is sorted and counted', async () => {
    const names = Object.keys(VITALS) as VitalName[]
    const rated = (name: VitalName, value: number): Rating =>
      value <= VITALS[name][0] ? 'good' : value <= VITALS[name][1] ? 'needs-improvement' : 'poor'
    let campaigns = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ name: fc.constantFrom(...names), value: fc.double({ min: 0, max: 10_000, noNaN: true }) }), {
          minLength: 1,
          maxLength: 20,
        }),
        async (list) => {
          const campaign = `c${campaigns++}`
          await land(campaign, 2_000_000 + campaigns)
          await send(list.map((one, i) => vital(campaigns * 100 + i, { ...one, campaign })))
          const [found] = (await collector.results(`by=campaign&campaign=${campaign}`)).rows
          for (const name of names) {
            const values = list.flatMap((one) => (one.name === name ? one.value : [])).sort((a, b) => a - b)
            if (values.length === 0) expect(found.vitals[name]).toBeUndefined()
            else {
              const { count, p75, good, poor } = found.vitals[name]
              const exact = values[Math.ceil(0.75 * values.length) - 1] ?? 0
              expect(count).toBe(values.length)
              const share = (rating: Rating) => values.filter((value) => rated(name, value) === rating).length / values.length
              expect(good).toBeCloseTo(share('good'), 5)
              expect(poor).toBeCloseTo(share('poor'), 5)
              expect(Math.abs(p75 - exact)).toBeLessThanOrEqual(0.01 * exact + (name === 'CLS' ? 0.0011 : 1))
            }
          }
        },
      ),
      { numRuns: 30 },
    )
  })
})
