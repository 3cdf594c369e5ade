import { expect, test } from 'vitest'
import { openQueue, type Queued } from '../../sdk/queue.ts'
import type { EventType } from '../../sdk/wire.ts'
import { fakeWorld } from './fakes.ts'

let count = 0
const queued = (type: EventType, occurredAt = count): Queued => ({
  site: 'shop',
  endpoint: 'https://t.example',
  event: { id: `id-${count++}`, type, occurredAt },
})
const types = (list: Queued[]) =>
  Object.fromEntries(Object.entries(Object.groupBy(list, ({ event }) => event.type)).map(([type, of]) => [type, of.length]))

test('keeps 500 events and drops the oldest of what is worth least', () => {
  const queue = openQueue(fakeWorld().environment, () => 'granted')
  for (let i = 0; i < 100; i++) queue.add(queued('purchase'))
  for (let i = 0; i < 100; i++) queue.add(queued('signup'))
  for (let i = 0; i < 200; i++) queue.add(queued('click'))
  for (let i = 0; i < 200; i++) queue.add(queued('impression', 1_000 + i))
  expect(types(queue.read())).toEqual({ purchase: 100, signup: 100, click: 200, impression: 100 })
  expect(Math.min(...queue.read().flatMap(({ event }) => (event.type === 'impression' ? event.occurredAt : [])))).toBe(1_100)
  for (let i = 0; i < 450; i++) queue.add(queued('purchase'))
  expect(types(queue.read())).toEqual({ purchase: 500 })
})

test('never drops a purchase for an impression', () => {
  const queue = openQueue(fakeWorld().environment, () => 'pending')
  queue.add(queued('purchase'))
  for (let i = 0; i < 600; i++) queue.add(queued('impression'))
  expect(types(queue.read())).toEqual({ purchase: 1, impression: 499 })
})

test('merges with what another tab wrote', () => {
  const world = fakeWorld()
  const one = openQueue(world.environment, () => 'granted')
  const other = openQueue(world.environment, () => 'granted')
  const [a, b, c] = [queued('click'), queued('click'), queued('click')]
  one.add(a)
  other.add(b)
  one.add(c)
  expect(new Set(other.read())).toEqual(new Set([a, b, c]))
  other.remove([a])
  expect(one.read()).toHaveLength(3) // this page made it, and has no receipt yet
  one.remove([a, c])
  expect(other.read()).toEqual([b])
})

test('is not told again of what it removed, whoever writes it back', () => {
  const world = fakeWorld()
  const queue = openQueue(world.environment, () => 'granted')
  const entry = queued('click')
  queue.add(entry)
  const before = world.device.get('tallymark.queue') as string
  queue.remove([entry])
  expect(world.device.has('tallymark.queue')).toBe(false)
  world.device.set('tallymark.queue', before)
  expect(queue.read()).toEqual([])
})

test.each(['{', '7', 'null', '{}', '[null]', '[{}]', '"x"'])('discards %s, which it did not write', (text) => {
  const world = fakeWorld()
  world.device.set('tallymark.queue', text)
  const queue = openQueue(world.environment, () => 'granted')
  expect(queue.read()).toEqual([])
  const entry = queued('purchase')
  queue.add(entry)
  expect(world.stored('tallymark.queue')).toEqual([entry])
})

test.each(['storage', 'setItem'])('keeps events in memory when %s throws', (what) => {
  const world = fakeWorld()
  const storage = world.environment.storage()
  const refuse = () => {
    throw new DOMException('refused', 'SecurityError')
  }
  world.environment.storage = what === 'storage' ? refuse : () => ({ ...storage, setItem: refuse })
  const queue = openQueue(world.environment, () => 'granted')
  const entry = queued('purchase')
  queue.add(entry)
  expect(queue.read()).toEqual([entry])
  queue.remove([entry])
  expect(queue.read()).toEqual([])
})
