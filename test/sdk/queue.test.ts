import { expect, test, vi } from 'vitest'
import { openQueue, type Queued } from '../../sdk/queue.ts'
import { openStore } from '../../sdk/store.ts'
import type { Consent, EventType } from '../../sdk/wire.ts'
import { fakeWorld, type World } from './fakes.ts'

let count = 0
const queued = (type: EventType, occurredAt = count): Queued => ({ event: { id: `id-${count++}`, type, occurredAt }, until: 0 })
const types = (list: Queued[]) =>
  Object.fromEntries(Object.entries(Object.groupBy(list, ({ event }) => event.type)).map(([type, of]) => [type, of.length]))

/** A page of this world: what it queues and what it keeps. */
function open({ environment }: World, consent: Consent = 'granted', site = 'shop') {
  const store = openStore(environment, site, () => consent)
  return { ...openQueue(store), save: store.keep }
}

test('keeps 1,000 events and drops the oldest of what is worth least', () => {
  const queue = open(fakeWorld())
  for (let i = 0; i < 200; i++) queue.admit(queued('purchase'))
  for (let i = 0; i < 200; i++) queue.admit(queued('signup'))
  for (let i = 0; i < 400; i++) queue.admit(queued('click'))
  for (let i = 0; i < 400; i++) queue.admit(queued('impression', 10_000 + i))
  expect(types(queue.recall())).toEqual({ purchase: 200, signup: 200, click: 400, impression: 200 })
  expect(Math.min(...queue.recall().flatMap(({ event }) => (event.type === 'impression' ? event.occurredAt : [])))).toBe(10_200)
  for (let i = 0; i < 500; i++) queue.admit(queued('purchase'))
  expect(types(queue.recall())).toEqual({ purchase: 700, signup: 200, click: 100 })
  for (let i = 0; i < 500; i++) queue.admit(queued('purchase'))
  expect(types(queue.recall())).toEqual({ purchase: 1_000 })
})

test('forgets on the device what is over the bound', () => {
  const world = fakeWorld()
  const queue = open(world)
  for (let i = 0; i < 1_100; i++) queue.admit(queued('purchase'))
  expect(world.device.size).toBe(1_100)
  queue.recall()
  expect(world.device.size).toBe(1_000)
})

test('has conversions on the device at once, all else when the task ends', () => {
  const world = fakeWorld()
  const queue = open(world)
  for (const type of ['impression', 'click'] as const) queue.admit(queued(type))
  expect(world.stored('queue')).toEqual([])
  queue.save()
  expect(world.stored('queue')).toHaveLength(2)
  for (const type of ['signup', 'purchase'] as const) queue.admit(queued(type))
  expect(world.stored('queue')).toHaveLength(4)
})

test('writes each event once', () => {
  const world = fakeWorld()
  const setItem = vi.spyOn(world.environment.localStorage, 'setItem')
  const queue = open(world)
  for (let i = 0; i < 5; i++) {
    queue.admit(queued('click'))
    queue.save()
  }
  expect(setItem).toHaveBeenCalledTimes(5)
})

test('sees what another tab adds and takes off', () => {
  const world = fakeWorld()
  const one = open(world)
  const other = open(world)
  const [a, b, c] = [queued('click'), queued('click'), queued('click')]
  one.admit(a)
  one.save()
  other.admit(b)
  other.save()
  one.admit(c)
  expect(one.recall()).toEqual([c, b, a])
  expect(other.recall()).toEqual([b, a])
  other.erase([a])
  expect(one.recall()).toEqual([c, b])
})

test('keeps the events of two sites apart', () => {
  const world = fakeWorld()
  const [shop, blog] = [open(world), open(world, 'granted', 'blog')]
  blog.admit(queued('purchase'))
  expect(shop.recall()).toEqual([])
  expect(blog.recall()).toHaveLength(1)
})

test.each(['{', '7', 'null', '{}', '[null]', '{"event":{}}', '"x"'])('passes over %s, which it did not write', (text) => {
  const world = fakeWorld()
  world.device.set('tallymark.shop.queue.x', text)
  const queue = open(world)
  expect(queue.recall()).toEqual([])
  const entry = queued('purchase')
  queue.admit(entry)
  expect(queue.recall()).toEqual([entry])
})

test.each(['pending', 'denied'] as const)('writes nothing while consent is %s', (consent) => {
  const world = fakeWorld()
  const queue = open(world, consent)
  queue.admit(queued('purchase'))
  queue.save()
  expect(world.device.size).toBe(0)
  expect(queue.recall()).toHaveLength(1)
})

test.each(['localStorage', 'writing', 'removing', 'everything'])('keeps events in memory when %s throws', (what) => {
  const world = fakeWorld()
  const refuse = () => {
    throw new DOMException('refused', 'SecurityError')
  }
  const { localStorage } = world.environment
  Object.defineProperty(world.environment, 'localStorage', {
    get:
      what === 'localStorage'
        ? refuse
        : () =>
            new Proxy(localStorage, {
              ...((what === 'writing' || what === 'everything') && { set: refuse }),
              ...((what === 'removing' || what === 'everything') && { deleteProperty: refuse }),
              ...(what === 'everything' && { get: refuse, has: refuse, ownKeys: refuse }),
            }),
  })
  const queue = open(world)
  const entry = queued('purchase')
  queue.admit(entry)
  expect(queue.recall()).toEqual([entry])
  if (what === 'removing') return
  queue.erase([entry])
  expect(queue.recall()).toEqual([])
})
