// @vitest-environment jsdom
import { afterEach, expect, test } from 'vitest'
import { fakeWorld, turn } from './fakes.ts'

const { pushState, replaceState } = history
afterEach(() => {
  Object.assign(history, { pushState, replaceState })
  replaceState.call(history, null, '', '/')
  Reflect.deleteProperty(window, 'navigation')
})

const campaigns = (world: ReturnType<typeof fakeWorld>) => world.events.map(({ campaign }) => campaign)

test('a page that changes its URL lands again when it names another campaign', async () => {
  const world = fakeWorld()
  const tm = world.start({ auto: ['landings'] })
  for (const url of ['/a?utm_campaign=spring&utm_source=news', '/b', '/c?utm_campaign=spring', '/d?utm_campaign=summer&utm_source=mail']) {
    history.pushState(null, '', url)
    await turn()
  }
  expect(campaigns(world)).toEqual(['spring', 'summer'])
  tm.impression()
  await turn()
  expect(world.events.at(-1)).toMatchObject({ page: '/d', campaign: 'summer', source: 'mail' })
})

test('keeps what the page laid over the history, and what it returns and throws', () => {
  const calls: unknown[][] = []
  history.pushState = function (...args) {
    calls.push(args)
    return pushState.apply(this, args)
  }
  fakeWorld().start({ auto: ['landings'] })
  history.pushState({ page: 1 }, '', '/x')
  expect(calls).toEqual([[{ page: 1 }, '', '/x']])
  expect(history.state).toEqual({ page: 1 })
  expect(() => history.pushState(null, '', 'https://elsewhere.example/')).toThrow(DOMException)
})

test('a step back is no landing, and brings its URL’s tags back', async () => {
  const world = fakeWorld()
  replaceState.call(history, null, '', '/a?utm_campaign=spring')
  world.navigationType = 'reload'
  const tm = world.start({ auto: ['landings'] })
  history.pushState(null, '', '/b?utm_campaign=summer')
  await turn()
  const popped = new Promise((resolve) => addEventListener('popstate', resolve, { once: true }))
  history.back()
  await popped
  tm.impression()
  await turn()
  expect(world.events.map(({ type, campaign }) => [type, campaign])).toEqual([
    ['click', 'summer'],
    ['impression', 'spring'],
  ])
})

test('follows the Navigation API where there is one, and then leaves the history alone', async () => {
  const navigation = new EventTarget()
  Object.assign(window, { navigation })
  const world = fakeWorld()
  world.start({ auto: ['landings'] })
  expect(history.pushState).toBe(pushState)
  const go = async (navigationType: string, url: string) => {
    replaceState.call(history, null, '', url)
    navigation.dispatchEvent(Object.assign(new Event('currententrychange'), { navigationType }))
    await turn()
  }
  await go('push', '/a?utm_campaign=spring')
  await go('traverse', '/b?utm_campaign=winter')
  await go('replace', '/c?utm_campaign=summer')
  expect(campaigns(world)).toEqual(['spring', 'summer'])
})
