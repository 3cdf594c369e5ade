import { BROWSER } from '../support/collector.ts'
import { idNumber } from '../support/events.ts'
import type { RunningCollector } from '../support/process.ts'

const DAY = 86_400_000

/** Names that would break a page which does not escape them. */
export const EVIL = `<img src=x onerror=alert(1)>"'`

/** The order that `fill` reports, and the event that it is known by. */
export const ORDER = 'A-1001'
export const ORDER_EVENT = idNumber(101)

/** Gives a running collector a campaign and a few conversions whose touches won and lost for every reason. */
export async function fill({ address }: RunningCollector, { token, now }: { token: string; now: number }): Promise<void> {
  async function call(method: string, path: string, body: unknown, headers: Record<string, string> = {}): Promise<unknown> {
    const response = await fetch(address + path, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'user-agent': BROWSER, ...headers },
      body: JSON.stringify(body),
    })
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
    return response.json()
  }
  await call('PUT', '/v1/sites/shop', { name: 'Shop', origins: ['https://shop.example'] })
  await call('PUT', '/v1/campaigns/spring-sale', { name: 'Spring sale', currency: 'NOK', timeZone: 'Europe/Oslo' })
  await call('POST', '/v1/campaigns/spring-sale/terms', {
    from: new Date(now - 100 * DAY).toISOString(),
    pays: [
      { model: 'cpc', rate: '2.00' },
      { model: 'cps', share: '0.10' },
    ],
  })
  const { key } = (await call('POST', '/v1/keys', { role: 'server', site: 'shop' })) as { key: string }
  const touch = (type: string, ageMs: number, change: object = {}) => ({
    type,
    campaign: 'spring-sale',
    at: now - 3_600_000 - ageMs,
    ...change,
  })
  const order = {
    type: 'purchase',
    occurredAt: now - 3_600_000,
    value: '499.00',
    currency: 'NOK',
    orderId: ORDER,
    placement: 'checkout',
    segment: { plan: 'pro', audience: 'new' },
    items: [{ id: 'sku-1', name: 'Running shoe', price: '499.00', quantity: 1 }],
    page: '/checkout/thanks',
    touches: [
      touch('click', 41 * DAY, { campaign: 'newsletter', id: idNumber(1), source: 'mail', medium: 'email' }),
      touch('impression', 9 * DAY, { id: idNumber(2), placement: 'banner-top' }),
      touch('click', 6 * DAY + 5 * 3_600_000, {
        campaign: 'autumn',
        id: idNumber(3),
        source: 'google',
        medium: 'cpc',
        term: 'running shoes',
      }),
      touch('click', 2 * DAY, { id: idNumber(4), source: 'magazine', medium: 'display', content: 'blue', placement: 'banner-top' }),
      touch('impression', 5 * 3_600_000, { id: idNumber(5), placement: 'article-foot' }),
      touch('click', 95_000, { id: idNumber(6), source: 'checkout.paypal.com', medium: 'referral' }),
      touch('click', -60_000, { id: idNumber(7), campaign: EVIL, source: EVIL }),
    ],
  }
  const send = (...events: object[]) =>
    call('POST', '/v1/events', { site: 'shop', sentAt: now, events }, { origin: 'https://shop.example', 'content-type': 'text/plain' })
  await send({ ...order, id: ORDER_EVENT })
  await send({ id: idNumber(102), type: 'signup', occurredAt: now - 60_000, leadId: 'L-1' })
  await send({ id: idNumber(103), type: 'click', occurredAt: now - 60_000, campaign: 'spring-sale', test: true, orderId: undefined })
  await call(
    'POST',
    '/v1/conversions',
    { site: 'shop', events: [{ type: 'purchase', orderId: ORDER, value: '449.00', currency: 'NOK' }] },
    {
      authorization: `Bearer ${key}`,
    },
  )
}
