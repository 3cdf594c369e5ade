// @vitest-environment jsdom
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { fakeWorld, setVisibility, turn } from './fakes.ts'

/** An observer that a test drives; the last one made is that of the test. */
class FakeObserver {
  static last: FakeObserver
  readonly observed: Element[] = []
  readonly report: IntersectionObserverCallback
  constructor(report: IntersectionObserverCallback) {
    this.report = report
    FakeObserver.last = this
  }
  observe(element: Element) {
    this.observed.push(element)
  }
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  vi.stubGlobal('IntersectionObserver', FakeObserver)
  setVisibility('visible')
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

function page(html = '<div data-tm-impression="top" data-tm-campaign="spring"></div>') {
  document.body.innerHTML = html
  const world = fakeWorld()
  world.start({ auto: ['impressions'] })
  const observer = FakeObserver.last
  return {
    world,
    observer,
    /** The ad now shows `ratio` of its pixels. */
    async show(ratio: number, { width = 300, height = 250, ad = document.querySelector('[data-tm-impression]') as Element } = {}) {
      const entry = { target: ad, intersectionRatio: ratio, isIntersecting: ratio > 0, boundingClientRect: { width, height } }
      observer.report([entry as never], observer as never)
      await turn()
    },
    async pass(ms: number) {
      world.clock += ms
      await vi.advanceTimersByTimeAsync(ms)
    },
  }
}

test('sends an impression once it was viewable, with its evidence', async () => {
  const { world, show, pass } = page()
  const seenAt = world.clock
  await show(0.2)
  await pass(5_000)
  await show(0.5)
  await show(0.75)
  await pass(999)
  expect(world.events).toEqual([])
  await pass(1)
  expect(world.events).toMatchObject([
    { type: 'impression', placement: 'top', campaign: 'spring', occurredAt: seenAt, view: { ratio: 0.75, ms: 1_000, area: 75_000 } },
  ])
  expect(world.stored('touch')).toMatchObject([{ type: 'impression', campaign: 'spring', placement: 'top' }])
  await show(0)
  await show(1)
  await pass(5_000)
  setVisibility('hidden')
  expect(world.events).toHaveLength(1)
})

test('sends what was reached when the ad leaves before, and that is no touch', async () => {
  const { world, show, pass } = page()
  await show(0.6)
  await pass(400)
  await show(0.3)
  await pass(5_000)
  expect(world.events).toEqual([])
  await show(0)
  expect(world.events).toMatchObject([{ view: { ratio: 0.6, ms: 400, area: 75_000 } }])
  expect(world.stored('touch')).toEqual([])
})

test('sends the same id again when it becomes viewable after all', async () => {
  const { world, show, pass } = page()
  await show(0.1)
  await show(0)
  await show(1)
  await pass(1_000)
  const [first, second] = world.events
  expect(first?.view).toEqual({ ratio: 0.1, ms: 0, area: 75_000 })
  expect(second?.view).toEqual({ ratio: 1, ms: 1_000, area: 75_000 })
  expect({ ...second, view: 0 }).toEqual({ ...first, view: 0 })
  expect(world.stored('touch')).toHaveLength(1)
})

test('sends what was reached once, however often the ad comes and goes', async () => {
  const { world, show, pass } = page()
  for (const ms of [100, 300, 600]) {
    await show(1)
    await pass(ms)
    await show(0)
  }
  expect(world.events.map(({ view }) => view?.ms)).toEqual([100])
  await show(1)
  await pass(1_000)
  expect(world.events.map(({ view }) => view?.ms)).toEqual([100, 1_000])
})

test('the second must be continuous', async () => {
  const { world, show, pass } = page()
  for (let i = 0; i < 3; i++) {
    await show(1)
    await pass(600)
    await show(0.4)
  }
  await show(0)
  expect(world.events).toMatchObject([{ view: { ms: 600 } }])
})

test.each([
  [970, 250, 0.3, 1],
  [970, 249, 0.3, 0],
  [970, 249, 0.5, 1],
])('of %i x %i px %f is enough: %i', async (width, height, ratio, count) => {
  const { world, show, pass } = page()
  await show(ratio, { width, height })
  await pass(1_000)
  expect(world.events).toHaveLength(count)
})

test('sends nothing for an ad that was never seen', async () => {
  const { world, show, pass } = page()
  await show(0)
  await show(1, { width: 0, height: 0 })
  await pass(5_000)
  setVisibility('hidden')
  expect(world.events).toEqual([])
})

test('sends nothing for an ad in a tab in the background, until it is shown', async () => {
  setVisibility('hidden')
  const { world, show, pass } = page()
  await show(1)
  await pass(5_000)
  expect(world.events).toEqual([])
  setVisibility('visible')
  await pass(1_000)
  expect(world.events).toMatchObject([{ view: { ms: 1_000 } }])
})

test('ends the second when the tab is hidden, and hands the impression over with the page', async () => {
  const { world, show, pass } = page()
  await show(1)
  await pass(700)
  setVisibility('hidden')
  expect(world.events).toMatchObject([{ view: { ratio: 1, ms: 700 } }])
  expect(world.requests[0]?.init.keepalive).toBe(true)
  await pass(5_000)
  expect(world.events).toHaveLength(1)
  setVisibility('visible')
  await pass(1_000)
  expect(world.events.map(({ view }) => view?.ms)).toEqual([700, 1_000])
  expect(new Set(world.events.map(({ id }) => id)).size).toBe(1)
})

test('hands it over at pagehide, before the page says that it is hidden', async () => {
  const { world, show } = page()
  await show(1)
  dispatchEvent(new Event('pagehide'))
  setVisibility('hidden')
  expect(world.events).toMatchObject([{ type: 'impression', placement: 'top' }])
  expect(world.requests[0]?.init.keepalive).toBe(true)
})

test('is not fooled by a clock that is set', async () => {
  const { world, show, pass } = page('<i data-tm-impression="a"></i><i data-tm-impression="b"></i>')
  const [a, b] = document.querySelectorAll('i')
  await show(1, { ad: a as Element })
  world.clock += 3_600_000
  await show(0, { ad: a as Element })
  expect(world.events[0]?.view?.ms).toBe(999)
  await show(1, { ad: b as Element })
  world.clock -= 7_200_000
  await pass(1_000)
  expect(world.events[1]?.view?.ms).toBe(1_000)
})

/** Lets the page be searched after it was changed. */
const search = async () => {
  await turn()
  await vi.advanceTimersByTimeAsync(200)
}

test('finds ads that come later, each once', async () => {
  const { observer } = page('<p></p>')
  const [paragraph] = document.querySelectorAll('p')
  paragraph?.insertAdjacentHTML('beforeend', '<section>text<i data-tm-impression="a"></i></section>')
  await search()
  document.body.insertAdjacentHTML('beforeend', '<i data-tm-impression="b"></i>')
  await search()
  // An element that is marked later is found at the next change.
  paragraph?.setAttribute('data-tm-impression', 'c')
  document.body.append(document.querySelector('section') as Element)
  await search()
  expect(observer.observed.map((ad) => ad.getAttribute('data-tm-impression'))).toEqual(['a', 'b', 'c'])
})

test('two ads of one placement are two impressions', async () => {
  const { world, show, pass } = page('<i data-tm-impression="a"></i><i data-tm-impression="a"></i>')
  for (const ad of document.querySelectorAll('i')) await show(1, { ad })
  await pass(1_000)
  expect(new Set(world.events.map(({ id }) => id)).size).toBe(2)
})

test('a better view outlives the receipt of the first one', async () => {
  const { world, show, pass } = page()
  world.answers.push(new Error('network'))
  await show(1)
  await show(0)
  await show(1)
  await pass(1_000)
  await pass(2_000)
  expect(world.events.map(({ view }) => view?.ms)).toEqual([0, 0, 1_000])
  expect(world.stored('queue').length > 0).toBe(false)
})

test('finds ads in shadow roots, also in one that is attached later, and in frames', async () => {
  const { observer } = page('<section></section><article></article><iframe></iframe>')
  const names = () => observer.observed.map((ad) => ad.getAttribute('data-tm-impression'))
  const root = (document.querySelector('section') as Element).attachShadow({ mode: 'open' })
  root.innerHTML = '<p><i data-tm-impression="shadow"></i><span></span></p>'
  document.body.append(document.createElement('hr'))
  await search()
  expect(names()).toEqual(['shadow'])
  const inner = (root.querySelector('span') as Element).attachShadow({ mode: 'open' })
  inner.innerHTML = '<i data-tm-impression="nested"></i>'
  root.append(document.createElement('hr'))
  await search()
  expect(names()).toEqual(['shadow', 'nested'])
  // Attached to an element that is there already: found with the next change.
  ;(document.querySelector('article') as Element).attachShadow({ mode: 'open' }).innerHTML = '<i data-tm-impression="late"></i>'
  inner.append(document.createElement('hr'))
  await search()
  expect(names()).toEqual(['shadow', 'nested', 'late'])
  const frame = document.querySelector('iframe') as HTMLIFrameElement
  ;(frame.contentDocument as Document).body.innerHTML = '<i data-tm-impression="frame"></i>'
  frame.dispatchEvent(new Event('load'))
  await search()
  expect(names()).toEqual(['shadow', 'nested', 'late', 'frame'])
})

test('takes tags and placement from ancestors, out of shadow roots', async () => {
  const { world, show, pass } = page('<main data-tm-campaign="spring" data-tm-placement="sidebar"><div></div></main>')
  const root = (document.querySelector('div') as Element).attachShadow({ mode: 'open' })
  root.innerHTML = '<p data-tm-segment-plan="pro"><i data-tm-impression></i></p>'
  document.body.append(document.createElement('hr'))
  await search()
  await show(1, { ad: root.querySelector('i') as Element })
  await pass(1_000)
  expect(world.events).toMatchObject([{ campaign: 'spring', placement: 'sidebar', segment: { plan: 'pro' } }])
})

test('tells what an ad taller than the screen showed, though it cannot be viewable', async () => {
  const { world, show, pass } = page()
  await show(0.27, { width: 300, height: 3_000 })
  await pass(5_000)
  await show(0, { width: 300, height: 3_000 })
  expect(world.events.map(({ view }) => view)).toEqual([{ ratio: 0.27, ms: 0, area: 900_000 }])
})
