// @vitest-environment jsdom
import { afterEach, expect, test, vi } from 'vitest'
import { fakeWorld, turn, visit } from './fakes.ts'

afterEach(() => {
  visit('/')
  vi.restoreAllMocks()
})

test.each(['pending', 'denied'] as const)('stores nothing while consent is %s, and still sends', async (consent) => {
  visit('/?utm_campaign=spring')
  const world = fakeWorld()
  const setItem = vi.spyOn(world.environment.localStorage, 'setItem')
  world.answers.push(new Error('network'))
  const tm = world.start({ consent, auto: ['landings'] })
  tm.purchase({ orderId: 'A-1' })
  await turn()
  await tm.flush()
  expect(setItem).not.toHaveBeenCalled()
  expect(world.events.map((event) => [event.type, event.consent]).slice(0, 2)).toEqual([
    ['purchase', consent],
    ['click', consent],
  ])
})

test('reads nothing off the device while consent is pending', () => {
  const world = fakeWorld()
  const storage = vi.fn()
  Object.defineProperty(world.environment, 'localStorage', { get: storage })
  world.start({ consent: 'pending' }).click({ campaign: 'a' })
  expect(storage).not.toHaveBeenCalled()
})

test('a conversion carries the touches of this page while pending, none when denied', async () => {
  visit('/?utm_campaign=spring')
  for (const [consent, touches] of [
    ['pending', 1],
    ['denied', undefined],
  ] as const) {
    const world = fakeWorld()
    world.start({ consent, auto: ['landings'] }).purchase({ orderId: 'A-1' })
    await turn()
    const purchase = world.events.find(({ type }) => type === 'purchase')
    expect(purchase?.touches?.length).toBe(touches)
    expect(purchase).not.toHaveProperty('clickId')
  }
})

test('stores journey and queue as soon as consent is granted', async () => {
  visit('/?utm_campaign=spring')
  const world = fakeWorld()
  world.answers.push(new Error('network'))
  const tm = world.start({ consent: 'pending', auto: ['landings'] })
  await turn()
  tm.consent('granted')
  expect(world.stored('touch')).toMatchObject([{ type: 'click', campaign: 'spring' }])
  expect(world.stored('queue')).toHaveLength(1)
})

test('removes all that is stored when consent is withdrawn, and still delivers what it owes', async () => {
  const world = fakeWorld()
  world.answers.push(new Error('network'))
  const tm = world.start()
  tm.click({ campaign: 'spring' })
  await turn()
  expect([...world.device.keys()].sort()).toEqual([
    expect.stringContaining('tallymark.shop.queue.'),
    expect.stringContaining('tallymark.shop.touch.'),
  ])
  tm.consent('denied')
  expect([...world.device.keys()]).toEqual([])
  tm.purchase({ orderId: 'A-1' })
  await tm.flush()
  expect([...world.device.keys()]).toEqual([])
  expect(world.events.slice(1).map(({ type, touches }) => [type, touches])).toEqual([
    ['purchase', undefined],
    ['click', undefined],
  ])
})

test('removes what an earlier page stored when the visitor comes with a denial', () => {
  const world = fakeWorld()
  world.start().click({ campaign: 'spring' })
  world.start({ consent: 'denied' })
  expect([...world.device.keys()]).toEqual([])
})

test('survives a page that denies by default and grants a moment later', async () => {
  const world = fakeWorld()
  world.start().click({ campaign: 'spring' })
  await turn()
  world.start({ consent: 'denied' }).consent('granted')
  expect(world.stored('touch')).toMatchObject([{ campaign: 'spring' }])
})

test('Global Privacy Control stands above what the page asks', async () => {
  visit('/?utm_campaign=spring')
  const world = fakeWorld()
  world.navigator.globalPrivacyControl = true
  const tm = world.start({ consent: 'granted', auto: ['landings'] })
  tm.consent('granted')
  tm.purchase({ orderId: 'A-1' })
  await turn()
  expect([...world.device.keys()]).toEqual([])
  expect(world.events).toHaveLength(2)
  for (const event of world.events) {
    expect(event.consent).toBe('denied')
    expect(event).not.toHaveProperty('touches')
    expect(event).not.toHaveProperty('clickId')
  }
})
