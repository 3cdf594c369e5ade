import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type TestCollector, testCollector } from '../support/collector.ts'
import { NOON, wireEventOf } from '../support/events.ts'

const DAY = 86_400_000
let collector: TestCollector
let key: string
beforeEach(async () => {
  collector = await testCollector()
  key = (await (await collector.admin('POST', '/v1/keys', { role: 'server', site: 'shop' })).json()).key
  await collector.admin('PUT', '/v1/campaigns/spring', { currency: 'NOK', timeZone: 'Europe/Oslo' })
})
afterEach(() => collector.destroy())

const send = (path: string, body: unknown, secret = key) =>
  collector.app.request(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${secret}` },
    body: JSON.stringify(body),
  })
const adjust = (...adjustments: object[]) => send('/v1/adjustments', { adjustments })
const terms = (body: object) =>
  collector.admin('POST', '/v1/campaigns/spring/terms', {
    from: '2026-11-01T00:00:00+01:00',
    pays: [
      { model: 'cpl', rate: '25.00' },
      { model: 'cps', share: '0.10' },
    ],
    ...body,
  })
const order = (orderId = 'A-1', change = {}) => ({
  type: 'purchase',
  orderId,
  value: '499.00',
  currency: 'NOK',
  campaign: 'spring',
  occurredAt: NOON - DAY,
  ...change,
})
const lead = (leadId = 'L-1') => ({ type: 'signup', leadId, campaign: 'spring', occurredAt: NOON - DAY })
const report = (...events: object[]) => send('/v1/conversions', { events })
const browserOrder = (orderId: string, change = {}) =>
  collector.post({
    site: 'shop',
    sentAt: collector.clock.now,
    events: [{ ...wireEventOf({ n: 7, type: 'purchase' }), orderId, value: '1.00', currency: 'NOK', ...change }],
  })
const totals = async () => {
  const { totals: all, notCounted } = await collector.results('from=2026-11-01&to=2026-12-31')
  const { signups, purchases, revenueMinor, costMinor } = all
  return { signups, purchases, revenueMinor, costMinor, notCounted }
}
const verified = async () => expect(await collector.store.verify()).toEqual([])

describe('POST /v1/adjustments', () => {
  beforeEach(() => terms({}))

  it('takes a part that was paid back off the order, and its share off the bill', async () => {
    await report(order())
    expect(await totals()).toMatchObject({ purchases: 1, revenueMinor: 49_900, costMinor: 4_990 })
    const answer = await adjust({ id: 'r-1', orderId: 'A-1', action: 'refund', value: '100.00' })
    expect(answer.status).toBe(200)
    expect(await answer.json()).toEqual({
      accepted: 1,
      duplicates: 0,
      rejected: [],
      adjustments: [
        {
          index: 0,
          id: 'r-1',
          outcome: 'accepted',
          event: expect.any(String),
          campaign: 'spring',
          verdict: 'counted',
          valueMinor: 39_900,
          currency: 'NOK',
        },
      ],
    })
    expect(await totals()).toMatchObject({ purchases: 1, revenueMinor: 39_900, costMinor: 3_990 })
    await verified()
  })

  it('reverses an order that is paid back in whole, cancelled or rejected', async () => {
    await report(order('A-1'), order('A-2'), order('A-3'), order('A-4'), lead('L-1'))
    await adjust(
      { id: '1', orderId: 'A-1', action: 'refund' },
      { id: '2', orderId: 'A-2', action: 'cancel' },
      { id: '3', orderId: 'A-3', action: 'refund', value: '99.00' },
      { id: '4', orderId: 'A-3', action: 'refund', value: '400.00' },
      { id: '5', leadId: 'L-1', action: 'reject' },
    )
    expect(await totals()).toEqual({ signups: 0, purchases: 1, revenueMinor: 49_900, costMinor: 4_990, notCounted: { reversed: 4 } })
    await verified()
  })

  it('gives an order another value', async () => {
    await report(order())
    await adjust({ id: '1', orderId: 'A-1', action: 'restate', value: '1000.00', currency: 'NOK' })
    expect(await totals()).toMatchObject({ purchases: 1, revenueMinor: 100_000 })
  })

  it('counts an adjustment once, sent again or twice in a list', async () => {
    await report(order())
    const one = { id: 'r-1', orderId: 'A-1', action: 'refund', value: '100.00' }
    expect(await (await adjust(one, one)).json()).toMatchObject({ accepted: 1, duplicates: 1 })
    const again = await adjust(one)
    expect(again.status).toBe(200)
    expect(await again.json()).toMatchObject({ accepted: 0, duplicates: 1, adjustments: [{ outcome: 'duplicate', valueMinor: 39_900 }] })
    expect(await totals()).toMatchObject({ revenueMinor: 39_900 })
  })

  it('refuses what cannot be, each for itself, with field and fix', async () => {
    await report(order('A-1'), order('A-2'), lead('L-1'))
    await adjust({ id: 'c', orderId: 'A-2', action: 'cancel' }, { id: 'r-1', orderId: 'A-1', action: 'refund', value: '1.00' })
    const cases: [object, number, string, string][] = [
      [{ id: '1', orderId: 'A-1', action: 'refund', value: '498.01' }, 422, 'over_value', 'value'],
      [{ id: '1', orderId: 'A-1', action: 'refund', value: '0' }, 422, 'invalid_value', 'value'],
      [{ id: '1', orderId: 'A-1', action: 'refund', value: '-5.00' }, 422, 'invalid_event', 'value'],
      [{ id: '1', orderId: 'A-1', action: 'refund', value: '0.001' }, 422, 'invalid_event', 'value'],
      [{ id: '1', orderId: 'A-1', action: 'refund', value: '1.00', currency: 'EUR' }, 422, 'invalid_value', 'currency'],
      [{ id: '1', orderId: 'A-1', action: 'restate' }, 422, 'invalid_value', 'value'],
      [{ id: '1', orderId: 'A-1', action: 'refund', at: NOON - 2 * DAY }, 422, 'invalid_value', 'at'],
      [{ id: '1', leadId: 'L-1', action: 'refund', value: '1.00' }, 422, 'invalid_value', 'currency'],
      [{ id: '1', orderId: 'A-9', action: 'cancel' }, 404, 'not_found', 'orderId'],
      [{ id: '1', leadId: 'A-1', action: 'cancel' }, 404, 'not_found', 'leadId'],
      [{ id: '1', orderId: 'A-2', action: 'approve' }, 422, 'already_reversed', 'orderId'],
      [{ id: 'r-1', orderId: 'A-1', action: 'refund', value: '2.00' }, 409, 'id_conflict', 'id'],
      [{ id: 'r-1', leadId: 'L-1', action: 'cancel' }, 409, 'id_conflict', 'id'],
      [{ orderId: 'A-1', action: 'cancel' }, 422, 'invalid_adjustment', 'id'],
      [{ id: '1', orderId: '', action: 'cancel' }, 422, 'invalid_adjustment', 'orderId'],
      [{ id: '1', orderId: 'A-1', leadId: 'L-1', action: 'cancel' }, 422, 'invalid_adjustment', 'orderId'],
      [{ id: '1', orderId: 'A-1', action: 'mature' }, 422, 'invalid_adjustment', 'action'],
      [{ id: '1', orderId: 'A-1', action: 'cancel', value: '1.00' }, 422, 'invalid_adjustment', 'value'],
      [{ id: '1', orderId: 'A-1', action: 'cancel', at: 'yesterday' }, 422, 'invalid_event', 'at'],
    ]
    for (const [item, status, code, field] of cases) {
      const answer = await adjust(item)
      const { error, rejected } = await answer.json()
      const what = JSON.stringify(item)
      expect([answer.status, error.field], what).toEqual([status, field])
      expect(rejected, what).toEqual([
        { index: 0, code: expect.stringMatching(new RegExp(`^(${code}|invalid_value)$`)), field, message: error.message },
      ])
    }
    const mixed = await adjust({ id: 'x', orderId: 'A-9', action: 'cancel' }, { id: 'y', orderId: 'A-1', action: 'refund', value: '1.00' })
    expect(mixed.status).toBe(200)
    expect(await mixed.json()).toMatchObject({ accepted: 1, rejected: [{ index: 0, code: 'not_found' }], adjustments: [{ index: 1 }] })
    expect(await totals()).toMatchObject({ purchases: 1, revenueMinor: 49_700, signups: 1 })
    await verified()
  })

  it('wants the secret key of the site whose order it is', async () => {
    await report(order())
    const cancel = { adjustments: [{ id: '1', orderId: 'A-1', action: 'cancel' }] }
    expect((await send('/v1/adjustments', cancel, 'sk_wrong')).status).toBe(401)
    expect((await send('/v1/adjustments', cancel, 'test-admin-token-0123456789')).status).toBe(401)
    await collector.registry.putSite('other', { name: 'Other', origins: [], allow: [] })
    const other = await (await collector.admin('POST', '/v1/keys', { role: 'server', site: 'other' })).json()
    expect((await send('/v1/adjustments', cancel, other.key)).status).toBe(404)
    for (const body of [{}, { adjustments: {} }, { adjustments: [] }, []]) expect((await send('/v1/adjustments', body)).status).toBe(422)
    expect((await send('/v1/adjustments', { adjustments: Array(1001).fill({}) })).status).toBe(413)
    expect(await totals()).toMatchObject({ purchases: 1 })
  })

  it('lets an adjustment stand, whoever reports the order again', async () => {
    await browserOrder('A-1')
    await adjust({ id: '1', orderId: 'A-1', action: 'cancel' })
    await report(order('A-1', { occurredAt: undefined }))
    expect(await totals()).toMatchObject({ purchases: 0, notCounted: { reversed: 1 } })
    await browserOrder('A-2', { id: '0193a6b2-5c1e-7d3a-9f10-2b8e4a6c1d00', value: '300.00' })
    await adjust({ id: '2', orderId: 'A-2', action: 'refund', value: '100.00' })
    await report(order('A-2', { occurredAt: undefined }))
    // The server's value stands, less what was paid back.
    expect(await totals()).toMatchObject({ purchases: 1, revenueMinor: 39_900 })
    await verified()
  })
})

describe('a validation period', () => {
  it('holds leads and sales until it has passed, or they are approved', async () => {
    await terms({ validationDays: 30 })
    expect((await (await report(order('A-1'), order('A-2'), order('A-3'), lead())).json()).events[0]).toMatchObject({ verdict: 'pending' })
    expect(await totals()).toEqual({ signups: 0, purchases: 0, revenueMinor: 0, costMinor: 0, notCounted: { pending: 4 } })
    await adjust({ id: '1', orderId: 'A-1', action: 'approve' }, { id: '2', orderId: 'A-2', action: 'reject' })
    expect(await totals()).toMatchObject({ purchases: 1, costMinor: 4_990, notCounted: { pending: 2, reversed: 1 } })
    expect(await collector.store.mature(NOON + 29 * DAY - 1, 100)).toBe(0)
    expect(await collector.store.mature(NOON + 29 * DAY, 1)).toBe(1)
    expect(await collector.store.mature(NOON + 29 * DAY, 100)).toBe(1)
    expect(await collector.store.mature(NOON + 29 * DAY, 100)).toBe(0)
    expect(await totals()).toEqual({ signups: 1, purchases: 2, revenueMinor: 99_800, costMinor: 12_480, notCounted: { reversed: 1 } })
    await verified()
  })

  it('does not hold what came after it was over, and counts an order once while it waits', async () => {
    await terms({ from: '2026-09-01T00:00:00+02:00', validationDays: 14 })
    await report(order('A-1', { occurredAt: NOON - 15 * DAY }))
    expect(await totals()).toMatchObject({ purchases: 1 })
    await report(order('A-2'))
    expect(await (await report(order('A-2'))).json()).toMatchObject({ duplicates: 1 })
    expect(await totals()).toMatchObject({ purchases: 1, notCounted: { pending: 1 } })
  })
})

describe('terms that pay for what a server has confirmed', () => {
  it('hold a browser’s claim until the server’s word', async () => {
    await terms({ evidence: 'server' })
    await browserOrder('A-1')
    await browserOrder('A-2', { id: '0193a6b2-5c1e-7d3a-9f10-2b8e4a6c1d00' })
    expect(await totals()).toMatchObject({ purchases: 0, costMinor: 0, notCounted: { pending: 2 } })
    // The server need not know the campaign.
    await report(order('A-1', { campaign: undefined, occurredAt: undefined }))
    await adjust({ id: '1', orderId: 'A-2', action: 'approve' })
    await report(order('A-3'))
    expect(await totals()).toMatchObject({ purchases: 3, costMinor: 4_990 + 10 + 4_990, notCounted: {} })
    await verified()
  })

  it('hold what came before them when they begin in the past, and let it go again', async () => {
    await terms({})
    await browserOrder('A-1')
    await report(order('A-2'))
    expect(await totals()).toMatchObject({ purchases: 2 })
    await terms({ from: '2026-11-20T00:00:00+01:00', evidence: 'server' })
    expect(await totals()).toMatchObject({ purchases: 1, notCounted: { pending: 1 } })
    await terms({ from: '2026-11-20T00:00:00+01:00', validationDays: 30 })
    expect(await totals()).toMatchObject({ purchases: 0, notCounted: { pending: 2 } })
    await terms({ from: '2026-11-20T00:00:00+01:00' })
    expect(await totals()).toMatchObject({ purchases: 2, notCounted: {} })
    expect(await collector.store.mature(NOON + 90 * DAY, 100)).toBe(0)
    await verified()
  })
})
