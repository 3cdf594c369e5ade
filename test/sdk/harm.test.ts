// @vitest-environment jsdom
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { parseBatch } from '../../sdk/wire.ts'
import { fakeWorld, turn, visit, type World } from './fakes.ts'

const uncaught = vi.fn()
beforeEach(() => {
  addEventListener('error', uncaught)
  process.on('unhandledRejection', uncaught)
})
afterEach(async () => {
  await new Promise((resolve) => setImmediate(resolve))
  removeEventListener('error', uncaught)
  process.off('unhandledRejection', uncaught)
  expect(uncaught).not.toHaveBeenCalled()
  uncaught.mockClear()
  vi.restoreAllMocks()
  visit('/')
})

const all = ['landings', 'clicks', 'signups', 'impressions', 'consentMode'] as const

/** Everything that a page can make the SDK do. */
async function use(world: World) {
  visit('/?utm_campaign=spring')
  const tm = world.start({ auto: [...all] })
  document.body.innerHTML = '<div data-tm-impression="a"><a href="#x" data-tm-click="b">x</a></div>'
  document.querySelector('a')?.click()
  tm.variant('headline', { A: 1 })
  tm.signup({ leadId: 'L-1' })
  tm.purchase({ orderId: 'A-1', value: '1.00', currency: 'NOK', items: [{ id: 'sku-1' }] })
  void tm.flush()
  await turn()
  for (const type of ['visibilitychange', 'pagehide', 'pageshow', 'online']) dispatchEvent(new Event(type))
  await turn()
  return tm
}

const refuse = () => {
  throw new Error('patched by the page')
}

beforeEach(() => {
  vi.stubGlobal(
    'IntersectionObserver',
    class {
      observe() {}
    },
  )
})

test.each<[string, (world: World) => void]>([
  ['fetch throws', ({ environment }) => (environment.fetch = refuse)],
  ['fetch is missing', ({ environment }) => (environment.fetch = undefined as never)],
  ['fetch gives nothing', ({ environment }) => (environment.fetch = (() => undefined) as never)],
  ['fetch gives a number', ({ environment }) => (environment.fetch = (() => 7) as never)],
  ['fetch gives a hollow answer', ({ environment }) => (environment.fetch = (async () => ({})) as never)],
  ['fetch never answers', ({ environment }) => (environment.fetch = () => new Promise(() => {}))],
  ['an answer is no receipt', ({ answers }) => void answers.push(...Array.from({ length: 9 }, () => Response.json(null, { status: 202 })))],
  ['localStorage throws', ({ environment }) => Object.defineProperty(environment, 'localStorage', { get: refuse })],
  ['localStorage is missing', ({ environment }) => Object.defineProperty(environment, 'localStorage', { value: undefined })],
  ['localStorage is null', ({ environment }) => Object.defineProperty(environment, 'localStorage', { value: null })],
  ['the device is full', ({ environment }) => vi.spyOn(environment.localStorage, 'setItem').mockImplementation(refuse)],
  [
    'the device has rubbish',
    ({ device }) => {
      for (const [i, text] of ['{', 'null', '7', '"x"', '[]', '{}', '{"event":7}', '[null]'].entries())
        for (const kind of ['queue', 'touch', 'variant', 'other']) device.set(`tallymark.shop.${kind}.${i}`, text)
    },
  ],
  ['crypto is missing', ({ environment }) => (environment.crypto = undefined as never)],
  ['crypto throws', ({ environment }) => (environment.crypto = { getRandomValues: refuse } as never)],
  ['performance throws', ({ environment }) => (environment.performance = { getEntriesByType: refuse } as never)],
  ['locks throw', ({ navigator }) => (navigator.locks = { request: refuse } as never)],
  ['locks give nothing', ({ navigator }) => (navigator.locks = { request: () => undefined } as never)],
  ['there is no IntersectionObserver', () => vi.stubGlobal('IntersectionObserver', undefined)],
  ['there is no MutationObserver', () => vi.stubGlobal('MutationObserver', undefined)],
  ['dataLayer is no list', () => vi.stubGlobal('dataLayer', { push: 7 })],
  ['dataLayer has rubbish', () => vi.stubGlobal('dataLayer', [null, undefined, 7, 'x', {}, { 0: 'consent' }, ['consent', 'update', 7]])],
])('throws nothing at the page when %s', async (_, spoil) => {
  const log = vi.spyOn(console, 'info')
  const world = fakeWorld()
  spoil(world)
  await use(world)
  expect(log).not.toHaveBeenCalled()
  vi.unstubAllGlobals()
})

test.each([
  ['Array', Array.prototype],
  ['Object', Object.prototype],
  ['String', String.prototype],
])('sends what it should under a toJSON of %s', async (_, prototype) => {
  Object.defineProperty(prototype, 'toJSON', { value: () => 'spoilt', configurable: true })
  try {
    const world = fakeWorld()
    const bodies: string[] = []
    world.environment.fetch = async (_, init) => {
      bodies.push(init?.body as string)
      return new Response(null, { status: 202 })
    }
    await use(world)
    Reflect.deleteProperty(prototype, 'toJSON')
    const batches = bodies.map((body) => parseBatch(JSON.parse(body), { bodyBytes: body.length, maxEvents: 100 }))
    expect(batches.flatMap(({ rejected }) => rejected)).toEqual([])
    expect(batches.flatMap(({ events }) => events.map(({ event }) => event))).toContainEqual(
      expect.objectContaining({ type: 'purchase', orderId: 'A-1', valueMinor: 100, items: [{ id: 'sku-1', quantity: 1 }] }),
    )
  } finally {
    Reflect.deleteProperty(prototype, 'toJSON')
  }
})

test('sends what it should after the page has changed its globals', async () => {
  const world = fakeWorld()
  const tm = world.start()
  const { stringify } = JSON
  const { now } = Date
  try {
    JSON.stringify = refuse
    Date.now = refuse
    vi.stubGlobal('fetch', refuse)
    vi.stubGlobal('localStorage', undefined)
    vi.stubGlobal('crypto', undefined)
    vi.stubGlobal('TextEncoder', undefined)
    tm.purchase({ orderId: 'A-1' })
  } finally {
    JSON.stringify = stringify
    Date.now = now
    vi.unstubAllGlobals()
  }
  await turn()
  expect(world.events).toMatchObject([{ orderId: 'A-1' }])
})

test('takes frozen input and leaves it as it is', async () => {
  const world = fakeWorld()
  const items = Object.freeze([Object.freeze({ id: 'sku-1', price: '1.00' })])
  const input = Object.freeze({ orderId: 'A-1', items, segment: Object.freeze({ plan: 'pro' }) })
  world.start().purchase(input)
  await turn()
  expect(world.events).toMatchObject([{ orderId: 'A-1', items: [{ id: 'sku-1', price: '1.00' }], segment: { plan: 'pro' } }])
})

test('changes no prototype', async () => {
  const names = (object: object) => Reflect.ownKeys(object).map((key) => [key, Object.getOwnPropertyDescriptor(object, key)])
  const prototypes = [Object, Array, String, Function, Promise, Element, HTMLElement, Node, EventTarget, History, Storage].map(
    (type) => type.prototype,
  )
  const before = prototypes.map(names)
  await use(fakeWorld())
  expect(prototypes.map(names)).toEqual(before)
})

test.each(['click', 'impression', 'purchase'] as const)('a thousand calls of %s in a row write and read each thing once', async (type) => {
  const world = fakeWorld()
  const { localStorage } = world.environment
  const setItem = vi.spyOn(localStorage, 'setItem')
  const getItem = vi.spyOn(localStorage, 'getItem')
  const tm = world.start({ segment: { plan: 'pro' } })
  setItem.mockClear()
  for (let i = 0; i < 1_000; i++) tm[type]({ orderId: `A-${i}`, placement: 'top' } as never)
  expect(setItem.mock.calls.length).toBe(type === 'purchase' ? 1_000 : 0)
  await tm.flush()
  await turn()
  expect(setItem.mock.calls.length).toBeLessThanOrEqual(1_001)
  expect(getItem).not.toHaveBeenCalled()
  expect(world.events).toHaveLength(1_000)
  expect(world.requests.length).toBeLessThanOrEqual(20)
})
