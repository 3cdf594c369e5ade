import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type TestCollector, testCollector } from '../support/collector.ts'
import { NOON, wireEventOf } from '../support/events.ts'

let collector: TestCollector
beforeEach(async () => {
  collector = await testCollector({ ratePerSource: 3 })
})
afterEach(() => collector.destroy())

const batch = (...events: unknown[]) => ({ site: 'shop', sentAt: NOON, events })

describe('GET /metrics', () => {
  it('accounts for every event, whatever became of it', async () => {
    await collector.post(batch(wireEventOf({ n: 1 }), wireEventOf({ n: 1 }), wireEventOf({ n: 2, test: true }), { type: 'view' }))
    await collector.post(batch(wireEventOf({ n: 3 }), wireEventOf({ n: 4 })), { origin: 'https://evil.example' })
    await collector.post('no JSON')
    await collector.post({ ...batch(wireEventOf({ n: 5 })), site: 'nobody' })
    await collector.app.request('/v1/pixel.gif?site=nobody')
    const lines = (await (await collector.admin('GET', '/metrics')).text()).split('\n').filter((line) => !line.startsWith('#'))
    expect(lines).toEqual([
      'tallymark_events_received_total 9',
      'tallymark_events_counted_total 1',
      'tallymark_events_not_counted_total{verdict="test"} 1',
      'tallymark_events_duplicate_total 1',
      'tallymark_events_failed_total{code="invalid_event"} 1',
      'tallymark_events_failed_total{code="invalid_json"} 1',
      'tallymark_events_failed_total{code="origin_not_allowed"} 2',
      'tallymark_events_failed_total{code="unknown_site"} 2',
      'tallymark_events_unaccounted 0',
      'tallymark_queue_full 0',
      '',
    ])
    expect(await collector.store.failed({ afterSeq: 0, limit: 9 })).toMatchObject([
      { site: 'shop', code: 'invalid_event', field: 'id', body: '{"type":"view"}' },
      { site: 'shop', code: 'origin_not_allowed' },
      { site: 'shop', code: 'origin_not_allowed' },
      { site: '', code: 'invalid_json', body: '' },
      { site: '', code: 'unknown_site' },
      { site: '', code: 'unknown_site' },
    ])
  })

  it('wants the admin token', async () => {
    expect((await collector.app.request('/metrics')).status).toBe(401)
  })
})

describe('limits', () => {
  it('turn away who comes too often, say when to come back, and lose nothing', async () => {
    const send = (n: number) => collector.post(batch(wireEventOf({ n, type: 'impression' })))
    const statuses = []
    for (let n = 0; n < 8; n++) statuses.push((await send(n)).status)
    expect(statuses).toEqual([202, 202, 202, 202, 202, 202, 429, 429])
    const refused = await send(6)
    expect(Object.fromEntries(refused.headers)).toMatchObject({
      'retry-after': '1',
      ratelimit: '"source";r=0;t=1',
      'ratelimit-policy': '"source";q=3;w=1',
      'access-control-expose-headers': 'Retry-After',
    })
    expect(await refused.json()).toMatchObject({ error: { code: 'rate_limited' } })
    collector.clock.now += 1_000
    expect([(await send(6)).status, (await send(7)).status, (await send(8)).status, (await send(9)).status]).toEqual([202, 202, 202, 429])
    expect(await collector.store.counters()).toMatchObject({ received: 9, counted: 9 })
  })

  it('turn away what is too much for one site, and take others', async () => {
    await collector.destroy()
    collector = await testCollector({ ratePerSite: 1 })
    await collector.admin('PUT', '/v1/sites/blog', { origins: ['https://shop.example'] })
    const send = async (site: string, n: number) =>
      (await collector.post({ ...batch(wireEventOf({ n, type: 'impression' })), site })).status
    expect([await send('shop', 1), await send('shop', 2), await send('shop', 3), await send('blog', 4)]).toEqual([202, 202, 429, 202])
    expect(await collector.store.counters()).toMatchObject({ received: 3, counted: 3, failed: {} })
  })

  it('turn away before the body is read while the queue is full', async () => {
    await collector.destroy()
    collector = await testCollector({ wrap: (store) => ({ ...store, isFull: () => true }) })
    const response = await collector.post('not even JSON')
    expect([response.status, response.headers.get('retry-after'), await response.json()]).toEqual([
      503,
      '5',
      { error: expect.objectContaining({ code: 'overloaded' }) },
    ])
  })
})
