// @vitest-environment jsdom
import { afterEach, expect, test, vi } from 'vitest'
import { init } from '../../sdk/index.ts'
import { fakeWorld, turn, visit } from './fakes.ts'

afterEach(() => {
  visit('/')
  vi.restoreAllMocks()
})

test('records a purchase with everything it was given', async () => {
  visit('/checkout/thanks')
  const world = fakeWorld()
  const tm = world.start({ segment: { audience: 'new' } })
  const items = [{ id: 'sku-1', name: 'Shoe'.repeat(40), price: '499.00', quantity: 1 }]
  tm.purchase({ orderId: 1001, value: '499.00', currency: 'NOK', items, segment: { plan: 'pro' } })
  await turn()
  expect(world.requests).toHaveLength(1)
  expect(world.requests[0]?.url).toBe('https://t.example/v1/events')
  expect(world.requests[0]?.init).toMatchObject({ method: 'POST', keepalive: true })
  expect(world.requests[0]?.batch).toEqual({
    site: 'shop',
    sentAt: world.clock,
    events: [
      {
        id: expect.stringMatching(/^[\da-f-]{36}$/),
        type: 'purchase',
        occurredAt: world.clock,
        orderId: '1001',
        value: '499.00',
        currency: 'NOK',
        items: [{ id: 'sku-1', name: 'Shoe'.repeat(32), price: '499.00', quantity: 1 }],
        segment: { audience: 'new', plan: 'pro' },
        page: '/checkout/thanks',
        consent: 'granted',
      },
    ],
  })
})

test('sends the events of one task in one request', async () => {
  const world = fakeWorld()
  const tm = world.start()
  tm.impression({ campaign: 'a' })
  tm.click({ campaign: 'a' })
  tm.signup({ leadId: 'L-1' })
  await turn()
  expect(world.requests).toHaveLength(1)
  expect(world.events.map(({ type }) => type)).toEqual(['signup', 'click', 'impression'])
})

test('records nothing on its own unless asked to', async () => {
  visit('/?utm_campaign=spring')
  const world = fakeWorld()
  world.start()
  document.body.innerHTML = '<a data-tm-click="top"></a>'
  document.querySelector('a')?.click()
  await turn()
  expect(world.requests).toEqual([])
})

test.each<[string, (tm: ReturnType<typeof init>) => void, RegExp]>([
  ['a purchase without an order', (tm) => tm.purchase({} as never), /purchase.*orderId/],
  ['a purchase without input', (tm) => (tm.purchase as () => void)(), /purchase.*orderId/],
  ['a purchase with an empty order', (tm) => tm.purchase({ orderId: '' }), /purchase.*orderId/],
  ['a purchase whose order is an object', (tm) => tm.purchase({ orderId: {} as never }), /purchase.*orderId/],
  ['an order id over 64 characters', (tm) => tm.purchase({ orderId: 'x'.repeat(65) }), /purchase.*64/],
  ['a lead id over 64 characters', (tm) => tm.signup({ leadId: 'x'.repeat(65) }), /signup.*64/],
  ['an unknown consent', (tm) => tm.consent('yes' as never), /consent.*granted/],
])('refuses %s, naming call and fix', async (_, call, message) => {
  const world = fakeWorld()
  const tm = world.start()
  expect(() => call(tm)).toThrow(TypeError)
  expect(() => call(tm)).toThrow(message)
  await turn()
  expect(world.requests).toEqual([])
})

test('refuses to start without site or endpoint', () => {
  expect(() => init({ endpoint: 'https://t.example' } as never)).toThrow(/init.*site/)
  expect(() => init({ site: 'shop' } as never)).toThrow(/init.*endpoint/)
})

test('takes tags of every event as options', async () => {
  const world = fakeWorld()
  world.start({ campaign: 'spring', source: 'news', segment: { plan: 'pro' } }).click({ source: 'mail' })
  await turn()
  expect(world.events[0]).toMatchObject({ campaign: 'spring', source: 'mail', segment: { plan: 'pro' } })
})

test('lays tags on every later event', async () => {
  const world = fakeWorld()
  const tm = world.start({ campaign: 'spring', segment: { plan: 'free' } })
  tm.tag({ segment: { audience: 'new' }, source: 'news' })
  tm.impression({ segment: { plan: 'pro' } })
  await turn()
  expect(world.events[0]).toMatchObject({ campaign: 'spring', source: 'news', segment: { plan: 'pro', audience: 'new' } })
})

test.each([
  [undefined, { campaign: 'url', source: 'google' }],
  ['url', { campaign: 'url', source: 'google' }],
  ['own', { campaign: 'own' }],
])('gives a click of campaign %s the tags of the URL only when they are of its campaign', async (campaign, tags) => {
  visit('/?utm_campaign=url&utm_source=google&tm_placement=elsewhere')
  const world = fakeWorld()
  world.navigationType = 'reload'
  world.start({ auto: ['landings'] }).click({ campaign })
  await turn()
  const { source, placement } = world.events[0] ?? {}
  expect({ campaign: world.events[0]?.campaign, ...(source && { source }), ...(placement && { placement }) }).toEqual(tags)
})

test('leaves the URL out of a conversion, whose touches tell', async () => {
  visit('/?utm_campaign=url&utm_source=google')
  const world = fakeWorld()
  world.start({ auto: ['landings'] }).purchase({ orderId: 'A-1' })
  await turn()
  const purchase = world.events.find(({ type }) => type === 'purchase')
  expect(purchase).not.toHaveProperty('campaign')
  expect(purchase).not.toHaveProperty('source')
  expect(purchase?.touches).toMatchObject([{ type: 'click', campaign: 'url', source: 'google' }])
})

test('marks what a program drives and what is a test', async () => {
  const world = fakeWorld()
  world.navigator.webdriver = true
  world.start().click({ test: true })
  await turn()
  expect(world.events[0]).toMatchObject({ automation: true, test: true })
})

test('puts nothing on the wire that is not in the contract', async () => {
  const world = fakeWorld()
  world.start().purchase({ orderId: 'A-1', email: 'a@b.example', items: [{ id: 'sku-1', note: 'for a@b.example' }] } as never)
  await turn()
  expect(JSON.stringify(world.requests[0]?.batch)).not.toContain('a@b.example')
})

test('tells its story with debug, and nothing without', async () => {
  const info = vi.spyOn(console, 'info').mockReturnValue()
  fakeWorld().start().click()
  await turn()
  expect(info).not.toHaveBeenCalled()
  fakeWorld().start({ debug: true }).click()
  await turn()
  expect(info.mock.calls.map(([line]) => line)).toEqual(['tallymark: click', 'tallymark: 202'])
})
