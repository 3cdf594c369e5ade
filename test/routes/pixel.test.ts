import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BROWSER, type TestCollector, testCollector } from '../support/collector.ts'
import { idNumber } from '../support/events.ts'

let collector: TestCollector
beforeEach(async () => {
  collector = await testCollector()
})
afterEach(() => collector.destroy())

const load = (query: string, { headers, ...init }: { method?: string; headers?: Record<string, string> } = {}) =>
  collector.app.request(`/v1/pixel.gif?${query}`, { ...init, headers: { 'user-agent': BROWSER, ...headers } })
const ledger = () => collector.store.ledger({ afterSeq: 0, limit: 100 })

describe('GET /v1/pixel.gif', () => {
  it('counts an impression with its tags and answers a GIF of 43 bytes', async () => {
    const response = await load('site=shop&campaign=spring&placement=mail&segment.plan=pro&utm=ignored')
    expect(response.status).toBe(200)
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'image/gif',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    })
    const body = new Uint8Array(await response.arrayBuffer())
    expect([body.length, new TextDecoder().decode(body.slice(0, 6))]).toEqual([43, 'GIF89a'])
    expect(await ledger()).toMatchObject([
      { type: 'impression', campaign: 'spring', tags: { placement: 'mail', segment: { plan: 'pro' } } },
    ])
  })

  it('counts each load, but the same id or order once', async () => {
    await load('site=shop&type=click')
    await load('site=shop&type=click')
    await load(`site=shop&id=${idNumber(5)}`)
    await load(`site=shop&id=${idNumber(5)}`)
    await load('site=shop&type=purchase&orderId=A-1&value=499.00&currency=NOK')
    await load('site=shop&type=purchase&orderId=A-1&value=499.00&currency=NOK')
    expect(await ledger()).toHaveLength(4)
  })

  it.each([
    ['site=nobody', 401, 'unknown_site'],
    ['type=click', 422, 'invalid_event'],
    ['site=shop&type=view', 422, 'invalid_event'],
    ['site=shop&type=purchase&value=-1&currency=NOK', 422, 'invalid_event'],
    ['site=shop&segment.__proto__=x', 422, 'forbidden_key'],
  ])('gives the image with the true status for %s', async (query, status, code) => {
    const response = await load(query)
    expect([response.status, response.headers.get('x-tallymark-error')]).toEqual([status, code])
    expect((await response.arrayBuffer()).byteLength).toBe(43)
    expect(await ledger()).toEqual([])
  })

  it('goes by the origin of the page that shows it', async () => {
    expect((await load('site=shop', { headers: { referer: 'https://evil.example/page' } })).status).toBe(403)
    expect((await load('site=shop', { headers: { referer: 'https://shop.example/page' } })).status).toBe(200)
    expect(await ledger()).toHaveLength(1)
  })

  it('counts nothing that a browser fetches ahead', async () => {
    for (const [name, value] of [
      ['sec-purpose', 'prefetch;prerender'],
      ['purpose', 'prefetch'],
      ['x-moz', 'prefetch'],
    ] as const) {
      expect((await load('site=shop', { headers: { [name]: value } })).status).toBe(200)
    }
    expect((await ledger()).map(({ verdict }) => verdict)).toEqual(['prefetch', 'prefetch', 'prefetch'])
  })

  it('counts nothing for HEAD', async () => {
    await load('site=shop', { method: 'HEAD' })
    expect(await ledger()).toEqual([])
  })
})
