import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { StoreError } from '../../collector/store/store.ts'
import { type TestCollector, testCollector } from '../support/collector.ts'
import { idNumber, NOON, wireEventOf } from '../support/events.ts'

let collector: TestCollector
beforeEach(async () => {
  collector = await testCollector()
})
afterEach(() => collector.destroy())

const DAY = 86_400_000
const batch = (...events: unknown[]) => ({ site: 'shop', sentAt: NOON, events })
const ledger = () => collector.store.ledger({ afterSeq: 0, limit: 1_000 })

describe('POST /v1/events', () => {
  it('answers 202 with what became of each event', async () => {
    const response = await collector.post(
      batch(wireEventOf({ n: 1 }), wireEventOf({ n: 1 }), wireEventOf({ n: 2 }), { ...wireEventOf({ n: 3 }), type: 'view' }),
    )
    expect(response.status).toBe(202)
    expect(await response.json()).toEqual({
      accepted: 2,
      duplicates: 1,
      rejected: [{ index: 3, code: 'invalid_event', field: 'type', message: 'type must be one of impression, click, signup, purchase' }],
    })
    expect(await ledger()).toHaveLength(2)
  })

  it('lets the page of an allowed origin read the answer', async () => {
    const response = await collector.post(batch(wireEventOf()))
    expect(response.headers.get('access-control-allow-origin')).toBe('https://shop.example')
    expect(response.headers.get('vary')).toContain('Origin')
  })

  it('refuses a page of another origin and says how to allow it', async () => {
    for (const origin of [
      'https://evil.example',
      'null',
      'https://shop.example.evil.example',
      'http://shop.example',
      'https://SHOP.example',
    ]) {
      const response = await collector.post(batch(wireEventOf()), { origin })
      expect(response.status).toBe(403)
      const { error } = (await response.json()) as { error: { code: string; message: string; docs: string } }
      expect(error.code).toBe('origin_not_allowed')
      expect(error.message).toContain('PUT /v1/sites/shop')
      expect(error.docs).toBe('/docs/errors#origin_not_allowed')
    }
    expect(await ledger()).toEqual([])
  })

  it('takes pages on localhost only for a site without origins', async () => {
    await collector.admin('PUT', '/v1/sites/fresh', { name: 'Fresh' })
    const send = (origin: string) => collector.post({ ...batch(wireEventOf()), site: 'fresh' }, { origin })
    const refused = await send('https://fresh.example')
    expect(refused.status).toBe(403)
    expect(((await refused.json()) as { error: { message: string } }).error.message).toContain('accepts localhost only')
    for (const origin of ['http://localhost:3000', 'http://127.0.0.1', 'http://[::1]:8080', 'http://shop.localhost']) {
      expect((await send(origin)).status).toBe(202)
    }
    expect((await ledger()).map(({ verdict }) => verdict)).toEqual(['counted'])
  })

  it('takes a page on localhost of a site with origins as a test', async () => {
    expect((await collector.post(batch(wireEventOf()), { origin: 'http://localhost:3000' })).status).toBe(202)
    expect((await ledger()).map(({ verdict }) => verdict)).toEqual(['test'])
    const answer = await collector.results('by=campaign')
    expect(answer.rows).toEqual([])
    expect(answer.notCounted).toEqual({ test: 1 })
  })

  it('answers a test event like a counted one', async () => {
    const response = await collector.post(batch(wireEventOf({ test: true })))
    expect([response.status, await response.json()]).toEqual([202, { accepted: 1, duplicates: 0, rejected: [] }])
    expect((await ledger())[0]?.verdict).toBe('test')
  })

  it.each([
    ['empty body', '', 400, 'invalid_json'],
    ['no JSON', 'site=shop', 400, 'invalid_json'],
    ['a byte order mark', `\uFEFF${JSON.stringify(batch(wireEventOf()))}`, 400, 'invalid_json'],
    ['invalid UTF-8', Uint8Array.from([0x22, 0xff, 0x22]), 400, 'invalid_json'],
    ['a lone surrogate', JSON.stringify(batch(wireEventOf())).replace('spring', '\\ud800'), 400, 'invalid_json'],
    ['a list', '[]', 422, 'invalid_event'],
    ['null', 'null', 422, 'invalid_event'],
    ['no site', JSON.stringify({ events: [wireEventOf()] }), 422, 'invalid_event'],
    ['no events', JSON.stringify({ site: 'shop' }), 422, 'invalid_event'],
    ['an empty batch', JSON.stringify(batch()), 422, 'empty_batch'],
    [
      'one event over the limit',
      JSON.stringify(batch(...Array.from({ length: 101 }, (_, n) => wireEventOf({ n })))),
      413,
      'batch_too_large',
    ],
    ['one byte over the limit', JSON.stringify(batch(wireEventOf())).padEnd(65_537), 413, 'too_large'],
    ['an unknown site', JSON.stringify({ ...batch(wireEventOf()), site: 'nobody' }), 401, 'unknown_site'],
    ['__proto__ as a key', `{"__proto__":{"x":1},"site":"shop","events":[]}`, 422, 'forbidden_key'],
  ])('refuses %s', async (_name, body, status, code) => {
    const response = await collector.post(body)
    const { error } = (await response.json()) as { error: Record<string, string> }
    expect([response.status, error.code]).toEqual([status, code])
    expect(error.message).toMatch(/\w+ \w+/)
    expect(await ledger()).toEqual([])
  })

  it('takes a body of exactly the limit', async () => {
    expect((await collector.post(JSON.stringify(batch(wireEventOf())).padEnd(65_536))).status).toBe(202)
  })

  it.each([
    ['type', { type: 'view' }],
    ['type', { type: undefined }],
    ['id', { id: 'abc' }],
    ['id', { id: undefined }],
    ['occurredAt', { occurredAt: 'yesterday' }],
    ['occurredAt', { occurredAt: undefined }],
    ['campaign', { campaign: 'x'.repeat(129) }],
    ['campaign', { campaign: 7 }],
    ['placement', { placement: '' }],
    ['segment.plan', { segment: { plan: 7 } }],
    ['segment', { segment: Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`k${i}`, 'v'])) }],
    ['segment', { segment: [] }],
    ['touches', { touches: Array.from({ length: 21 }, () => ({})) }],
    ['touches[0].campaign', { touches: [{ type: 'click', at: NOON }] }],
    ['items', { items: Array.from({ length: 65 }, () => ({ id: 'a' })) }],
    ['items[0].quantity', { items: [{ id: 'a', quantity: 0.5 }] }],
    ['items[1].price', { currency: 'NOK', items: [{ id: 'a' }, { id: 'b', price: '1.005' }] }],
    ['orderId', { type: 'purchase', orderId: '' }],
    ['orderId', { type: 'purchase', orderId: 'x'.repeat(65) }],
    ['leadId', { type: 'signup', leadId: '' }],
    ['value', { value: '-1', currency: 'NOK' }],
    ['value', { value: 1e12, currency: 'NOK' }],
    ['value', { value: 'NaN', currency: 'NOK' }],
    ['value', { value: '1.005', currency: 'NOK' }],
    ['value', { value: '0.5', currency: 'JPY' }],
    ['value', { value: true, currency: 'NOK' }],
    ['currency', { value: '1.00' }],
    ['currency', { value: '1.00', currency: 'XYZ' }],
    ['currency', { value: '1.00', currency: 'nok' }],
    ['view.ratio', { view: { ratio: 1.5, ms: 1, area: 1 } }],
    ['consent', { consent: 'yes' }],
    ['test', { test: 'no' }],
    ['page', { page: `/${'x'.repeat(1_024)}` }],
  ])('names %s when it is wrong', async (field, change) => {
    const response = await collector.post(batch({ ...wireEventOf(), ...change }))
    const { error, rejected } = (await response.json()) as { error: Record<string, string>; rejected: Record<string, string>[] }
    expect([response.status, error.code, error.field]).toEqual([422, 'invalid_event', field])
    expect(rejected).toMatchObject([{ index: 0, code: 'invalid_event', field }])
    expect(await ledger()).toEqual([])
  })

  it('refuses keys that objects have by themselves, without touching a prototype', async () => {
    const event = JSON.stringify(wireEventOf()).replace(/}$/, ',"segment":{"__proto__":"x"}}')
    const response = await collector.post(`{"site":"shop","events":[${event},${JSON.stringify({ ...wireEventOf(), constructor: 'x' })}]}`)
    const { rejected } = (await response.json()) as { rejected: { code: string }[] }
    expect(rejected.map(({ code }) => code)).toEqual(['forbidden_key', 'forbidden_key'])
    expect(({} as Record<string, unknown>).x).toBeUndefined()
  })

  it('refuses an event over 8 KiB and takes its neighbours', async () => {
    const huge = { ...wireEventOf({ n: 1 }), items: Array.from({ length: 64 }, (_, i) => ({ id: `${i}`.padEnd(128, 'x'), quantity: 1 })) }
    const response = await collector.post(batch(huge, wireEventOf({ n: 2 })))
    expect(await response.json()).toMatchObject({ accepted: 1, rejected: [{ index: 0, code: 'too_large' }] })
  })

  it('leaves out unknown fields, so that a newer script is understood', async () => {
    await collector.post(batch({ ...wireEventOf(), future: { deep: [1, 2] } }))
    expect(JSON.stringify(await ledger())).not.toContain('future')
  })

  it.each([
    ['a decimal string', '499.00', 'NOK', 49_900],
    ['a whole number', 499, 'NOK', 49_900],
    ['a sum of binary fractions', 0.1 + 0.2, 'NOK', 30],
    ['a currency without decimals', '499', 'JPY', 499],
    ['a currency with three', '1.234', 'KWD', 1_234],
    ['zero', '0', 'NOK', 0],
  ])('takes %s as money', async (_name, value, currency, minor) => {
    await collector.post(batch({ ...wireEventOf({ type: 'purchase', orderId: 'A-1' }), value, currency }))
    expect((await ledger())[0]).toMatchObject({ valueMinor: minor, currency })
  })

  it.each([
    ['as it was, when both clocks agree', { occurredAt: NOON - 5_000 }, NOON, NOON - 5_000, undefined],
    ['corrected, when the client is an hour slow', { occurredAt: NOON - 3_605_000 }, NOON - 3_600_000, NOON - 5_000, undefined],
    ['corrected, when the client lives in 2036', { occurredAt: NOON + 3_650 * DAY }, NOON + 3_650 * DAY + 9, NOON - 9, undefined],
    ['the receipt, when it lies after its sending', { occurredAt: NOON + 60_000 }, NOON, NOON, true],
    ['the receipt, when it lies in the future', { occurredAt: NOON + 6 * 60_000 }, undefined, NOON, true],
    ['as told, when a little ahead', { occurredAt: NOON + 60_000 }, undefined, NOON + 60_000, undefined],
  ])('takes the time of an event %s', async (_name, change, sentAt, occurredAt, clockAhead) => {
    expect((await collector.post({ ...batch({ ...wireEventOf(), ...change }), sentAt })).status).toBe(202)
    const [row] = await ledger()
    expect([row?.occurredAt, row?.evidence.clockAhead]).toEqual([occurredAt, clockAhead])
  })

  it('refuses an event older than 7 days', async () => {
    const old = { ...wireEventOf({ n: 1 }), occurredAt: NOON - 7 * DAY - 1 }
    expect(await (await collector.post(batch(old, { ...wireEventOf({ n: 2 }), occurredAt: NOON - 7 * DAY }))).json()).toMatchObject({
      accepted: 1,
      rejected: [{ index: 0, code: 'too_old', field: 'occurredAt' }],
    })
    expect((await collector.post(batch(old))).status).toBe(422)
    expect((await collector.post(batch({ ...wireEventOf(), occurredAt: 0 }))).status).toBe(422)
  })

  it('gives a conversion the campaign and tags of the last click in its window', async () => {
    const touches = [
      { type: 'click', campaign: 'old', at: NOON - 31 * DAY },
      { type: 'click', campaign: 'spring', at: NOON - 2 * DAY, id: idNumber(9), placement: 'top', source: 'news' },
      { type: 'impression', campaign: 'other', at: NOON - 1_000 },
    ]
    await collector.post(batch({ ...wireEventOf({ type: 'signup', leadId: 'L-1' }), campaign: undefined, touches, content: 'own' }))
    expect((await ledger())[0]).toMatchObject({
      campaign: 'spring',
      tags: { placement: 'top', source: 'news', content: 'own' },
      evidence: { credit: { from: 'click', touchId: idNumber(9), at: NOON - 2 * DAY } },
    })
  })

  it('gives a conversion without a click the last impression in its window, else no campaign', async () => {
    const signup = (n: number, at: number) => ({
      ...wireEventOf({ n, type: 'signup', leadId: `L-${n}` }),
      campaign: undefined,
      touches: [{ type: 'impression', campaign: 'spring', at }],
    })
    await collector.post(batch(signup(1, NOON - DAY), signup(2, NOON - DAY - 1)))
    expect((await ledger()).map(({ campaign }) => campaign)).toEqual(['spring', ''])
  })

  it('refuses a type or an encoding that it does not understand', async () => {
    const body = batch(wireEventOf())
    expect((await collector.post(body, { 'content-type': 'image/png' })).status).toBe(415)
    expect((await collector.post(body, { 'content-encoding': 'gzip' })).status).toBe(415)
    expect((await collector.post(body, { 'content-type': 'application/json; charset=utf-8' })).status).toBe(202)
  })

  it('answers a preflight for an allowed origin only', async () => {
    const ask = async (origin: string) =>
      (await collector.app.request('/v1/events', { method: 'OPTIONS', headers: { origin } })).headers.get('access-control-allow-origin')
    expect(await ask('https://shop.example')).toBe('https://shop.example')
    expect(await ask('http://localhost:3000')).toBe('http://localhost:3000')
    expect(await ask('https://evil.example')).toBeNull()
  })

  it('answers 503 with Retry-After when the store cannot commit, and nothing is counted', async () => {
    await collector.destroy()
    collector = await testCollector({
      wrap: (store) => ({ ...store, append: () => Promise.reject(new StoreError('store_unavailable', 'sqlite store: disk full')) }),
    })
    const response = await collector.post(batch(wireEventOf()))
    expect(response.status).toBe(503)
    expect(response.headers.get('retry-after')).toBe('5')
    expect(await response.json()).toMatchObject({ error: { code: 'store_unavailable' } })
    expect(collector.logged).toEqual(['sqlite store: disk full'])
  })
})
