// @vitest-environment jsdom
import { afterEach, expect, test } from 'vitest'
import { parseEvent } from '../../sdk/wire.ts'
import { fakeWorld, turn, visit, type World } from './fakes.ts'

const DAY_MS = 86_400_000

afterEach(() => visit('/'))

const conversion = async (world: World) => {
  world.start().purchase({ orderId: 'A-1' })
  await turn()
  return world.events.find(({ type }) => type === 'purchase')
}

test('a conversion carries all touches, oldest first, and the id of the last click', async () => {
  const world = fakeWorld()
  const tm = world.start()
  tm.click({ campaign: 'a', source: 'google' })
  world.clock += 1_000
  tm.click({ campaign: 'b', placement: 'top' })
  world.clock += 1_000
  tm.impression({ campaign: 'c' })
  await turn()
  const [, second] = world.stored('touch').filter((touch) => (touch as { type: string }).type === 'click') as {
    id: string
  }[]
  const sent = await conversion(world)
  expect(parseEvent(sent).clickId).toBe(second?.id)
  expect(sent).toMatchObject({
    touches: [
      { type: 'click', campaign: 'a', source: 'google', at: world.clock - 2_000 },
      { type: 'click', campaign: 'b', placement: 'top', at: world.clock - 1_000 },
      { type: 'impression', campaign: 'c', at: world.clock },
    ],
  })
})

test('a direct visit overwrites nothing', async () => {
  visit('/?utm_campaign=spring')
  const world = fakeWorld()
  world.start({ auto: ['landings'] })
  await turn()
  visit('/')
  world.start({ auto: ['landings'] })
  expect(await conversion(world)).toMatchObject({ touches: [{ campaign: 'spring' }] })
})

test('keeps 20 touches, and a click longer than an impression', async () => {
  const world = fakeWorld()
  const tm = world.start()
  tm.click({ campaign: 'clicked' })
  for (let i = 0; i < 30; i++) {
    world.clock += 1_000
    tm.impression({ campaign: `seen-${i}` })
  }
  await turn()
  const { touches = [] } = (await conversion(world)) ?? {}
  expect(touches).toHaveLength(20)
  expect(touches[0]).toMatchObject({ campaign: 'clicked', type: 'click' })
  expect(touches.slice(1).map(({ campaign }) => campaign)).toEqual(Array.from({ length: 19 }, (_, i) => `seen-${i + 11}`))
})

test('forgets a touch after 90 days', async () => {
  const world = fakeWorld()
  world.start().click({ campaign: 'a' })
  await turn()
  world.clock += 90 * DAY_MS - 1
  expect((await conversion(world))?.touches).toHaveLength(1)
  world.clock += 1
  world.requests.length = 0
  expect(await conversion(world)).not.toHaveProperty('touches')
})

test('what names no campaign is no touch', async () => {
  const world = fakeWorld()
  world.start().click()
  await turn()
  expect(await conversion(world)).not.toHaveProperty('touches')
})

test('keeps the journeys of two sites apart', async () => {
  const world = fakeWorld()
  world.start({ site: 'blog' }).click({ campaign: 'a' })
  await turn()
  expect(await conversion(world)).not.toHaveProperty('touches')
})

test('a journey that cannot be read costs no conversion', async () => {
  for (const text of ['{', 'null', '7', '{"a":1}', '"x"', '[]']) {
    const world = fakeWorld()
    world.device.set('tallymark.shop.touch.x', text)
    expect(await conversion(world)).not.toHaveProperty('touches')
  }
})

test('keeps the first touch of all, however many follow', async () => {
  const world = fakeWorld()
  const tm = world.start()
  tm.impression({ campaign: 'first' })
  for (let i = 0; i < 30; i++) {
    world.clock += 1_000
    tm.click({ campaign: `clicked-${i}` })
  }
  await turn()
  const { touches = [] } = (await conversion(world)) ?? {}
  expect(touches.map(({ campaign }) => campaign)).toEqual(['first', ...Array.from({ length: 19 }, (_, i) => `clicked-${i + 11}`)])
})

test('forgets on the device what is over the bound', async () => {
  const world = fakeWorld()
  const tm = world.start()
  for (let i = 0; i < 50; i++) tm.click({ campaign: 'a' })
  await turn()
  expect(world.stored('touch')).toHaveLength(20)
})
