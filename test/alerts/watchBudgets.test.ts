import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { watchBudgets } from '../../collector/alerts/watchBudgets.ts'
import { openRegistry } from '../../collector/registry.ts'
import { type TestCollector, testCollector } from '../support/collector.ts'
import { idNumber, ledgerEventOf, NOON } from '../support/events.ts'

let collector: TestCollector
let made: number
let computed: number
let watch: () => Promise<unknown[]>
beforeEach(async () => {
  made = computed = 0
  collector = await testCollector()
  await collector.admin('PUT', '/v1/campaigns/spring', { currency: 'NOK', timeZone: 'Europe/Oslo' })
  await agree({ monthly: '100.00' })
  const firstAt = (campaign: string) => {
    computed += 1
    return collector.store.firstAt(campaign)
  }
  const counting = { ...collector.store, firstAt }
  watch = watchBudgets({ store: counting, registry: collector.registry, now: () => collector.clock.now })
})
afterEach(() => collector.destroy())

const agree = (budget: object, campaign = 'spring') =>
  collector.admin('POST', `/v1/campaigns/${campaign}/terms`, {
    from: '2026-11-01T00:00:00Z',
    pays: [{ model: 'cpc', rate: '1.00' }],
    budget: { total: null, monthly: null, daily: null, ...budget },
  })
const clicks = (count: number, at = NOON - 60_000, campaign = 'spring') =>
  collector.store.append(Array.from({ length: count }, () => ledgerEventOf({ id: idNumber(++made, at), occurredAt: at, campaign })))
// biome-ignore lint/suspicious/noExplicitAny: looks into an answer
const alerts = async (query = ''): Promise<any[]> => (await (await collector.admin('GET', `/v1/alerts${query}`)).json()).alerts
const told = async () => (await alerts()).map(({ budget, period, threshold }) => [budget, period, threshold])

describe('the watch over budgets', () => {
  it('gives an alert at 50, 80 and 100 %, each once', async () => {
    for (const [count, expected] of [
      [49, []],
      [1, [50]],
      [29, [50]],
      [1, [80, 50]],
      [100, [100, 80, 50]],
    ] as const) {
      await clicks(count)
      await watch()
      await watch()
      expect((await alerts()).map(({ threshold }) => threshold)).toEqual(expected)
    }
    expect((await alerts())[0]).toEqual({
      id: expect.stringMatching(/^alert_[\w-]{22}$/),
      campaign: 'spring',
      budget: 'monthly',
      period: '2026-11',
      threshold: 100,
      limitMinor: 10_000,
      owedMinor: 10_000,
      currency: 'NOK',
      at: '2026-11-24T12:00:00.000Z',
    })
  })

  it('gives them again for another agreed limit, and in the next month', async () => {
    await clicks(60)
    await watch()
    await agree({ monthly: '110.00' })
    await watch()
    expect((await alerts()).map(({ limitMinor }) => limitMinor)).toEqual([11_000, 10_000])
    collector.clock.now = Date.UTC(2026, 11, 2)
    await clicks(70, collector.clock.now - 1_000)
    await watch()
    expect((await alerts()).map(({ period }) => period)).toEqual(['2026-12', '2026-11', '2026-11'])
  })

  it('remembers over a restart, and next to another process on the same store', async () => {
    await clicks(85)
    await watch()
    const { store } = collector
    const now = () => collector.clock.now
    const other = await openRegistry({ store, now })
    expect(await watchBudgets({ store, registry: other, now })()).toEqual([])
    // Two that look at the same moment, before either has heard of the other.
    await clicks(30)
    const late = await openRegistry({ store, now })
    const lateWatch = watchBudgets({ store, registry: late, now })
    await Promise.all([watch(), lateWatch()])
    await collector.registry.refresh()
    expect(await told()).toEqual([
      ['monthly', '2026-11', 100],
      ['monthly', '2026-11', 80],
      ['monthly', '2026-11', 50],
    ])
  })

  it('works a campaign out only when something of it changed, and in any case every ten minutes', async () => {
    await clicks(10)
    await watch()
    const once = computed
    expect(once).toBeGreaterThan(0)
    await clicks(500, NOON - 60_000, 'other')
    for (let n = 0; n < 10; n++) await watch()
    expect(computed).toBe(once)
    await clicks(1)
    await watch()
    expect(computed).toBe(2 * once)
    collector.clock.now += 600_000
    await watch()
    expect(computed).toBe(3 * once)
  })

  it('looks at yesterday once more: its last results may come after the last look', async () => {
    await agree({ daily: '10.00' })
    collector.clock.now = Date.UTC(2026, 10, 24, 22, 59, 50)
    await watch()
    await clicks(10, Date.UTC(2026, 10, 24, 22, 59, 55))
    collector.clock.now = Date.UTC(2026, 10, 24, 23, 0, 10) // the 25th in Oslo
    await watch()
    expect(await told()).toEqual([
      ['daily', '2026-11-24', 100],
      ['daily', '2026-11-24', 80],
      ['daily', '2026-11-24', 50],
    ])
  })

  it('gives none without budgets, nor for a campaign that is not set up', async () => {
    await collector.admin('PUT', '/v1/campaigns/free', { currency: 'NOK' })
    await agree({}, 'free')
    await agree({}) // from the same instant: it takes the place of the one before
    await clicks(1_000)
    await clicks(1_000, NOON, 'free')
    await clicks(1_000, NOON, 'unknown')
    await watch()
    expect([await told(), computed]).toEqual([[], 0])
  })
})

describe('GET /v1/alerts', () => {
  it('is of one campaign and of so many as are asked for', async () => {
    await clicks(100)
    await watch()
    expect(await alerts('?campaign=other')).toEqual([])
    expect(await alerts('?campaign=spring&limit=1')).toMatchObject([{ threshold: 100 }])
  })

  it.each(['limit=0', 'limit=1001', 'limit=x', 'limit=-1', 'from=2026-11-01'])('refuses %s, naming the parameter', async (query) => {
    const response = await collector.admin('GET', `/v1/alerts?${query}`)
    expect([response.status, (await response.json()).error]).toMatchObject([422, { code: 'invalid_filter', field: query.split('=')[0] }])
  })

  it('wants a token', async () => {
    expect((await collector.app.request('/v1/alerts')).status).toBe(401)
  })
})
