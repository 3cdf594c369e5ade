// @vitest-environment jsdom
import { afterEach, expect, test, vi } from 'vitest'
import { fakeWorld, setVisibility, turn, visit } from './fakes.ts'

const click = '0193a6b1-5c1e-7d3a-9f10-2b8e4a6c1d00'

afterEach(() => {
  visit('/')
  vi.restoreAllMocks()
})

test('records the click that led here, under the id it was given there', async () => {
  visit(`/shoes?utm_campaign=spring&utm_source=news&tm_placement=top&tm_click=${click}`)
  const world = fakeWorld()
  world.start({ auto: ['landings'] })
  await turn()
  expect(world.events).toMatchObject([{ type: 'click', id: click, campaign: 'spring', source: 'news', placement: 'top', page: '/shoes' }])
  expect(world.stored('touch')).toMatchObject([{ type: 'click', id: click, campaign: 'spring' }])
})

test('makes a new id when the URL has none', async () => {
  visit('/?utm_campaign=spring')
  const world = fakeWorld()
  world.start({ auto: ['landings'] })
  await turn()
  expect(world.events).toMatchObject([{ type: 'click', campaign: 'spring', id: expect.stringMatching(/-7/) }])
})

test('a click id alone counts for the campaign of the page', async () => {
  visit(`/?tm_click=${click}`)
  const world = fakeWorld()
  world.start({ auto: ['landings'], campaign: 'spring' })
  await turn()
  expect(world.events).toMatchObject([{ id: click, campaign: 'spring' }])
})

test.each(['/', '/?utm_source=news', '/?gclid=x', '/?tm_click=7'])('takes %s for no landing', async (url) => {
  visit(url)
  const world = fakeWorld()
  world.start({ auto: ['landings'] })
  await turn()
  expect(world.requests).toEqual([])
})

test.each(['reload', 'back_forward'])('a %s is no new click and no new touch', async (type) => {
  visit('/?utm_campaign=spring')
  const world = fakeWorld()
  world.start({ auto: ['landings'] })
  await turn()
  world.navigationType = type
  world.start({ auto: ['landings'] })
  await turn()
  expect(world.events).toHaveLength(1)
  expect(world.stored('touch')).toHaveLength(1)
})

test('the same click landing twice is sent again and is one touch, of its first time', async () => {
  visit(`/?utm_campaign=spring&tm_click=${click}`)
  const world = fakeWorld()
  const first = world.clock
  world.start({ auto: ['landings'] })
  await turn()
  world.clock += 5_000
  world.start({ auto: ['landings'] })
  await turn()
  expect(world.events.map(({ id }) => id)).toEqual([click, click])
  expect(world.stored('touch')).toMatchObject([{ id: click, at: first }])
})

test('waits for the visitor of a page that is prerendered or opened behind another', async () => {
  visit('/?utm_campaign=spring')
  setVisibility('hidden')
  const world = fakeWorld()
  world.start({ auto: ['landings'] })
  await turn()
  dispatchEvent(new Event('pagehide'))
  await turn()
  expect(world.requests).toEqual([])
  setVisibility('visible')
  setVisibility('hidden')
  setVisibility('visible')
  await turn()
  expect(world.events).toHaveLength(1)
})
