// @vitest-environment jsdom
import { afterEach, expect, test, vi } from 'vitest'
import { purchaseFromDataLayer, purchaseFromPixel, purchaseFromTrack } from '../../sdk/purchases.ts'
import { shims } from '../../sdk/shims.ts'

type Call = (...args: unknown[]) => unknown

const page = window as unknown as {
  dataLayer: unknown[]
  fbq: Call & { version?: string; callMethod?: unknown }
  analytics: { track: Call; ready?: (run: () => void) => void }
}

afterEach(() => {
  for (const name of ['dataLayer', 'fbq', 'analytics']) Reflect.deleteProperty(page, name)
})

const items = [{ id: 'sku-1', name: 'Shoe', price: 499, quantity: 2 }]

test.each([
  [
    'gtag',
    purchaseFromDataLayer,
    {
      0: 'event',
      1: 'purchase',
      2: { transaction_id: 'A-1', value: 499, currency: 'NOK', items: [{ item_id: 'sku-1', item_name: 'Shoe', price: 499, quantity: 2 }] },
    },
  ],
  [
    'GTM',
    purchaseFromDataLayer,
    {
      event: 'purchase',
      ecommerce: {
        transaction_id: 'A-1',
        value: 499,
        currency: 'NOK',
        items: [{ item_id: 'sku-1', item_name: 'Shoe', price: 499, quantity: 2 }],
      },
    },
  ],
  [
    'Universal Analytics',
    purchaseFromDataLayer,
    {
      ecommerce: {
        currencyCode: 'NOK',
        purchase: { actionField: { id: 'A-1', revenue: 499 }, products: [{ id: 'sku-1', name: 'Shoe', price: 499, quantity: 2 }] },
      },
    },
  ],
  [
    'the pixel',
    purchaseFromPixel,
    [
      'track',
      'Purchase',
      { value: 499, currency: 'NOK', contents: [{ id: 'sku-1', name: 'Shoe', item_price: 499, quantity: 2 }] },
      { eventID: 'A-1' },
    ],
  ],
  [
    'the pixel, one of several',
    purchaseFromPixel,
    [
      'trackSingle',
      '123',
      'Purchase',
      { value: 499, currency: 'NOK', order_id: 'A-1', contents: [{ id: 'sku-1', name: 'Shoe', item_price: 499, quantity: 2 }] },
      { eventID: 'other' },
    ],
  ],
  [
    'Segment',
    purchaseFromTrack,
    [
      'Order Completed',
      { order_id: 'A-1', total: 499, currency: 'NOK', products: [{ product_id: 'sku-1', name: 'Shoe', price: 499, quantity: 2 }] },
    ],
  ],
])('reads a purchase of %s', (_, read, call) => {
  expect(read(call as never)).toEqual({ orderId: 'A-1', value: 499, currency: 'NOK', items })
})

test.each([
  [purchaseFromDataLayer, { 0: 'event', 1: 'purchase', 2: { value: 1 } }],
  [purchaseFromDataLayer, { 0: 'event', 1: 'add_to_cart', 2: { transaction_id: 'A-1' } }],
  [purchaseFromDataLayer, { event: 'purchase' }],
  [purchaseFromDataLayer, { event: 'view', ecommerce: { transaction_id: 'A-1' } }],
  [purchaseFromDataLayer, { event: 'purchase', ecommerce: { transaction_id: {} } }],
  [purchaseFromDataLayer, null],
  [purchaseFromDataLayer, 'purchase'],
  [purchaseFromPixel, ['track', 'Purchase', { value: 1 }]],
  [purchaseFromPixel, ['track', 'AddToCart', { order_id: 'A-1' }]],
  [purchaseFromPixel, ['init', '123']],
  [purchaseFromTrack, ['Order Refunded', { order_id: 'A-1' }]],
  [purchaseFromTrack, ['Order Completed']],
])('is not fooled by %o', (read, call) => {
  expect(read(call as never)).toBeUndefined()
})

test('takes what was reported before and after, each order once, and the originals still run', () => {
  page.dataLayer = [{ event: 'purchase', ecommerce: { transaction_id: 'A-1' } }]
  const pixel = vi.fn(() => 'pixel')
  page.fbq = Object.assign(pixel as never, { queue: [['track', 'Purchase', { order_id: 'A-2' }]], version: '2.0' })
  const track = vi.fn(function (this: unknown) {
    return this
  })
  page.analytics = Object.assign([['track', 'Order Completed', { order_id: 'A-3' }]], { track })
  const purchase = vi.fn()
  shims({ purchase })
  shims({ purchase: vi.fn() })
  expect(page.dataLayer.push({ event: 'purchase', ecommerce: { transaction_id: 'A-4' } }, { event: 'other' })).toBe(3)
  expect(page.fbq('track', 'Purchase', { order_id: 'A-5' })).toBe('pixel')
  expect(page.fbq('track', 'Purchase', { order_id: 'A-5' })).toBe('pixel')
  expect(page.analytics.track('Order Completed', { order_id: 'A-6' })).toBe(page.analytics)
  expect(purchase.mock.calls.map(([{ orderId }]) => orderId)).toEqual(['A-1', 'A-2', 'A-3', 'A-4', 'A-5', 'A-6'])
  expect(pixel).toHaveBeenCalledTimes(2)
  expect(page.fbq.version).toBe('2.0')
  page.fbq.callMethod = 1
  expect(pixel).toHaveProperty('callMethod', 1)
})

test('finds what comes with the page, and what takes the place of a stub', () => {
  const purchase = vi.fn()
  shims({ purchase })
  page.dataLayer = []
  dispatchEvent(new Event('load'))
  page.dataLayer.push({ event: 'purchase', ecommerce: { transaction_id: 'A-1' } })
  let ready = () => {}
  page.analytics = {
    track: () => {},
    ready(run: () => void) {
      ready = run
    },
  }
  dispatchEvent(new Event('load'))
  page.analytics = { track: () => {} }
  ready()
  page.analytics.track('Order Completed', { order_id: 'A-2' })
  expect(purchase.mock.calls.map(([{ orderId }]) => orderId)).toEqual(['A-1', 'A-2'])
})

test('throws nothing at the page when the purchase is refused', () => {
  page.dataLayer = []
  shims({
    purchase() {
      throw new TypeError('misuse')
    },
  })
  expect(() => page.dataLayer.push({ event: 'purchase', ecommerce: { transaction_id: 'A-1' } })).not.toThrow()
})
