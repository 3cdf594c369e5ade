import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Store } from '../../collector/store/store.ts'
import { type TestCollector, testCollector } from '../support/collector.ts'
import { idNumber, ledgerEventOf, NOON } from '../support/events.ts'

let collector: TestCollector
let asked: number
let broken: Error | undefined
beforeEach(async () => {
  asked = 0
  broken = undefined
  const counting = (store: Store): Store => ({
    ...store,
    firstAt: async (campaign) => {
      asked += 1
      if (broken) throw broken
      return store.firstAt(campaign)
    },
  })
  collector = await testCollector({ wrap: counting })
  await collector.admin('PUT', '/v1/campaigns/spring', { currency: 'NOK', timeZone: 'Europe/Oslo' })
})
afterEach(() => collector.destroy())

const ask = (headers: Record<string, string> = {}) => collector.app.request('/v1/campaigns/spring/state', { headers })
const state = async () => ((await (await ask()).json()) as { state: string }).state
const agree = (more: object = {}) =>
  collector.admin('POST', '/v1/campaigns/spring/terms', { from: '2026-11-01T00:00:00Z', pays: [{ model: 'cpc', rate: '2.00' }], ...more })
const clicks = (count: number) =>
  collector.store.append(
    Array.from({ length: count }, (_, n) => ledgerEventOf({ id: idNumber(n, NOON - 60_000), occurredAt: NOON - 60_000 })),
  )
const budget = (some: object) => ({ budget: { total: null, monthly: null, daily: null, ...some } })

describe('GET /v1/campaigns/:id/state', () => {
  it('may be read and kept by any page, without a token', async () => {
    await agree()
    const response = await ask({ origin: 'https://anywhere.example' })
    expect(await response.json()).toEqual({ campaign: 'spring', state: 'active' })
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'access-control-allow-origin': '*',
      'cache-control': 'public, max-age=60',
      etag: '"active"',
      'content-type': 'application/json',
    })
  })

  it('answers 304 to whoever has the present state', async () => {
    await agree()
    for (const have of ['"active"', 'W/"active"', '"paused", "active"', '*']) {
      const response = await ask({ 'if-none-match': have })
      expect([response.status, await response.text(), response.headers.get('access-control-allow-origin')]).toEqual([304, '', '*'])
    }
    expect((await ask({ 'if-none-match': '"paused"' })).status).toBe(200)
  })

  it('is exhausted once results are over their number', async () => {
    await agree(budget({ results: [{ model: 'cpc', daily: 3 }] }))
    await clicks(3)
    expect(await state()).toBe('active')
    collector.clock.now += 31_000
    await collector.store.append([ledgerEventOf({ n: 99, occurredAt: NOON - 30_000 })])
    expect(await state()).toBe('exhausted')
  })

  it('is paused before the first terms and while they are paused, and follows new terms at once', async () => {
    expect(await state()).toBe('paused')
    await agree({ from: '2026-12-01T00:00:00Z' })
    expect(await state()).toBe('paused')
    await agree()
    expect(await state()).toBe('active')
    await agree({ from: '2026-11-02T00:00:00Z', status: 'paused' })
    expect(await state()).toBe('paused')
  })

  it('is ended from the instant from which terms pay for nothing', async () => {
    await agree()
    await agree({ from: '2026-11-24T13:00:00Z', pays: [] })
    expect(await state()).toBe('active')
    collector.clock.now = NOON + 3_600_000
    expect(await state()).toBe('ended')
  })

  it.each(['total', 'monthly', 'daily'])('is exhausted once nothing is left of the %s budget', async (name) => {
    await agree(budget({ [name]: '10.00' }))
    await clicks(4)
    expect(await state()).toBe('active')
    await clicks(5)
    collector.clock.now += 30_000
    expect(await state()).toBe('exhausted')
  })

  it('is active again on the next day, and in the next month', async () => {
    await agree(budget({ daily: '10.00', monthly: '12.00' }))
    await clicks(5)
    expect(await state()).toBe('exhausted')
    collector.clock.now = Date.UTC(2026, 10, 24, 23) // midnight in Oslo
    expect(await state()).toBe('active')
  })

  it('tells no amount', async () => {
    await agree(budget({ total: '10.00' }))
    await clicks(5)
    expect(await (await ask()).text()).toBe('{"campaign":"spring","state":"exhausted"}')
  })

  it('makes no more work of a flood than of one request', async () => {
    await agree(budget({ total: '10.00' }))
    await clicks(2)
    asked = 0
    await Promise.all(Array.from({ length: 200 }, () => state()))
    for (let second = 0; second < 29; second++) {
      collector.clock.now += 1_000
      await state()
    }
    const calls = asked
    collector.clock.now += 1_000
    await state()
    expect(asked).toBe(2 * calls)
  })

  it('keeps no failure of the store', async () => {
    await agree(budget({ total: '10.00' }))
    broken = new Error('away')
    expect((await ask()).status).toBe(500)
    broken = undefined
    expect(await state()).toBe('active')
  })

  it('says in the usual form that there is no such campaign, readable by the page', async () => {
    const response = await collector.app.request('/v1/campaigns/other/state')
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
    expect([response.status, await response.json()]).toEqual([
      404,
      { error: { code: 'not_found', message: 'there is no campaign "other"', docs: '/docs/errors#not_found', field: 'id' } },
    ])
  })

  it('is counted against the rate of its address', async () => {
    const limited = await testCollector({ ratePerSource: 1 })
    await limited.admin('PUT', '/v1/campaigns/spring', { currency: 'NOK' })
    const statuses: number[] = []
    for (let n = 0; n < 20; n++) statuses.push((await limited.app.request('/v1/campaigns/spring/state')).status)
    expect(statuses).toContain(429)
    await limited.destroy()
  })
})
