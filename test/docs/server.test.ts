import { execFile } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Listening, listen } from '../../collector/listen.ts'
import { type TestCollector, testCollector } from '../support/collector.ts'
import { idNumber } from '../support/events.ts'
import { type SigningKey, signed } from '../support/sign.ts'
import { SHOPIFY_ORDER, STRIPE_EVENT, WOOCOMMERCE_ORDER } from './webhooks.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const DOCS = readFileSync(join(ROOT, 'docs/server.md'), 'utf8')
const EXAMPLES = new Map([...DOCS.matchAll(/^```\w+ ([\w.-]+)\n(.*?)^```$/gms)].map(([, name = '', code = '']) => [name, code]))
const run = new Set<string>()

const CLICK = idNumber(1)
const SECRET = 'whsec_of_the_tests'
let folder: string
let collector: TestCollector
let listening: Listening
let key: SigningKey
let places = 0
beforeAll(async () => {
  folder = await mkdtemp(join(ROOT, 'node_modules/.tallymark-docs-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))
beforeEach(async () => {
  collector = await testCollector()
  // What the examples do is done now.
  collector.clock.now = Date.now()
  listening = await listen(collector.built, { port: 0, host: '127.0.0.1' })
  key = await (await collector.admin('POST', '/v1/keys', { role: 'server', site: 'shop', signs: true })).json()
  for (const name of ['STRIPE_WEBHOOK_SECRET', 'WOOCOMMERCE_WEBHOOK_SECRET', 'SHOPIFY_CLIENT_SECRET']) vi.stubEnv(name, SECRET)
  vi.stubEnv('TALLYMARK_KEY', key.key)
  const click = {
    id: CLICK,
    type: 'click',
    occurredAt: Date.now() - 60_000,
    campaign: 'spring',
    placement: 'banner-top',
    consent: 'granted',
  }
  await collector.post({ site: 'shop', sentAt: Date.now(), events: [click] })
})
afterEach(async () => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
  await listening.close()
  await collector.destroy()
})

function example(name: string): string {
  run.add(name)
  const code = EXAMPLES.get(name)
  if (!code) throw new Error(`docs/server.md has no example "${name}"`)
  return code
    .replaceAll('https://t.example', `http://127.0.0.1:${listening.port}`)
    .replace("'tallymark/server'", `'${pathToFileURL(join(ROOT, 'dist/sdk/server.js'))}'`)
}

/** Runs an example as a module of its own, with `report.js` beside it. */
async function load(name: string): Promise<Record<string, (...args: never[]) => unknown>> {
  const place = join(folder, String(++places))
  mkdirSync(place)
  writeFileSync(join(place, 'package.json'), '{"type": "module"}')
  writeFileSync(join(place, 'report.js'), example('report.js'))
  writeFileSync(join(place, 'example.js'), example(name))
  return import(pathToFileURL(join(place, 'example.js')).href)
}

const purchases = async () => {
  const { rows } = await collector.results('by=campaign,placement,witness')
  return rows
    .filter((row: { purchases: number }) => row.purchases > 0)
    .map(({ campaign, placement, purchases, revenueMinor, otherRevenueMinor, currency }: Record<string, unknown>) => ({
      campaign,
      placement,
      purchases,
      revenueMinor,
      ...(otherRevenueMinor !== undefined && { otherRevenueMinor }),
      currency,
    }))
}
const orders = async () =>
  (await collector.store.ledger({ afterSeq: 0, limit: 100 }))
    .filter(({ type }) => type === 'purchase')
    .map(({ evidence: { orderId, clickId }, valueMinor, currency, campaign, verdict, occurredAt }) => ({
      orderId,
      clickId,
      valueMinor,
      currency,
      campaign,
      verdict,
      occurredAt,
    }))

test('three lines', async () => {
  await load('three-lines')
  expect(await orders()).toMatchObject([{ orderId: 'A-1001', valueMinor: 49_900, currency: 'NOK', verdict: 'counted' }])
})

test('a signed request from a shell', async () => {
  const { stdout } = await promisify(execFile)('bash', ['-euc', example('signed')])
  expect(JSON.parse(stdout)).toMatchObject({ accepted: 1, rejected: [] })
})

test('the answer', async () => {
  const order = { type: 'purchase', orderId: 'A-1001', value: '499.00', currency: 'NOK', campaign: 'spring' }
  const body = JSON.stringify({ events: [order, order, { ...order, value: '1.00' }] })
  const response = await collector.app.request('/v1/conversions', { method: 'POST', headers: signed(key, body, Date.now()), body })
  const answer = await response.json()
  const shown = JSON.parse(example('answer').replaceAll('0193a6b2-…', 'ID'))
  for (const event of answer.events) event.id = 'ID'
  expect(answer).toEqual(shown)
})

test('an adjustment', async () => {
  const post = (path: string, body: string) => collector.app.request(path, { method: 'POST', headers: signed(key, body, Date.now()), body })
  await post('/v1/conversions', JSON.stringify({ events: [{ type: 'purchase', orderId: 'A-1001', value: '499.00', currency: 'NOK' }] }))
  expect(await (await post('/v1/adjustments', example('adjustment'))).json()).toMatchObject({
    accepted: 1,
    adjustments: [{ valueMinor: 39_900 }],
  })
})

interface Shop {
  handler: string
  sign: (body: string) => Record<string, string>
  payload: Record<string, unknown>
  order: { orderId: string; valueMinor: number; currency: string; occurredAt: number }
  /** The same, but not to be counted. */
  unpaid: Record<string, unknown>
}
const base64 = (body: string) => createHmac('sha256', SECRET).update(body).digest('base64')
const stripe = (body: string, secret = SECRET, time = Math.floor(Date.now() / 1_000)) => ({
  'stripe-signature': `t=${time},v1=${createHmac('sha256', secret).update(`${time}.${body}`).digest('hex')},v0=${'0'.repeat(64)}`,
})

const paidAt = Math.floor(Date.now() / 1_000) - 30
const iso = new Date(paidAt * 1_000).toISOString().slice(0, 19)
const session = { ...STRIPE_EVENT.data.object, metadata: { order_id: 'A-1001', tm_click: CLICK } }
const SHOPS: [string, Shop][] = [
  [
    'stripe',
    {
      handler: 'stripeWebhook',
      sign: (body) => stripe(body),
      payload: { ...STRIPE_EVENT, created: paidAt, data: { object: session } },
      order: { orderId: 'A-1001', valueMinor: 49_900, currency: 'NOK', occurredAt: paidAt * 1_000 },
      unpaid: { ...STRIPE_EVENT, created: paidAt, data: { object: { ...session, payment_status: 'unpaid' } } },
    },
  ],
  [
    'woocommerce',
    {
      handler: 'wooCommerceWebhook',
      sign: (body) => ({ 'x-wc-webhook-signature': base64(body), 'x-wc-webhook-topic': 'order.updated' }),
      payload: {
        ...WOOCOMMERCE_ORDER,
        date_paid_gmt: iso,
        meta_data: [...WOOCOMMERCE_ORDER.meta_data, { id: 9, key: 'tm_click', value: CLICK }],
      },
      order: { orderId: '4750', valueMinor: 18_000, currency: 'CLP', occurredAt: paidAt * 1_000 },
      unpaid: { ...WOOCOMMERCE_ORDER, status: 'pending', date_paid_gmt: null },
    },
  ],
  [
    'shopify',
    {
      handler: 'shopifyWebhook',
      sign: (body) => ({ 'x-shopify-hmac-sha256': base64(body), 'x-shopify-topic': 'orders/paid' }),
      payload: { ...SHOPIFY_ORDER, processed_at: `${iso}+00:00`, note_attributes: [{ name: 'tm_click', value: CLICK }] },
      order: { orderId: '5940139491234', valueMinor: 5_999, currency: 'USD', occurredAt: paidAt * 1_000 },
      unpaid: { ...SHOPIFY_ORDER, test: true },
    },
  ],
]

describe.each(SHOPS)('the webhook of %s', (name, { handler, sign, payload, order, unpaid }) => {
  type Handler = (request: Request) => Promise<Response>
  const start = async () => {
    const handle = (await load(name))[handler] as unknown as Handler
    return (body: string, headers = sign(body)) => handle(new Request('https://shop.example/webhook', { method: 'POST', headers, body }))
  }

  test('becomes a sale of the campaign, once however often it is delivered', async () => {
    const deliver = await start()
    const body = JSON.stringify(payload)
    for (const response of [await deliver(body), await deliver(body), ...(await Promise.all([deliver(body), deliver(body)]))])
      expect(response.status).toBe(200)
    const found = await orders()
    expect(found).toMatchObject([{ ...order, occurredAt: expect.any(Number), clickId: CLICK, campaign: 'spring', verdict: 'counted' }])
    // Of the clock of the collector, as that of the sender differs from it here.
    expect(Math.abs((found[0]?.occurredAt ?? 0) - order.occurredAt)).toBeLessThan(10_000)
    expect(await purchases()).toMatchObject([{ campaign: 'spring', placement: 'banner-top', purchases: 1 }])
    expect(await collector.store.counters()).toMatchObject({ duplicates: 3 })
  })

  test('is refused with a signature that is not the provider’s', async () => {
    const deliver = await start()
    const body = JSON.stringify(payload)
    const [header = ''] = Object.keys(sign(body))
    const forged = [
      {},
      { [header]: '' },
      { [header]: 'ÿ'.repeat(44) },
      { [header]: 't=1,v1=zz' },
      { [header]: 'A'.repeat(64) },
      { ...sign(body), [header]: sign(`${body} `)[header] ?? '' },
      { ...sign(body), [header]: (sign(body)[header] ?? '').replaceAll(/[a-z]/gi, 'b') },
    ]
    for (const headers of forged) expect((await deliver(body, headers)).status).toBeOneOf([400, 401])
    expect((await deliver(JSON.stringify({ ...payload, total: '1.00', total_price: '1.00' }), sign(body))).status).toBeOneOf([400, 401])
    expect(await orders()).toEqual([])
  })

  test('counts nothing that is not paid, or a test', async () => {
    const deliver = await start()
    expect((await deliver(JSON.stringify(unpaid))).status).toBe(200)
    expect(await purchases()).toEqual([])
  })

  test('is left to the provider while the collector is away', async () => {
    const deliver = await start()
    const body = JSON.stringify(payload)
    await listening.close()
    await expect(deliver(body)).rejects.toMatchObject({ code: 'unreachable' })
    listening = await listen(collector.built, { port: listening.port, host: '127.0.0.1' })
    expect((await deliver(body)).status).toBe(200)
    expect(await orders()).toHaveLength(1)
  })

  test('logs what is refused for good, and is not delivered again', async () => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => {})
    const deliver = await start()
    const [cheaper, wrong] = [
      { ...payload, total: '1', total_price: '1.00' },
      { ...payload, total: 'free', total_price: 'free' },
    ]
    if (name === 'stripe') Object.assign(cheaper, { data: { object: { ...session, amount_total: 100 } } })
    if (name === 'stripe') Object.assign(wrong, { data: { object: { ...session, currency: 'xyz' } } })
    for (const body of [payload, cheaper, wrong]) expect((await deliver(JSON.stringify(body))).status).toBe(200)
    expect(said.mock.calls).toEqual([
      [expect.stringMatching(new RegExp(`order ${order.orderId}: .*is known with other content`))],
      [expect.stringMatching(new RegExp(`order ${order.orderId}: .*must be`))],
    ])
    expect(await orders()).toMatchObject([{ valueMinor: order.valueMinor }, { valueMinor: order.valueMinor }])
  })
})

test.each([
  [49_900, 'nok', '499.00'],
  [5, 'usd', '0.05'],
  [0, 'eur', '0.00'],
  [5_000, 'jpy', '5000'],
  [18_000, 'clp', '18000'],
  [50_000, 'isk', '500.00'],
  [100_000, 'ugx', '1000.00'],
  [12_340, 'kwd', '12.340'],
])('%i of Stripe’s in %s is %s', async (amount, currency, text) => {
  const { decimal, stripeWebhook } = (await load('stripe')) as unknown as {
    decimal: (amount: number, currency: string) => string
    stripeWebhook: (request: Request) => Promise<Response>
  }
  expect(decimal(amount, currency)).toBe(text)
  const body = JSON.stringify({ ...STRIPE_EVENT, created: paidAt, data: { object: { ...session, amount_total: amount, currency } } })
  await stripeWebhook(new Request('https://shop.example/', { method: 'POST', headers: stripe(body), body }))
  const [order] = await orders()
  expect(order?.valueMinor).toBe(
    Math.round(
      Number(text) * 10 ** (new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2),
    ),
  )
})

test('Stripe’s signature holds five minutes, and a Payment Link takes the click along', async () => {
  const { stripeWebhook } = (await load('stripe')) as unknown as { stripeWebhook: (request: Request) => Promise<Response> }
  const link = { ...session, metadata: {}, client_reference_id: CLICK }
  const body = JSON.stringify({
    ...STRIPE_EVENT,
    type: 'checkout.session.async_payment_succeeded',
    created: paidAt,
    data: { object: link },
  })
  const deliver = (headers: Record<string, string>) =>
    stripeWebhook(new Request('https://shop.example/', { method: 'POST', headers, body }))
  expect((await deliver(stripe(body, SECRET, Math.floor(Date.now() / 1_000) - 310))).status).toBe(400)
  expect(
    (await deliver({ 'stripe-signature': `${stripe(body, 'old')['stripe-signature']},${stripe(body)['stripe-signature'].split(',')[1]}` }))
      .status,
  ).toBe(200)
  expect(await orders()).toMatchObject([{ orderId: link.payment_intent, campaign: 'spring' }])
})

test('WooCommerce hears that somebody is there when the webhook is saved', async () => {
  const { wooCommerceWebhook } = (await load('woocommerce')) as unknown as { wooCommerceWebhook: (request: Request) => Promise<Response> }
  const ask = (body: string) => wooCommerceWebhook(new Request('https://shop.example/', { method: 'POST', body }))
  expect([(await ask('webhook_id=15')).status, (await ask('webhook_id=15&status=completed')).status]).toEqual([200, 401])
})

test('no example is left out', () => {
  const others = ['click', 'shopify-click', 'woocommerce-click', 'audit']
  expect([...run].sort()).toEqual([...EXAMPLES.keys()].filter((name) => !others.includes(name)).sort())
  expect(DOCS.match(/^```\w+/gm)).toHaveLength(EXAMPLES.size)
})
