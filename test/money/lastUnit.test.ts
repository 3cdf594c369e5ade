import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Listening, listen } from '../../collector/listen.ts'
import { BROWSER, type TestCollector, testCollector } from '../support/collector.ts'
import { idNumber, NOON } from '../support/events.ts'

let collector: TestCollector
let listening: Listening
beforeEach(async () => {
  collector = await testCollector()
  listening = await listen(collector.built, { port: 0, host: '127.0.0.1' })
  await collector.admin('PUT', '/v1/campaigns/spring', {
    currency: 'NOK',
    timeZone: 'Europe/Oslo',
    invalidTraffic: { doubleClickSeconds: null, repeatClickHours: null, clickLimits: null },
  })
})
afterEach(async () => {
  await listening.close()
  await collector.destroy()
})

const click = (n: number) => ({ id: idNumber(n), type: 'click', campaign: 'spring', occurredAt: NOON - 60_000 + (n % 7) })
async function send(events: object[]): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${listening.port}/v1/events`, {
    method: 'POST',
    headers: { 'content-type': 'text/plain', origin: 'https://shop.example', 'user-agent': BROWSER },
    body: JSON.stringify({ site: 'shop', sentAt: NOON, events }),
  })
  await response.arrayBuffer()
  return response.status
}

it.each([
  ['in money', { daily: '33.34' }, 3_334, 34],
  ['of one minor unit', { total: '0.01' }, 1, 1],
  ['in results', { results: [{ model: 'cpc', monthly: 50 }] }, 5_000, 50],
  ['in both', { total: '49.99', results: [{ model: 'cpc', total: 50 }] }, 4_999, 50],
])('owes to the last unit of a budget %s, whoever sends what at the same time and twice', async (_, budget, owedMinor, paid) => {
  await collector.admin('POST', '/v1/campaigns/spring/terms', {
    from: '2026-11-01T00:00:00+01:00',
    pays: [{ model: 'cpc', rate: '1.00' }],
    budget,
  })
  const batches = Array.from({ length: 60 }, (_, i) => [click(i * 2), click(i * 2 + 1), click((i * 7) % 120)])
  const statuses = await Promise.all([...batches, ...batches.toReversed()].map(send))
  expect(new Set(statuses)).toEqual(new Set([202]))
  const statement = await (await collector.admin('GET', '/v1/statements?campaign=spring&from=2026-11-24&to=2026-11-24')).json()
  expect(statement).toMatchObject({ owedMinor, unbilledMinor: 12_000 - owedMinor })
  // The last click that anything was left for is owed in part.
  expect(statement.lines).toMatchObject([{ results: 120, unbilled: 120 - paid, amountMinor: owedMinor }])
  const { totals } = await collector.results('from=2026-11-24&to=2026-11-24&by=placement')
  expect([totals.clicks, totals.costMinor]).toEqual([120, owedMinor])
})
