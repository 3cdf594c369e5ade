import { expect, test } from 'vitest'
import { formatAge } from '../../collector/dashboard/parts/touch-line.tsx'
import type { Explanation } from '../../collector/explain/explainEvent.ts'
import { BILLING_REASONS, CREDIT_REASONS, TOUCH_REASONS, VERDICT_REASONS, WITNESS_REASONS } from '../../collector/explain/reasons.ts'
import { cookieOf, mount, page } from './dependencies.ts'

const EVIL = `<img src=x onerror=alert(1)>"'><svg onload=alert(2)></script>`
const ID = '019ab55a-5c00-7000-8000-000000000001'

/** A purchase as the collector explains it, changed as a test needs it. */
function explanation(change: Partial<Explanation> = {}): Explanation {
  return {
    event: {
      id: ID,
      type: 'purchase',
      site: 'shop',
      campaign: 'spring',
      occurredAt: '2026-11-24T12:00:00.000Z',
      receivedAt: '2026-11-24T12:00:01.000Z',
      valueMinor: 49_900,
      currency: 'NOK',
      viewable: false,
      tags: { placement: 'top', segment: { plan: 'pro' } },
      timeZone: 'Europe/Oslo',
      orderId: 'A-1001',
    },
    verdict: { code: 'counted', counted: true, why: VERDICT_REASONS.counted },
    witness: { code: 'browser', why: WITNESS_REASONS.browser },
    conflicts: [],
    adjustments: [],
    held: null,
    credit: { campaign: 'spring', how: 'named', why: CREDIT_REASONS.named, touches: [], differs: null },
    billing: { code: 'not_set_up', why: BILLING_REASONS.not_set_up, terms: null },
    history: [
      {
        seq: 7,
        replaces: null,
        receivedAt: '2026-11-24T12:00:01.000Z',
        verdict: 'counted',
        witness: 'browser',
        campaign: 'spring',
        valueMinor: 49_900,
        currency: 'NOK',
        changed: [],
      },
    ],
    ...change,
  }
}
const eventPage = (change: Partial<Explanation> = {}) =>
  page(mount({ explain: async () => explanation(change) }), `/dashboard/events/${ID}`)

test('says why an event counts, whose it is and what is owed for it', async () => {
  const text = await eventPage({
    billing: {
      code: 'billed',
      why: BILLING_REASONS.billed,
      terms: { version: 3, from: '2026-11-01T00:00:00.000Z', status: 'active', currency: 'NOK', pays: [{ model: 'cps', share: '0.10' }] },
    },
  })
  expect(text).toContain('<h1>Purchase A-1001</h1>')
  expect(text).toContain('NOK\u00a0499.00')
  expect(text).toContain('24 Nov 2026, 13:00')
  expect(text).toContain(CREDIT_REASONS.named)
  expect(text).toContain('CPS\u00a010\u00a0%')
  expect(text).toContain('Terms version 3, from 1 Nov 2026, 01:00.')
  expect(text).toContain('No touch came with it')
  expect(text).toContain('First report: counted, by')
  expect(text).not.toContain('undefined')
})

test('tells a click without verdict, value or campaign from a sale', async () => {
  const { event } = explanation()
  const text = await eventPage({
    event: { ...event, type: 'click', campaign: null, valueMinor: null, currency: null, orderId: undefined as never },
    verdict: { code: 'double_click', counted: false, why: VERDICT_REASONS.double_click },
    credit: null,
  })
  expect(text).toContain('<h1>Click</h1>')
  expect(text).toContain('Not counted')
  expect(text).toContain(VERDICT_REASONS.double_click)
  expect(text).toContain('The page named no campaign.')
  expect(text).not.toContain('id="touches"')
})

test('shows each touch with its age, its window and what became of it, and the conversion among them', async () => {
  const touch = { type: 'click' as const, campaign: 'spring', windowDays: 30, inWindow: true, won: false }
  const text = await eventPage({
    credit: {
      campaign: 'spring',
      how: 'click',
      why: CREDIT_REASONS.click,
      differs: 'By the windows that hold now it would go to no campaign.',
      touches: [
        {
          ...touch,
          at: '2026-11-20T12:00:00.000Z',
          ageMs: 4 * 86_400_000,
          won: true,
          reason: 'last_click',
          why: TOUCH_REASONS.last_click,
          source: 'news',
          medium: 'display',
        },
        {
          ...touch,
          at: '2026-11-24T12:01:00.000Z',
          ageMs: -60_000,
          inWindow: false,
          reason: 'after_conversion',
          why: TOUCH_REASONS.after_conversion,
        },
      ],
    },
  })
  const order = [
    '4 days before',
    'news / display',
    TOUCH_REASONS.last_click,
    'Credited to spring',
    '1 minute after',
    TOUCH_REASONS.after_conversion,
  ]
  expect(order.map((part) => text.indexOf(part)).every((at, i, all) => at > (all[i - 1] ?? 0))).toBe(true)
  expect(text).toContain('it would go to no campaign')
  expect(text.match(/class="badge now"/g)).toHaveLength(1)
})

test.each([
  [0, 'at the same moment'],
  [999, 'at the same moment'],
  [1_000, '1 second before'],
  [95_000, '1 minute 35 seconds before'],
  [3_600_000, '1 hour before'],
  [86_400_000 + 61_000, '1 day before'],
  [2 * 86_400_000 + 3 * 3_600_000, '2 days 3 hours before'],
  [-60_000, '1 minute after'],
])('an age of %i ms is "%s"', (ageMs, expected) => {
  expect(formatAge(ageMs)).toBe(expected)
})

test('shows what was said otherwise as an amount', async () => {
  const text = await eventPage({
    conflicts: [
      { field: 'value', said: '44900 NOK', by: 'browser', at: '2026-11-24T12:00:00.000Z', why: 'why' },
      { field: 'campaign', said: EVIL, by: 'browser', at: '2026-11-24T12:00:00.000Z', why: 'why' },
    ],
  })
  expect(text).toContain('<code>NOK\u00a0449.00</code>')
  expect(text).not.toMatch(/<img|<svg onload/i)
})

test('escapes what a page may have sent, and what is asked for', async () => {
  const { event } = explanation()
  const text = await eventPage({
    event: {
      ...event,
      orderId: EVIL,
      campaign: EVIL,
      page: EVIL,
      tags: { placement: EVIL, segment: { [EVIL]: EVIL } },
      items: [{ id: EVIL, quantity: 1 }],
    },
  })
  const asked = await page(mount(), `/dashboard/ledger?${new URLSearchParams({ q: EVIL })}`)
  for (const html of [text, asked]) {
    expect(html).toContain('onerror')
    expect(html).not.toMatch(/<img|<svg onload|<style/i)
    // Its text would come again with every event that the collector takes.
    expect(html).not.toContain('<script')
  }
})

test('finds an event and goes to its page; several are listed, none is said with the fix', async () => {
  const app = mount({ find: async (text) => (text === 'A-1' ? [{ id: ID, by: 'order', site: 'shop' }] : []) })
  const headers = { cookie: await cookieOf(app) }
  const found = await app.request('/dashboard/ledger?q=%20A-1%20', { headers })
  expect([found.status, found.headers.get('location')]).toEqual([302, `/dashboard/events/${ID}`])
  expect(await page(app, '/dashboard/ledger?q=A-2')).toMatch(/Nothing in the ledger has the id\s*<code>A-2<\/code>/)
  expect(await page(app, '/dashboard/ledger')).toContain('Every event that came is in the ledger')
  const two = mount({
    find: async () => [
      { id: ID, by: 'order', site: 'shop' },
      { id: ID.replace('1', '2'), by: 'lead', site: 'other' },
    ],
  })
  const text = await page(two, '/dashboard/ledger?q=A-1')
  expect(text).toContain('Several events have this id')
  expect(text).toContain('Lead of site other')
})

test('answers 404 with the search for an event that is not there, and asks nobody in without login', async () => {
  const app = mount()
  const path = `/dashboard/events/${ID}`
  const missing = await app.request(path, { headers: { cookie: await cookieOf(app) } })
  expect(missing.status).toBe(404)
  expect(await missing.text()).toContain(`value="${ID}"`)
  for (const each of [path, '/dashboard/ledger?q=A-1']) {
    const response = await app.request(each)
    expect([response.status, response.headers.get('location')]).toEqual([302, `/dashboard/login?${new URLSearchParams({ next: each })}`])
  }
})

test('tells what became of an order after it was reported, and what a pending one waits for', async () => {
  const text = await eventPage({
    adjustments: [
      { id: 'r-1<b>', action: 'refund', at: '2026-11-24T13:00:00.000Z', valueMinor: 10_000 },
      { id: 'mature', action: 'mature', at: '2026-11-24T14:00:00.000Z', valueMinor: null },
    ],
    held: { until: '2026-12-24T12:00:00.000Z', awaits: null },
  })
  expect(text).toContain('Refunded NOK\u00a0100.00')
  expect(text).toContain('Adjustment r-1&lt;b&gt;.')
  expect(text).toContain('By the terms of the campaign.')
  expect(text).toContain('until 24 Dec 2026')
})
