// @vitest-environment jsdom
import { afterEach, expect, test } from 'vitest'
import { draw } from '../../sdk/draw.ts'
import { fakeWorld, turn, visit } from './fakes.ts'

afterEach(() => visit('/'))

test('draws each arm as often as its weight says', () => {
  const counts: Record<string, number> = { A: 0, B: 0, C: 0, none: 0 }
  for (let i = 0; i < 1_000; i++) {
    const arm = draw({ none: 0, A: 1, B: 0.5, C: 2.5 }, i / 1_000)
    counts[arm] = (counts[arm] ?? 0) + 1
  }
  expect(counts).toEqual({ A: 250, B: 125, C: 625, none: 0 })
})

test.each([[{}], [{ A: 0 }], [{ A: -1 }], [{ A: Number.NaN }]])('refuses the weights %j, naming call and fix', (weights) => {
  const tm = fakeWorld().start()
  expect(() => tm.variant('headline', weights as Record<string, number>)).toThrow(/variant needs \{A: 1\}/)
})

test('gives the same arm for ever, in the same task, and tells the exposure once', async () => {
  const world = fakeWorld()
  world.random = 0.9
  const tm = world.start({ campaign: 'spring', segment: { plan: 'pro' } })
  expect(tm.variant('headline', { A: 1, B: 1 })).toBe('B')
  world.random = 0.1
  expect(tm.variant('headline', { A: 1, B: 1 })).toBe('B')
  await turn()
  dispatchEvent(new Event('pagehide'))
  expect(world.start().variant('headline', { A: 1, B: 1 })).toBe('B')
  await turn()
  expect(world.events).toMatchObject([
    { type: 'impression', placement: 'experiment:headline', variant: { headline: 'B' }, segment: { plan: 'pro' } },
  ])
})

test('an exposure is of no campaign, so that nobody pays for it, and no touch', async () => {
  visit('/?utm_campaign=spring')
  const world = fakeWorld()
  world.start({ campaign: 'summer', auto: ['landings'] }).variant('headline', { A: 1 })
  await turn()
  const [exposure] = world.events.filter(({ type }) => type === 'impression')
  expect(exposure).not.toHaveProperty('campaign')
  expect(world.stored('touch')).toMatchObject([{ campaign: 'spring' }])
})

test('later events carry the arm, also on later pages', async () => {
  const world = fakeWorld()
  const tm = world.start()
  tm.click({ placement: 'before' })
  tm.variant('headline', { A: 1 })
  tm.click({ placement: 'after' })
  await turn()
  expect(world.events.map(({ placement, variant }) => [placement, variant])).toEqual([
    ['before', undefined],
    ['after', { headline: 'A' }],
    ['experiment:headline', { headline: 'A' }],
  ])
  world.start().purchase({ orderId: 'A-1' })
  await turn()
  expect(world.events.at(-1)).toMatchObject({ type: 'purchase', variant: { headline: 'A' } })
})

test('who has seen an arm keeps it when weights change, unless its weight is 0 now', async () => {
  const world = fakeWorld()
  world.random = 0
  const tm = world.start()
  expect(tm.variant('headline', { A: 1, B: 1 })).toBe('A')
  expect(tm.variant('headline', { A: 1, B: 99 })).toBe('A')
  expect(tm.variant('headline', { A: 0, B: 1 })).toBe('B')
  await turn()
  expect(world.stored('variant')).toEqual([['headline', 'B']])
  expect(world.events.map(({ variant }) => variant)).toEqual([{ headline: 'A' }, { headline: 'B' }])
})

test('is in memory before consent, and kept when it is granted', async () => {
  const world = fakeWorld()
  const tm = world.start({ consent: 'pending' })
  tm.variant('headline', { A: 1 })
  await turn()
  expect(world.device.size).toBe(0)
  tm.consent('granted')
  expect(world.stored('variant')).toEqual([['headline', 'A']])
  tm.consent('denied')
  expect(world.device.size).toBe(0)
  expect(tm.variant('headline', { A: 1, B: 1 })).toBe('A')
})

test('keeps nothing of the visitor but the arm', async () => {
  const world = fakeWorld()
  world.start().variant('headline', { A: 1 })
  await turn()
  expect(Object.fromEntries(world.device)).toEqual({ 'tallymark.shop.variant.headline': '["headline","A"]' })
})

test('an arm drawn on a prerendered page is exposed when the page is shown, and not kept when it never is', async () => {
  const world = fakeWorld()
  world.random = 0
  Object.assign(document, { prerendering: true })
  const tm = world.start()
  expect(tm.variant('headline', { A: 1, B: 1 })).toBe('A')
  tm.consent('granted')
  world.random = 0.9
  expect(tm.variant('headline', { A: 1, B: 1 })).toBe('A')
  await turn()
  expect([world.requests.length, world.device.size]).toEqual([0, 0])
  Object.assign(document, { prerendering: false })
  document.dispatchEvent(new Event('prerenderingchange'))
  await turn()
  expect(world.events).toMatchObject([{ placement: 'experiment:headline', variant: { headline: 'A' } }])
  expect(world.stored('variant')).toEqual([['headline', 'A']])
})
