import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type TestCollector, testCollector } from '../support/collector.ts'
import { idNumber, NOON, wireEventOf } from '../support/events.ts'

const DAY = 86_400_000
let collector: TestCollector
let key: string
beforeEach(async () => {
  collector = await testCollector()
  key = (await (await collector.admin('POST', '/v1/keys', { role: 'server', site: 'shop' })).json()).key
})
afterEach(() => collector.destroy())

const post = (body: unknown, secret = key) =>
  collector.app.request('/v1/conversions', {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${secret}` },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
const report = async (...events: object[]) => (await post({ events })).json()
const order = (change = {}) => ({ type: 'purchase', orderId: 'A-1001', value: '499.00', currency: 'NOK', campaign: 'spring', ...change })
const ledger = () => collector.store.ledger({ afterSeq: 0, limit: 100 })

describe('POST /v1/conversions', () => {
  it('counts an order that only a server saw, at the time it gives', async () => {
    const response = await post({ events: [order({ occurredAt: '2026-11-23T12:00:00Z' })] })
    expect(response.status).toBe(202)
    expect(await response.json()).toEqual({
      accepted: 1,
      duplicates: 0,
      rejected: [],
      events: [{ index: 0, id: expect.any(String), outcome: 'accepted', verdict: 'counted', campaign: 'spring' }],
    })
    expect(await ledger()).toMatchObject([
      { site: 'shop', witness: 'server', occurredAt: NOON - DAY, valueMinor: 49_900, currency: 'NOK', evidence: { orderId: 'A-1001' } },
    ])
  })

  it('counts an order once, sent again or seen by the browser before or after', async () => {
    const browser = (n: number, orderId: string) => ({ ...wireEventOf({ n, type: 'purchase' }), orderId, value: '1.00', currency: 'NOK' })
    await collector.post({ site: 'shop', sentAt: NOON, events: [browser(1, 'A-1001')] })
    expect(await report(order())).toMatchObject({ accepted: 0, duplicates: 1, events: [{ outcome: 'duplicate' }] })
    expect(await report(order({ orderId: 'A-1002' }))).toMatchObject({ accepted: 1 })
    expect(await report(order({ orderId: 'A-1002' }))).toMatchObject({ duplicates: 1 })
    await collector.post({ site: 'shop', sentAt: NOON, events: [browser(2, 'A-1002')] })
    const { rows, totals } = await collector.results('by=witness')
    // The server's values stand for both.
    expect(rows.map(({ witness, purchases, revenueMinor }: Record<string, unknown>) => [witness, purchases, revenueMinor])).toEqual([
      ['both', 2, 99_800],
    ])
    expect(totals.purchases).toBe(2)
  })

  it('finds the campaign by the click that the order names', async () => {
    const click = { ...wireEventOf({ n: 1, occurredAt: NOON - DAY }), placement: 'banner-top', source: 'news' }
    await collector.post({ site: 'shop', sentAt: NOON, events: [click] })
    const named = (clickId: string, change = {}) => order({ campaign: undefined, clickId, orderId: clickId, ...change })
    expect((await report(named(idNumber(1).toUpperCase()))).events).toMatchObject([{ campaign: 'spring' }])
    expect((await ledger()).at(-1)).toMatchObject({
      campaign: 'spring',
      tags: { placement: 'banner-top', source: 'news' },
      evidence: { credit: { from: 'click', touchId: idNumber(1), at: NOON - DAY } },
    })
    // Not known, no id at all, and a click after the order.
    expect(
      (await report(named(idNumber(77)), named('gclid-x'), named(idNumber(1), { orderId: 'early', occurredAt: NOON - 2 * DAY }))).events,
    ).toMatchObject([{ campaign: null }, { campaign: null }, { campaign: null }])
  })

  it('judges each event by itself', async () => {
    const { accepted, rejected, events } = await report(
      order(),
      order({ orderId: '' }),
      order({ orderId: undefined }),
      order({ orderId: 'A-2', occurredAt: NOON - 91 * DAY }),
      order({ orderId: 'A-3', value: '-1.00' }),
      wireEventOf({ n: 5 }),
      { type: 'signup', leadId: 'L-1', campaign: 'spring' },
      order({ orderId: 'A-4', test: true }),
    )
    expect(accepted).toBe(4)
    expect(rejected.map(({ index, code, field }: Record<string, unknown>) => [index, code, field])).toEqual([
      [1, 'invalid_event', 'orderId'],
      [2, 'invalid_event', 'orderId'],
      [3, 'too_old', 'occurredAt'],
      [4, 'invalid_event', 'value'],
    ])
    expect(events.map(({ index, verdict }: Record<string, unknown>) => [index, verdict])).toEqual([
      [0, 'counted'],
      [5, 'counted'],
      [6, 'counted'],
      [7, 'test'],
    ])
    expect(await collector.store.counters()).toMatchObject({
      received: 8,
      counted: 3,
      notCounted: { test: 1 },
      failed: { invalid_event: 3, too_old: 1 },
    })
    expect(await collector.store.verify()).toEqual([])
  })

  it('only looks, when asked to', async () => {
    const response = await post({ validateOnly: true, events: [order(), order({ orderId: '' })] })
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({
      accepted: 0,
      rejected: [{ index: 1 }],
      events: [{ outcome: 'valid', campaign: 'spring' }],
    })
    expect(await collector.store.counters()).toMatchObject({ received: 0 })
  })

  it('takes a thousand at once, and no more', async () => {
    const many = (count: number) => Array.from({ length: count }, (_, n) => order({ orderId: `A-${n}` }))
    expect(await report(...many(1_000))).toMatchObject({ accepted: 1_000 })
    const response = await post({ events: many(1_001) })
    expect([response.status, (await response.json()).error.code]).toEqual([413, 'batch_too_large'])
  })

  it.each([
    ['no JSON', '{"events": [', 400, 'invalid_json'],
    ['no list', {}, 422, 'invalid_event'],
    ['an empty list', { events: [] }, 422, 'empty_batch'],
    ['nothing that can be taken', { events: [order({ value: 'free' })] }, 422, 'invalid_event'],
    ['a body that is too long', ' '.repeat(1_048_577), 413, 'too_large'],
  ])('refuses %s', async (_name, body, status, code) => {
    const response = await post(body)
    expect([response.status, (await response.json()).error.code]).toEqual([status, code])
  })

  it('refuses whoever has no key of a site, in the same words', async () => {
    const { keys } = await (await collector.admin('GET', '/v1/keys')).json()
    const answers = [await post({ events: [order()] }, 'sk_unknown'), await post({ events: [order()] }, '')]
    expect(await (await collector.admin('DELETE', `/v1/keys/${keys[0].id}`)).json()).toMatchObject({ revoked: true })
    answers.push(await post({ events: [order()] }))
    const texts = await Promise.all(answers.map((answer) => answer.text()))
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401])
    expect(new Set(texts).size).toBe(1)
    expect(texts[0]).toContain('bad_token')
    expect(await collector.store.counters()).toMatchObject({ received: 0 })
  })
})

describe('/v1/keys', () => {
  it('shows a key once, and lists it by its first characters', async () => {
    const response = await collector.admin('POST', '/v1/keys', { role: 'server', site: 'shop' })
    const made = await response.json()
    expect([response.status, response.headers.get('cache-control')]).toEqual([201, 'no-store'])
    expect(made).toEqual({
      key: expect.stringMatching(/^sk_[\w-]{43}$/),
      id: expect.any(String),
      role: 'server',
      site: 'shop',
      prefix: made.key.slice(0, 9),
      madeAt: '2026-11-24T12:00:00.000Z',
      revoked: false,
    })
    const listed = await (await collector.admin('GET', '/v1/keys')).text()
    expect(listed).toContain(made.id)
    for (const secret of [made.key, key]) expect(listed).not.toContain(secret.slice(9))
    expect(JSON.stringify(await collector.store.config())).not.toContain(made.key.slice(9))
  })

  it('lets two keys of a site live side by side', async () => {
    const second = (await (await collector.admin('POST', '/v1/keys', { role: 'server', site: 'shop' })).json()).key
    expect((await post({ events: [order()] })).status).toBe(202)
    expect((await post({ events: [order()] }, second)).status).toBe(202)
  })

  it.each([
    [{ role: 'server', site: 'nobody' }, 404, 'not_found', 'site'],
    [{ role: 'owner', site: 'shop' }, 422, 'invalid_request', 'role'],
    [{ role: 'server' }, 422, 'invalid_request', 'site'],
  ])('refuses %j', async (body, status, code, field) => {
    const response = await collector.admin('POST', '/v1/keys', body)
    const { error } = await response.json()
    expect([response.status, error.code, error.field]).toEqual([status, code, field])
  })

  it('needs the admin token', async () => {
    for (const method of ['GET', 'POST']) expect((await collector.app.request('/v1/keys', { method })).status).toBe(401)
    expect((await collector.admin('DELETE', '/v1/keys/none')).status).toBe(404)
  })
})
