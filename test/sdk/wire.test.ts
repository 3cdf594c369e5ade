// @vitest-environment jsdom
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { PurchaseInput } from '../../sdk/index.ts'
import { LIMITS, parseBatch, parseEvent } from '../../sdk/wire.ts'
import { fakeWorld, visit, type World } from './fakes.ts'

const text = fc.oneof(fc.string(), fc.string({ unit: 'binary', maxLength: 300 }), fc.string({ unit: 'grapheme', maxLength: 300 }))
const scalar = fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null), fc.constant(undefined))
const labels = fc.dictionary(fc.oneof(text, fc.constantFrom('constructor', 'prototype', '__proto__')), scalar, {
  maxKeys: 30,
  noNullPrototype: true,
})
const tags = fc.record(
  { campaign: scalar, placement: scalar, source: scalar, medium: scalar, content: scalar, term: scalar, segment: labels, variant: labels },
  { requiredKeys: [] },
)
const identity = fc.oneof(fc.string({ minLength: 1, maxLength: 64 }), fc.nat())
const money = fc.nat({ max: 99_999_999_999 }).map((minor) => (minor / 100).toFixed(2))
const price = fc.oneof(money, money.map(Number))
const items = fc.array(
  fc.record({ id: fc.string({ minLength: 1, maxLength: 200 }), name: text, price, quantity: fc.integer({ min: 1, max: 1e6 }) }),
  { maxLength: 80 },
)
const purchase = fc
  .record({ orderId: identity, value: price, items, tags })
  .map(({ tags, ...rest }): PurchaseInput => ({ ...tags, ...rest, currency: 'NOK' }))

/** Whether the collector takes all that was sent. */
function expectTaken(world: World) {
  const sent = world.requests
  expect(sent.length).toBeGreaterThan(0)
  for (const { batch } of sent) {
    const bodyBytes = Buffer.byteLength(JSON.stringify(batch))
    expect(bodyBytes).toBeLessThanOrEqual(LIMITS.bodyBytes)
    const { rejected, events } = parseBatch(batch, { bodyBytes, maxEvents: LIMITS.eventsFromBrowser })
    expect(rejected).toEqual([])
    expect(events).toHaveLength(batch.events.length)
    for (const event of batch.events) expect(Buffer.byteLength(JSON.stringify(event))).toBeLessThanOrEqual(LIMITS.eventBytes)
  }
}

test('everything it sends for legal input is taken by the collector', async () => {
  await fc.assert(
    fc.asyncProperty(
      tags,
      fc.array(tags, { maxLength: 25 }),
      purchase,
      identity,
      text,
      async (defaults, touched, bought, leadId, query) => {
        visit(`/${encodeURIComponent(query.toWellFormed())}?utm_campaign=${encodeURIComponent(query.toWellFormed())}&gclid=1`)
        const world = fakeWorld()
        const tm = world.start({ campaign: defaults.campaign, segment: defaults.segment, auto: ['landings'] })
        tm.tag(defaults)
        for (const tags of touched) {
          world.clock += 1_000
          tm.click(tags)
          tm.impression(tags)
        }
        tm.signup({ ...defaults, leadId })
        tm.purchase(bought)
        dispatchEvent(new Event('pagehide'))
        await tm.flush()
        expectTaken(world)
        const sent = world.events.find(({ type }) => type === 'purchase')
        expect(sent).toMatchObject({ orderId: `${bought.orderId}`, value: bought.value, currency: 'NOK' })
      },
    ),
    { numRuns: 60 },
  )
})

test('an event that is too large gives up items, then older touches, and keeps what is billed', async () => {
  visit('/')
  const world = fakeWorld()
  const tm = world.start()
  const wide = '漢'.repeat(128)
  for (let i = 0; i < 20; i++) tm.click({ campaign: wide, source: wide, medium: wide, content: wide, term: wide })
  await tm.flush()
  world.requests.length = 0
  tm.purchase({ orderId: 'A-1', value: '1.00', currency: 'NOK', items: [{ id: wide }], segment: { text: wide } })
  await tm.flush()
  expectTaken(world)
  expect(world.events[0]).toMatchObject({ orderId: 'A-1', value: '1.00', segment: { text: wide } })
  expect(parseEvent(world.events[0]).clickId).toEqual(expect.any(String))
  expect(world.events[0]?.touches?.length).toBeGreaterThan(1)
  expect(world.events[0]?.touches?.length).toBeLessThan(20)
  expect(world.events[0]).not.toHaveProperty('items')
})

test('labels alone can make an event too large, and are given up', async () => {
  const labels = Object.fromEntries(Array.from({ length: 16 }, (_, i) => [`${i}${'漢'.repeat(127)}`, '漢'.repeat(128)]))
  const world = fakeWorld()
  world.start().purchase({ orderId: 'A-1', segment: labels, variant: labels })
  dispatchEvent(new Event('pagehide'))
  expectTaken(world)
  expect(world.events[0]).toMatchObject({ orderId: 'A-1' })
})

const id = (n: number) => `0193a6b1-5c1e-7d3a-9f10-2b8e4a6c1d0${n}`
const parse = (batch: object) => parseBatch({ site: 'shop', ...batch }, { bodyBytes: 60_000, maxEvents: 100 })

test('lays what is common into each event, and an event’s own field beats it', () => {
  const common = { type: 'click', occurredAt: 1, campaign: 'spring', segment: { plan: 'pro', audience: 'new' } }
  const { events, rejected, given } = parse({
    common,
    events: [{ id: id(1) }, { id: id(2), campaign: 'summer', segment: { plan: 'free' } }],
  })
  expect(rejected).toEqual([])
  expect(events.map(({ event }) => event)).toEqual([
    { id: id(1), ...common },
    // A field is taken whole, not mixed.
    { id: id(2), ...common, campaign: 'summer', segment: { plan: 'free' } },
  ])
  expect(given).toEqual(events.map(({ event }) => event))
})

test.each([
  [{ id: id(1) }, 'common.id'],
  [7, 'common'],
  [[], 'common'],
  [JSON.parse('{"__proto__": {}}'), 'common.__proto__'],
])('refuses the common part %j', (common, field) => {
  expect(() => parse({ common, events: [{ id: id(1), type: 'click', occurredAt: 1 }] })).toThrow(expect.objectContaining({ field }))
})

test('checks an event as a whole, with what it has in common: its kind, its keys, its size', () => {
  const common = { type: 'click', occurredAt: 1, term: 'x'.repeat(5_000), content: 'y'.repeat(4_000) }
  const bad = JSON.parse(`{"id": "${id(3)}", "constructor": 1, "term": "a", "content": "b"}`)
  const { events, rejected } = parse({ common, events: [{ id: id(1) }, null, bad, { id: id(2), term: 'a', content: 'b' }] })
  expect(events.map(({ index }) => index)).toEqual([3])
  expect(rejected.map(({ index, code }) => [index, code])).toEqual([
    [0, 'too_large'],
    [1, 'invalid_event'],
    [2, 'forbidden_key'],
  ])
})

test('takes the last click of the touches for the click of the event, unless it names one', () => {
  const touches = [
    { type: 'click', campaign: 'a', at: 1, id: id(1) },
    { type: 'click', campaign: 'b', at: 2, id: id(2) },
    { type: 'impression', campaign: 'c', at: 3, id: id(3) },
  ]
  const event = { id: id(4), type: 'purchase', occurredAt: 4, orderId: 'A-1', touches }
  expect(parseEvent(event).clickId).toBe(id(2))
  expect(parseEvent({ ...event, clickId: id(1) }).clickId).toBe(id(1))
  expect(parseEvent({ ...event, touches: touches.slice(2) }).clickId).toBeUndefined()
})

test('a batch of nothing is refused, one of vitals alone is taken', () => {
  expect(() => parse({ events: [] })).toThrow(expect.objectContaining({ code: 'empty_batch' }))
  expect(parse({ events: [], vitals: [{ id: id(1), name: 'LCP', value: 1, occurredAt: 1 }] })).toMatchObject({
    events: [],
    vitals: [{ name: 'LCP' }],
  })
})
